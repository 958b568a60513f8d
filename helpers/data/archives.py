"""A folder and a zip seen the same way: files with names. Nothing is ever unpacked, moved or changed."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from helpers.files import CourseError, natural

from .images import SUFFIXES

DOCUMENTS = (".csv", ".json")
PACKED = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz")
SYSTEM = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"})
DRAWN_FACES = "drawn_faces"  # the folder of the data folder where the course keeps the faces that it draws
# What damaged, locked or encrypted files raise when they are opened or read:
UNREADABLE = (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
LIMIT_FILES = 1_000_000  # more files than this in one place are a mistake
LIMIT_ENTRY = 2 * 2**30  # bytes of one file in a zip: no CSV of faces is so large


class DataError(CourseError):
    """A data set that cannot be used as it is; the message names the path and the fix."""


class FileCollection:
    """The names of all pictures and documents (CSV, JSON) of a source, and a count of the other files by reason."""

    def __init__(self, path: Path):
        self.path = path
        self.pictures: list[str] = []
        self.documents: list[str] = []
        self.skipped: Counter = Counter()

    def open(self, name: str) -> BinaryIO:
        """The file of this name. Whatever is read of a data set is read through here."""
        raise NotImplementedError

    def add(self, name: str) -> None:
        """Note the name of a picture or a document; count anything else."""
        *folders, file = name.split("/")
        ending = os.path.splitext(file)[1].lower()
        if reason := next(filter(None, map(litter, (file, *folders))), ""):
            self.skipped[f"{reason} file"] += 1
        elif ending in SUFFIXES:
            self.pictures.append(name)
        elif ending in DOCUMENTS:
            self.documents.append(name)
        else:
            self.skipped["archive inside" if ending in PACKED else "not a picture file"] += 1
        if len(self.pictures) + self.skipped.total() > LIMIT_FILES:
            raise DataError(f"{self.path} holds over {LIMIT_FILES:,} files.", "Name the data set's own folder.")

    def sort(self) -> None:
        """The same order on every machine, 9.jpg before 10.jpg."""
        self.pictures = sorted(sorted(self.pictures), key=natural)
        self.documents.sort()


class Folder(FileCollection):
    """Every file under a folder, links followed once; or only the files named."""

    def __init__(self, path: Path, only: tuple[str, ...] = ()):
        super().__init__(path)
        if only:
            self.documents = [name for name in only if (path / name).is_file()]
        else:
            self._walk("", set())
            self.sort()

    def open(self, name: str) -> BinaryIO:
        return open(os.path.join(self.path, name), "rb")

    def _walk(self, under: str, seen: set) -> None:
        try:
            here = os.stat(self.path / under)
            entries = sorted(os.scandir(self.path / under), key=lambda entry: entry.name)
        except OSError as problem:
            if not under:
                raise DataError(
                    f"{self.path} cannot be opened ({problem.strerror}).", "Check who may read it."
                ) from problem
            self.skipped["folder that cannot be opened"] += 1
            return
        if (here.st_dev, here.st_ino) in seen:
            self.skipped["link back into the same folder"] += 1
            return
        seen.add((here.st_dev, here.st_ino))
        for entry in entries:
            name = f"{under}/{entry.name}" if under else entry.name
            if entry.is_file():
                self.add(name)
            elif not entry.is_dir():
                self.skipped["broken link or special file"] += 1
            elif entry.name == DRAWN_FACES:
                self.skipped["folder of drawn faces"] += 1
            elif reason := litter(entry.name):
                self.skipped[f"{reason} folder"] += 1
            else:
                self._walk(name, seen)


class Zip(FileCollection):
    """Every file in a zip, read in place."""

    def __init__(self, path: Path):
        super().__init__(path)
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
            raise DataError(f"{path} is not a complete zip ({problem}).", "Download it again.") from problem
        self.entries = {entry.filename.replace("\\", "/"): entry for entry in self.zip.infolist() if not entry.is_dir()}
        for name in self.entries:
            self.add(name)
        self.sort()

    def open(self, name: str) -> BinaryIO:
        entry = self.entries[name]
        if entry.file_size > LIMIT_ENTRY:
            raise DataError(
                f"{name} in {self.path} would unpack to over {LIMIT_ENTRY >> 30} GB.", "Do not use this zip."
            )
        return self.zip.open(entry)


def litter(name: str) -> str:
    """'system' or 'hidden' for a file or folder that a computer put beside the data, else ''."""
    if name.lower() in SYSTEM or name.startswith("._"):
        return "system"
    return "hidden" if name.startswith(".") else ""


def open_collection(path: Path, beside: tuple[str, ...] = ()) -> FileCollection:
    """The folder or zip at `path`; a CSV gives a collection of itself and of those files `beside` it that exist."""
    if path.is_dir():
        return Folder(path)
    if not path.exists():
        near = path.parent if path.parent.is_dir() else None
        there = f" {near} holds: {', '.join(sorted(os.listdir(near))[:8]) or 'nothing'}." if near else ""
        raise DataError(f"{path} does not exist.", f"Check the spelling.{there}")
    if path.suffix.lower() == ".csv":
        return Folder(path.parent, only=(path.name, *beside))
    if path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        return Zip(path)
    if path.suffix.lower() in PACKED:
        raise DataError(f"{path} is packed in a way that is not read here.", "Unpack it, then name the folder it gave.")
    raise DataError(f"{path} is neither a folder, a zip nor a CSV.", "Name the folder that holds the class folders.")
