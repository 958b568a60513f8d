"""What is known of the pictures beside their labels: FER+ votes of the real ones, the whole truth of the drawn ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import CLASSES

from .archives import UNREADABLE, DataError, FileCollection, Folder
from .layouts import Listing

FERPLUS = "fer2013new.csv"
FERPLUS_COLUMNS = "anger disgust fear happiness neutral sadness surprise contempt unknown NF".split()  # our order
ABOUT, LABELS = "about.json", "labels.csv"  # in a folder of drawn faces: which set it is; what each face shows


def ferplus_votes(listing: Listing, path: str | Path | None = None) -> np.ndarray | None:
    """FER+ votes of each picture, (n, 10), or None when there are none, or they are about other pictures.

    `path` names the votes' file; otherwise it is looked for in the source. Rows of a CSV match by position, other
    pictures by the row number in their names, and where a picture says which of the 2013 splits it is from, the
    votes must say the same.
    """
    files, names = listing.files, [name for name in listing.files.documents if name.split("/")[-1] == FERPLUS]
    if path is not None:
        files = Folder(Path(path).parent, only=(Path(path).name,))
        names = files.documents
        if not names:
            raise DataError(f"{path} is no file.", f"votes= takes the path of FER+'s {FERPLUS}.")
    if not names:
        return None
    votes = read_votes(files, names[0])
    if listing.pixels is None:
        votes = votes.set_index("row")
        votes = votes[~votes.index.duplicated()]
    rows, usages = listing.pictures["row"], listing.pictures["usage"].to_numpy()
    if not rows.isin(votes.index).all():
        listing.remarks.append("FER+ votes not used: some pictures have none")
        return None
    votes = votes.loc[rows]
    if rows.duplicated().any() or ((votes["Usage"].to_numpy() != usages) & (usages != "")).any():
        listing.remarks.append("FER+ votes not used: they are about other pictures")
        return None
    return votes[FERPLUS_COLUMNS].to_numpy(np.int64)


def read_votes(files: FileCollection, name: str) -> pd.DataFrame:
    """FER+'s file, with the row of the 2013 file that each line is about; a removed picture's line has no number."""
    try:
        with files.open(name) as file:
            votes = pd.read_csv(file, encoding_errors="replace")
        number = votes["Image name"].astype(str).str.extract(r"(\d+)", expand=False)
        votes["row"] = number.fillna(votes.index.to_series()).astype(np.int64)
        votes[FERPLUS_COLUMNS] = votes[FERPLUS_COLUMNS].astype(np.int64)
        return votes[["row", "Usage", *FERPLUS_COLUMNS]]
    except (KeyError, ValueError, *UNREADABLE) as problem:  # columns are absent, votes are no numbers, it is no CSV
        raise DataError(f"{files.path / name} is not a whole FER+ file ({problem}).", "Download it again.") from problem


def about_drawn(files: FileCollection) -> dict | None:
    """What a set of drawn faces says of itself (seed, version of the drawing); None for any other source."""
    if ABOUT not in files.documents:
        return None
    try:
        with files.open(ABOUT) as file:
            about = json.loads(file.read(4096))
    except (ValueError, *UNREADABLE):
        return None
    return about if isinstance(about, dict) and "drawing" in about else None


def drawn_truth(listing: Listing) -> tuple[np.ndarray, pd.DataFrame]:
    """(votes, truth) of drawn faces, a row a picture, from the labels.csv that was written with them."""
    fix = "Take what was added out of the drawn faces' folder, or delete the folder, and it is drawn again."
    if LABELS not in listing.files.documents:
        raise DataError(f"{listing.path} has no {LABELS}.", fix)
    with listing.files.open(LABELS) as file:
        known = pd.read_csv(file).set_index("path")
    unknown = listing.pictures["name"][~listing.pictures["name"].isin(known.index)]
    if len(unknown):
        reason = f"{listing.path / LABELS} says nothing of {unknown.iloc[0]} ({len(unknown):,} such pictures)."
        raise DataError(reason, fix)
    table = known.loc[listing.pictures["name"]].rename_axis("path").reset_index()
    votes = [f"votes_{name}" for name in CLASSES]
    return table[votes].to_numpy(np.int64), table.drop(columns=votes)
