"""Deletion and insertion: take away, or bring back, the pixels that a map calls most important, and watch the class."""

from typing import NamedTuple

import numpy as np

from .asked import one_of, slices, whole
from .fills import filled, generator
from .network import asked, of_class


class Curves(NamedTuple):
    """One curve a picture, and the area under it: small is good for deletion, large for insertion."""

    share: np.ndarray  # (steps + 1,) of the pixels that are taken away or brought back, from 0 to 1
    deletion: np.ndarray  # (n, steps + 1) the class's probability (or logit) meanwhile
    insertion: np.ndarray
    deletion_auc: np.ndarray  # (n,)
    insertion_auc: np.ndarray


def deletion_insertion(
    model, images, classes, maps, steps: int = 24, fill: str | float = "blur", of: str = "probability", seed: int = 0,
    batch: int = 64,
) -> Curves:  # fmt: skip
    """What becomes of the class when the pixels that a map ranks highest go first (deletion) or come first (insertion).

    What is away shows `fill`; pixels of equal rank go in random order. Pictures half taken away are none that the net
    has learned from: compare maps on the same pictures, and a map with one of random numbers, rather than read one value.
    """
    net, images, classes = asked(model, images, classes, batch)
    maps, steps = like(maps, images), whole("steps", steps)
    one_of("of", of, ("logit", "probability"))
    share = np.linspace(0, 1, steps + 1)
    cuts = np.rint(share * maps[0].size).astype(int) if len(maps) else np.zeros(steps + 1, int)
    found = np.zeros((2, len(images), steps + 1))
    for group in slices(len(images), batch):
        end = images[group].astype(np.float32)
        start, place = (
            filled(end, fill, seed),
            np.array([order(m, x, seed) for m, x in zip(maps[group], end, strict=True)]),
        )
        values = np.zeros(2 * len(end) * (steps + 1))
        for some in slices(len(values), batch):
            back, which, step = np.unravel_index(np.arange(some.start, some.stop), (2, len(end), steps + 1))
            first = place[which] < cuts[step][:, None, None]
            shown = np.where((first == back[:, None, None])[..., None], end[which], start[which])
            values[some] = of_class(net.logits(shown), classes[group][which], of)
        found[:, group] = values.reshape(2, len(end), steps + 1)
    areas = (found[..., 1:] + found[..., :-1]).mean(axis=-1) / 2  # trapezoids of equal width
    return Curves(share, *found, *areas)


def order(values: np.ndarray, image: np.ndarray, seed: int) -> np.ndarray:
    """The place of each pixel in the order from the map's highest value to its lowest."""
    ties = generator(image, seed).permutation(values.size)
    place = np.empty(values.size, int)
    place[np.lexsort((ties, -values.ravel()))] = np.arange(values.size)
    return place.reshape(values.shape)


def like(maps, images: np.ndarray) -> np.ndarray:
    """Maps of finite numbers, one for each picture and of its size."""
    maps = np.asarray(maps)
    if maps.shape != images.shape[:3]:
        raise ValueError(f"The maps must be {images.shape[:3]}, one a picture and as large; these are {maps.shape}.")
    if maps.dtype.kind not in "buif" or not np.isfinite(maps).all():
        raise ValueError("A map is an array of finite numbers; these have other values in them.")
    return maps.astype(float)
