"""What a file's place says: its class in any spelling, its split, its row in the 2013 file. Knows no pixels."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from helpers import CLASSES

from .archives import DataError

CSV_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # the 2013 file counts in this order
VOTE_NAMES = (*CLASSES, "contempt", "unknown", "not a face")  # columns of FER+ votes here: the seven come first

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
USAGES = {"training": "Training", "publictest": "PublicTest", "privatetest": "PrivateTest"}
WRAPPERS = {"images", "image", "data", "dataset", "archive", "fer", "faces", "img", "imgs", "pictures"}


def class_of(folder: str) -> str | None:
    """The class that a folder's name spells: Angry, ANGER, 0_angry and angry-faces/ are all 'angry'; None if none.

    A bare number is left to `numbered`: it means something only beside its siblings.
    """
    words = re.findall(r"[^\W\d_]+", folder.lower())
    words = words if len(words) == 1 else [word for word in words if len(word) > 2]  # "an archive" is not angry
    known = {WORDS[word] for word in words if word in WORDS}
    return known.pop() if len(known) == 1 else None


def split_of(folder: str) -> str | None:
    """'train', 'validation' or 'test' where a folder's name says so."""
    return SPLITS.get(re.sub(r"[\W_]+", "", folder.lower()))


def usage_of(name: str) -> tuple[str, int]:
    """The 2013 split and number in a file's name: Training_00012.jpg -> ('Training', 12); 12.jpg -> ('', 12); else -1."""
    match = re.fullmatch(r"(?:([A-Za-z]+)_|fer)?(\d+)", PurePosixPath(name).stem)
    if not match or (match[1] and match[1].lower() not in USAGES):
        return "", -1
    return USAGES.get((match[1] or "").lower(), ""), int(match[2])


def classes_of_folders(folders: set[str], where, spelled: dict | None = None) -> tuple[dict[str, str], str]:
    """Class of each folder name that directly holds pictures, and a remark for `.source` (empty when none is needed).

    `spelled` is the caller's own {folder name: class}. Numbers alone follow the 2013 file's order, which public
    copies of FER-2013 use; only when they run from 0 and stay below 7, since RAF-DB counts from 1 and AffectNet to 7.
    """
    spelled = {str(key).lower(): value for key, value in (spelled or {}).items()}
    for folder, name in spelled.items():
        if name not in CLASSES:
            raise DataError(f"spelled={{{folder!r}: {name!r}}}: the class must be one of {', '.join(CLASSES)}.")
    numbers = {int(folder) for folder in folders if folder.isdecimal() and folder.lower() not in spelled}
    if numbers and (0 not in numbers or max(numbers) > 6):
        raise DataError(
            f"{where} numbers its classes {', '.join(map(str, sorted(numbers)))}, which is not the 2013 order "
            "(0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral); other sets count otherwise. "
            f"Say what they mean: load(..., spelled={{'{min(numbers)}': 'surprise', ...}})."
        )
    found = {}
    for folder in folders:
        name = spelled.get(folder.lower()) or (CSV_ORDER[int(folder)] if folder.isdecimal() else class_of(folder))
        if name:
            found[folder] = name
    return found, "class folders are numbers, read in the 2013 order" if numbers else ""


def place(name: str, classes: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """(class, split, folder that is no class) of a picture by its path; the nearest folder that says something wins."""
    parents = PurePosixPath(name).parts[:-1]
    found = next((classes[part] for part in reversed(parents) if part in classes), None)
    split = next((split_of(part) for part in reversed(parents) if split_of(part)), None)
    stranger = None
    if found is None and parents and not split_of(parents[-1]) and parents[-1].lower() not in WRAPPERS:
        stranger = "/".join(parents)
    return found, split, stranger
