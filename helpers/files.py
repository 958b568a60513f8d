"""Files and the errors they cause: what may be opened, how much is read, written whole or not at all; and the course's own error.

Whoever reads a file that somebody else made reads it through here: `open_regular`, `open_zip`, `open_member`,
`read_arrays` and `whole_number` say what is taken, `guarded` turns whatever a reader raises into a sentence.
"""

import contextlib
import errno
import os
import pathlib
import re
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

LIMIT_BYTES = 2 * 2**30  # of one file in a zip, unpacked; nothing that the course reads is so large
LIMIT_LIST = 2**26  # bytes of a zip's list of files: room for half a million names
DIGITS = 12  # of a number in a name or a table


class CourseError(ValueError):
    """A problem that the reader can fix. The message names the problem (`reason`, short) and the fix."""

    def __init__(self, reason: str, fix: str = ""):
        super().__init__(f"{reason} {fix}".strip())
        self.reason = reason


@contextlib.contextmanager
def guarded(error: type[CourseError], reason: str, fix: str) -> Iterator[None]:
    """Whatever a damaged or hostile file makes its reader raise becomes one sentence; the course's own errors stay as they are."""
    try:
        yield
    except CourseError:
        raise
    except Exception as problem:  # OSError, zlib.error, struct.error, OverflowError, RecursionError, MemoryError ...
        raise error(f"{reason} ({brief(problem)}).", fix) from problem


def brief(problem: object, most: int = 400) -> str:
    """What an error says, on one line that can be read: hostile files have long names."""
    said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    said = "".join(" " if unicodedata.category(c) == "Cc" else c for c in said)
    return said if len(said) <= most else f"{said[:most]} ..."


def open_regular(path: str | os.PathLike) -> BinaryIO:
    """The file at a path, for reading. A pipe would wait for ever and a device never end: they are refused, links to them too."""
    waiting = getattr(os, "O_NONBLOCK", 0)  # without it, opening a pipe waits already
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | waiting))  # noqa: SIM115
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is a pipe or a device, no regular file", str(path))


def open_zip(path: str | os.PathLike) -> zipfile.ZipFile:
    """A zip, whose list of files Python reads at once and whole, so the size of that is looked at before."""
    with open_regular(path) as file:
        file.seek(-min(2**17, os.fstat(file.fileno()).st_size), os.SEEK_END)
        end = file.read()
    for mark, start, width in ((b"PK\5\6", 12, 4), (b"PK\6\6", 40, 8)):  # the last record, and that of large zips
        at = end.rfind(mark) + start
        size = int.from_bytes(end[at : at + width], "little") if at >= start else 0
        if LIMIT_LIST < size != 2**32 - 1:
            raise zipfile.BadZipFile(f"its list of files is over {LIMIT_LIST >> 20} MB long")
    return zipfile.ZipFile(path)


def open_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> BinaryIO:
    """A file in a zip. Stored and deflated ones only, the rest unfolds without a bound; what it says of its size must hold."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{brief(entry.filename)} is packed in a way that is not read here")
    if entry.file_size > LIMIT_BYTES:
        raise zipfile.BadZipFile(f"{brief(entry.filename)} would unpack to over {LIMIT_BYTES >> 30} GB")
    return archive.open(entry)


def read_at_most(file: BinaryIO, most: int) -> bytes:
    """The rest of a file, in small steps, so that nothing is reserved for what is not there; a byte over `most` where it is longer."""
    data = bytearray()
    while len(data) <= most and (more := file.read(min(2**16, most + 1 - len(data)))):
        data += more
    return bytes(data)


def read_arrays(path: pathlib.Path) -> dict:
    """The arrays of an .npz, nothing unpickled; its members are what `open_member` takes."""
    import numpy as np

    arrays = {}
    with open_zip(path) as archive:
        for entry in archive.infolist():
            with open_member(archive, entry) as file:
                arrays[entry.filename.removesuffix(".npy")] = np.lib.format.read_array(file, allow_pickle=False)
    return arrays


def whole_number(text: str, most: int) -> int | None:
    """The number that a text spells in digits; None where it spells none, or one above `most`, however long it is."""
    text = text.strip()
    number = int(text) if text.isdecimal() and len(text) <= DIGITS else -1
    return number if 0 <= number <= most else None


@contextlib.contextmanager
def write_atomically(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield a draft's path to write to; then flush it to the disk and rename it to `path`, so that a crash leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")  # the same ending: NumPy and Keras look at it
    try:
        yield draft
        flush(draft)
        os.replace(draft, path)
        flush(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def flush(path: pathlib.Path) -> None:
    """Wait until the disk has it: a file, or the names in a folder (which Windows and some disks cannot be asked for)."""
    folder = path.is_dir()
    with contextlib.suppress(OSError) if folder else contextlib.nullcontext():
        handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove(path: pathlib.Path) -> None:
    """Whatever is there is gone: a folder with all that is in it, but of a link only the link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def natural(name: str) -> list[tuple]:
    """A sorting key that counts as people do: picture2 comes before picture10, however many digits there are."""
    parts = [(part.lstrip("0"), part) for part in re.split(r"(\d+)", name)]
    return [(0, len(digits), digits) if part.isdecimal() else (1, 0, part.lower()) for digits, part in parts]
