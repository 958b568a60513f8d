"""`serve`: the page behind waitress, a server for more than one visitor, from a notebook or the command line."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import warnings

import waitress
from waitress import channel, parser, server, utilities, wasyncore

from .app import HEADERS, create_app
from .uploads import LIMIT_REQUEST, too_large

THREADS = 8  # heatmaps take four of them at most
VISITORS = 40  # connections at once: with the limit of a request a bound on memory
READ_AWAY = 200 * 2**20  # bytes of too large a request that are read, and dropped, so that its sender hears why
LOOPBACK = "127.0.0.1"
RUNNING: dict[int, Page] = {}  # by port: a cell that is run again replaces its own page


class Page:
    """The running page: `url` to open, `stop()` to end it. Also a context manager."""

    def __init__(self, made, host: str, port: int):
        self.made, self.host, self.port = made, host, port
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        self.ending = threading.Event()
        RUNNING[port] = self
        self.thread = threading.Thread(target=self.run, daemon=True, name="webapp")
        self.thread.start()

    def run(self) -> None:
        """In the thread: serve until told to stop."""
        sockets = self.made._map if hasattr(self.made, "_map") else self.made.map
        while sockets and not self.ending.is_set():
            wasyncore.loop(timeout=0.25, use_poll=True, map=sockets, count=1)
        with contextlib.suppress(Exception):
            self.made.task_dispatcher.shutdown(timeout=2)
        wasyncore.close_all(sockets, ignore_all=True)

    def stop(self) -> None:
        """End the page and free its port."""
        self.ending.set()
        self.thread.join(10)
        if RUNNING.get(self.port) is self:
            del RUNNING[self.port]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __repr__(self) -> str:
        return f"page      {self.url}{'' if self.thread.is_alive() else ' (stopped)'}"


class TooLarge(utilities.Error):
    """The answer to too large a request, in the form of all the others."""

    code, reason = 413, "Request Entity Too Large"

    def __init__(self):
        super().__init__("")

    def to_response(self, ident=None):
        body = json.dumps({"error": too_large().sentence}).encode()
        kept = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *HEADERS.items()]
        return f"{self.code} {self.reason}", kept, body


class Parser(parser.HTTPRequestParser):
    """Reads a request that announces too much to its end, dropping it: a sender that is cut off hears no reason."""

    dropping = 0

    def received(self, data: bytes) -> int:
        if self.dropping:
            taken = min(len(data), self.dropping)
            self.dropping -= taken
            self.completed = not self.dropping
            return taken
        taken = super().received(data)
        if type(self.error) is utilities.RequestEntityTooLarge:
            announced = self.body_rcv is not None and not self.chunked
            self.error = TooLarge()
            if announced and not self.body_bytes_received and self.content_length <= READ_AWAY:
                self.dropping, self.completed = self.content_length, False
        return taken


class Channel(channel.HTTPChannel):
    """A connection that reads with Parser."""

    parser_class = Parser


def serve(predictor=None, host: str = LOOPBACK, port: int = 8000, occlusion=None, warm: bool = True) -> Page:
    """Start the page in threads of its own; `port` 0 takes any free one. It answers this machine only, unless `host` says more.

    The network is loaded before the first visitor comes (`warm`). No request is written to the disk or to a log.
    """
    import faceapp

    host = LOOPBACK if host == "localhost" else host
    if port in RUNNING:
        RUNNING[port].stop()
    check_free(host, port)
    predictor = faceapp.Predictor() if predictor is None else predictor
    app = create_app(predictor, occlusion)
    warnings.filterwarnings("ignore", module=r"PIL\..*")  # on damaged pictures: nobody reads it here
    if warm:
        predictor.warm()
    options = {
        "threads": THREADS, "connection_limit": VISITORS, "channel_timeout": 60, "ident": None,
        "inbuf_overflow": 2 * LIMIT_REQUEST, "outbuf_overflow": 2 * LIMIT_REQUEST,  # beyond these waitress uses the disk
        "max_request_body_size": LIMIT_REQUEST + 2**16, "max_request_header_size": 2**15,
        "clear_untrusted_proxy_headers": True,
    }  # fmt: skip
    made = waitress.create_server(app, host=host, port=port, **options)
    for one in [made] if isinstance(made, server.BaseWSGIServer) else list(made.map.values()):
        one.channel_class = Channel
    number = made.effective_port if hasattr(made, "effective_port") else made.effective_listen[0][1]
    return Page(made, host, int(number))


def check_free(host: str, port: int) -> None:
    """A sentence where the port is taken, or no port at all; asked before the network is loaded."""
    if not 0 <= port < 65536:
        raise ValueError(f"port={port}; it must be a number from 1 to 65535, or 0 for any free one.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as problem:
            raise ValueError(
                f"The page cannot listen on {host}, port {port} ({problem.strerror}): choose another port, or 0 for any free one."
            ) from problem
