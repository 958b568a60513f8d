"""Pictures are decoded in processes of their own, which can be ended: whatever a file does to its decoder, the page goes on.

`Decoders` is the page's side; run as a program (`python -m faceapp.web.decoding`) this file is the other side.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import queue
import signal
import subprocess
import sys
import threading

import numpy as np

from helpers.data.images import decode
from helpers.data.pictures import NotAPicture, too_large

MOST_PIXELS = 25_000_000  # a decoded picture takes three bytes a pixel, several times over
MOST_SECONDS = 2  # of a processor, for one picture
MOST_MEMORY = 550 * 2**20  # bytes of one such process, 60 MB of which are Python and its libraries
PATIENCE = 20  # seconds by the clock, where processes cannot be bounded (Windows), or the machine stands still
TOO_MUCH = f"This file takes more than {MOST_SECONDS} s of a processor or {MOST_MEMORY >> 20} MB to unpack."


class Decoder:
    """One process, for one thread at a time. It starts when it is first needed, and again after it was ended."""

    command, process, stopped = (sys.executable, "-m", __name__), None, False

    def start(self) -> None:
        """Begin a process; it takes half a second, during which others may work."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pipesize=2**20,
            env=os.environ | {
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONWARNINGS": "ignore",
                "OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(2**20),  # a picture's memory is given back
            },
        )  # fmt: skip

    def __call__(self, data: bytes) -> np.ndarray:
        if self.process is None or self.process.poll() is not None:
            self.start()
        end = threading.Timer(PATIENCE, self.process.kill)
        end.start()
        try:
            self.process.stdin.write(len(data).to_bytes(8, "big") + data)
            self.process.stdin.flush()
            said = json.loads(self.process.stdout.readline() or "null")
            pixels = np.empty(said["shape"], np.uint8) if said and "shape" in said else None
            if said is None or (pixels is not None and self.process.stdout.readinto(pixels.data) < pixels.nbytes):
                raise EOFError
        except (OSError, EOFError, ValueError) as problem:  # it was ended: by its bounds, by the file, or with the page
            self.end()
            if not self.stopped:
                self.start()
            raise too_large(TOO_MUCH) from problem
        finally:
            end.cancel()
        if pixels is None:
            raise NotAPicture(said["kind"], said["reason"])
        return pixels

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Decoders:
    """A few of them: call it with a file's bytes, get the picture as RGB (height, width, 3), upright, or NotAPicture."""

    def __init__(self, count: int):
        self.all = [Decoder() for _ in range(count)]
        self.free: queue.SimpleQueue = queue.SimpleQueue()
        for decoder in self.all:
            self.free.put(decoder)

    def __call__(self, data: bytes) -> np.ndarray:
        decoder = self.free.get()
        try:
            return decoder(data)
        finally:
            self.free.put(decoder)

    def start(self) -> None:
        """Begin them all, so that the first visitor does not wait: an empty file comes back when they are there."""
        for decoder in self.all:
            decoder.start()
        for decoder in self.all:
            with contextlib.suppress(NotAPicture):
                decoder(b"")

    def stop(self) -> None:
        """End them all, for good."""
        for decoder in self.all:
            decoder.stopped = True
            decoder.end()


class Upload:
    """A file's bytes under the name that sentences give it: what a visitor calls it is nobody's business."""

    name = "This file"

    def __init__(self, data: bytes):
        self.data = memoryview(data)

    def read(self, size: int) -> bytes:
        read, self.data = bytes(self.data[:size]), self.data[size:]
        return read


def main() -> None:
    """Decode pictures from the standard input until it ends: eight bytes of length, the file; answer a line of JSON, the pixels."""
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interrupt, signal.SIG_IGN)  # the page ends it, when it has finished what is in flight
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a picture stays in memory
    take, give = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints gets among the answers
    bound = functools.partial(signal.setitimer, signal.ITIMER_PROF) if hasattr(signal, "setitimer") else abs
    while length := take.read(8):
        data = take.read(int.from_bytes(length, "big"))
        bound(MOST_SECONDS)  # then the system ends the process
        try:
            pixels = decode(Upload(data), grey=False, most_pixels=MOST_PIXELS)
            said = {"shape": pixels.shape}
        except NotAPicture as problem:
            pixels, said = b"", {"kind": problem.kind, "reason": str(problem)}
        bound(0)
        give.write(json.dumps(said).encode() + b"\n")
        give.write(pixels)
        give.flush()
        del data, pixels


if __name__ == "__main__":
    main()
