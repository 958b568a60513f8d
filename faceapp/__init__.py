"""Faces in pictures and in time: `detect`, `Predictor`, `Watcher`, sources, the `timeline` of a source, the `Camera` widget."""

from helpers import environment

from .boxes import Box, Face, crop, grey, overlap, paired, picture, square
from .detectors import KINDS, Detector, available, detect, detector
from .files import DetectorError
from .opening import open_source
from .predict import Predictor
from .scoring import detection_table, main_face, segments, with_truth
from .sources import Source, SourceError
from .timelines import COLUMNS, Watcher, rows, timeline
from .tracking import Smoother, Tracker
from .writing import Writer, drawn

__all__ = [
    "COLUMNS", "KINDS", "Box", "Camera", "Detector", "DetectorError", "Face", "Predictor", "Smoother", "Source", "SourceError",
    "Tracker", "Watcher", "Writer", "available", "crop", "detect", "detection_table", "detector", "drawn", "grey", "main_face",
    "open_source", "overlap", "paired", "picture", "rows", "segments", "square", "timeline", "with_truth",
]  # fmt: skip


def __getattr__(name: str):
    """The widget brings ipywidgets along, which nothing else here needs: it is loaded when it is named."""
    if name == "Camera":
        try:
            from .camera import Camera
        except ModuleNotFoundError as absent:
            raise ImportError(environment.lacks(absent.name), name=absent.name) from absent
        return Camera
    raise AttributeError(f"faceapp has no {name!r}; it has: {', '.join(__all__)}.")
