"""Faces found, followed and named in pictures, videos and cameras; `faceapp.web` is the page that serves them."""

from helpers import environment

from .boxes import Box, Face, annotate, crop, overlap, picture
from .detectors import DETECTORS, Detector, available_detectors, detector
from .predict import Predictor, VideoPredictor
from .scoring import detection_table, main_face, segments
from .timelines import COLUMNS, timeline
from .tracking import Smoother, Tracker
from .uploads import upload, uploaded
from .video import Source, open_source, video_writer

__all__ = [
    "COLUMNS", "DETECTORS", "Box", "Camera", "Detector", "Face", "Predictor", "Smoother", "Source", "Tracker",
    "VideoPredictor", "annotate", "available_detectors", "crop", "detection_table", "detector", "main_face",
    "open_source", "overlap", "picture", "segments", "timeline", "upload", "uploaded", "video_writer",
]  # fmt: skip


def __getattr__(name: str):
    """The widget needs anywidget, and nothing else here does: it is loaded when it is named."""
    if name == "Camera":
        try:
            from .camera import Camera
        except ModuleNotFoundError as absent:
            raise ImportError(environment.lacks(absent.name), name=absent.name) from absent
        return Camera
    raise AttributeError(f"faceapp has no {name!r}; it has: {', '.join(__all__)}.")
