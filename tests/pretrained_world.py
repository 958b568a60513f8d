"""What the tests of pretrained weights share: folders of their own, and a server of weights that misbehaves on demand."""

import contextlib
import dataclasses
import hashlib
import http.server
import threading
import time

from helpers.pretrained.registry import Weights


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one body. `behaviour` lists what goes wrong, one entry a request: cut, cut_untold, 404, no_range, slow."""

    body, tag, behaviour, asked, ranges = b"", '"one"', [], [], True

    def do_GET(self):
        kind = self.behaviour.pop(0) if self.behaviour else ""
        self.asked.append(self.headers.get("Range"))
        if kind.isdecimal():
            self.send_error(int(kind))
            return
        start, whole = 0, len(self.body)
        asked = self.headers.get("Range")
        if asked and self.ranges and self.headers.get("If-Range") == self.tag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= whole:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{whole}")
                self.end_headers()
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        if kind != "cut_untold":
            self.send_header("Content-Length", str(whole - start))
        if self.ranges:
            self.send_header("ETag", self.tag)
        self.end_headers()
        rest = self.body[start:]
        if kind.startswith("cut"):
            rest = rest[: len(rest) // 2]
        pieces = [rest[i : i + len(rest) // 4 + 1] for i in range(0, len(rest), len(rest) // 4 + 1)]
        with contextlib.suppress(OSError):  # a reader that has gone
            for piece in pieces:
                time.sleep(0.3 if kind == "slow" else 0)
                self.wfile.write(piece)
                self.wfile.flush()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(body: bytes, *behaviour: str, ranges: bool = True):
    """(address, handler) of a server of this body on this machine."""
    fields = {"body": body, "behaviour": list(behaviour), "asked": [], "ranges": ranges}
    handler = type("Handler", (Server,), fields)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        server.server_close()


def entry(address: str, body: bytes, **changes) -> Weights:
    """A registry's entry for that body at that address."""
    made = Weights(
        "net", "net.h5", f"{address}/net.h5", len(body), f"md5:{hashlib.md5(body).hexdigest()}", "models", "a test"
    )
    return dataclasses.replace(made, **changes)


def own_folders(monkeypatch, tmp_path) -> None:
    """Data, runs and Keras' cache of a test's own."""
    for name, folder in (("COURSE_DATA_FOLDER", "data"), ("COURSE_RUNS", "runs"), ("KERAS_HOME", "keras")):
        monkeypatch.setenv(name, str(tmp_path / folder))
