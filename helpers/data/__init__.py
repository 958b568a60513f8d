"""Faces from anywhere as arrays: `load` a data set, `audit` it, `find` a real one, `stream` what does not fit."""

from .archives import DataError
from .audit import Audit, audit, fingerprints, without_twins
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture, decode
from .loading import load
from .sources import find
from .splits import class_weights, oversample, repeats, stratified, undersample

__all__ = [
    "PARTS", "Audit", "DataError", "Dataset", "NotAPicture", "Part", "audit", "class_weights", "decode", "find",
    "fingerprints", "load", "oversample", "repeats", "stratified", "undersample", "without_twins",
]  # fmt: skip
