"""The page as a process of its own, as strangers see it; what its processes use of processor and memory; clients that mean ill.

Run as a program it is the command line with a network of sorts, which starts in a second; with SOAK=1 the tests take the real one.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time

import psutil
import requests

SOAK = bool(os.environ.get("SOAK"))
MEGABYTE = 2**20


class Server:
    """A context manager: the page on any free port, from the command line."""

    def __init__(self, *arguments: str, before: tuple[str, ...] = (), real: bool = SOAK):
        module = "faceapp.web" if real else "tests.attack_world"
        self.command = [*before, sys.executable, "-m", module, "--port", "0", *arguments]

    def __enter__(self):
        self.started = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.started.stdout:
            if found := re.search(r"http://\S+?:(\d+)/", line):
                break
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}/"
        first = psutil.Process(self.started.pid)
        self.process = first.children()[0] if self.command[0] == "unshare" else first
        return self

    def __exit__(self, *_):
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()
        self.started.wait()

    def processor(self) -> float:
        """Seconds of a processor that it has used, with those processes that have ended."""
        used = self.process.cpu_times()
        total = used.user + used.system + used.children_user + used.children_system
        for child in self.process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                total += sum(child.cpu_times()[:2])
        return total

    def memory(self) -> float:
        """Megabytes that its processes hold."""
        total = 0
        for process in [self.process, *self.process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total / MEGABYTE

    @contextlib.contextmanager
    def watched(self):
        """What happens inside costs: {"seconds": of a processor, "megabytes": at most, above the beginning}."""
        seconds, memory, cost, done = self.processor(), self.memory(), {"megabytes": 0.0}, threading.Event()

        def watch():
            while not done.wait(0.01):
                cost["megabytes"] = max(cost["megabytes"], self.memory() - memory)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield cost
        finally:
            done.set()
            watcher.join()
            cost["seconds"] = self.processor() - seconds

    def post(self, data: bytes, address: str = "api/predict", **options) -> requests.Response:
        return requests.post(self.url + address, files={"image": ("x", data)}, timeout=120, **options)

    def waited(self, **options) -> float:
        """Seconds until it says that it is well."""
        begun = time.monotonic()
        answer = requests.get(self.url + "healthz", timeout=60, **options)
        assert answer.json()["status"] == "ok"
        return time.monotonic() - begun

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 20)

    def said(self, head: str, body: bytes = b"") -> bytes:
        """What it answers to bytes."""
        with self.connected() as line:
            line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
            line.settimeout(10)
            got = b""
            with contextlib.suppress(OSError):
                while more := line.recv(2**16):
                    got += more
                    if b"Content-Length: " in got and b"\r\n\r\n" in got:
                        break
        return got


def crowded() -> float:
    """How much longer things take by the clock because others use this machine: bounds on the clock are for a quiet one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def main() -> int:
    from faceapp.web import __main__, serving

    from .faceapp_world import predictor

    serving.Predictor = predictor
    return __main__.main()


if __name__ == "__main__":
    sys.exit(main())
