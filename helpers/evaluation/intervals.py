"""The 95% interval of a share, and of any score by drawing the images again."""

import math
from collections.abc import Callable, Iterator

import numpy as np


def wilson(hits: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The 95% Wilson interval of a share: right for small n and for shares near 0 or 1, where +-1.96 standard errors is not."""
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"A share needs 0 <= hits <= n and n > 0; got hits = {hits}, n = {n}.")
    share, scale = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)  # rounding leaves -0.0


def share(hits: int, n: int) -> str:
    """A share with its 95% interval, as text: '0.562 [0.545, 0.578]'."""
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}]"


def bootstrap(score: Callable, *arrays: np.ndarray, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The 95% interval of any score, by drawing the images again and again with replacement.

    `score` is called with the arrays indexed alike, so predictions of two nets on the same images stay paired:
    `bootstrap(lambda y, a, b: f1(y, b) - f1(y, a), labels, one, other)` is the interval of a difference.
    """
    if not arrays or len({len(array) for array in arrays}) != 1 or len(arrays[0]) == 0:
        raise ValueError(
            f"The arrays need one row an image, the same images in each; got lengths {[len(a) for a in arrays]}."
        )
    generator, n = np.random.default_rng(seed), len(arrays[0])
    samples = (generator.integers(0, n, n) for _ in range(draws))
    values = [score(*(array[sample] for array in arrays)) for sample in samples]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def redrawn(n: int, draws: int, seed: int, numbers: int = 250_000) -> Iterator[np.ndarray]:
    """How often each of n images comes up in each draw: a row a draw, in blocks of about so many numbers.

    The same draws as `bootstrap` with the same seed. A score that is computed from such counts needs no loop over draws.
    """
    generator, rows = np.random.default_rng(seed), max(1, numbers // n)
    for start in range(0, draws, rows):
        taken = generator.integers(0, n, (min(rows, draws - start), n))
        places = (taken + n * np.arange(len(taken))[:, None]).ravel()
        yield np.bincount(places, minlength=taken.size).reshape(taken.shape).astype(np.float32)


def middle(values: np.ndarray) -> tuple[float, float]:
    """The middle 95% of a score's draws; draws where the score is not defined are left out, (nan, nan) if it never is."""
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)
