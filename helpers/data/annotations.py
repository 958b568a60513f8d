"""What is known of the pictures beside their labels: FER+ votes of the real ones, the whole truth of the drawn ones."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from drawn_faces import folders
from helpers import CLASSES
from helpers.files import guarded, read_at_most

from .archives import DataError, FileCollection, Folder
from .layouts import Listing

FERPLUS = "fer2013new.csv"
FERPLUS_COLUMNS = "anger disgust fear happiness neutral sadness surprise contempt unknown NF".split()  # our order
ABOUT, LABELS = "about.json", "labels.csv"  # in a folder of drawn faces: which set it is; what each face shows
LIMIT_TABLE = 2**27  # bytes


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
    with guarded(DataError, f"{files.path / name} is not a whole FER+ file", "Download it again."):
        votes = read_table(files, name)
        number = votes["Image name"].astype(str).str.extract(r"(?<!\d)(\d{1,9})(?!\d)", expand=False)
        votes["row"] = pd.to_numeric(number).fillna(votes.index.to_series()).astype(np.int64)
        votes[FERPLUS_COLUMNS] = votes[FERPLUS_COLUMNS].astype(np.int64)
        return votes[["row", "Usage", *FERPLUS_COLUMNS]]


def read_table(files: FileCollection, name: str) -> pd.DataFrame:
    """A table of moderate size; what is damaged in it raises whatever pandas likes."""
    with files.open(name) as file:
        data = read_at_most(file, LIMIT_TABLE)
    if len(data) > LIMIT_TABLE:
        raise ValueError(f"it is over {LIMIT_TABLE >> 20} MB long")
    return pd.read_csv(io.BytesIO(data), encoding_errors="replace")


def about_drawn(files: FileCollection) -> dict | None:
    """What a set says of itself that claims to be drawn (seed, version of the drawing, seal); None for any other source."""
    if ABOUT not in files.documents:
        return None
    try:
        with files.open(ABOUT) as file:
            about = json.loads(file.read(4096))
    except Exception:  # it is damaged in any way
        return None
    return about if isinstance(about, dict) and "drawing" in about else None


def sealed(files: FileCollection) -> bool:
    """Whether a set that claims to be drawn is, picture by picture, what the course has drawn; all else may show people."""
    about = about_drawn(files)
    if about is None or LABELS not in files.documents:
        return False
    try:
        return about.get("seal") == folders.seal([*files.pictures, LABELS], files.open)
    except Exception:  # a file of it cannot be read
        return False


def drawn_truth(listing: Listing) -> tuple[np.ndarray, pd.DataFrame]:
    """(votes, truth) of drawn faces, a row a picture, from the labels.csv that was written with them."""
    known = read_table(listing.files, LABELS).set_index("path")
    table = known.loc[listing.pictures["name"]].rename_axis("path").reset_index()
    votes = [f"votes_{name}" for name in CLASSES]
    return table[votes].to_numpy(np.int64), table.drop(columns=votes)
