"""`open_source`: from a word, a number, a path or a clip to a source of frames."""

from __future__ import annotations

import os
import pathlib

import numpy as np

import drawn_faces

from .captures import PATIENCE, Machine, Video
from .sources import USUAL_FPS, Folder, Frames, Source, SourceError


def open_source(source="simulated", fps: float | None = None, patience: float = PATIENCE) -> Source:
    """A source of frames.

    "simulated"               the drawn clip of seven emotions, moving through a scene, with its truth
    drawn_faces.clip(), film()  your own drawn clip, with its truth
    0, 1, ...                 a camera of this machine
    a path                    a video file, or a folder of pictures (`fps` says their rate)
    an array or a list        frames, grey (n, h, w) or RGB (n, h, w, 3)
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, str) and source == "simulated":
        source = drawn_faces.film(drawn_faces.clip())
    if isinstance(source, (drawn_faces.Clip, drawn_faces.Film)):
        frames = source.frames if isinstance(source, drawn_faces.Clip) else source
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
