"""Frames with their times from a drawn clip, a folder of pictures, a video file or a camera; and a writer of video files."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image, ImageOps

import drawn_faces
from helpers import environment
from helpers.data.images import SUFFIXES, NotAPicture, decode
from helpers.files import CourseError, brief, guarded, natural, write_atomically

USUAL_FPS = 25.0  # frames a second, where a file names no possible rate
LEAST_FPS, MOST_FPS = 0.1, 240.0
MISSES = 5  # frames in a row that cannot be read, after which a film has ended
ONLY_FILES = (  # the file that was named, and of its kinds those that hold a film, not a list of other files or addresses
    "protocol_whitelist;file|format_whitelist;mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,gif"
)
OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
MOST_PIXELS = 8192 * 4320  # of a video's frame; a damaged file may promise more than the memory holds
SILENCE = 10_000  # milliseconds after which a file that gives no frame is given up
LONGEST_GAP = 10.0  # seconds; a longer one between two frames is a damaged clock
WHOLE = "whole"
CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG", ".webm": "VP80"}

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong with a file is reported in a sentence, once
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)


class Source:
    """Loop over it for (time in seconds, frame): grey or RGB, uint8. `ended` then says how it ended: "whole", or why not.

    `fps` frames a second; `count` how many there should be, None where nobody knows; `truth` a table with a row a frame,
    or None; `endless` whether it goes on until somebody stops it.
    """

    name, fps, count, truth, endless, ended = "frames", USUAL_FPS, None, None, False, ""

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        raise NotImplementedError


class Frames(Source):
    """Frames that are there already: a drawn clip, an array, any sequence of pictures."""

    def __init__(self, frames, fps: float = USUAL_FPS, truth=None, name: str = "frames"):
        self.frames, self.fps, self.truth, self.name = frames, fps, truth, name
        self.count = len(frames) if hasattr(frames, "__len__") else None

    def __iter__(self):
        for k, frame in enumerate(self.frames):
            yield k / self.fps, np.asarray(frame)
        self.ended = WHOLE


class Folder(Source):
    """The pictures of a folder in the order of their names, frame2 before frame10; files that cannot be read are left out."""

    def __init__(self, path: pathlib.Path, fps: float = USUAL_FPS):
        with guarded(CourseError, f"{path} cannot be opened", "Check who may read it."):
            files = [file for file in path.iterdir() if file.suffix.lower() in SUFFIXES]
        self.files = sorted(files, key=lambda file: natural(file.name))
        if not self.files:
            raise CourseError(f"{path} has no pictures in it.", "A folder of frames holds JPEG or PNG files.")
        self.name, self.fps, self.count = path.name, fps, len(self.files)

    def __iter__(self):
        unreadable = []
        for k, file in enumerate(self.files):
            try:
                yield k / self.fps, decode(file, grey=False)
            except NotAPicture as problem:
                unreadable.append(str(problem))
        self.ended = WHOLE
        if unreadable:
            self.ended = f"{len(unreadable)} of {self.count} files could not be read: {unreadable[-1]}"


class Video(Source):
    """A video file, turned upright as its camera was held."""

    def __init__(self, path: pathlib.Path):
        self.path, self.name = path, path.name
        if not os.path.isfile(path):
            raise CourseError(f"There is no file {brief(path)}.", "Check the spelling.")
        if "%" in str(path.absolute()):  # FFmpeg takes it for a pattern of many files
            raise CourseError(f"The name {brief(path)} has a % in it.", "Rename the file or its folder.")
        capture = self.open()
        fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        capture.release()
        self.fps = fps if LEAST_FPS <= fps <= MOST_FPS else USUAL_FPS
        self.count = int(count) if 0 < count < 1e7 else None

    def open(self) -> cv2.VideoCapture:
        """The open file. FFmpeg alone reads it: OpenCV's other readers take a picture for a video, or a name for a pattern."""
        patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, SILENCE, cv2.CAP_PROP_READ_TIMEOUT_MSEC, SILENCE]
        before, os.environ[OPTIONS] = os.environ.get(OPTIONS), ONLY_FILES
        try:  # "file:", else FFmpeg takes a name such as http:/... or concat:... for an address
            capture = cv2.VideoCapture(f"file:{self.path.absolute()}", cv2.CAP_FFMPEG, patience)
        finally:
            os.environ.pop(OPTIONS) if before is None else os.environ.update({OPTIONS: before})
        pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if not capture.isOpened() or not 0 < pixels <= MOST_PIXELS:
            raise CourseError(f"{self.path} is no video that can be read here.", "Use MP4, MOV, AVI, MKV or WebM.")
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        return capture

    def __iter__(self):
        capture, seen, lost, start, last = self.open(), 0, 0, 0.0, 0.0
        try:
            for misses, frame in frames_of(capture, MISSES):
                lost += misses
                stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000  # phones film at a changing rate
                if not seen:
                    start = stamp
                elif stamp - start <= last:  # a file without times, or with a clock that goes back
                    start = stamp - last - 1 / self.fps
                last, seen = stamp - start, seen + 1
                yield last, frame
        finally:
            capture.release()
        self.ended = WHOLE
        if self.count and seen < 0.95 * self.count - 2:
            self.ended = f"{self.name} ends after {seen:,} of {self.count:,} frames: it is cut short or damaged"
        elif lost:
            self.ended = f"{self.name} is damaged: {lost:,} of its frames could not be read"


class LocalCamera(Source):
    """A camera of the computer on which Python runs; on Colab, Kaggle and Binder that computer has none."""

    endless = True

    def __init__(self, number: int = 0):
        self.number, self.name = number, f"camera {number}"

    def __iter__(self):
        capture, begun = cv2.VideoCapture(self.number), None
        if not capture.isOpened():
            raise CourseError(
                f"This computer has no {self.name}, or another program holds it.",
                "Where Python runs elsewhere than your browser, take faceapp.Camera(), which asks the browser.",
            )
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not those that came while nobody looked
        try:
            for _, frame in frames_of(capture):
                begun = begun or time.monotonic()
                yield time.monotonic() - begun, frame
        finally:
            capture.release()
        self.ended = f"{self.name} gave no more frames"


def frames_of(capture: cv2.VideoCapture, patience: int = 1) -> Iterator[tuple[int, np.ndarray]]:
    """(how many before it could not be read, frame in RGB), until so many in a row cannot be read."""
    misses = 0
    while misses < patience:
        there, frame = capture.read()
        if there:
            yield misses, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        misses = 0 if there else misses + 1


def open_source(source="simulated", fps: float = USUAL_FPS) -> Source:
    """A source of frames.

    "simulated"                 the drawn clip of seven emotions, moving through a scene, with its truth
    drawn_faces.clip(), film()  your own drawn clip, with its truth
    0, 1, ...                   a camera of this computer
    a path                      a video file, or a folder of pictures (`fps` says their rate)
    an array or a list          frames, grey (n, h, w) or RGB (n, h, w, 3)
    """
    check_rate(fps)
    if isinstance(source, Source):
        return source
    if isinstance(source, str) and source == "simulated":
        source = drawn_faces.film(drawn_faces.clip())
    if isinstance(source, (drawn_faces.Clip, drawn_faces.Film)):
        frames = source.frames if isinstance(source, drawn_faces.Clip) else source
        return Frames(frames, source.fps, source.truth, "drawn clip")
    if isinstance(source, int):
        return LocalCamera(source)
    if isinstance(source, (str, os.PathLike)):
        path = pathlib.Path(source)
        return Folder(path, fps) if os.path.isdir(path) else Video(path)
    if hasattr(source, "__iter__"):
        return Frames(source, fps)
    raise CourseError(f"{source!r} is no source.", "Give \"simulated\", a clip, a camera's number or a video's path.")


def check_rate(fps: float) -> None:
    """Refuse a rate at which nobody films."""
    if not LEAST_FPS <= fps <= MOST_FPS:
        raise CourseError(
            f"fps={fps!r} is no rate of a film.", f"Take frames a second from {LEAST_FPS:g} to {MOST_FPS:g}."
        )


class VideoWriter:
    """Writes RGB frames into a video file of the first frame's size; see `video_writer`."""

    def __init__(self, path: pathlib.Path, fps: float):
        self.path, self.fps, self.file, self.size = path, fps, None, (0, 0)
        self.count = self.cut = 0  # frames that were written, and those that a damaged clock would have added

    def write(self, frame: np.ndarray, time: float) -> None:
        """A frame and its time: it is repeated where some are missing before it, left out where it comes early for the rate."""
        if self.file is None:
            self.open(frame)
        if frame.shape[1::-1] != self.size:  # whole, in the middle of a black one
            frame = np.asarray(ImageOps.pad(Image.fromarray(frame), self.size))
        repeats = 1 + round(time * self.fps) - self.cut - self.count
        if repeats > LONGEST_GAP * self.fps:
            self.cut, repeats = self.cut + repeats - 1, 1
        for _ in range(repeats):
            self.file.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
            self.count += 1

    def open(self, frame: np.ndarray) -> None:
        """The file, once the size is known; video files have even sizes, so an odd one grows by one."""
        height, width = frame.shape[:2]
        self.size = width + width % 2, height + height % 2
        code = cv2.VideoWriter_fourcc(*CODECS[self.path.suffix.lower()])
        with environment.hushed():  # FFmpeg remarks on the terminal that it takes another tag for WebM
            self.file = cv2.VideoWriter(str(self.path), cv2.CAP_FFMPEG, code, self.fps, self.size)
        if not self.file.isOpened():
            raise CourseError(f"OpenCV cannot write {self.path.suffix} here.", f"Take another of {', '.join(CODECS)}.")

    def close(self) -> None:
        if self.file is not None:
            self.file.release()


@contextlib.contextmanager
def video_writer(path, fps: float) -> Iterator[VideoWriter]:
    """A writer of a video that lies at `path` once it is whole. WebM is what browsers play."""
    path = pathlib.Path(path)
    if path.suffix.lower() not in CODECS:
        raise CourseError(f"{path.name} is no name of a video.", f"Let it end in one of {', '.join(CODECS)}.")
    check_rate(fps)
    with write_atomically(path) as draft, contextlib.closing(VideoWriter(draft, fps)) as writer:
        yield writer
