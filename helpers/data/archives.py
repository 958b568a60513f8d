"""A folder and a zip seen the same way: files with names. Nothing is ever unpacked, moved or changed."""

from __future__ import annotations

import os
import stat
import zipfile
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from helpers.files import CourseError, brief, guarded, natural, open_member, open_regular, open_zip

from .images import SUFFIXES

DOCUMENTS = (".csv", ".json")
PACKED = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz")
LOCKED = "folder that cannot be opened"
SYSTEM = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"})
DRAWN_FACES = "drawn_faces"  # the folder of the data folder where the course keeps the faces that it draws
LIMIT_FILES = 1_000_000  # more files than this in one place are a mistake
LIMIT_NAME, LIMIT_DEPTH = 1000, 40  # characters and folders of a name inside a source; longer ones are no data set's


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
        *folders, file = name.split("/", LIMIT_DEPTH + 1)
        ending = os.path.splitext(file)[1].lower()
        if len(name) > LIMIT_NAME or len(folders) > LIMIT_DEPTH:
            self.skipped["file with an endless name"] += 1
        elif reason := next(filter(None, map(litter, (file, *folders))), ""):
            self.skipped[f"{reason} file"] += 1
        elif ending in SUFFIXES:
            self.pictures.append(name)
        elif ending in DOCUMENTS:
            self.documents.append(name)
        else:
            self.skipped["archive inside" if ending in PACKED else "not a picture file"] += 1
        if len(self.pictures) + len(self.documents) + self.skipped.total() > LIMIT_FILES:
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
            self.documents = [name for name in only if os.path.isfile(path / name)]
        else:
            self._walk("", set())
            self.sort()

    def open(self, name: str) -> BinaryIO:
        return open_regular(os.path.join(self.path, name))

    def _walk(self, under: str, seen: set) -> None:
        try:
            here = os.stat(self.path / under)
            entries = sorted(os.scandir(self.path / under), key=lambda entry: entry.name)
        except OSError:
            if not under:
                raise
            self.skipped[LOCKED] += 1
            return
        if (here.st_dev, here.st_ino) in seen:
            self.skipped["link back into the same folder"] += 1
            return
        seen.add((here.st_dev, here.st_ino))
        for entry in entries:
            name = f"{under}/{entry.name}" if under else entry.name
            kind = "file" if entry.is_file(follow_symlinks=False) else kind_of(entry.path)
            if kind == "file":
                self.add(name)
            elif kind != "folder":
                self.skipped["broken link or special file"] += 1
            elif entry.name == DRAWN_FACES:
                self.skipped["folder of drawn faces"] += 1
            elif reason := litter(entry.name):
                self.skipped[f"{reason} folder"] += 1
            elif under.count("/") >= LIMIT_DEPTH:
                self.skipped["folder too deep"] += 1
            else:
                self._walk(name, seen)


class Zip(FileCollection):
    """Every file in a zip, read in place."""

    def __init__(self, path: Path):
        super().__init__(path)
        with guarded(DataError, f"{path} cannot be opened as a zip", "Download it again."):
            self.zip = open_zip(path)
        self.entries = {entry.filename.replace("\\", "/"): entry for entry in self.zip.infolist() if not entry.is_dir()}
        for name in self.entries:
            self.add(name)
        self.sort()

    def open(self, name: str) -> BinaryIO:
        return open_member(self.zip, self.entries[name])


def litter(name: str) -> str:
    """'system' or 'hidden' for a file or folder that a computer put beside the data, else ''."""
    if name.lower() in SYSTEM or name.startswith("._"):
        return "system"
    return "hidden" if name.startswith(".") else ""


def kind_of(path: str | Path) -> str:
    """'file', 'folder', 'other' (a pipe, a device); 'locked' where one cannot look, '' where nothing is; links are followed."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError):  # a link in a circle, a name too long, somebody else's folder
        return "locked"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def open_collection(path: Path, beside: tuple[str, ...] = ()) -> FileCollection:
    """The folder or zip at `path`; a CSV gives a collection of itself and of those files `beside` it that exist."""
    kind, ending, name = kind_of(path), path.suffix.lower(), brief(path)
    with guarded(DataError, f"{name} cannot be opened", "Check its name and who may read it."):
        if not kind:
            near = path.parent if path.parent.is_dir() else None
            there = f" {near} holds: {', '.join(sorted(os.listdir(near))[:8]) or 'nothing'}." if near else ""
            raise DataError(f"{name} does not exist.", f"Check the spelling.{there}")
        if kind == "folder":
            return Folder(path)
        open_regular(path).close()
    if ending == ".csv":
        return Folder(path.parent, only=(path.name, *beside))
    if ending == ".zip" or zipfile.is_zipfile(path):
        return Zip(path)
    if ending in PACKED:
        raise DataError(f"{name} is packed in a way that is not read here.", "Unpack it, then name the folder it gave.")
    raise DataError(f"{name} is neither a folder, a zip nor a CSV.", "Name the folder that holds the class folders.")
