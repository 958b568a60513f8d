"""Two runs on the same images: exact McNemar, the difference with its interval, and a correction for many pairs."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest

DRAWS = 10_000


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Who was right on what. `difference` is accuracy of b minus accuracy of a, with its 95% paired bootstrap interval."""

    name_a: str
    name_b: str
    n: int
    both: int
    only_a: int
    only_b: int
    neither: int
    difference: float
    low: float
    high: float
    p: float  # exact McNemar, two-sided

    def __str__(self) -> str:
        a, b = self.name_a, self.name_b
        p = "p < 0.001" if self.p < 0.001 else f"p = {self.p:.3f}"
        found = "a difference" if self.p < 0.05 else "no difference detected"
        interval = (
            f"95% interval [{self.low:+.3f}, {self.high:+.3f}]" if self.only_a or self.only_b else "on the very same"
        )
        return (
            f"On the same {self.n:,} images {a} is right {self.both + self.only_a:,} times and {b} {self.both + self.only_b:,} "
            f"times (difference {self.difference:+.3f}, {interval}); "
            f"{self.only_a:,} images only {a} gets right, {self.only_b:,} only {b}, exact McNemar {p}: {found} "
            "between these two models (one run of each compares models, not methods)."
        )

    __repr__ = __str__


def compare(run_a, run_b, draws: int = DRAWS, seed: int = 0) -> Comparison:
    """Compare two runs on the same images, each with .labels and .predicted; their order gives the sign of the difference."""
    a, b = (np.asarray(run.predicted) for run in (run_a, run_b))
    labels, others = np.asarray(run_a.labels), np.asarray(run_b.labels)
    tests = [getattr(run, "record", {}).get("test") for run in (run_a, run_b)]
    if len(labels) != len(others):
        raise ValueError(f"A comparison needs the same images: one run has {len(labels)}, the other {len(others)}.")
    if not len(labels):
        raise ValueError("There is no image to compare on.")
    if (labels != others).any() or (all(tests) and tests[0] != tests[1]):
        what = f"{(labels != others).sum()} labels differ" if (labels != others).any() else "their pixels differ"
        raise ValueError(f"A comparison needs the same images in the same order: of these {len(labels)}, {what}.")
    hit_a, hit_b, n = a == labels, b == labels, len(labels)
    only_a, only_b = int((hit_a & ~hit_b).sum()), int((hit_b & ~hit_a).sum())
    low, high = gain_interval(only_a, only_b, n, draws, seed)
    names = [getattr(run, "name", "") for run in (run_a, run_b)]
    if not all(names) or names[0] == names[1]:
        names = ["the first run", "the second run"]
    both = int((hit_a & hit_b).sum())
    return Comparison(
        *names, n, both, only_a, only_b, n - both - only_a - only_b, (only_b - only_a) / n, low, high, mcnemar(only_a, only_b)
    )  # fmt: skip


def gain_interval(only_a: int, only_b: int, n: int, draws: int, seed: int) -> tuple[float, float]:
    """The paired bootstrap of a difference of accuracies: drawing images again means drawing these three counts again."""
    shares = np.array([only_a, only_b, n - only_a - only_b]) / n
    drawn = np.random.default_rng(seed).multinomial(n, shares, size=draws)
    low, high = np.quantile((drawn[:, 1] - drawn[:, 0]) / n, [0.025, 0.975])
    return float(low), float(high)


def mcnemar(b: int, c: int) -> float:
    """McNemar's exact two-sided p: were the images that only one model gets right shared out like tosses of a coin?"""
    if b < 0 or c < 0 or b != int(b) or c != int(c):
        raise ValueError(f"McNemar's test counts images: two whole numbers, at least 0; got {b} and {c}.")
    return float(binomtest(int(b), int(b + c)).pvalue) if b + c else 1.0


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's adjusted p values, in the order given: below 0.05 even though so many comparisons were tried."""
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p values are numbers from 0 to 1, in one row; got {p_values}.")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted
