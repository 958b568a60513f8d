"""What a source of frames is, and those that need no video: frames that are there already, and folders of pictures."""

from __future__ import annotations

import math
import pathlib
import re

import numpy as np

from helpers.data.images import SUFFIXES, NotAPicture, decode

USUAL_FPS = 25.0  # where a file tells no rate, or an impossible one
MOST_FPS = 240.0
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


def checked_fps(fps: float) -> float:
    """A possible rate: files that tell none, or a thousand a second, get the usual one."""
    return float(fps) if math.isfinite(fps) and 0 < fps <= MOST_FPS else USUAL_FPS


def natural(name: str) -> list:
    """Sorts frame2 before frame10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]
