"""What stands beside the pictures: FER+ votes for the real ones, the drawing's own truth for the drawn ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from helpers import CLASSES

from .archives import DataError
from .sources import Listing
from .tables import read_votes

FERPLUS = "fer2013new.csv"
LABELS = "labels.csv"  # written with drawn faces
VOTE_COLUMNS = tuple(f"votes_{name}" for name in CLASSES)


def ferplus(listing: Listing, path=None) -> np.ndarray | None:
    """FER+ votes of each picture, (n, 10), or None when there are none, or they are about other pictures.

    A CSV's rows match by position, other pictures by the row number in their names; where names or rows say which of
    the three 2013 splits a picture is of, the votes must say the same of every one.
    """
    if path is not None and not Path(path).is_file():
        raise DataError(f"{path} is no file: votes= takes the path of FER+'s {FERPLUS}.")
    found = _open(listing, path)
    if found is None:
        return None
    with found as file:
        table = read_votes(file, path or FERPLUS)
    votes, rows, usages = table["votes"], table["rows"], table["usages"]
    if listing.images is not None and listing.table_size == len(votes):
        at = listing.rows  # both list the same rows in the same order
    else:
        order = np.argsort(rows, kind="stable")
        at = order[np.searchsorted(rows[order], listing.rows).clip(max=len(rows) - 1)]
        if not (rows[at] == listing.rows).all():
            listing.remarks.append("FER+ votes not used: some pictures have none")
            return None
    told = listing.usages != ""
    if (usages[at][told] != listing.usages[told]).any() or len(np.unique(at)) != len(at):
        listing.remarks.append("FER+ votes not used: they are about other pictures")
        return None
    return votes[at]


def _open(listing: Listing, path):
    """The FER+ file that was named, or that stands in the source or next to it."""
    if path is not None:
        return open(path, "rb")
    shelf = listing.shelf
    inside = [name for name in getattr(shelf, "tables", ()) if name.split("/")[-1] == FERPLUS]
    if inside:
        return shelf.open(inside[0])
    place = listing.where.parent / FERPLUS
    return open(place, "rb") if listing.where.is_file() and place.is_file() else None


def is_drawn(listing: Listing) -> bool:
    """Whether the pictures are ones that the course drew: a labels.csv with action units stands with them."""
    if LABELS not in getattr(listing.shelf, "tables", ()):
        return False
    with listing.shelf.open(LABELS) as file:
        columns = file.readline(16384).decode("utf-8", "replace").strip().split(",")
    return {"path", "AU1", *VOTE_COLUMNS} <= set(columns)


def drawn_truth(listing: Listing) -> tuple[np.ndarray, pd.DataFrame]:
    """(votes, truth) of drawn faces, a row a picture, from the labels.csv that was written with them."""
    with listing.shelf.open(LABELS) as file:
        table = pd.read_csv(file)
    known = table.set_index("path")
    if unknown := [name for name in listing.names if name not in known.index]:
        raise DataError(
            f"{listing.where / LABELS} says nothing of {unknown[0]} ({len(unknown):,} such pictures): take what was added "
            "out of the drawn faces' folder, or delete the folder, and it is drawn again."
        )
    table = known.loc[listing.names].reset_index()
    return table[list(VOTE_COLUMNS)].to_numpy(np.int64), table.drop(columns=list(VOTE_COLUMNS))
