"""What stands in for a part of a picture that is taken away: its mean, itself blurred, its pixels shuffled, a number."""

import zlib

import cv2
import numpy as np

FILLS = ("mean", "blur", "noise")
BLUR = 8  # the blur's sigma is an eighth of the picture's height: a face becomes a patch of light and shade


def filled(images, fill: str | float = "mean", seed: int = 0) -> np.ndarray:
    """The pictures (n, height, width[, channels]) with every pixel replaced, float32.

    mean  each picture's own mean        blur   the picture without its details
    noise its own pixels in an order that hangs on the seed and the picture, not on its neighbours
    A number (0 is black) is taken as it is. None of them is a face: what a net says of such pictures is a guess
    outside of all that it has learned from.
    """
    images = np.asarray(images, np.float32)
    if isinstance(fill, int | float) and not isinstance(fill, bool) and np.isfinite(fill):
        return np.full_like(images, fill)
    if not isinstance(fill, str) or fill not in FILLS:
        raise ValueError(f"fill={fill!r}; it must be one of: {', '.join(FILLS)}, or a number (0 is black).")
    if fill == "mean":
        return np.broadcast_to(images.mean(axis=(1, 2), keepdims=True), images.shape).copy()
    if fill == "blur":
        blurred = [
            cv2.GaussianBlur(image, (0, 0), image.shape[0] / BLUR, borderType=cv2.BORDER_REFLECT) for image in images
        ]
    else:
        blurred = [shuffled(image, seed) for image in images]
    return np.array(blurred, np.float32).reshape(images.shape)


def shuffled(image: np.ndarray, seed: int) -> np.ndarray:
    """The pixels of one picture in random order."""
    order = generator(image, seed).permutation(image.shape[0] * image.shape[1])
    return image.reshape(len(order), -1)[order].reshape(image.shape)


def generator(image: np.ndarray, seed: int) -> np.random.Generator:
    """The random numbers of one picture: the same wherever it stands and however large the batch is."""
    return np.random.default_rng([seed, zlib.crc32(np.ascontiguousarray(image, np.float32))])
