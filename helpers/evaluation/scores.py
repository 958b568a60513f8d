"""Every score of one run on one set of images, each with its 95% interval; ROC curves; the most confident mistakes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import auc, confusion_matrix, roc_curve

from helpers import CLASSES

from .arrays import checked
from .intervals import middle, redrawn, wilson
from .tables import RATES, Report, remark, span


def report(labels, probabilities, names: Sequence[str] | None = None, draws: int = 1000, seed: int = 0) -> Report:
    """Score predictions: Wilson's interval for a score that is a share of images, a bootstrap interval for every other."""
    labels, probabilities = checked(labels, probabilities)
    names, (n, k) = named(names, probabilities), probabilities.shape
    predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, predicted, labels=range(k))
    hits, labelled, called = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    value = rates(confusion) | {"AUC": areas(np.ones((1, n), np.float32), labels, probabilities)[0]}
    drawn = redrawn_rates(labels, probabilities, draws, seed)

    ends = {
        "precision": [share_ends(*pair) for pair in zip(hits, called, strict=True)],
        "recall": [share_ends(*pair) for pair in zip(hits, labelled, strict=True)],
        "F1": [middle(values) for values in drawn["F1"].T],
        "AUC": [middle(values) for values in drawn["AUC"].T],
    }
    by_class = pd.DataFrame({name: value[name] for name in RATES} | {"images": labelled}, index=names)
    by_class.insert(2, "recall 95%", [span(*pair) for pair in ends["recall"]])
    sides = {(name, side): [pair[i] for pair in ends[name]] for name in RATES for i, side in enumerate(("low", "high"))}

    means = {"balanced accuracy": "recall", "macro F1": "F1", "macro AUC": "AUC"}
    rows = {"accuracy": share_row(hits.sum(), n)}
    rows |= {name: (float(mean(value[of])), *middle(mean(drawn[of]))) for name, of in means.items()}
    rows |= {f"top {size}": share_row(within(labels, probabilities, size).sum(), n) for size in (2, 3)}
    overall = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    return Report(by_class, overall, confusion, pd.DataFrame(sides, index=names), remark(n, draws, by_class))


def named(names: Sequence[str] | None, probabilities: np.ndarray) -> list[str]:
    """The classes' names: those given, the seven expressions for seven columns, else numbers."""
    k = probabilities.shape[1]
    if names is None:
        names = CLASSES if k == len(CLASSES) else map(str, range(k))
    names = list(names)
    if len(names) != k:
        raise ValueError(f"There are {len(names)} names for the {k} columns of the probabilities.")
    return names


def share_ends(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval, or (nan, nan) for a share of nothing."""
    return wilson(int(hits), int(n)) if n else (np.nan, np.nan)


def share_row(hits: int, n: int) -> tuple[float, float, float]:
    """A share and its interval."""
    return float(hits / n), *share_ends(hits, n)


def redrawn_rates(labels: np.ndarray, probabilities: np.ndarray, draws: int, seed: int) -> dict[str, np.ndarray]:
    """The scores of each class in each bootstrap draw, (draws, classes), without a loop over the draws."""
    k = probabilities.shape[1]
    cells = np.eye(k * k, dtype=np.float32)[labels * k + probabilities.argmax(axis=1)]
    drawn = [
        rates((counts @ cells).reshape(-1, k, k)) | {"AUC": areas(counts, labels, probabilities)}
        for counts in redrawn(len(labels), draws, seed)
    ]
    return {name: np.concatenate([block[name] for block in drawn]) for name in RATES}


def rates(confusions: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall and F1 of each class of one confusion matrix or of many at once; nan where nothing is divided."""
    hits = np.diagonal(confusions, axis1=-2, axis2=-1).astype(np.float64)
    labelled, called = confusions.sum(axis=-1), confusions.sum(axis=-2)
    return {
        "precision": divided(hits, called),
        "recall": divided(hits, labelled),
        "F1": divided(2 * hits, labelled + called),
    }


def areas(counts: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The AUC of each class against the rest: how often a face of the class outranks one of the others, ties half.

    A row of `counts` is a draw: how often each image is in it. So one sort of the images serves all draws.
    """
    counts, columns = np.ascontiguousarray(counts.T), []
    for k, score in enumerate(probabilities.T):
        ours, others = np.flatnonzero(labels == k), np.flatnonzero(labels != k)
        others = others[np.argsort(score[others], kind="stable")]
        below = np.zeros((len(others) + 1, counts.shape[1]), np.float32)  # of the others, how many rank below a place
        np.cumsum(counts[others], axis=0, out=below[1:])
        first, last = (np.searchsorted(score[others], score[ours], side) for side in ("left", "right"))
        won = np.einsum("ij,ij->j", counts[ours], below[first] + below[last], dtype=np.float64) / 2
        pairs = counts[ours].sum(axis=0, dtype=np.float64) * below[-1]
        columns.append(divided(won, pairs))
    return np.stack(columns, axis=1)


def divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A quotient, nan where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def mean(values: np.ndarray) -> np.ndarray:
    """The mean over the classes, those where the score is not defined left out."""
    known = ~np.isnan(values)
    return divided(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))


def within(labels: np.ndarray, probabilities: np.ndarray, size: int) -> np.ndarray:
    """Whether the label is among the `size` most probable classes; of equal ones the first counts, as argmax has it."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :size]
    return (best == labels[:, None]).any(axis=1)


def roc(labels, probabilities, names: Sequence[str] | None = None) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Each class against the rest: false positive rates, true positive rates, AUC.

    A class without images, or without any other, has no curve: two empty arrays and nan.
    """
    labels, probabilities = checked(labels, probabilities)
    found = {}
    for k, name in enumerate(named(names, probabilities)):
        of = labels == k
        if of.all() or not of.any():
            found[name] = np.array([]), np.array([]), np.nan
            continue
        false, true, _ = roc_curve(of, probabilities[:, k])
        found[name] = false, true, float(auc(false, true))
    return found


def mistakes(labels, probabilities, n: int = 12) -> np.ndarray:
    """Which images the net got wrong with the highest probability, the most confident first; fewer if it made fewer."""
    labels, probabilities = checked(labels, probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:n]
