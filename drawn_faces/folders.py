"""A data set of drawn faces on disk, laid out as FER-2013 is on Kaggle."""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from .checks import check_whole
from .dataset import FER_COUNTS, Faces, faces
from .expressions import CLASSES
from .streams import stream

#: How many images each split of FER-2013 has.
SPLITS = {"Training": 28709, "PublicTest": 3589, "PrivateTest": 3589}
PHOTOS_A_PERSON = 3
ABOUT = "about.json"
#: Raise it whenever the drawing changes, so that an old set on disk is not taken for a new one.
DRAWING = 3
#: The number of a balanced set's first face, larger than any number of the other sets, so that the two share no
#: person. A multiple of seven, as balanced labels come in shuffled blocks of the seven classes.
BALANCED_START = 7 * 150_000


def write(folder: str | Path, n: int = 2000, seed: int = 0, size: int = 48, balanced: bool = False) -> Path:
    """Draw n faces into `folder`: train/<class>/Training_00012.png, test/<class>/PublicTest_... and PrivateTest_...

    FER-2013's proportions of splits and classes (at least two of every class in each split); each person, of three
    photographs, is in one split only. labels.csv has a row an image: path, split, label, votes, truth. The
    folder appears complete or not at all; when it exists already with the same n, seed and size, it is kept.
    `balanced`: all in train/, every class equally often, each face another person, none of them in the unbalanced set.
    """
    n, size, seed = check_whole("n", n, 42, 10**6), check_whole("size", size, 16, 256), check_whole("seed", seed, 0)
    folder = Path(folder)
    about = {"n": n, "seed": seed, "size": size, "drawing": DRAWING} | ({"balanced": True} if balanced else {})
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return keep(folder, about)
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    part = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}.partial"
    try:
        part.mkdir()
        fill_folder(part, n, seed, size, balanced)
        names = [path.relative_to(part).as_posix() for path in part.rglob("*.*")]
        sealed = about | {"seal": seal(names, lambda name: (part / name).open("rb"))}
        (part / ABOUT).write_text(json.dumps(sealed), encoding="utf-8")
        try:
            if folder.is_dir():
                folder.rmdir()  # an empty folder, made beforehand
            os.rename(part, folder)
        except OSError:  # another process was first
            return keep(folder, about)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def seal(names: Iterable[str], opened: Callable) -> str:
    """A digest of a set's pictures and labels: a set whose seal agrees holds what was drawn, and nothing else.

    `opened` opens the file of a name. Who puts real photographs into such a set breaks it.
    """
    whole = hashlib.blake2b(digest_size=16)
    for name in sorted(names):
        one = hashlib.blake2b(digest_size=16)
        with opened(name) as file:
            while block := file.read(2**16):
                one.update(block)
        whole.update(f"{name}\n{one.hexdigest()}\n".encode())
    return whole.hexdigest()


def keep(folder: Path, about: dict) -> Path:
    """The folder that exists already, if it holds the same set; else an error."""
    try:
        with open(folder / ABOUT, encoding="utf-8") as file:
            found = json.loads(file.read(4096))
        found.pop("seal", None)
    except (OSError, ValueError, AttributeError, RecursionError):  # it is absent or damaged, or no table
        found = None
    if found == about:
        print(f"{folder} holds these {about['n']:,} drawn faces already: kept as it is.")
        return folder
    other = "something else" if found is None else f"another drawn set ({found})"
    raise FileExistsError(f"{folder} holds {other}. Name another folder, or delete this one first.")


def sweep(folder: Path) -> None:
    """Remove what a killed run left beside the folder more than an hour ago."""
    for left in folder.parent.glob(f".{folder.name}.*.partial"):
        if time.time() - left.stat().st_mtime > 3600:
            shutil.rmtree(left, ignore_errors=True)


def plan(n: int) -> list[tuple[str, int, int]]:
    """How many faces of each class go to each split: (split, class, count), n in all, at least two of each."""
    shares = np.array([[s * c for c in FER_COUNTS] for s in SPLITS.values()], float)
    exact = np.maximum(n * shares / shares.sum(), 2)
    counts = np.floor(exact).astype(int)
    while counts.sum() < n:
        counts.flat[int(np.argmax((exact - counts).ravel()))] += 1
    while counts.sum() > n:
        counts.flat[int(np.argmax(counts.ravel()))] -= 1
    return [(split, k, int(counts[i, k])) for i, split in enumerate(SPLITS) for k in range(len(CLASSES))]


def fill_folder(part: Path, n: int, seed: int, size: int, balanced: bool) -> None:
    """Draw the whole set into the folder `part`."""
    import pandas as pd

    drawn, splits = (balanced_faces if balanced else proportioned_faces)(n, size, seed)
    names = [CLASSES[label] for label in drawn.labels]
    paths = [
        f"{'train' if split == 'Training' else 'test'}/{name}/{split}_{i:05d}.png"
        for i, (split, name) in enumerate(zip(splits, names, strict=True))
    ]
    for place in sorted({Path(path).parent for path in paths}):
        (part / place).mkdir(parents=True)
    for path, image in zip(paths, drawn.images, strict=True):
        (part / path).write_bytes(cv2.imencode(".png", image)[1].tobytes())  # imwrite fails on Windows' accents
    votes = pd.DataFrame(drawn.votes, columns=[f"votes_{name}" for name in CLASSES])
    head = pd.DataFrame({"path": paths, "split": splits, "label": names})
    table = pd.concat([head, votes, drawn.truth.drop(columns="emotion")], axis=1)
    table.to_csv(part / "labels.csv", index=False)


def balanced_faces(n: int, size: int, seed: int) -> tuple[Faces, np.ndarray]:
    """(faces, their splits): every class equally often, each face another person."""
    return faces(n, size, seed, balanced=True, start=BALANCED_START), np.repeat("Training", n)


def proportioned_faces(n: int, size: int, seed: int) -> tuple[Faces, np.ndarray]:
    """(faces, their splits) in FER-2013's proportions; three photographs a person, all in one split."""
    groups = plan(n)
    splits = np.repeat([split for split, _, _ in groups], [count for *_, count in groups])
    labels = np.repeat([label for _, label, _ in groups], [count for *_, count in groups])
    rng = stream(seed, "splits")
    shuffled = np.concatenate([rng.permutation(np.flatnonzero(splits == split)) for split in SPLITS])
    splits, labels = splits[shuffled], labels[shuffled]
    person, people = np.empty(n, int), 0
    for split in SPLITS:
        chosen = np.flatnonzero(splits == split)
        person[chosen] = people + np.arange(len(chosen)) // PHOTOS_A_PERSON
        people = int(person[chosen].max()) + 1
    return faces(n, size, seed, labels=labels, identity=person), splits
