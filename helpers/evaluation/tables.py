"""What a report holds and how it shows itself."""

import dataclasses

import numpy as np
import pandas as pd

RATES = ("precision", "recall", "F1", "AUC")


@dataclasses.dataclass(frozen=True, eq=False)
class Report:
    """The scores of a run: a table overall, a table by class, the confusion matrix. In a notebook the two tables show.

    A score that is not defined (the AUC of a class without images, the precision of a class never predicted) is nan,
    shows as '-', and is left out of the means; the remark says so.
    """

    by_class: pd.DataFrame  # precision, recall, recall 95%, F1, AUC, images
    overall: pd.DataFrame  # value, low, high of accuracy, balanced accuracy, macro F1, macro AUC, top 2, top 3
    confusion: np.ndarray  # counts; a row a label, a column a prediction
    intervals: pd.DataFrame  # low and high of each score of each class: intervals["F1", "low"]
    remark: str

    @property
    def shares(self) -> np.ndarray:
        """The confusion matrix as shares of its rows: of the images labelled so, which share was called what."""
        return self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)

    def shown(self) -> list[pd.DataFrame]:
        """The two tables as text: three digits, '-' for what is not defined."""
        by_class = self.by_class.assign(**{name: self.by_class[name].map(number) for name in RATES})
        ends = zip(self.overall.low, self.overall.high, strict=True)
        columns = {"value": self.overall.value.map(number), "95%": [span(*pair) for pair in ends]}
        return [pd.DataFrame(columns, index=self.overall.index), by_class]

    def __repr__(self) -> str:
        return "\n\n".join([*(table.to_string() for table in self.shown()), self.remark])

    def _repr_html_(self) -> str:
        return "\n".join([*(table.to_html() for table in self.shown()), f"<p>{self.remark}</p>"])


def number(value: float) -> str:
    """Three digits, or '-' for a score that is not defined."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def span(low: float, high: float) -> str:
    """An interval as text, or '-'."""
    return "-" if np.isnan(low) else f"[{low:.3f}, {high:.3f}]"


def remark(n: int, draws: int, by_class: pd.DataFrame) -> str:
    """What a reader of the tables must know."""
    text = f"{n:,} images. Intervals: Wilson's for shares of images, {draws:,} bootstrap draws for the others."
    absent = list(by_class.index[by_class.images == 0])
    if absent:
        text += f" No image of {', '.join(absent)}: no recall and no AUC there, and the means leave them out."
    unnamed = [name for name in by_class.index[by_class.precision.isna()] if name not in absent]
    if unnamed:
        text += f" Never predicted: {', '.join(unnamed)}, so there is no precision."
    return text
