"""A folder and a zip seen the same way: names of files, and their bytes. Nothing is ever unpacked, moved or changed."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

from .images import LIMIT_BYTES, SUFFIXES, NotAPicture, read_file

LIMIT_FILES = 1_000_000  # more files than this in one place is a mistake, or an attack
LIMIT_TABLE = 2 * 2**30  # bytes of one CSV
LIMIT_RATIO = 200  # a zip that unfolds to more than this many times its size is a bomb: pictures hardly shrink, CSVs 5x
JUNK = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"})


class DataError(ValueError):
    """A data set that cannot be used as it is; the message names the path and the mend."""


class _Shelf:
    """What a folder and a zip have in common: `pictures` and `tables` (names), `folders`, and what was passed over."""

    def __init__(self, path: Path):
        self.path = path
        self.pictures: list[str] = []
        self.tables: list[str] = []
        self.folders: set[str] = set()
        self.passed_over: Counter = Counter()

    def _sort_in(self, name: str) -> None:
        """Keeps the name of a picture or a table, and counts anything else."""
        parts = PurePosixPath(name).parts
        if any(part.lower() in JUNK for part in parts) or parts[-1].startswith("._"):
            self.passed_over["system file"] += 1
        elif any(part.startswith(".") for part in parts):
            self.passed_over["system file" if parts[-1] == ".DS_Store" else "hidden file"] += 1
        elif (suffix := PurePosixPath(name).suffix.lower()) in SUFFIXES:
            self.pictures.append(name)
        elif suffix == ".csv":
            self.tables.append(name)
        elif suffix in (".zip", ".gz", ".tar", ".7z", ".rar"):
            self.passed_over["an archive inside"] += 1
        else:
            self.passed_over["not a picture file"] += 1

    def _finish(self) -> None:
        self.pictures.sort(key=_by_number)
        self.tables.sort()
        self.folders = {folder for folder in self.folders if not any(map(_is_junk, PurePosixPath(folder).parts))}


class Folder(_Shelf):
    """Every file under a folder, links to folders followed once."""

    def __init__(self, path: Path):
        super().__init__(path)
        self._walk("", set())
        self._finish()

    def _walk(self, under: str, seen: set) -> None:
        place = self.path / under
        try:
            here = os.stat(place)
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as problem:
            if not under:
                raise DataError(f"{self.path} cannot be opened: {problem.strerror}.") from problem
            self.passed_over["folder that cannot be opened"] += 1
            return
        if (here.st_dev, here.st_ino) in seen:
            self.passed_over["link back into the same folder"] += 1
            return
        seen.add((here.st_dev, here.st_ino))
        if len(self.pictures) + sum(self.passed_over.values()) > LIMIT_FILES:
            raise DataError(f"{self.path} holds over {LIMIT_FILES:,} files: name the data set's own folder.")
        for entry in entries:
            name = f"{under}/{entry.name}" if under else entry.name
            if name == "synthetic" and entry.is_dir():
                self.passed_over["folder of drawn faces"] += 1
            elif entry.is_dir() and not _is_junk(entry.name):
                self.folders.add(name)
                self._walk(name, seen)
            elif entry.is_dir():
                self.passed_over["system folder" if entry.name.lower() in JUNK else "hidden folder"] += 1
            elif entry.is_file():
                self._sort_in(name)
            else:
                self.passed_over["broken link or special file"] += 1

    def read(self, name: str) -> bytes:
        return read_file(os.path.join(self.path, name))

    def open(self, name: str):
        return open(self.path / name, "rb")


class Zip(_Shelf):
    """Every file in a zip, read in place. What could do harm when unpacked is refused, though nothing is unpacked."""

    def __init__(self, path: Path):
        super().__init__(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
            raise DataError(f"{path} is not a complete zip ({problem}): download it again.") from problem
        entries = self._zip.infolist()
        self._check_size(entries)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            self._add(entry)
        self._finish()

    def _check_size(self, entries: list[zipfile.ZipInfo]) -> None:
        whole, packed = sum(entry.file_size for entry in entries), os.path.getsize(self.path)
        if len(entries) > LIMIT_FILES:
            raise DataError(
                f"{self.path} lists {len(entries):,} files, over the limit of {LIMIT_FILES:,}: do not use it."
            )
        if whole > 2**20 and whole > LIMIT_RATIO * packed:
            raise DataError(
                f"{self.path} is a zip bomb: {packed:,} bytes that would unfold to {whole:,}. Do not unpack it; "
                "download the data set again from its own page."
            )

    def _add(self, entry: zipfile.ZipInfo) -> None:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
            raise DataError(
                f"{self.path} holds a path that climbs out of it ({entry.filename!r}): do not unpack it; download the "
                "data set again from its own page."
            )
        parts = PurePosixPath(name).parts
        for depth in range(1, len(parts) if not entry.is_dir() else len(parts) + 1):
            self.folders.add("/".join(parts[:depth]))
        if entry.is_dir() or not parts:
            return
        if stat.S_ISLNK(entry.external_attr >> 16):
            self.passed_over["link in the zip"] += 1
        elif entry.flag_bits & 1:
            self.passed_over["encrypted"] += 1
        elif name in self._entries:
            self.passed_over["same name twice in the zip"] += 1
        else:
            self._entries[name] = entry
            self._sort_in(name)

    def read(self, name: str) -> bytes:
        entry = self._entries[name]
        if entry.file_size > LIMIT_BYTES:
            raise NotAPicture("too large", f"{name} is over {LIMIT_BYTES >> 20} MB: save a smaller copy of it.")
        return self._zip.read(entry)

    def open(self, name: str):
        if self._entries[name].file_size > LIMIT_TABLE:
            raise DataError(f"{name} in {self.path} would unfold to over {LIMIT_TABLE >> 30} GB: do not use it.")
        return self._zip.open(self._entries[name])


def _is_junk(part: str) -> bool:
    """Whether a folder of this name belongs to a system, not to the data."""
    return part.startswith(".") or part.lower() in JUNK


def open_shelf(path: Path) -> Folder | Zip:
    """The folder or zip at `path`, or a sentence about what stands there instead."""
    if path.is_dir():
        return Folder(path)
    if not path.exists():
        near = path.parent if path.parent.is_dir() else None
        beside = f" {near} holds: {', '.join(sorted(os.listdir(near))[:8]) or 'nothing'}." if near else ""
        raise DataError(f"{path} does not exist: check the spelling.{beside}")
    if path.suffix.lower() in (".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz"):
        raise DataError(f"{path} is packed in a way that is not read here: unpack it, then name the folder it gave.")
    if zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
        return Zip(path)
    raise DataError(f"{path} is neither a folder, a zip nor a CSV: name the folder that holds the class folders.")


def _by_number(name: str) -> tuple:
    """Sorts 9.jpg before 10.jpg, and the same on every machine."""
    return tuple(int(piece) if odd % 2 else piece for odd, piece in enumerate(re.split(r"(\d+)", name)))
