"""Every score of one run on one set of images, each with its 95% interval; ROC curves; the most confident mistakes."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import auc, confusion_matrix, roc_curve

from helpers import CLASSES

from .arrays import checked
from .intervals import middle, redrawn, wilson

RATES = ("precision", "recall", "F1", "AUC")


@dataclasses.dataclass(frozen=True, eq=False)
class Report:
    """The scores of a run: a table by class, a table overall, the confusion matrix. In a notebook it shows as two tables.

    A score that is not defined (the AUC of a class without images, the precision of a class never named) is nan, shows
    as '-', and is left out of the means; `remark` says so.
    """

    by_class: pd.DataFrame  # precision, recall, recall 95%, F1, AUC, images
    overall: pd.DataFrame  # value, low, high of accuracy, balanced accuracy, macro F1, macro AUC, top 2, top 3
    confusion: np.ndarray  # counts; a row a label, a column a prediction
    intervals: pd.DataFrame  # low and high of each score of each class
    remark: str

    @property
    def shares(self) -> np.ndarray:
        """The confusion matrix as shares of its rows: of the images labelled so, which share was called what."""
        return self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)

    def _tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        by_class = self.by_class.copy()
        for name in RATES:
            by_class[name] = [number(value) for value in by_class[name]]
        overall = pd.DataFrame(
            {"value": [number(value) for value in self.overall.value], "95%": [*map(span, *self._ends())]},
            index=self.overall.index,
        )
        return overall, by_class

    def _ends(self):
        return self.overall.low, self.overall.high

    def __str__(self) -> str:
        overall, by_class = self._tables()
        return f"{overall.to_string()}\n\n{by_class.to_string()}\n\n{self.remark}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        overall, by_class = self._tables()
        return f"{overall.to_html()}\n{by_class.to_html()}\n<p>{self.remark}</p>"


def number(value: float) -> str:
    """Three digits, or '-' for a score that is not defined."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def span(low: float, high: float) -> str:
    """An interval as text, or '-'."""
    return "-" if np.isnan(low) else f"[{low:.3f}, {high:.3f}]"


def report(labels, probabilities, names: Sequence[str] | None = None, draws: int = 1000, seed: int = 0) -> Report:
    """Score predictions: Wilson's interval for a score that is a share, a bootstrap interval for every other."""
    labels, probabilities = checked(labels, probabilities)
    names, (n, k) = named(names, probabilities), probabilities.shape
    predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, predicted, labels=range(k))
    hits, labelled, called = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)

    value = {**rates(confusion), "AUC": areas(np.ones((1, n), np.float32), labels, probabilities)[0]}
    drawn = {name: [] for name in RATES}
    pairs = np.eye(k * k, dtype=np.float32)[labels * k + predicted]
    for counts in redrawn(n, draws, seed):
        for name, values in rates((counts @ pairs).reshape(-1, k, k)).items():
            drawn[name].append(values)
        drawn["AUC"].append(areas(counts, labels, probabilities))
    drawn = {name: np.concatenate(values) for name, values in drawn.items()}

    each = {
        "precision": [share_ends(*pair) for pair in zip(hits, called, strict=True)],
        "recall": [share_ends(*pair) for pair in zip(hits, labelled, strict=True)],
        "F1": [middle(values) for values in drawn["F1"].T],
        "AUC": [middle(values) for values in drawn["AUC"].T],
    }
    by_class = pd.DataFrame({name: value[name] for name in RATES} | {"images": labelled}, index=names)
    by_class.insert(2, "recall 95%", [span(*ends) for ends in each["recall"]])
    ends = {(name, end): [pair[i] for pair in each[name]] for name in RATES for i, end in enumerate(("low", "high"))}

    right = {f"top {size}": int(within(labels, probabilities, size).sum()) for size in (2, 3)}
    rows = {"accuracy": (hits.sum() / n, *wilson(int(hits.sum()), n))}
    for name, of in (("balanced accuracy", "recall"), ("macro F1", "F1"), ("macro AUC", "AUC")):
        rows[name] = (float(mean(value[of])), *middle(mean(drawn[of])))
    rows |= {name: (count / n, *wilson(count, n)) for name, count in right.items()}
    overall = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    return Report(by_class, overall, confusion, pd.DataFrame(ends, index=names), remark(n, draws, by_class))


def named(names: Sequence[str] | None, probabilities: np.ndarray) -> list[str]:
    """The classes' names: those given, the seven expressions for seven columns, else numbers."""
    k = probabilities.shape[1]
    names = list(names or (CLASSES if k == len(CLASSES) else map(str, range(k))))
    if len(names) != k:
        raise ValueError(f"There are {len(names)} names for {k} columns of probabilities.")
    return names


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
    """The AUC of each class against the rest, a row a draw: how often a face of the class outranks one of the others.

    A draw is given by how often each image is in it, so one sort of the images serves all draws; ties count half.
    """
    columns = []
    for k, score in enumerate(probabilities.T):
        order = np.argsort(score, kind="stable")
        first = np.flatnonzero(np.diff(score[order], prepend=-1))  # where each distinct score begins
        sorted_counts, positive = counts[:, order], labels[order] == k
        ours = np.add.reduceat(sorted_counts * positive, first, axis=1)
        others = np.add.reduceat(sorted_counts * ~positive, first, axis=1)
        below = np.cumsum(others, axis=1, dtype=np.float64) - others / 2
        pairs = ours.sum(axis=1, dtype=np.float64) * others.sum(axis=1, dtype=np.float64)
        columns.append(divided(np.einsum("ij,ij->i", ours, below), pairs))
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


def share_ends(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval, or (nan, nan) for a share of nothing."""
    return wilson(int(hits), int(n)) if n else (np.nan, np.nan)


def remark(n: int, draws: int, by_class: pd.DataFrame) -> str:
    """What a reader of the tables must know."""
    text = f"{n:,} images; Wilson's interval for a share, the others from {draws:,} bootstrap draws."
    absent = list(by_class.index[by_class.images == 0])
    if absent:
        text += f" No image of {', '.join(absent)}: no recall and no AUC there, and the means leave them out."
    unnamed = [name for name in by_class.index[by_class.precision.isna()] if name not in absent]
    if unnamed:
        text += f" Never predicted: {', '.join(unnamed)}; there is no precision of nothing."
    return text


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
