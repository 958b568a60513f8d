"""Where frames come from: a camera of this machine, a video file, a folder of pictures, drawn clips. All end, and say why."""

from __future__ import annotations

import math
import os
import pathlib
import queue
import re
import threading
import time

import cv2
import numpy as np

from helpers import synthetic
from helpers.data.images import SUFFIXES, NotAPicture, decode

PATIENCE = 10.0  # seconds to wait for the next frame before a source counts as hung
LONGEST_VIDEO = 1_000_000  # frames; nine hours at 30 a second
USUAL_FPS = 25.0  # where a file tells no rate, or an impossible one
MOST_FPS = 240.0
MOST_PIXELS = 8192 * 4320  # a frame of a video; a file that promises more is not opened
AHEAD = 2  # frames that are read while one is being looked at
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is amiss with a file is said in a sentence, once
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
FORGOTTEN = 300.0  # seconds after which a source whose frames nobody takes lets its file or camera go
WHOLE = "whole"


class SourceError(ValueError):
    """Something from which no frame can come, in a sentence."""


class Source:
    """Loop over it for (time in seconds, frame): grey or RGB, uint8. `ended` then says how it ended: "whole", or why not.

    `fps` frames a second; `count` how many there should be, None where nobody knows; `truth` a table with a row a frame,
    or None.
    """

    name, fps, count, truth, endless = "source", USUAL_FPS, None, None, False
    ended = ""

    def __iter__(self):
        raise NotImplementedError

    def __repr__(self) -> str:
        count = "" if self.count is None else f", {self.count:,} frames"
        return f"{self.name}{count}, {self.fps:g} frames a second"


class Frames(Source):
    """Frames that are there already: a drawn clip, a film, an array, any sequence of pictures."""

    def __init__(self, frames, fps: float = USUAL_FPS, truth=None, name: str = "frames"):
        self.frames, self.fps, self.truth, self.name = frames, checked_fps(fps), truth, name
        self.count = len(frames) if hasattr(frames, "__len__") else None

    def __iter__(self):
        for k, frame in enumerate(self.frames):
            yield k / self.fps, np.asarray(frame)
        self.ended = WHOLE


class Folder(Source):
    """The pictures of a folder in the order of their names, numbers counted as numbers; those that are none are passed over."""

    def __init__(self, path, fps: float = USUAL_FPS):
        self.path, self.fps, self.name = pathlib.Path(path), checked_fps(fps), pathlib.Path(path).name
        files = (file for file in self.path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
        self.files = sorted(files, key=lambda file: natural(file.name))
        if not self.files:
            raise SourceError(f"{path} has no pictures in it: a folder of frames holds JPEG or PNG files.")
        self.count = len(self.files)

    def __iter__(self):
        passed = 0
        for k, file in enumerate(self.files):
            try:
                yield k / self.fps, decode(file, grey=False)
            except NotAPicture as problem:
                passed, why = passed + 1, str(problem)
        if passed == len(self.files):
            raise SourceError(f"None of the {passed} files of {self.path} can be read. {why}")
        self.ended = f"{passed} of {len(self.files)} files could not be read: {why}" if passed else WHOLE


class Capture(Source):
    """What OpenCV reads, in a thread of its own: a reader that hangs is left behind, and one that never ends is ended."""

    def __init__(self, target, name: str, patience: float = PATIENCE):
        self.target, self.name, self.patience = target, name, patience
        self.start()

    def start(self) -> None:
        """Begin to read, from the first frame on."""
        self.stop, self.frames = threading.Event(), queue.Queue(AHEAD)
        threading.Thread(target=self.read, args=(self.stop, self.frames), daemon=True).start()
        kind, value = self.next()
        if kind != "open":
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
            while not stop.is_set():
                try:
                    return frames.put((kind, value), timeout=0.2)
                except queue.Full:
                    if time.monotonic() - begun > FORGOTTEN:
                        stop.set()

        try:
            capture = self.open()
            put("open", described(capture))
            last, fps = -1.0, checked_fps(capture.get(cv2.CAP_PROP_FPS))
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
        """Let the thread end, and the camera or file go."""
        self.stop.set()


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
                "browser, take live.Camera(), which asks the browser"
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


def checked_fps(fps: float) -> float:
    """A possible rate: files that tell none, or a thousand a second, get the usual one."""
    return float(fps) if math.isfinite(fps) and 0 < fps <= MOST_FPS else USUAL_FPS


def natural(name: str) -> list:
    """Sorts frame2 before frame10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]


def open_source(source="simulated", fps: float | None = None, patience: float = PATIENCE) -> Source:
    """A source of frames.

    "simulated"               the drawn clip of seven emotions, moving through a scene, with its truth
    synthetic.clip(), film()  your own drawn clip, with its truth
    0, 1, ...                 a camera of this machine
    a path                    a video file, or a folder of pictures (`fps` says their rate)
    an array or a list        frames, grey (n, h, w) or RGB (n, h, w, 3)
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, str) and source == "simulated":
        source = synthetic.film(synthetic.clip())
    if isinstance(source, (synthetic.Clip, synthetic.Film)):
        frames = source.frames if isinstance(source, synthetic.Clip) else source
        return Frames(frames, source.fps, source.truth, "drawn clip")
    if isinstance(source, (int, np.integer)) and not isinstance(source, bool):
        return Machine(int(source), patience)
    if isinstance(source, (str, os.PathLike)):
        path = pathlib.Path(source)
        if path.is_dir():
            return Folder(path, fps or USUAL_FPS)
        return Video(path, patience)
    if hasattr(source, "__iter__"):
        return Frames(source, fps or USUAL_FPS)
    raise SourceError(f'{source!r} is no source: give "simulated", a clip, a camera\'s number, or the path of a video.')
