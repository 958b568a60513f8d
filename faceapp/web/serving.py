"""`serve`: the page behind waitress, a server for more than one visitor, from a notebook or the command line."""

from __future__ import annotations

import contextlib
import socket
import threading
import warnings

import waitress

from faceapp.predict import Predictor
from helpers.files import CourseError

from .app import create_app

THREADS = 8  # heatmaps take four of them at most
VISITORS = 40  # connections at once: with MOST_READ a bound on memory
# Bytes of a request. The app takes fewer; one that is too large for it is read to its end, so that its sender gets the
# app's sentence. Beyond this, waitress answers 413 by itself and hangs up.
MOST_READ = 32 * 2**20


class Page:
    """The running page: `url` to open, `stop()` to end it. Also a context manager."""

    def __init__(self, app, listening: socket.socket):
        self.host, self.port = listening.getsockname()[:2]
        self.url = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"
        self.connections = {}  # the server adds itself and each visitor's connection
        self.server = waitress.create_server(
            app, map=self.connections, sockets=[listening], threads=THREADS, connection_limit=VISITORS, ident=None,
            channel_timeout=60, asyncore_use_poll=True, asyncore_loop_timeout=0.25, clear_untrusted_proxy_headers=True,
            max_request_body_size=MOST_READ, inbuf_overflow=2 * MOST_READ, outbuf_overflow=2 * MOST_READ,  # never on disk
        )  # fmt: skip
        self.thread = threading.Thread(target=self.server.run, daemon=True, name="faceapp.web")
        self.thread.start()

    def stop(self) -> None:
        """End the page and free its port; connections that a browser keeps open end, too."""
        for connection in list(self.connections.values()):
            connection.close()
        self.thread.join(10)
        self.server.task_dispatcher.shutdown()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __repr__(self) -> str:
        return f"page      {self.url}{'' if self.thread.is_alive() else ' (stopped)'}"


def serve(predictor: Predictor | None = None, host: str = "127.0.0.1", port: int = 8000) -> Page:
    """Start the page in threads of its own; `port` 0 takes any free one. It answers this machine only, unless `host` says more.

    The network is loaded before the first visitor comes. No request is written to the disk or to a log.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as problem:
        raise CourseError(
            f"Nothing can listen on {host}, port {port} ({problem}).", "Choose another port, or 0 for any."
        ) from problem
    warnings.filterwarnings("ignore", module=r"PIL\..*")  # on damaged pictures: whoever sent one gets a sentence
    with contextlib.ExitStack() as otherwise:
        otherwise.enter_context(listening)
        app = create_app((predictor or Predictor()).warm_up())
        otherwise.pop_all()  # the network is there: the socket stays open
    return Page(app, listening)
