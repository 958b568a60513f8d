"""The 2013 challenge's own file: a CSV with the columns emotion, pixels and Usage, a picture a row."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path

import numpy as np

from helpers import CLASSES
from helpers.files import brief, guarded

from .archives import DataError, FileCollection
from .layouts import CSV_ORDER, USAGE_OF, USAGES, Listing, pictures_table

SIDE = 48
LIMIT_LINE = 2**17  # characters of a row; a longer one is read in pieces, none of which is a picture
LIMIT_ROWS = 300_000  # FER-2013 has 35,887
COLUMNS = {"emotion", "pixels"}
LABELS = {str(number): CLASSES.index(name) for number, name in enumerate(CSV_ORDER)}


def column_names(file) -> list[str]:
    """The first line's names in lower case without spaces: Kaggle's icml_face_data.csv writes ' Usage' and ' pixels'."""
    line = file.readline(4096).decode("utf-8-sig", "replace")
    return [name.strip().strip('"').lower() for name in line.strip().split(",")]


def find_table(files: FileCollection) -> str | None:
    """The name of the pixel CSV in a collection: fer2013.csv first, then one that has a Usage column."""
    found = []
    for name in files.documents:
        if name.lower().endswith(".csv"):
            try:
                with files.open(name) as file:
                    columns = column_names(file)
            except Exception as problem:  # damaged in any way
                files.skipped[f"table that cannot be read ({brief(problem)})"] += 1
                continue
            if COLUMNS.issubset(columns):
                found.append((name.split("/")[-1].lower() != "fer2013.csv", "usage" not in columns, name))
    return min(found)[2] if found else None


def read_pixels(files: FileCollection, name: str, path: Path) -> Listing:
    """The pictures of a pixel CSV; rows that are no pictures are counted by reason."""
    rows, pixels = [], []
    with guarded(DataError, f"{path}: {name} cannot be read", "Download it again."), files.open(name) as file:
        columns = column_names(file)
        if not COLUMNS.issubset(columns):
            reason = f"{path} lacks the columns emotion and pixels; it has: {', '.join(columns)[:200]}."
            raise DataError(reason, "Name the file fer2013.csv or its folder.")
        text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
        lines = iter(lambda: text.readline(LIMIT_LINE), "")
        for number, row in enumerate(csv.DictReader(lines, columns)):
            if number >= LIMIT_ROWS:
                raise DataError(f"{path}: {name} has over {LIMIT_ROWS:,} rows.", "Split it into several files.")
            try:
                label, usage, image = read_row(row)
            except ValueError as problem:
                files.skipped[str(problem)] += 1
                continue
            rows.append((f"row {number}", label, USAGES.get(usage, ""), usage, number))
            pixels.append(image)
    if not rows:
        counted = "; ".join(f"{count:,} {reason}" for reason, count in files.skipped.most_common())
        raise DataError(
            f"{path}: {name} has no row with a picture ({counted or 'it has no rows'}).",
            f"A row has an emotion from 0 to 6 ({', '.join(CSV_ORDER)}) and {SIDE * SIDE:,} whole numbers from 0 to 255.",
        )
    pictures = pictures_table(rows)
    what = "FER-2013 (CSV)" if set(USAGES) <= set(pictures["usage"]) else f"{path.name} (CSV)"
    return Listing(path, what, pictures, files, [], np.array(pixels, np.uint8).reshape(-1, SIDE, SIDE))


def read_row(row: dict) -> tuple[int, str, np.ndarray]:
    """(label, 2013 usage, picture) of a row; a ValueError says what is wrong with it."""
    if None in row.values():
        raise ValueError("row cut short")
    if (code := row["emotion"].strip()) not in LABELS:
        raise ValueError("row with an emotion other than 0 to 6")
    usage = row.get("usage", "").strip().lower()
    if "usage" in row and usage not in USAGE_OF:
        raise ValueError("row with an unknown Usage")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # NumPy's way of saying that a number could not be read
            values = np.fromstring(row["pixels"], dtype=np.int64, sep=" ")
    except (ValueError, DeprecationWarning, OverflowError):
        raise ValueError("row with something other than numbers") from None
    if values.size != SIDE * SIDE:
        raise ValueError(f"row without {SIDE}x{SIDE} pixels")
    if values.min() < 0 or values.max() > 255:
        raise ValueError("row with pixels outside 0 to 255")
    return LABELS[code], USAGE_OF.get(usage, ""), values.astype(np.uint8).reshape(SIDE, SIDE)
