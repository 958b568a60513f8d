"""Grey photographs of faces, drawn from facial action units, with everything that is true of them.

>>> import drawn_faces
>>> few = drawn_faces.faces(7, size=96, seed=1, balanced=True, glasses=False)  # the same seed, the same bytes
>>> few.images.shape, few.votes.shape, few.landmarks.shape, few.masks["mouth"].shape
((7, 96, 96), (7, 7), (7, 30, 2), (7, 96, 96))
>>> few.truth.loc[0, ["emotion", "AU12", "age_group", "tone", "yaw"]].to_dict()  # a row a face, a column a condition
{...}
>>> relaxed = few.with_(AU12=0)  # the same photographs with one thing changed: no lip corner is pulled up
>>> drawn_faces.scene(2, seed=1).boxes  # where the faces are in a larger picture, `.image`
[(..., ..., ..., ...), (..., ..., ..., ...)]
>>> acted = drawn_faces.clip(["happy", ("fear", 1.5)], size=96, seconds=1)  # one person, frame by frame
>>> film = drawn_faces.film(acted, seed=1)  # the same person, moving through a scene
>>> folder = drawn_faces.write("faces", n=60)  # a data set on disk, laid out as FER-2013 is on Kaggle
"""

from .clips import Clip, clip
from .dataset import Faces, faces
from .expressions import ACTION_UNITS, AUS, CLASSES
from .folders import write
from .people import AGE_GROUPS
from .render import REGIONS
from .scenes import Film, Scene, film, scene
from .shape import LANDMARKS

__all__ = [
    "ACTION_UNITS",
    "AGE_GROUPS",
    "AUS",
    "CLASSES",
    "LANDMARKS",
    "REGIONS",
    "Clip",
    "Faces",
    "Film",
    "Scene",
    "clip",
    "faces",
    "film",
    "scene",
    "write",
]
