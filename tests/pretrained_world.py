"""What the tests of pretrained weights share: folders of their own, and a server that misbehaves on demand."""

import contextlib
import dataclasses
import hashlib
import http.server
import threading
import time

from helpers.pretrained.download import PublishedFile


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one body. `behaviour` lists what goes wrong, one entry a request.

    404, cut, silent, slow, trickle, endless, "header: value" (an odd header of an answer, or a redirect).
    """

    def do_GET(self):
        self.requests.append(self.path)
        kind = self.behaviour.pop(0) if self.behaviour else ""
        if kind.isdecimal():
            self.send_error(int(kind))
            return
        header, _, value = kind.partition(": ")
        self.send_response(302 if header == "Location" else 200)
        self.send_header(*(header, value) if value else ("Content-Length", str(len(self.body))))
        self.end_headers()
        with contextlib.suppress(OSError):
            while kind == "endless":
                self.wfile.write(self.body)
            for k in range(len(self.body) * (kind == "trickle")):
                time.sleep(0.05)
                self.wfile.write(self.body[k : k + 1])
        half = len(self.body) // 2
        with contextlib.suppress(OSError):  # a client that has gone
            self.wfile.write(self.body[:half])
            self.wfile.flush()
            if kind != "cut":
                time.sleep({"silent": 2, "slow": 0.5}.get(kind, 0))
                self.wfile.write(self.body[half:])

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(body: bytes, *behaviour: str):
    """(address, requests so far) of a server of this body on this machine."""
    fields = {"body": body, "behaviour": list(behaviour), "requests": []}
    handler = type("Handler", (Server,), fields)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.requests
    finally:
        server.shutdown()
        server.server_close()


def published(address: str, body: bytes, **changes) -> PublishedFile:
    """An entry of the table for that body at that address."""
    file = PublishedFile("net", f"{address}/net.h5", len(body), hashlib.sha256(body).hexdigest(), "a test")
    return dataclasses.replace(file, **changes)


def own_folders(monkeypatch, tmp_path) -> None:
    """Data, runs and Keras' cache of a test's own."""
    for name, folder in (("COURSE_DATA_FOLDER", "data"), ("COURSE_RUNS", "runs"), ("KERAS_HOME", "keras")):
        monkeypatch.setenv(name, str(tmp_path / folder))
