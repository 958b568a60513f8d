"""Frames from OpenCV: video files and the cameras of this machine. Whatever happens, reading ends, and it is said why."""

from __future__ import annotations

import atexit
import contextlib
import os
import pathlib
import queue
import threading
import time

import cv2

from .sources import WHOLE, Source, SourceError, checked_fps

PATIENCE = 10.0  # seconds to wait for the next frame before a source counts as hung
LONGEST_VIDEO = 1_000_000  # frames; nine hours at 30 a second
MOST_PIXELS = 8192 * 4320  # a frame of a video; a file that promises more is not opened
AHEAD = 2  # frames that are read while one is being looked at
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is amiss with a file is said in a sentence, once
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
FORGOTTEN = 300.0  # seconds after which a source whose frames nobody takes lets its file or camera go


READING: set = set()  # captures whose thread is at work


@atexit.register
def close_all() -> None:
    """Python must not end while a thread is within OpenCV: that would look like a crash."""
    for capture in list(READING):
        capture.close()


class Capture(Source):
    """What OpenCV reads, in a thread of its own: a reader that hangs is left behind, and one that never ends is ended."""

    def __init__(self, target, name: str, patience: float = PATIENCE):
        self.target, self.name, self.patience = target, name, patience
        self.start()

    def start(self) -> None:
        """Begin to read, from the first frame on."""
        self.stop, self.frames = threading.Event(), queue.Queue(AHEAD)
        self.thread = threading.Thread(target=self.read, args=(self.stop, self.frames), daemon=True)
        self.thread.start()
        READING.add(self)
        kind, value = self.next()
        if kind != "open":
            self.close()
            raise SourceError(value)
        self.fps, self.count = value

    def open(self) -> cv2.VideoCapture:
        """The open capture, or a SourceError."""
        raise NotImplementedError

    def read(self, stop: threading.Event, frames: queue.Queue) -> None:
        """In the thread: open, read, and put what comes into the queue, until the end or until nobody wants more."""
        capture = None

        def put(kind: str, value) -> None:
            begun = time.monotonic()
            if self.endless and kind == "frame" and frames.qsize() == AHEAD:
                with contextlib.suppress(queue.Empty, IndexError):
                    if frames.queue[0][0] == "frame":
                        frames.get_nowait()  # a camera's newest frame wins: nobody wants to see the past
            while not stop.is_set():
                try:
                    return frames.put((kind, value), timeout=0.2)
                except queue.Full:
                    if time.monotonic() - begun > FORGOTTEN:
                        stop.set()

        try:
            capture = self.open()
            put("open", described(capture))
            last, first, fps = -1.0, 0.0, checked_fps(capture.get(cv2.CAP_PROP_FPS))
            count = described(capture)[1]
            most = min(LONGEST_VIDEO, 10 * count + 1_000 if count else LONGEST_VIDEO)
            for k in range(most):
                if stop.is_set():
                    return
                there, frame = capture.read()
                if not there or frame is None:
                    put("end", self.verdict(k, capture))
                    return
                now = self.moment(k, fps, capture)
                first = now if k == 0 else first
                now -= first
                last = now if now > last else last + 1 / fps
                put("frame", (last, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) if frame.ndim == 3 else frame))
            put("end", f"{self.name} does not end: stopped after {most:,} frames")
        except SourceError as problem:
            put("end", str(problem))
        except Exception as problem:  # cv2.error, MemoryError: whatever a damaged file brings about
            put("end", f"{self.name} broke its reader ({' '.join(str(problem).split())[:120]})")
        finally:
            if capture is not None:
                capture.release()
            READING.discard(self)

    def next(self) -> tuple[str, object]:
        """What the thread brings next; when it brings nothing for too long, that is the end."""
        try:
            return self.frames.get(timeout=self.patience)
        except queue.Empty:
            return "end", f"{self.name} gave no frame for {self.patience:g} s"

    def moment(self, k: int, fps: float, capture) -> float:
        """The time of the k-th frame."""
        return k / fps

    def verdict(self, frames: int, capture) -> str:
        """How it ended, after so many frames."""
        return WHOLE

    def __iter__(self):
        if self.stop.is_set():  # a second time: from the beginning
            self.start()
        seen = 0
        try:
            while True:
                kind, value = self.next()
                if kind == "end":
                    if not seen:
                        raise SourceError(
                            f"{self.name} has no frame that can be read" + ("." if value == WHOLE else f": {value}.")
                        )
                    self.ended = value
                    return
                seen += 1
                yield value
        finally:
            self.close()

    def close(self) -> None:
        """Let the thread end, and the camera or file go; a thread that hangs is not waited for."""
        self.stop.set()
        self.thread.join(1.0)
        READING.discard(self)


class Video(Capture):
    """A video file, turned upright as its camera was held."""

    def __init__(self, path, patience: float = PATIENCE):
        self.path = pathlib.Path(path)
        if not self.path.is_file():
            raise SourceError(f"There is no file {path}.")
        if not self.path.stat().st_size:
            raise SourceError(f"{path} is empty (0 bytes): copy or download it again.")
        super().__init__(str(self.path), self.path.name, patience)

    def open(self):
        # FFmpeg only: OpenCV's other readers would take a picture for a video, or a file name for a pattern of many
        milliseconds = round(1000 * self.patience)
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
        capture = cv2.VideoCapture(self.target, cv2.CAP_FFMPEG, options)
        if not capture.isOpened():
            raise SourceError(f"{self.name} is no video that can be read here: use MP4, MOV, AVI, MKV or WebM")
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MOST_PIXELS:
            capture.release()
            raise SourceError(
                f"{self.name} says that it is {width:,.0f}x{height:,.0f} pixels, over the limit of {MOST_PIXELS:,}"
            )
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        return capture

    def moment(self, k, fps, capture):
        """The time that is written in the file (phones film at a changing rate), else by the rate."""
        written = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return written if 0 < written < 1e6 else k / fps

    def verdict(self, frames, capture):
        expected = described(capture)[1]
        if expected and frames < 0.95 * expected - 2:
            return f"{self.name} ends after {frames:,} of {expected:,} frames: it is cut short or damaged"
        return WHOLE


class Machine(Capture):
    """A camera of the machine on which Python runs; on Colab, Kaggle and Binder that machine has none."""

    endless = True

    def __init__(self, number: int = 0, patience: float = PATIENCE):
        super().__init__(int(number), f"camera {number}", patience)

    def open(self):
        capture = cv2.VideoCapture(self.target)
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                f"This machine has no {self.name}, or another program holds it. Where Python runs elsewhere than your "
                "browser, take faceapp.Camera(), which asks the browser"
            )
        return capture

    def moment(self, k, fps, capture):
        now = time.monotonic()
        self.began = now if k == 0 else self.began
        return now - self.began


def described(capture) -> tuple[float, int | None]:
    """Frames a second, and how many frames a capture says that it has."""
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return checked_fps(capture.get(cv2.CAP_PROP_FPS)), int(count) if 0 < count < LONGEST_VIDEO else None
