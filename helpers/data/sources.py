"""Finds a data set (a path, a Kaggle handle, or what lies around) and lists it: names, labels, splits, no pixels yet."""

from __future__ import annotations

import json
import os
import re
import socket
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from helpers import CLASSES, environment

from . import layouts
from .archives import DataError, Folder, Zip, open_shelf
from .tables import is_pixel_table

KAGGLE = Path("/kaggle/input")
DRAWN = "about.json"  # stands in a folder of drawn faces, and says which
PIXEL_TABLES = ("fer2013.csv", "icml_face_data.csv")
KNOWN = (  # the reports' sources on Kaggle: msambare's, juniorbueno's, jonathanoheix's; all three 2013 splits first
    "fer2013",
    "rating-opencv-emotion-images",
    "face-expression-recognition-dataset",
)


@dataclass
class Listing:
    """Every usable picture of a source, by name; `read(i)` gives its bytes. Pixels are decoded later, or streamed."""

    where: Path
    kind: str  # what it is, in words
    names: list[str]
    labels: np.ndarray
    splits: np.ndarray  # what the source says: train, validation, test, or ''
    usages: np.ndarray  # Training, PublicTest, PrivateTest, or ''
    rows: np.ndarray  # row of the 2013 file, or -1
    shelf: Folder | Zip | None = None
    passed_over: Counter = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    images: np.ndarray | None = None  # a CSV carries its pixels
    table_size: int = 0  # rows of the CSV, the unusable ones included
    synthetic: bool = False

    def __len__(self) -> int:
        return len(self.names)

    def read(self, i: int) -> bytes:
        """The bytes of picture `i`."""
        return self.shelf.read(self.names[i])

    def take(self, index: np.ndarray) -> Listing:
        """The same source, these pictures only, in this order."""
        picked = {key: getattr(self, key)[index] for key in ("labels", "splits", "usages", "rows")}
        images = None if self.images is None else self.images[index]
        return Listing(
            self.where, self.kind, [self.names[i] for i in index], shelf=self.shelf, passed_over=self.passed_over,
            remarks=self.remarks, images=images, table_size=self.table_size, synthetic=self.synthetic, **picked,
        )  # fmt: skip


def find() -> Path | None:
    """A real data set under the data folder or /kaggle/input, else None. Looks two folders deep, never at drawn faces."""
    data = environment.folder("data")
    places = [*_children(data), data]
    for child in _children(KAGGLE):
        inside = _children(child)
        places += [child, *inside[:20]]
        if child.name == "datasets":  # Kaggle's new layout: datasets/<owner>/<name>
            places += [place for owner in inside for place in _children(owner)]
    return next((place for place in sorted(places, key=_rank) if _looks_real(place)), None)


def drawn(folder: Path) -> dict | None:
    """What a folder of drawn faces says of itself (n, seed, version of the drawing); None for any other folder."""
    try:
        about = json.loads((folder / DRAWN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) and "drawing" in about else None


def _children(folder: Path) -> list[Path]:
    """What stands in a folder, a hundred at most, without what is hidden or drawn."""
    try:
        names = sorted(entry.name for _, entry in zip(range(100), os.scandir(folder), strict=False))
    except OSError:
        return []
    return [folder / name for name in names if not name.startswith(".") and name != "synthetic"]


def _rank(path: Path) -> int:
    """The reports' own sources first, in the order of KNOWN; a sort by it keeps the rest in the order of their names."""
    return KNOWN.index(path.stem) if path.stem in KNOWN else len(KNOWN)


def _looks_real(path: Path) -> bool:
    """A cheap look: a pixel CSV, or a train folder with at least two class folders, directly or under one more folder."""
    try:
        if path.is_file():
            if path.suffix.lower() == ".csv":
                return is_pixel_table(path)
            return path.suffix.lower() == ".zip" and _zip_looks_real(path)
        if drawn(path) is not None:
            return False
        if path != environment.folder("data") and any(is_pixel_table(path / name) for name in PIXEL_TABLES):
            return True
        return any(
            sum(layouts.class_of(child.name) is not None for child in _children(train)) >= 2
            for base in (path, path / "images", path / path.name)
            for train in _children(base)
            if train.is_dir() and layouts.split_of(train.name) == "train"
        )
    except OSError:
        return False


def _zip_looks_real(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    if any(PurePosixPath(name).name in PIXEL_TABLES for name in names):
        return True
    pairs = {PurePosixPath(name).parts[-3:-1] for name in names}
    trains = {pair[1] for pair in pairs if len(pair) == 2 and layouts.split_of(pair[0]) == "train"}
    return len({layouts.class_of(name) for name in trains} - {None}) >= 2


def locate(source) -> Path:
    """The path that a source means: itself, or where a Kaggle handle OWNER/NAME lies or was downloaded to."""
    path = Path(source).expanduser()
    handle = re.fullmatch(r"([A-Za-z0-9][\w-]*)/([\w.-]+)", str(source))
    if path.exists() or not handle or path.parent.is_dir():
        return path.resolve() if path.exists() else path
    owner, name = handle.groups()
    data = environment.folder("data")
    cache = Path(os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub")
    cached = cache / "datasets" / owner / name / "versions"
    versions = sorted(_children(cached), key=lambda version: version.name.zfill(9), reverse=True)
    places = [data / name, data / owner / name, data / f"{name}.zip", KAGGLE / name, KAGGLE / "datasets" / owner / name]
    for place in [*places, *(version for version in versions if version.is_dir())]:
        if place.exists():
            return place
    return _download(owner, name, data)


def _download(owner: str, name: str, data: Path) -> Path:
    """Kaggle's own downloader; where it cannot, the ways that remain."""
    page = f"https://www.kaggle.com/datasets/{owner}/{name}"
    ways = (
        f"Download archive.zip from {page} and save it as {data / (name + '.zip')} (no need to unpack it); "
        f"on Kaggle: Add Input > Datasets > {owner}/{name}; with an account and a network: put its token in "
        "~/.kaggle/kaggle.json (Kaggle > Settings > API > Create New Token) and run this again."
    )
    if not _reachable("www.kaggle.com"):
        raise DataError(
            f"{owner}/{name} is no folder here, no data set on this machine, and Kaggle cannot be reached from it. {ways}"
        )
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(f"{owner}/{name}"))
    except Exception as problem:  # no account, no consent, a wrong handle, a broken line: all end in the same sentence
        raise DataError(f"{owner}/{name} could not be downloaded from Kaggle ({problem}). {ways}") from problem


def _reachable(host: str) -> bool:
    """Whether a host answers within three seconds, so that nobody waits for a network that is not there."""
    try:
        socket.create_connection((host, 443), timeout=3).close()
        return True
    except OSError:
        return False


def list_pictures(
    path: Path, spelled: dict | None = None, ignore: tuple[str, ...] = ()
) -> tuple[Listing, Folder | Zip]:
    """The pictures of a folder or zip of class folders, and the shelf they stand on."""
    shelf = open_shelf(path)
    pictures, doubled = _without_second_copy(shelf.pictures)
    passed_over = shelf.passed_over
    if doubled:
        passed_over["second copy under images/images"] += doubled
        shelf.folders = {folder for folder in shelf.folders if "images/images" not in folder}
    ignore = (ignore,) if isinstance(ignore, str) else ignore
    shelf.folders = {folder for folder in shelf.folders if not set(ignore) & set(PurePosixPath(folder).parts)}
    wanted = [name for name in pictures if not set(ignore) & set(PurePosixPath(name).parts)]
    if len(wanted) < len(pictures):
        passed_over["in an ignored folder"] += len(pictures) - len(wanted)
        pictures = wanted
    holders = {part for name in pictures for part in PurePosixPath(name).parts[:-1]}
    plain = {part for part in holders if part.isdecimal() and not _holds_directly(pictures, part)}
    classes, remark = layouts.classes_of_folders(holders - plain, path, spelled)
    names, labels, splits, usages, rows = [], [], [], [], []
    for name in pictures:
        found, split, stranger = layouts.place(name, classes)
        if stranger:
            raise DataError(
                f"{path / stranger} is not one of the seven classes ({', '.join(CLASSES)}): rename it, or say what it is, "
                f"load(..., spelled={{{PurePosixPath(stranger).name!r}: 'happy'}}), or leave it out, "
                f"load(..., ignore=({PurePosixPath(stranger).name!r},))."
            )
        if found is None:
            passed_over["outside any class folder"] += 1
            continue
        usage, row = layouts.usage_of(name)
        by_usage = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}.get(usage)
        names.append(name)
        labels.append(CLASSES.index(found))
        splits.append(by_usage or split or "")
        usages.append(usage)
        rows.append(row)
    listing = Listing(
        path, _kind(path, shelf, usages), names, np.array(labels, np.int64), np.array(splits, dtype="U10"),
        np.array(usages, dtype="U11"), np.array(rows, np.int64), shelf, passed_over, [remark] if remark else [],
    )  # fmt: skip
    return listing, shelf


def _holds_directly(pictures: list[str], folder: str) -> bool:
    """Whether some picture's own folder has this name."""
    return any(PurePosixPath(name).parent.name == folder for name in pictures)


def _without_second_copy(pictures: list[str]) -> tuple[list[str], int]:
    """Drops a tree that the archive repeats one folder deeper, images/images/... beside images/...; each file once."""
    have = set(pictures)
    kept = [name for name in pictures if not ("images/images/" in name and name.replace("images/", "", 1) in have)]
    return kept, len(pictures) - len(kept)


def _kind(path: Path, shelf: Folder | Zip, usages: list[str]) -> str:
    """What the source is, in words."""
    form = "zip" if isinstance(shelf, Zip) else "folders"
    found = set(usages)
    if {"Training", "PublicTest", "PrivateTest"} <= found:
        return f"FER-2013 (Kaggle {form})"
    if {"Training", "PublicTest"} <= found:
        return f"FER-2013 without PrivateTest ({form})"
    return f"{path.name} (class {form})"
