"""Scores with their uncertainty, comparisons of two runs, calibration: everything from labels and probabilities.

Every interval is a 95% interval: Wilson's for a share of images, a bootstrap interval for any other score.
"""

import dataclasses
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, special, stats
from sklearn import metrics

from helpers import CLASSES
from helpers.files import CourseError
from helpers.runs import Run

SCORES = ("precision", "recall", "F1", "AUC")
ENDS = [0.025, 0.975]  # the quantiles between which 95% lie
DIGITS = {"float_format": "{:.3f}".format, "na_rep": "-"}  # how tables show
TEMPERATURES = 0.05, 20.0  # where the search for the best one ends


def _require(holds: bool, reason: str, fix: str) -> None:
    if not holds:
        raise CourseError(reason, fix)


def _checked(labels, probabilities) -> tuple[np.ndarray, np.ndarray]:
    """Labels as whole numbers, probabilities as a table with one row per image and one column per class."""
    labels, p = np.asarray(labels), np.asarray(probabilities)
    layout = "Give one row per image and one column per class."
    _require(p.ndim == 2 and p.shape[1] > 1, f"The probabilities have shape {p.shape}.", layout)
    fractions = np.issubdtype(p.dtype, np.floating)
    _require(
        fractions, f"The probabilities are {p.dtype}, not fractions.", "Give probabilities, not predicted classes."
    )
    whole = labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
    undo = "Give one whole number per image; np.argmax(labels, axis=1) undoes one-hot labels."
    _require(whole, f"The labels are {labels.dtype} of shape {labels.shape}.", undo)
    found = f"There are {len(labels)} labels and {len(p)} predictions."
    _require(0 < len(labels) == len(p), found, "Give both for the same images, at least one.")
    low, high, k = labels.min(), labels.max(), p.shape[1]
    found = f"The labels run from {low} to {high}, but {k} columns of probabilities stand for classes 0 to {k - 1}."
    _require(low >= 0 and high < k, found, "Use the same classes for both.")
    wrong = ~np.isfinite(p).all(axis=1)
    found = f"{wrong.sum()} predictions are not finite, the first that of image {wrong.argmax()}."
    _require(not wrong.any(), found, "Look for nan or infinity in the network's inputs and weights.")
    far = np.abs(p.sum(axis=1, dtype=np.float64) - 1) > 0.02  # rows stored in half precision nearly sum to 1
    wrong = far | (p < 0).any(axis=1)
    row = np.array2string(p[wrong.argmax()], precision=3)
    found = f"The probabilities of image {wrong.argmax()} are negative or do not sum to 1: {row}."
    _require(not wrong.any(), found, "If these are logits, take their softmax first.")
    return labels.astype(np.int64), p.astype(np.promote_types(p.dtype, np.float32))


# Intervals


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval of a share. It holds for few images and near 0 or 1, where +-1.96 standard errors does not."""
    _require(0 <= hits <= n > 0, f"{hits} hits of {n} are not a share.", "Give 0 <= hits <= n and n > 0.")
    interval = stats.binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def share(hits: int, n: int) -> str:
    """A share with its interval, as text: '0.562 [0.545, 0.578]'."""
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}]"


def bootstrap(score: Callable, *arrays: np.ndarray, resamples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The interval of any score: compute it again and again on images sampled with replacement.

    `score` is called with all arrays indexed alike, so two networks' predictions of the same images stay paired:
    `bootstrap(lambda y, a, b: f1(y, b) - f1(y, a), labels, one, other)` is the interval of a difference.
    One image has no interval: (nan, nan).
    """
    arrays = [np.asarray(array) for array in arrays]
    lengths = [len(array) for array in arrays]
    same = len(set(lengths)) == 1
    _require(same, f"The arrays have lengths {lengths}.", "Give one row per image, the same images in each.")
    values = _resampled(lambda rows: score(*(array[rows] for array in arrays)), lengths[0], resamples, seed)
    low, high = np.quantile(values, ENDS)
    return float(low), float(high)


def _resampled(score: Callable, n: int, resamples: int, seed: int, vectorized: bool = False) -> np.ndarray:
    """The score of each resample; `score` gets the numbers of its images, or a table with one row per resample."""
    _require(n > 0, "There is no image to resample.", "Give at least one; an interval needs two.")
    if n == 1:
        return np.nan * score(np.zeros((resamples, 1) if vectorized else 1, int))
    options = {"method": "percentile", "vectorized": vectorized, "batch": max(1, 250_000 // n)}  # a few megabytes
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", stats.DegenerateDataWarning
        )  # a score that is undefined in some resamples is nan
        rng = np.random.default_rng(seed)
        return stats.bootstrap((np.arange(n),), score, n_resamples=resamples, rng=rng, **options).bootstrap_distribution


# The scores of one run


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Report:
    """The scores of a run, overall and by class, and its confusion matrix. In a notebook the two tables show.

    A score that is not defined (the AUC of a class without images, the precision of a class that is never predicted)
    is nan, shows as '-', and is left out of the means; the remark says so.
    """

    by_class: pd.DataFrame  # precision, recall, recall 95%, F1, AUC, images
    overall: pd.DataFrame  # value, low, high of accuracy, balanced accuracy, macro F1, macro AUC, top 2, top 3
    confusion: np.ndarray  # counts: one row per label, one column per prediction
    intervals: pd.DataFrame  # low and high of each score of each class: intervals.loc["F1", "happy"]
    remark: str

    def __repr__(self) -> str:
        return "\n\n".join([table.to_string(**DIGITS) for table in self._tables()] + [self.remark])

    def _repr_html_(self) -> str:
        return "\n".join([table.to_html(**DIGITS) for table in self._tables()] + [f"<p>{self.remark}</p>"])

    def _tables(self) -> list[pd.DataFrame]:
        return [self.overall[["value"]].assign(**{"95%": _texts(self.overall)}), self.by_class]


def report(labels, probabilities, resamples: int = 1000, seed: int = 0) -> Report:
    """Score the predictions of a run: every score with its interval."""
    labels, probabilities = _checked(labels, probabilities)
    n, k = probabilities.shape
    names = _names(k)
    confusion = metrics.confusion_matrix(labels, probabilities.argmax(axis=1), labels=range(k))
    hits, labelled, called = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)

    def scores(rows: np.ndarray, axis: int = -1) -> np.ndarray:
        return _class_scores(rows, labels, probabilities)

    columns = pd.MultiIndex.from_product([SCORES, names])
    value = pd.Series(scores(np.arange(n)[None])[:, 0], columns)
    resampled = pd.DataFrame(_resampled(scores, n, resamples, seed, vectorized=True).T, columns=columns)

    intervals = resampled.quantile(ENDS).T.set_axis(["low", "high"], axis=1)
    for score, counts in (("precision", called), ("recall", labelled)):
        intervals.loc[score] = [wilson(h, of) if of else (np.nan, np.nan) for h, of in zip(hits, counts, strict=True)]
    by_class = value.unstack(0).loc[names, list(SCORES)].assign(images=labelled)
    by_class.insert(2, "recall 95%", _texts(intervals.loc["recall"]))

    ranked = np.argsort(-probabilities, axis=1, kind="stable")  # of equal ones the first comes first, as in argmax
    place = (ranked == labels[:, None]).argmax(axis=1)
    rows = {"accuracy": (hits.sum() / n, *wilson(hits.sum(), n))}
    for name, score in {"balanced accuracy": "recall", "macro F1": "F1", "macro AUC": "AUC"}.items():
        rows[name] = value[score].mean(), *resampled[score].mean(axis=1).quantile(ENDS)
    for top in (2, 3):
        rows[f"top {top}"] = np.mean(place < top), *wilson(np.sum(place < top), n)
    overall = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])

    remark = (
        f"{n:,} images. Intervals: Wilson's for shares of images, {resamples:,} bootstrap resamples for the others."
    )
    if absent := [name for name, count in zip(names, labelled, strict=True) if not count]:
        remark += f" No image of {', '.join(absent)}: no recall and no AUC there, and the means leave them out."
    if never := [name for name, a, b in zip(names, labelled, called, strict=True) if a and not b]:
        remark += f" Never predicted: {', '.join(never)}, so there is no precision."
    return Report(by_class, overall, confusion, intervals, remark)


def _names(k: int) -> list[str]:
    """The classes' names: the seven expressions, or numbers where there are not seven classes."""
    return list(CLASSES if k == len(CLASSES) else map(str, range(k)))


def _texts(intervals: pd.DataFrame) -> list[str]:
    """Each row's interval as text, '-' where there is none."""
    ends = zip(intervals["low"], intervals["high"], strict=True)
    return ["-" if np.isnan(low) else f"[{low:.3f}, {high:.3f}]" for low, high in ends]


def _class_scores(rows: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Precision, recall, F1 and AUC of each class, one column per resample; each row of `rows` numbers its images.

    What counts is how often each image is in it. So many resamples are scored at once; scikit-learn scores one.
    """
    n, k = probabilities.shape
    counts = np.stack([np.bincount(row, minlength=n) for row in rows]).astype(np.float32)
    cells = np.eye(k * k, dtype=np.float32)[labels * k + probabilities.argmax(axis=1)]
    confusion = (counts @ cells).T.reshape(k, k, -1).astype(np.float64)
    hits, labelled, called = np.einsum("iid->id", confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    counts = np.ascontiguousarray(counts.T)
    with np.errstate(invalid="ignore"):  # nothing divided by nothing is nan: not defined
        areas = [_auc(counts, labels == c, probabilities[:, c]) for c in range(k)]
        return np.concatenate([hits / called, hits / labelled, 2 * hits / (labelled + called), areas])


def _auc(counts: np.ndarray, is_class: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The AUC in each resample: how often an image of the class has a higher score than one of the others, ties half."""
    ours, others = np.flatnonzero(is_class), np.flatnonzero(~is_class)
    others = others[np.argsort(score[others])]
    below = np.zeros((len(others) + 1, counts.shape[1]), counts.dtype)  # how many of the others come before a place
    counts[others].cumsum(axis=0, out=below[1:])
    first, last = (below[np.searchsorted(score[others], score[ours], side)] for side in ("left", "right"))
    won = (counts[ours] * (first + last)).sum(axis=0, dtype=np.float64) / 2
    return won / (counts[ours].sum(axis=0, dtype=np.float64) * below[-1])


def roc(labels, probabilities) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Each class against the rest: false positive rates, true positive rates, AUC.

    A class without images, or without any other, has no curve: two empty arrays and nan.
    """
    labels, probabilities = _checked(labels, probabilities)
    found = {}
    for k, name in enumerate(_names(probabilities.shape[1])):
        of, score = labels == k, probabilities[:, k]
        if of.all() or not of.any():
            found[name] = np.array([]), np.array([]), np.nan
        else:
            found[name] = *metrics.roc_curve(of, score)[:2], float(metrics.roc_auc_score(of, score))
    return found


# Two runs on the same images


@dataclasses.dataclass(frozen=True, repr=False)
class Comparison:
    """Who is right on what. `difference` is the accuracy of b minus that of a, with its paired bootstrap interval."""

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
        return (
            f"On the same {self.n:,} images {a} is right {self.both + self.only_a:,} times and {b} "
            f"{self.both + self.only_b:,} times (difference {self.difference:+.3f}, 95% interval [{self.low:+.3f}, "
            f"{self.high:+.3f}]); {self.only_a:,} images only {a} gets right, {self.only_b:,} only {b}, exact McNemar "
            f"{p}: {found} between these two models (one run of each compares models, not methods)."
        )

    __repr__ = __str__


def compare(run_a: Run, run_b: Run) -> Comparison:
    """Compare two runs on the same images; the difference is positive if the second is right more often."""
    labels, n, tests = run_a.labels, len(run_a.labels), [run.record.get("test") for run in (run_a, run_b)]
    fix = "Score both runs on the same images, in the same order."
    _require(0 < n == len(run_b.labels), f"One run has {n} images, the other {len(run_b.labels)}.", fix)
    differ = (labels != run_b.labels).sum()
    _require(differ == 0, f"Of {n} labels {differ} differ between the two runs.", fix)
    _require(not all(tests) or tests[0] == tests[1], "The two runs were scored on images whose pixels differ.", fix)
    hit_a, hit_b = run_a.predicted == labels, run_b.predicted == labels
    both, only_a, only_b = (int(of.sum()) for of in (hit_a & hit_b, hit_a & ~hit_b, hit_b & ~hit_a))
    # Sampling the images again is sampling these counts again: no loop over the images.
    shares = np.array([only_a, only_b, n - only_a - only_b]) / n
    sampled = np.random.default_rng(0).multinomial(n, shares, size=10_000)
    low, high = np.quantile((sampled[:, 1] - sampled[:, 0]) / n, ENDS)
    names = (run_a.name, run_b.name) if run_a.name != run_b.name else ("the first run", "the second run")
    counts = n, both, only_a, only_b, n - both - only_a - only_b
    return Comparison(*names, *counts, (only_b - only_a) / n, float(low), float(high), mcnemar(only_a, only_b))


def mcnemar(b: int, c: int) -> float:
    """McNemar's exact two-sided p: are the images that only one of two models gets right shared out like coin tosses?"""
    return float(stats.binomtest(b, b + c).pvalue) if b + c else 1.0


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's adjusted p values, in the order given: what is below 0.05 stays so in spite of the number of tests."""
    p = np.asarray(p_values, dtype=float)
    valid = p.ndim == 1 and ((p >= 0) & (p <= 1)).all()
    _require(valid, f"These are not p values: {p_values}.", "Give a list of numbers from 0 to 1.")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted


# Calibration: is an answer that is given with 0.8 right eight times in ten?


def reliability(labels, probabilities, bins: int = 10) -> pd.DataFrame:
    """Confidence (the highest probability) beside accuracy: one row for each bin of confidence that holds images."""
    labels, probabilities = _checked(labels, probabilities)
    _require(bins > 0, f"bins={bins} leaves no bin.", "Give at least one.")
    hit, confidence = probabilities.argmax(axis=1) == labels, probabilities.max(axis=1).astype(np.float64)
    place = pd.cut(confidence.clip(max=1), np.linspace(0, 1, bins + 1))  # a bin contains its upper edge
    groups = pd.DataFrame({"confidence": confidence, "accuracy": hit}).groupby(place, observed=True)
    table = groups.mean().assign(images=groups.size()).rename_axis("bin")
    ends = [wilson(*pair) for pair in zip(groups["accuracy"].sum(), table["images"], strict=True)]
    return table.assign(low=[low for low, _ in ends], high=[high for _, high in ends])


def ece(labels, probabilities, bins: int = 10) -> float:
    """The expected calibration error: |confidence - accuracy| of each bin, averaged over the images.

    Chance alone makes it larger than 0, the more so the fewer images a bin holds.
    """
    table = reliability(labels, probabilities, bins)
    return float(np.average((table["confidence"] - table["accuracy"]).abs(), weights=table["images"]))


def nll(labels, probabilities) -> float:
    """The negative log likelihood (cross-entropy): the mean of -log of the label's probability."""
    labels, probabilities = _checked(labels, probabilities)
    return float(-special.log_softmax(_logits(probabilities), axis=1)[np.arange(len(labels)), labels].mean())


def brier(labels, probabilities) -> float:
    """The Brier score: the squared distance of the probabilities from the truth, from 0 (best) to 2, mean over images."""
    labels, probabilities = _checked(labels, probabilities)
    return float(((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1).mean())


def temperature(labels, probabilities) -> float:
    """The temperature with the lowest negative log likelihood: above 1 for an overconfident net. Fit it on validation images.

    The likelihood is convex in 1/T, so its slope is 0 at the one minimum. Where there is none, as for a net that is right
    (or wrong) on every image, T is the end of the search: 0.05 (or 20).
    """
    labels, probabilities = _checked(labels, probabilities)
    logits, (coldest, hottest) = _logits(probabilities), TEMPERATURES
    of_label = logits[np.arange(len(labels)), labels]

    def slope(inverse: float) -> float:
        return float(((special.softmax(inverse * logits, axis=1) * logits).sum(axis=1) - of_label).mean())

    if slope(1 / hottest) >= 0:
        return hottest
    if slope(1 / coldest) <= 0:
        return coldest
    return 1 / optimize.brentq(slope, 1 / hottest, 1 / coldest, xtol=1e-12)


def tempered(probabilities, T: float) -> np.ndarray:
    """The probabilities at temperature T: softmax(log p / T). The order of the classes stays, so the answers do too."""
    _require(np.isfinite(T) and T > 0, f"T={T} is no temperature.", "Give a number above 0.")
    _, probabilities = _checked(np.zeros(len(probabilities), int), probabilities)
    return special.softmax(_logits(probabilities) / T, axis=1)


def _logits(probabilities: np.ndarray) -> np.ndarray:
    """Log probabilities, which are logits up to a constant; 0 was too small to store and counts as the smallest stored."""
    probabilities = probabilities.astype(np.float64)
    return np.log(np.maximum(probabilities, min(1e-7, probabilities[probabilities > 0].min())))
