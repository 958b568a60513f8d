"""Annotated frames: what was found, drawn over the picture, and a video file of them that is whole or not there."""

from __future__ import annotations

import pathlib

import cv2
import numpy as np

from helpers import environment

from .boxes import Face
from .sources import SourceError

LONGEST_GAP = 10.0  # seconds; a longer one in a source is a damaged clock
CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG", ".webm": "VP80"}


def drawn(image: np.ndarray, faces: list[Face]) -> np.ndarray:
    """The picture in colour (RGB), each face in a box with its likeliest class and how sure the network is."""
    canvas = np.dstack([image] * 3) if image.ndim == 2 else image.copy()
    thick = max(1, round(max(canvas.shape[:2]) / 400))
    for face in faces:
        x, y, w, h = face.box
        cv2.rectangle(canvas, (x, y), (x + w, y + h), (0, 0, 0), thick + 2)
        cv2.rectangle(canvas, (x, y), (x + w, y + h), (255, 210, 0), thick)
        text, size = f"{face.emotion} {face.confidence:.0%}", max(0.4, max(canvas.shape[:2]) / 1000)
        (wide, high), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
        top = y - high - base - thick if y >= high + base + thick else y + thick
        cv2.rectangle(canvas, (x, top), (x + wide + 4, top + high + base + 2), (0, 0, 0), -1)
        cv2.putText(
            canvas, text, (x + 2, top + high + 1), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), thick, cv2.LINE_AA
        )
    return canvas


class Writer:
    """Writes RGB frames into a video of the first frame's size and the given rate; under its own name only when closed.

    MP4 and WebM have no odd sizes: there the last row or column is repeated once. AVI keeps every size. WebM is what
    browsers play.
    """

    def __init__(self, path, fps: float):
        self.path, self.fps, self.file, self.size, self.problem = pathlib.Path(path), fps, None, None, False
        self.count = self.skipped = 0
        if self.path.suffix.lower() not in CODECS:
            raise SourceError(f"{self.path.name}: a video's name ends in {', '.join(CODECS)}.")
        if not self.path.parent.is_dir():
            raise SourceError(f"There is no folder {self.path.parent} to write {self.path.name} into.")
        self.draft = self.path.with_name(f"{self.path.stem}.writing{self.path.suffix}")

    def write(self, frame: np.ndarray, time: float | None = None) -> None:
        """One frame; where its time says that some are missing before it, it is repeated, so that the film keeps its length."""
        if self.file is None:
            self.open(frame)
        height, width = self.size
        if frame.shape[:2] != self.size:
            frame = fitted(frame, width, height)
        if not self.exact:
            frame = cv2.copyMakeBorder(frame, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        frame = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        missing = 0 if time is None else round(time * self.fps) - self.skipped - self.count
        most = round(LONGEST_GAP * self.fps)
        self.skipped += max(missing - most, 0)
        for _ in range(1 + min(max(missing, 0), most)):
            self.file.write(frame)
            self.count += 1

    def open(self, frame: np.ndarray) -> None:
        """The file, once the size is known."""
        height, width = self.size = frame.shape[:2]
        self.exact = self.path.suffix.lower() == ".avi" and bool(height % 2 or width % 2)
        code = cv2.VideoWriter_fourcc(*CODECS[self.path.suffix.lower()])
        size = (width, height) if self.exact else (width + width % 2, height + height % 2)
        with environment.hushed():  # FFmpeg remarks on the terminal that it takes another tag for WebM
            self.file = cv2.VideoWriter(
                str(self.draft), cv2.CAP_OPENCV_MJPEG if self.exact else cv2.CAP_FFMPEG, code, self.fps, size
            )
        if not self.file.isOpened():
            self.file, self.problem = None, True
            self.draft.unlink(missing_ok=True)
            raise SourceError(
                f"OpenCV {cv2.__version__} cannot write {self.path.suffix} here: take another of {', '.join(CODECS)}."
            )

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self.file is None:
            return
        self.file.release()
        self.file = None
        if self.exact:
            mend_rate(self.draft, self.fps)
        self.draft.replace(self.path)


def fitted(frame: np.ndarray, width: int, height: int) -> np.ndarray:
    """A frame of another size, whole and unstretched in the middle of a black one."""
    scale = min(width / frame.shape[1], height / frame.shape[0])
    w, h = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
    canvas = np.zeros((height, width, 3), np.uint8)
    x, y = (width - w) // 2, (height - h) // 2
    canvas[y : y + h, x : x + w] = cv2.resize(frame, (w, h), interpolation=cv2.INTER_AREA)
    return canvas


def mend_rate(path: pathlib.Path, fps: float) -> None:
    """OpenCV's own AVI writer keeps whole rates only: put the true one, a fraction, into the stream's header."""
    with open(path, "r+b") as file:
        at = file.read(4096).find(b"strh")
        if at >= 0:
            file.seek(at + 28)
            file.write((1000).to_bytes(4, "little") + round(1000 * fps).to_bytes(4, "little"))
