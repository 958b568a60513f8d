"""What is right in the exercises of notebook 11, and the hints for likely mistakes."""

import numpy as np

from helpers import checks


def exercise_1(answer):
    """The sum of a rectangle from four look-ups in an integral image."""

    def corners(t, x, y, w, h):
        return t[y + h, x + w] - t[y, x + w] - t[y + h, x] + t[y, x]

    hints = [
        (
            lambda t, x, y, w, h: t[y + h, x + w] - t[y, x + w] - t[y + h, x],
            "The corner above and to the left was taken away twice: add it once.",
        ),
        (lambda t, x, y, w, h: t[y + h, x + w] - t[y, x], "Two look-ups leave parts above and to the left in the sum."),
        (
            lambda t, x, y, w, h: corners(t, x, y, w - 1, h - 1),
            "One row and one column are missing: the table has one more of each.",
        ),
        (lambda t, x, y, w, h: corners(t.T, x, y, w, h), "Rows first: the entry at x, y is table[y, x]."),
        (lambda t, x, y, w, h: t[y : y + h, x : x + w].sum(), "That adds up the table; its entries are sums already."),
    ]
    rng = np.random.default_rng(11)
    places = [(0, 0, 3, 2), (4, 1, 5, 6), (2, 3, 1, 1), (1, 0, 8, 9)]
    tables = [np.pad(rng.integers(0, 256, (9, 9)), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1) for _ in places]
    return checks.function(answer, corners, [(t, *place) for t, place in zip(tables, places, strict=True)], hints)


def exercise_2(answer):
    """What the network should get for a crop: a batch of one, as in training."""
    hints = [
        (
            lambda crop: crop[None, ..., None] / 255,
            "That is the bug itself: training saw 0 to 255, the network divides inside.",
        ),
        (
            lambda crop: crop[None, ..., None] / 127.5 - 1,
            "Training did not scale to -1 ... 1; the network scales inside.",
        ),
        (lambda crop: crop[None], "The channel is missing: a grey picture is (48, 48, 1)."),
        (lambda crop: crop[..., None], "The batch is missing: one picture is a batch of one, (1, 48, 48, 1)."),
        (lambda crop: crop[None, None], "The channel comes last: (1, 48, 48, 1)."),
        (lambda crop: crop.T[None, ..., None], "Rows and columns are swapped: the face lies on its side."),
        (lambda crop: crop[None, :, ::-1, None], "The face is mirrored."),
        (
            lambda crop: np.repeat(crop[None, ..., None], 3, axis=-1),
            "Training saw grey pictures of one channel, not RGB.",
        ),
    ]
    crops = [np.random.default_rng(seed).integers(0, 256, (48, 48), dtype=np.uint8) for seed in range(3)]
    return checks.function(answer, lambda crop: crop[None, ..., None], [(crop,) for crop in crops], hints, atol=1e-5)


def exercise_3(answer):
    """What is kept of the old after some time."""
    hints = [
        (lambda dt, life: np.exp(-dt / life), "That falls to 1/e after the half-life, not to a half."),
        (lambda dt, life: 1 - 0.5 ** (dt / life), "That is the share of the new frame."),
        (lambda dt, life: 0.5, "Right for frames that are one half-life apart; a camera is faster than that."),
        (lambda dt, life: 0.5 ** (life / dt), "Upside down: the longer ago, the less it counts."),
        (
            lambda dt, life: 1 - 0.5 * dt / life,
            "It does not fall in a straight line: after two half-lives a quarter is left.",
        ),
    ]
    inputs = [(0.5, 0.5), (0.04, 0.3), (1.0, 0.25), (0.1, 2.0)]
    return checks.function(answer, lambda dt, life: 0.5 ** (dt / life), inputs, hints)
