"""`serve`: the page behind waitress, a server for more than one visitor, from a notebook or the command line."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask
from waitress.utilities import Error

from faceapp.predict import Predictor
from helpers import environment
from helpers.files import CourseError

from .app import HEADERS, create_app
from .uploads import LOOPBACK

THREADS = 32  # of which pictures hold 24 at most, and heatmaps 4
VISITORS = 400  # connections at once, far more than threads: slow ones hold a connection each, and no thread
WHOLE = 60  # seconds for a whole request, counted from its first byte
MOST_HEAD = 2**14  # bytes of a request's head
# Bytes of a request. The app takes fewer; one that is too large for it is read to its end, so that its sender gets the
# app's sentence. Beyond this, waitress answers 413 by itself and hangs up.
MOST_READ = 32 * 2**20
MOST_HELD = 8 * MOST_READ  # bytes of all requests together
LAST = 3.5  # seconds for what is in flight when the page is stopped


class Busy(Error):
    """A refusal in waitress' way: too many uploads at once."""

    code, reason = 503, "Service Unavailable"

    def to_response(self, ident=None):
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("Retry-After", "5")], body


class Request(HTTPRequestParser):
    """A request that says how long it is. One in chunks does not, and waitress reads an endless one over and over."""

    def parse_header(self, head: bytes) -> None:
        try:
            super().parse_header(head)
        except ValueError as problem:  # an address that is none, a length of 5,000 digits
            raise ParsingError("The request's head is damaged.") from problem
        if self.chunked:
            raise ParsingError("Send a Content-Length, and no chunks.")


class Refusal(ErrorTask):
    """waitress' own refusals, with the headers that every answer has."""

    def __init__(self, channel, request):
        super().__init__(channel, request)
        self.response_headers = list(HEADERS.items())


class Visitor(HTTPChannel):
    """A connection. A request must be whole in time, however its bytes trickle in, and all together must fit the memory."""

    parser_class, error_task_class = Request, Refusal

    def handle_read(self) -> None:
        since = self.last_activity if self.request else time.time()
        super().handle_read()
        self.last_activity = since

    def received(self, data: bytes) -> bool:
        if self.request is None or self.server.held() < MOST_HELD:
            return super().received(data)
        refused, self.request = self.request, None
        refused.error = Busy("Others are sending much at this moment: try again in some seconds.")
        self.requests.append(refused)
        self.server.add_task(self)
        return True

    @property
    def held(self) -> int:
        """Bytes of its requests that are in memory."""
        return sum(request.body_bytes_received for request in [*self.requests, self.request] if request)


class Page:
    """The running page: `url` to open, `stop()` to end it. Also a context manager."""

    def __init__(self, app, listening: socket.socket):
        self.app = app
        self.host, self.port = listening.getsockname()[:2]
        self.url = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"
        self.connections = {}  # the server adds itself and each visitor's connection
        self.server = waitress.create_server(
            app, map=self.connections, sockets=[listening], threads=THREADS, connection_limit=VISITORS, ident=None,
            channel_timeout=WHOLE, cleanup_interval=1, asyncore_use_poll=True, asyncore_loop_timeout=0.25,
            clear_untrusted_proxy_headers=True, recv_bytes=2**16, max_request_header_size=MOST_HEAD,
            max_request_body_size=MOST_READ, inbuf_overflow=2 * MOST_READ, outbuf_overflow=2 * MOST_READ,  # never on disk
        )  # fmt: skip
        self.server.channel_class = Visitor
        self.server.held = lambda: sum(visitor.held for visitor in list(self.server.active_channels.values()))
        self.thread = threading.Thread(target=self.server.run, daemon=True, name="faceapp.web")
        self.thread.start()

    def stop(self, patience: float = LAST) -> None:
        """Take no more visitors, finish what is in flight for `patience` seconds, and free the port."""
        wasyncore.dispatcher.close(self.server)  # it listens no more; the connections go on
        end = time.monotonic() + patience
        while time.monotonic() < end and any(
            visitor.requests or visitor.request or visitor.total_outbufs_len
            for visitor in list(self.server.active_channels.values())
        ):
            time.sleep(0.02)
        for connection in list(self.connections.values()):
            connection.close()
        self.thread.join(10)
        self.app.stop()
        self.server.task_dispatcher.shutdown(timeout=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __repr__(self) -> str:
        return f"page      {self.url}{'' if self.thread.is_alive() else ' (stopped)'}"


def serve(
    predictor: Predictor | None = None, host: str = "127.0.0.1", port: int = 8000, names: tuple[str, ...] = ()
) -> Page:
    """Start the page in threads of its own; `port` 0 takes any free one. It answers this machine only, unless `host` says more.

    The network is loaded before the first visitor comes. No request is written to the disk or to a log.
    `names` are those by which visitors reach it apart from `host`: that of a proxy in front of it.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as problem:
        raise CourseError(
            f"Nothing can listen on {host}, port {port} ({problem}).", "Choose another port, or 0 for any."
        ) from problem
    own = f"[{host}]" if ":" in host else host
    hosts = LOOPBACK | {name.lower() for name in (own, socket.gethostname(), *names)}
    if environment.where() not in ("own", "ci"):
        hosts = None  # the service's own proxy stands in front, under names that only it knows
    with contextlib.ExitStack() as otherwise:
        otherwise.enter_context(listening)
        app = create_app((predictor or Predictor()).warm_up(), hosts)
        app.decoders.start()
        otherwise.pop_all()  # the network is there: the socket stays open
    if own not in LOOPBACK and not own.startswith("127."):
        print(
            "Whoever can reach this machine can use the page: it asks for no password, and does not encrypt.",
            flush=True,
        )
    return Page(app, listening)
