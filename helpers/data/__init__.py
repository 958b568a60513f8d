"""Faces from anywhere as arrays: `load` a data set, `audit` it, `find` a real one, `stream` what does not fit."""

from .archives import DataError
from .audit import Audit, audit, fingerprints, without_twins
from .augment import jitter
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture, decode
from .loading import load
from .sources import find
from .splits import SPLITS, class_weights, oversample, repeats, stratified, undersample
from .stream import stream

__all__ = [
    "PARTS", "SPLITS", "Audit", "DataError", "Dataset", "NotAPicture", "Part", "audit", "class_weights", "decode", "find",
    "fingerprints", "jitter", "load", "oversample", "repeats", "stratified", "stream", "undersample", "without_twins",
]  # fmt: skip
