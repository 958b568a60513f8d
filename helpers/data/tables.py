"""The 2013 challenge's CSV (emotion, pixels, Usage) and the FER+ votes that stand beside it."""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from pathlib import Path, PurePosixPath

import numpy as np

from helpers import CLASSES

from .archives import DataError, Folder, Zip
from .layouts import CSV_ORDER, USAGES

SIDE = 48
FERPLUS_COLUMNS = "anger disgust fear happiness neutral sadness surprise contempt unknown NF".split()  # our order
PIXELS = {"emotion", "pixels"}


def is_pixel_table(path: Path) -> bool:
    """Whether a file is a CSV with the columns emotion and pixels."""
    try:
        with open(path, "rb") as file:
            return set(_header(file.readline(4096))) >= PIXELS
    except OSError:
        return False


def _header(line: bytes) -> list[str]:
    """Column names, trimmed and in lower case: Kaggle's icml_face_data.csv writes ' Usage' and ' pixels'."""
    return [name.strip().strip('"').lower() for name in line.decode("utf-8-sig", "replace").strip().split(",")]


def pixel_table(shelf: Folder | Zip) -> str | None:
    """The name of the pixel CSV on a shelf, fer2013.csv first, then one that has a Usage column."""
    found = []
    for name in shelf.tables:
        with shelf.open(name) as file:
            columns = set(_header(file.readline(4096)))
        if columns >= PIXELS:
            found.append((PurePosixPath(name).name.lower() != "fer2013.csv", "usage" not in columns, name))
    return min(found)[2] if found else None


def read_pixels(file, where) -> dict:
    """The images, labels, usages and row numbers of a pixel CSV, and a count of the rows that were set aside."""
    images, labels, usages, rows, aside = [], [], [], [], Counter()
    codes = [CLASSES.index(name) for name in CSV_ORDER]
    columns = _header(file.readline())
    if not set(columns) >= PIXELS:
        raise DataError(f"{where} lacks the columns emotion and pixels; it has: {', '.join(columns)[:200]}.")
    emotion, pixels = columns.index("emotion"), columns.index("pixels")
    usage = columns.index("usage") if "usage" in columns else None
    row = -1
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # NumPy's way of saying that a number could not be read
        try:
            for row, cells in enumerate(filter(None, csv.reader(text))):
                reason, image, code, part = _row(cells, emotion, pixels, usage, len(columns))
                if reason:
                    aside[reason] += 1
                    continue
                images.append(image)
                labels.append(codes[code])
                usages.append(part)
                rows.append(row)
        except csv.Error as problem:
            raise DataError(f"{where}, row {row + 2}: {problem}. The file is damaged: download it again.") from problem
    stacked = np.stack(images) if images else np.empty((0, SIDE, SIDE), np.uint8)
    return {
        "images": stacked, "labels": np.array(labels, np.int64), "usages": np.array(usages, dtype="U11"),
        "rows": np.array(rows, np.int64), "aside": aside, "size": row + 1,
    }  # fmt: skip


def _row(cells: list[str], emotion: int, pixels: int, usage: int | None, width: int):
    """(reason to set it aside, image, 2013 code, Usage) of one row."""
    if len(cells) < width:
        return "row cut short", None, 0, ""
    code = cells[emotion].strip()
    if not (code.isdecimal() and int(code) < 7):
        return "row with an emotion other than 0 to 6", None, 0, ""
    part = USAGES.get(cells[usage].strip().lower()) if usage is not None else ""
    if part is None:
        return "row with an unknown Usage", None, 0, ""
    try:
        values = np.fromstring(cells[pixels], dtype=np.int16, sep=" ")
    except (ValueError, DeprecationWarning, OverflowError):
        return "row with something other than numbers", None, 0, ""
    if values.size != SIDE * SIDE:
        return f"row without {SIDE}x{SIDE} pixels", None, 0, ""
    if values.min() < 0 or values.max() > 255:
        return "row with pixels outside 0 to 255", None, 0, ""
    return None, values.astype(np.uint8).reshape(SIDE, SIDE), int(code), part


def read_votes(file, where) -> dict:
    """FER+ votes in our column order, with the row of the 2013 file that each line is about."""
    reader = csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline=""))
    missing = [name for name in ("Usage", "Image name", *FERPLUS_COLUMNS) if name not in (reader.fieldnames or [])]
    if missing:
        raise DataError(f"{where} is not a FER+ file: it lacks the columns {', '.join(missing)}.")
    votes, usages, rows = [], [], []
    for line, row in enumerate(reader):
        digits = "".join(filter(str.isdecimal, row["Image name"] or ""))
        try:
            votes.append([int(row[name]) for name in FERPLUS_COLUMNS])
        except (TypeError, ValueError) as problem:
            raise DataError(f"{where}, line {line + 2}: a vote is not a whole number. Download it again.") from problem
        usages.append(row["Usage"])
        rows.append(int(digits) if digits else line)
    return {"votes": np.array(votes, np.int64), "usages": np.array(usages), "rows": np.array(rows, np.int64)}
