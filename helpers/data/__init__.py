"""Faces from anywhere as arrays: `load` a data set, `audit` it, `find` a real one, divide and balance it."""

from .archives import DataError
from .audit import Audit, audit, fingerprints, without_twins
from .augment import jitter
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture, decode
from .layouts import CSV_ORDER
from .loading import load
from .sources import find
from .splits import SPLITS, class_weights, oversample, repeats, stratified, undersample

__all__ = [
    "CSV_ORDER", "PARTS", "SPLITS", "Audit", "DataError", "Dataset", "NotAPicture", "Part", "audit", "class_weights",
    "decode", "find", "fingerprints", "jitter", "load", "oversample", "repeats", "stratified", "undersample", "without_twins",
]  # fmt: skip
