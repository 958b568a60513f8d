"""Occlusion: cover a window of the picture, ask the net again, and see how far the class's logit falls."""

import numpy as np

from .asked import finished, one_of, slices, whole
from .fills import filled
from .network import asked, of_class


def occlusion(
    model, images, classes=None, window: int = 8, stride: int = 2, fill: str | float = "mean", of: str = "logit",
    seed: int = 0, batch: int = 64, raw: bool = False,
) -> np.ndarray:  # fmt: skip
    """How far the class's logit falls while a window is covered. A pixel's value is the mean over the windows that cover it.

    window, stride  side of the window and step from one to the next, in pixels; a last one lies at the far edge
    fill            "mean", "blur", "noise" (see `filled`) or a number        of  "logit" or "probability"
    raw             the mean drops themselves, negative where covering helps the class; else each map from 0 to 1

    All windows of all pictures run through the net `batch` at a time, so memory does not grow with either.
    """
    net, images, classes = asked(model, images, classes, batch)
    height, width = net.shape[:2]
    one_of("of", of, ("logit", "probability"))
    tops, lefts = starts(height, window, stride), starts(width, window, stride)
    filled(images[:0], fill)
    maps = np.zeros((len(images), height, width))
    for group in slices(len(images), batch):
        seen, answers = images[group].astype(np.float32), classes[group]
        covers, count = filled(seen, fill, seed), len(tops) * len(lefts)
        drops = of_class(net.logits(seen), answers, of).repeat(count)
        for some in slices(len(drops), batch):
            which, place = np.divmod(np.arange(some.start, some.stop), count)
            hidden = inside(tops[place // len(lefts)], height, window)[:, :, None] & inside(lefts[place % len(lefts)], width, window)[:, None]  # fmt: skip
            covered = np.where(hidden[..., None], covers[which], seen[which])
            drops[some] -= of_class(net.logits(covered), answers[which], of)
        maps[group] = spread(drops.reshape(-1, len(tops), len(lefts)), tops, lefts, height, width, window)
    return finished(maps, raw)


def starts(size: int, window: int, stride: int) -> np.ndarray:
    """Where the windows begin along one side; together they cover all of it."""
    window, stride = whole("window", window), whole("stride", stride)
    if window > size:
        raise ValueError(f"A window of {window} pixels is larger than the picture, which has {size}.")
    if stride > window:
        raise ValueError(
            f"With a stride of {stride} and a window of {window}, pixels between windows are never covered."
        )
    return np.unique(np.append(np.arange(0, size - window + 1, stride), size - window))


def inside(first: np.ndarray, size: int, window: int) -> np.ndarray:
    """For each window (a row), which pixels along a side it covers."""
    place = np.arange(size)
    return (place >= first[:, None]) & (place < first[:, None] + window)


def spread(drops: np.ndarray, tops, lefts, height: int, width: int, window: int) -> np.ndarray:
    """From a drop for each window, (n, rows, columns), to each pixel's mean over the windows that cover it."""
    down, across = inside(tops, height, window).astype(float), inside(lefts, width, window).astype(float)
    return (down.T @ drops @ across) / np.outer(down.sum(axis=0), across.sum(axis=0))
