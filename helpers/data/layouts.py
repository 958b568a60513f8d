"""Which pictures a source holds: the class, split and row of each, read off the names of its folders and files."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import CLASSES
from helpers.files import brief, natural, whole_number

from .archives import DataError, FileCollection, Zip

CSV_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # the 2013 file numbers its classes so

SPELLINGS = {
    "angry": "angry anger angryness an mad",
    "disgust": "disgust disgusted disgusting di",
    "fear": "fear fearful afraid scared fe af",
    "happy": "happy happiness happyness joy joyful ha",
    "neutral": "neutral neutrality ne",
    "sad": "sad sadness sa",
    "surprise": "surprise surprised suprise suprised su",
}
WORDS = {word: name for name, words in SPELLINGS.items() for word in words.split()}

SPLIT_FOLDERS = {
    "train": "train training trainingset trainset",
    "validation": "validation valid val dev publictest validationset",
    "test": "test testing privatetest testset",
}
SPLITS = {word: split for split, words in SPLIT_FOLDERS.items() for word in words.split()}
USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}  # the 2013 names of the three splits
USAGE_OF = {name.lower(): name for name in USAGES}
WRAPPERS = {"images", "image", "data", "dataset", "archive", "fer", "faces", "img", "imgs", "pictures"}


@dataclasses.dataclass
class Listing:
    """Every usable picture of a source, before any is decoded."""

    path: Path
    kind: str  # what the source is, in words
    pictures: pd.DataFrame  # a row a picture: name, label, split or '', 2013 usage or '', row in the 2013 file or -1
    files: FileCollection
    remarks: list[str]
    pixels: np.ndarray | None = None  # a CSV has them at once

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def skipped(self) -> Counter:
        """How many files or rows were not used, by reason."""
        return self.files.skipped

    @property
    def labels(self) -> np.ndarray:
        """The class of each picture, a position in CLASSES."""
        return self.pictures["label"].to_numpy(np.int64)

    def take(self, index: np.ndarray) -> Listing:
        """The same source, these pictures only, in this order."""
        pixels = None if self.pixels is None else self.pixels[index]
        return dataclasses.replace(self, pictures=self.pictures.iloc[index].reset_index(drop=True), pixels=pixels)


def pictures_table(rows: list[tuple]) -> pd.DataFrame:
    """The pictures of a listing as its table."""
    return pd.DataFrame(rows, columns=["name", "label", "split", "usage", "row"])


def class_of(folder: str) -> str | None:
    """The class that a folder's name spells: Angry, ANGER, 0_angry and angry-faces/ are all 'angry'; None if none.

    A number alone means something only beside its siblings: `classes_of_folders` reads those.
    """
    words = re.findall(r"[^\W\d_]+", folder.lower())
    words = words if len(words) == 1 else [word for word in words if len(word) > 2]  # "an archive" is not angry
    known = {WORDS[word] for word in words if word in WORDS}
    return known.pop() if len(known) == 1 else None


def split_of(folder: str) -> str | None:
    """'train', 'validation' or 'test' where a folder's name says so."""
    return SPLITS.get(re.sub(r"[\W_]+", "", folder.lower()))


def usage_of(name: str) -> tuple[str, int]:
    """The 2013 usage and number in a file's name: Training_00012.jpg -> ('Training', 12); 12.jpg -> ('', 12); else -1."""
    match = re.fullmatch(r"(?:([A-Za-z]+)_|fer)?(\d{1,9})", name.split("/")[-1].rsplit(".", 1)[0])
    if not match or (match[1] and match[1].lower() not in USAGE_OF):
        return "", -1
    return USAGE_OF.get((match[1] or "").lower(), ""), int(match[2])


def classes_of_folders(folders: set[str], path: Path, spelled: dict[str, str] | None = None) -> dict[str, str]:
    """The class of each folder name that means one. `spelled` is the caller's own {folder name: class}.

    Numbers alone follow the 2013 file's order, as in public copies of FER-2013; only when they run from 0 and stay
    below 7, since RAF-DB counts from 1 and AffectNet to 7.
    """
    spelled = {str(folder).lower(): name for folder, name in (spelled or {}).items()}
    for folder, name in spelled.items():
        if name not in CLASSES:
            raise DataError(f"spelled={{{folder!r}: {name!r}}} names no class.", f"Use one of {', '.join(CLASSES)}.")
    numbers = {folder for folder in folders if folder.isdecimal() and folder not in spelled}
    places = {whole_number(folder, len(CSV_ORDER) - 1) for folder in numbers}
    if numbers and (0 not in places or None in places):
        raise DataError(
            f"{path} numbers its classes {brief(', '.join(sorted(numbers, key=natural)))}, which is not the 2013 order "
            "(0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral).",
            f"Say what they mean: load(..., spelled={{'{brief(min(numbers, key=natural))}': 'surprise', ...}}).",
        )
    found = {
        folder: spelled.get(folder.lower()) or (CSV_ORDER[int(folder)] if folder.isdecimal() else class_of(folder))
        for folder in folders
    }
    return {folder: name for folder, name in found.items() if name}


def list_pictures(files: FileCollection, path: Path, spelled: dict | None = None, ignore: tuple = ()) -> Listing:
    """The pictures of a folder or zip that lie in class folders; the nearest folder that says something counts."""
    places = wanted(files, {ignore} if isinstance(ignore, str) else set(ignore))
    holders = {folders[-1] for folders in places.values() if folders}
    above = {folder for folders in places.values() for folder in folders[:-1] if not folder.isdecimal()}
    classes = classes_of_folders(holders | above, path, spelled)
    rows = []
    for name, folders in places.items():
        label = next((classes[folder] for folder in reversed(folders) if folder in classes), None)
        split = next(filter(None, map(split_of, reversed(folders))), "")
        if label is not None:
            usage, row = usage_of(name)
            rows.append((name, CLASSES.index(label), USAGES.get(usage, split), usage, row))
        elif folders and not split_of(folders[-1]) and folders[-1].lower() not in WRAPPERS:
            raise DataError(
                f"{brief(path.joinpath(*filter(None, folders)))} is not one of the seven classes ({', '.join(CLASSES)}).",
                f"Rename it, or say what it is, load(..., spelled={{{brief(folders[-1])!r}: 'happy'}}), or leave it out, "
                f"load(..., ignore=({brief(folders[-1])!r},)).",
            )
        else:
            files.skipped["outside any class folder"] += 1
    pictures = pictures_table(rows)
    numbered = any(folder.isdecimal() and folder not in (spelled or {}) for folder in classes)
    remarks = ["class folders are numbers, read in the 2013 order"] if numbered else []
    return Listing(path, kind(files, path, set(pictures["usage"])), pictures, files, remarks)


def wanted(files: FileCollection, ignore: set[str]) -> dict[str, list[str]]:
    """The folders that each picture lies in, without what is to be ignored and what an archive holds twice.

    Kaggle's face-expression-recognition-dataset has a second copy one folder deeper: images/images/... beside images/...
    """
    have, places = set(files.pictures), {}
    for name in files.pictures:
        folders = name.split("/")[:-1]
        if "images/images/" in name and name.replace("images/", "", 1) in have:
            files.skipped["second copy under images/images"] += 1
        elif ignore.intersection(folders):
            files.skipped["in an ignored folder"] += 1
        else:
            places[name] = folders
    return places


def kind(files: FileCollection, path: Path, usages: set[str]) -> str:
    """What a source of class folders is, in words."""
    form = "zip" if isinstance(files, Zip) else "folders"
    if set(USAGES) <= usages:
        return f"FER-2013 (Kaggle {form})"
    if {"Training", "PublicTest"} <= usages:
        return f"FER-2013 without PrivateTest ({form})"
    return f"{path.name} (class {form})"
