"""What the room passes around: pictures as arrays, boxes of faces, and the square of a picture that a box stands for."""

from __future__ import annotations

import os
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from helpers import CLASSES
from helpers.data.images import decode

SIDE = 48  # pixels of the pictures that the networks learned from


class Box(tuple):
    """A face's place as four whole numbers x, y, w, h, with `score` (0-1) and, when it is followed, `person` (a number)."""

    def __new__(cls, x, y, w, h, score: float = 1.0, person: int | None = None):
        box = super().__new__(cls, (int(x), int(y), int(w), int(h)))
        box.score, box.person = float(score), person
        return box

    def __getnewargs__(self):
        return (*self, self.score, self.person)

    @property
    def area(self) -> int:
        return self[2] * self[3]


class Face(NamedTuple):
    """A face that was looked at: its box and its seven probabilities in the order of CLASSES."""

    box: Box
    probabilities: np.ndarray

    @property
    def emotion(self) -> str:
        """The likeliest class: what annotators would call this expression, not what anyone feels."""
        return CLASSES[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        return float(np.max(self.probabilities))

    @property
    def person(self) -> int | None:
        return self.box.person

    def as_dict(self) -> dict:
        """For JSON: box, emotion and the probabilities by name."""
        named = {name: float(p) for name, p in zip(CLASSES, self.probabilities, strict=True)}
        return {"box": list(self.box), "emotion": self.emotion, "probabilities": named}


def picture(image) -> np.ndarray:
    """A picture as uint8, grey (h, w) or RGB (h, w, 3): from an array, or decoded from a path, bytes or a file.

    Arrays are grey, RGB or RGBA, never OpenCV's BGR (turn that round with image[..., ::-1]).
    """
    if isinstance(image, (str, os.PathLike, bytes, bytearray)) or hasattr(image, "read"):
        return decode(image, grey=False)
    image = np.asarray(image.convert("RGB") if isinstance(image, Image.Image) else image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    fits = image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))
    if not fits or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(
            f"expected a grey or RGB picture of uint8, (height, width) or (height, width, 3), found {image.shape} "
            f"{image.dtype}."
        )
    return np.ascontiguousarray(image[..., :3] if image.ndim == 3 else image)


def grey(image: np.ndarray) -> np.ndarray:
    """A picture in grey, by the same weights with which the loader makes training pictures grey."""
    return image if image.ndim == 2 else np.asarray(Image.fromarray(image).convert("L"))


def square(box, shape: tuple[int, ...], margin: float = 0.0, lift: float = 0.0) -> tuple[int, int, int]:
    """x, y and side of the square around a box that is cut out, moved and cut to lie within the picture.

    margin  how much larger than the box's longer side      lift  how far it is moved up, in parts of that side
    """
    x, y, w, h = box
    height, width = shape[:2]
    side = max(1, min(round(max(w, h) * (1 + margin)), height, width))
    left = round(x + w / 2 - side / 2)
    top = round(y + h / 2 - side / 2 - lift * max(w, h))
    return min(max(left, 0), width - side), min(max(top, 0), height - side), side


def crop(grey: np.ndarray, box, margin: float = 0.0, lift: float = 0.0) -> np.ndarray:
    """The face of a box as the networks take it: (48, 48) uint8, shrunk in the same way as the loader shrinks pictures."""
    x, y, side = square(box, grey.shape, margin, lift)
    part = Image.fromarray(grey[y : y + side, x : x + side])
    if side != SIDE:
        part = part.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return np.array(part)


def overlap(a, b) -> float:
    """The area that two boxes share, as a part of the area that they cover together (IoU)."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    return both / max(a[2] * a[3] + b[2] * b[3] - both, 1)


def paired(boxes, others, least: float = 0.3) -> list[tuple[int, int]]:
    """Which box is which: pairs of indices, the largest overlap first, each box at most once."""
    shares = sorted(((overlap(a, b), i, j) for i, a in enumerate(boxes) for j, b in enumerate(others)), reverse=True)
    pairs, left, right = [], set(), set()
    for share, i, j in shares:
        if share >= least and i not in left and j not in right:
            pairs.append((i, j))
            left.add(i)
            right.add(j)
    return pairs


def shrunk(image: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    """The picture with its longer side at most that long, and by how much its boxes must grow to fit the original."""
    scale = max(image.shape[:2]) / longest
    if scale <= 1:
        return image, 1.0
    size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale
