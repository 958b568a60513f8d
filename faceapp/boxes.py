"""Pictures as arrays, and boxes: where a face is, the crop that the networks get, and boxes drawn over a picture."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from helpers import CLASSES
from helpers.data.images import decode
from helpers.files import CourseError

SIDE = 48  # pixels of the pictures that the networks learned from


class Box(tuple):
    """A face's place as four whole numbers x, y, w, h, with a detector's `score` (0-1) and, in a video, the `person`'s number."""

    def __new__(cls, x, y, w, h, score: float = 1.0, person: int | None = None):
        box = super().__new__(cls, (int(x), int(y), int(w), int(h)))
        box.score, box.person = float(score), person
        return box

    def __getnewargs__(self):  # for pickle
        return (*self, self.score, self.person)

    @property
    def area(self) -> int:
        return self[2] * self[3]


class Face(NamedTuple):
    """A face and what the network says of it: its box, and seven probabilities in the order of CLASSES."""

    box: Box
    probabilities: np.ndarray

    @property
    def emotion(self) -> str:
        """The likeliest class: what annotators would call this expression, not what anyone feels."""
        return CLASSES[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The probability of the likeliest class."""
        return float(np.max(self.probabilities))

    @property
    def person(self) -> int | None:
        """The number that the face keeps through a video."""
        return self.box.person

    def as_dict(self) -> dict:
        """For JSON: box, emotion and the probabilities by name."""
        named = {name: float(p) for name, p in zip(CLASSES, self.probabilities, strict=True)}
        return {"box": list(self.box), "emotion": self.emotion, "probabilities": named}


def picture(image) -> np.ndarray:
    """A picture as uint8, grey (h, w) or RGB (h, w, 3): from an array, or decoded from a path, bytes or a file.

    Arrays are grey, RGB or RGBA, never OpenCV's BGR (reverse that with image[..., ::-1]).
    """
    if isinstance(image, (str, os.PathLike, bytes, bytearray)) or hasattr(image, "read"):
        return decode(image, grey=False)
    image = np.asarray(image.convert("RGB") if isinstance(image, Image.Image) else image)
    fits = image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))
    if not fits or image.dtype != np.uint8 or 0 in image.shape:
        raise CourseError(
            f"Found an array {image.shape} of {image.dtype}.",
            "Give a grey or RGB picture of uint8, (height, width) or (height, width, 3).",
        )
    return np.ascontiguousarray(image[..., :3] if image.ndim == 3 else image)


def to_grey(image: np.ndarray) -> np.ndarray:
    """The picture in grey, with the weights by which the training pictures were made grey."""
    return image if image.ndim == 2 else np.asarray(Image.fromarray(image).convert("L"))


def square(box, shape: tuple[int, ...], margin: float = 0.0) -> tuple[int, int, int]:
    """x, y and side of the square that is cut out around a box, moved so that it lies within the picture.

    margin  by how much the square's side exceeds the longer side of the box
    """
    x, y, w, h = box
    height, width = shape[:2]
    side = max(1, min(round(max(w, h) * (1 + margin)), height, width))
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    return min(max(left, 0), width - side), min(max(top, 0), height - side), side


def crop(grey: np.ndarray, box, margin: float = 0.0) -> np.ndarray:
    """The face in a box as the networks take it, (48, 48) uint8, shrunk in the same way as the training pictures."""
    x, y, side = square(box, grey.shape, margin)
    part = Image.fromarray(grey[y : y + side, x : x + side])
    if side != SIDE:
        part = part.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return np.array(part)


def clip_box(box, score: float, shape: tuple[int, ...]) -> Box:
    """A box in whole numbers, cut off at the picture's borders."""
    x, y, w, h = (float(number) for number in box)
    left, top = max(0, round(x)), max(0, round(y))
    return Box(left, top, min(shape[1], round(x + w)) - left, min(shape[0], round(y + h)) - top, score)


def overlap(a, b) -> float:
    """The area that two boxes share, as a part of the area that they cover together (intersection over union)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / max(a[2] * a[3] + b[2] * b[3] - shared, 1)


def match_boxes(boxes, others, least: float = 0.3) -> list[tuple[int, int]]:
    """Which box is which: pairs of indices, the largest overlap first, each box at most once."""
    overlaps = sorted(((overlap(a, b), i, j) for i, a in enumerate(boxes) for j, b in enumerate(others)), reverse=True)
    pairs, left, right = [], set(), set()
    for share, i, j in overlaps:
        if share >= least and i not in left and j not in right:
            pairs.append((i, j))
            left.add(i)
            right.add(j)
    return pairs


def annotate(image: np.ndarray, faces: list[Face], second: Sequence[str] = ()) -> np.ndarray:
    """The picture in RGB with a box around each face, its likeliest class, and that class's probability.

    second  a further word for each face, such as its age range; it stands below the box
    """
    canvas = np.dstack([image] * 3) if image.ndim == 2 else image.copy()
    line = max(1, round(max(canvas.shape[:2]) / 400))
    for face, word in itertools.zip_longest(faces, second[: len(faces)]):
        x, y, w, h = face.box
        for colour, width in (((0, 0, 0), line + 2), ((255, 210, 0), line)):
            cv2.rectangle(canvas, (x, y), (x + w, y + h), colour, width)
        letter(canvas, f"{face.emotion} {face.confidence:.0%}", x, y, line, above=True)
        if word:
            letter(canvas, word, x, y + h, line, above=False)
    return canvas


def letter(canvas: np.ndarray, text: str, x: int, y: int, line: int, above: bool) -> None:
    """White words on black above or below a height, in place; on its other side where the picture ends."""
    font, size = cv2.FONT_HERSHEY_SIMPLEX, max(0.4, max(canvas.shape[:2]) / 1000)
    (width, height), base = cv2.getTextSize(text, font, size, line)
    deep = height + base + 2
    over, under = y - deep - line + 2, y + line
    top = over if (above and over >= 0) or (not above and under + deep > len(canvas)) else under
    cv2.rectangle(canvas, (x, top), (x + width + 4, top + deep), (0, 0, 0), -1)
    cv2.putText(canvas, text, (x + 2, top + height + 1), font, size, (255, 255, 255), line, cv2.LINE_AA)
