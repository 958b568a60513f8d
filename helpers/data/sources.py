"""Where a data set is: a path, a Kaggle handle, whatever lies around, or faces that the course draws."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path

from drawn_faces import folders
from helpers import environment
from helpers.files import brief

from .annotations import ABOUT, about_drawn
from .archives import DRAWN_FACES, DataError, Folder, Zip
from .layouts import class_of, split_of
from .tables import find_table

KAGGLE = Path("/kaggle/input")
PIXEL_TABLES = ("fer2013.csv", "icml_face_data.csv")
KNOWN = (  # the reports' sources on Kaggle: msambare's, juniorbueno's, jonathanoheix's; the one with all three splits first
    "fer2013",
    "rating-opencv-emotion-images",
    "face-expression-recognition-dataset",
)


def find() -> Path | None:
    """A real data set in the data folder or in /kaggle/input, else None. The reports' own sources come first."""
    data = environment.folder("data")
    places = [*children(data), data]
    for child in children(KAGGLE):
        inside = children(child)
        places += [child, *inside[:20]]
        if child.name == "datasets":  # Kaggle's new layout: datasets/<owner>/<name>
            places += [place for owner in inside for place in children(owner)]
    places.sort(key=lambda place: KNOWN.index(place.stem) if place.stem in KNOWN else len(KNOWN))
    return next(filter(looks_real, places), None)


def children(folder: Path) -> list[Path]:
    """What is in a folder, a hundred at most, without hidden files and the drawn faces of the course."""
    try:
        names = sorted(entry.name for _, entry in zip(range(100), os.scandir(folder), strict=False))
    except OSError:
        return []
    return [folder / name for name in names if not name.startswith(".") and name != DRAWN_FACES]


def looks_real(path: Path) -> bool:
    """A quick look: a pixel CSV, or a train folder with two class folders or more, but not faces that the course drew."""
    folders = set()  # (a folder's name, the name of a folder in it)
    try:
        if os.path.isdir(path):
            files = Folder(path, only=(ABOUT, *PIXEL_TABLES))
            bases = (path, path / "images", path / path.name)
            trains = (train for base in bases for train in children(base) if split_of(train.name) == "train")
            folders = {(train.name, child.name) for train in trains for child in children(train)}
        elif path.suffix.lower() == ".csv":
            files = Folder(path.parent, only=(path.name,))
        elif path.suffix.lower() == ".zip" and os.path.isfile(path):
            files = Zip(path)
            folders = {tuple(name.split("/")[-3:-1]) for name in files.pictures if name.count("/") >= 2}
        else:
            return False
        if about_drawn(files) is not None:
            return False
        if find_table(files) is not None:
            return True
    except Exception:  # nothing to start with
        return False
    return len({class_of(child) for folder, child in folders if split_of(folder) == "train"} - {None}) >= 2


def locate(source: str | Path) -> Path:
    """The path that a source means: itself, or where a Kaggle handle OWNER/NAME lies or was downloaded to."""
    path = Path(os.path.expanduser(source))
    handle = re.fullmatch(r"([A-Za-z0-9][\w-]*)/([\w.-]+)", str(source))
    if os.path.exists(path) or not handle or os.path.isdir(path.parent):
        return Path(os.path.realpath(path)) if os.path.exists(path) else path
    owner, name = handle.groups()
    data = environment.folder("data")
    cache = Path(os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub")
    versions = children(cache / "datasets" / owner / name / "versions")
    versions.sort(key=lambda version: version.name.zfill(9), reverse=True)
    places = [data / name, data / owner / name, data / f"{name}.zip", KAGGLE / name, KAGGLE / "datasets" / owner / name]
    found = next((place for place in [*places, *versions] if os.path.exists(place)), None)
    return found or download(owner, name, data)


def download(owner: str, name: str, data: Path) -> Path:
    """Kaggle's own downloader; where it cannot, the ways that remain."""
    ways = (
        f"Download archive.zip from https://www.kaggle.com/datasets/{owner}/{name} and save it as {data / (name + '.zip')} "
        f"(no need to unpack it); on Kaggle: Add Input > Datasets > {owner}/{name}; with an account and a network: put "
        "its token in ~/.kaggle/kaggle.json (Kaggle > Settings > API > Create New Token) and run this again."
    )
    if not reachable("www.kaggle.com"):
        reason = (
            f"{owner}/{name} is no folder here and no data set on this machine, and Kaggle cannot be reached from it."
        )
        raise DataError(reason, ways)
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(f"{owner}/{name}"))
    except Exception as problem:  # no account, no consent, a wrong handle, a broken line: the ways out are the same
        raise DataError(f"{owner}/{name} could not be downloaded from Kaggle ({problem}).", ways) from problem


def reachable(host: str) -> bool:
    """Whether a host answers within three seconds, so that nobody waits for a network that is not there."""
    try:
        socket.create_connection((host, 443), timeout=3).close()
        return True
    except OSError:
        return False


def draw(n: int, seed: int, balanced: bool = False) -> Path:
    """The folder of `n` drawn faces of world `seed`: drawn on first use, later only read."""
    folder = environment.folder("data") / DRAWN_FACES / f"{'balanced-' if balanced else ''}{n}-{seed}"
    about = about_drawn(Folder(folder, only=(ABOUT,)))
    try:
        if about is not None and (about["drawing"] != folders.DRAWING or "seal" not in about):
            shutil.rmtree(folder)  # the course's own faces, drawn by an older version of it
            about = None
        if about is None:
            folders.write(folder, n, seed, balanced=balanced)
    except OSError as problem:
        reason = f"The faces cannot be drawn into {folder} ({brief(problem)})."
        raise DataError(reason, "Make room there, or set COURSE_DATA_FOLDER to a folder of your own.") from problem
    return folder
