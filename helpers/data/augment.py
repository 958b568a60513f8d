"""Report 2's augmentation as one transform an image: a turn, a shift, a zoom and perhaps a mirror, in one resampling."""

from __future__ import annotations

import cv2
import numpy as np


def jitter(images: np.ndarray, seed, degrees: float = 10, shift: float = 0.1, zoom: float = 0.1, flip: bool = True):
    """A randomly moved copy of each image, (n, h, w) or (n, h, w, channels) uint8; `seed` is a number or a Generator.

    Like `ImageDataGenerator`: a turn of up to +-`degrees`, shifts of up to +-`shift` of each side, each axis zoomed by
    1 +- `zoom` on its own, mirrored half of the time; what comes into view repeats the edge.
    """
    random, (height, width) = np.random.default_rng(seed), images.shape[1:3]
    moves = _moves(random, len(images), height, width, degrees, shift, zoom, flip)
    out = np.empty_like(images, order="C")
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for image, move, place in zip(np.ascontiguousarray(images), moves, out, strict=True):
        cv2.warpAffine(image, move, (width, height), dst=place, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return out


def _moves(random, n: int, height: int, width: int, degrees: float, shift: float, zoom: float, flip: bool):
    """The (n, 2, 3) matrices that take a point of the new image to where its colour comes from."""
    angle = np.deg2rad(random.uniform(-degrees, degrees, n))
    across, down = random.uniform(1 - zoom, 1 + zoom, (2, n))
    right, below = random.uniform(-shift, shift, (2, n)) * [[width], [height]]
    mirror = np.where(random.random(n) < 0.5, -1, 1) if flip else np.ones(n)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])  # (2, 2, n)
    scale = np.stack([across, down])
    matrix = turn * scale * np.stack([mirror, np.ones(n)])[:, None]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    moved = centre[:, None] - np.einsum("ijn,j->in", matrix, centre) + [right, below]
    return np.concatenate([matrix, moved[:, None]], axis=1).transpose(2, 0, 1)
