"""Faces that the course draws itself, from facial action units, with all that is true of them."""

from .anatomy import ACTION_UNITS, AUS, plurality
from .clips import Clip, clip
from .dataset import Faces, contact_sheet, faces
from .folders import write
from .people import AGE_GROUPS
from .render import LANDMARKS, REGIONS
from .scenes import Film, Scene, film, scene

__all__ = [
    "ACTION_UNITS",
    "AGE_GROUPS",
    "AUS",
    "LANDMARKS",
    "REGIONS",
    "Clip",
    "Faces",
    "Film",
    "Scene",
    "clip",
    "contact_sheet",
    "faces",
    "film",
    "plurality",
    "scene",
    "write",
]
