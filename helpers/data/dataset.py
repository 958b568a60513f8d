"""A data set in memory: three parts of images, labels and names, and where they came from."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import CLASSES

PARTS = ("train", "validation", "test")


@dataclass
class Part:
    """Some pictures of a data set. A label is a position in `classes`; the row numbers of all arrays agree."""

    images: np.ndarray  # (n, 48, 48) uint8
    labels: np.ndarray  # (n,) int64
    names: np.ndarray  # (n,) file names within the source
    source: str  # what it is, in words
    classes: tuple[str, ...] = CLASSES
    votes: np.ndarray | None = None  # (n, 7 or 10) annotators' votes: CLASSES, then FER+'s contempt, unknown, no face
    truth: pd.DataFrame | None = None  # what is known of drawn faces, a row a face
    copies: np.ndarray | None = None  # (n,) True for augmented repeats (report 3)

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index) -> Part:
        """The pictures at these indices (or where a mask is True), as a new part; nothing is moved on disk."""
        index = np.asarray(index)
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            names=self.names[index],
            votes=None if self.votes is None else self.votes[index],
            truth=None if self.truth is None else self.truth.iloc[index].reset_index(drop=True),
            copies=None if self.copies is None else self.copies[index],
        )

    def counts(self) -> dict[str, int]:
        """How many pictures of each class."""
        n = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(n[i]) for i, name in enumerate(self.classes)}

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.images.shape[1:]))
        return f"{len(self):,} faces, {shape}: " + ", ".join(f"{name} {n:,}" for name, n in self.counts().items())


@dataclass
class Dataset:
    """What `load` returns: three parts, what they are in words, and what was skipped on the way."""

    train: Part
    validation: Part
    test: Part
    source: str
    classes: tuple[str, ...] = CLASSES
    drawn: bool = False  # the course drew these faces; otherwise they may show real people, and no output may be saved
    path: Path | None = None
    skipped: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["reason", "files"]))

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by name."""
        return {name: getattr(self, name) for name in PARTS}

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts.values())

    def counts(self) -> pd.DataFrame:
        """Pictures of each class (rows) in each part (columns), with totals."""
        table = pd.DataFrame({name: part.counts() for name, part in self.parts.items()}).reindex(list(self.classes))
        table["total"] = table.sum(axis=1)
        table.loc["total"] = table.sum()
        return table

    def __repr__(self) -> str:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in self.skipped.itertuples(index=False))
        return f"{self.source}\n{self.counts().to_string()}" + (f"\nskipped: {reasons}" if reasons else "")

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.source)}</p>{self.counts().to_html()}"
