"""Fetches a file of weights once: resumed, checked, locked against a second notebook, renamed into place when it is whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pathlib
import shutil
import time

import filelock

from .errors import PretrainedError
from .registry import Weights

TIMEOUT = (10, 30)  # seconds to connect, and to wait for the next bytes
ATTEMPTS = 10  # a connection that breaks is taken up again where it broke
QUIET = 2.0  # seconds before a word is said
PATIENCE = 1800  # seconds to wait for another notebook's download
CHUNK = 1 << 20


def fetch(weights: Weights) -> pathlib.Path:
    """The path of the file: the one at hand whose content is right, else freshly downloaded."""
    if (found := at_hand(weights)) is not None:
        return found
    place = weights.place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with alone(weights):
            return at_hand(weights) or download(weights)
    except OSError as problem:
        raise PretrainedError(failure(problem, weights), weights.ways_out) from problem


def at_hand(weights: Weights) -> pathlib.Path | None:
    """A file that lies here already; a wrong one at the course's own place is an error, in Keras' cache it is passed over."""
    for path in weights.places:
        if not path.is_file():
            continue
        wrong = mistake(weights, path)
        if not wrong:
            return path
        if path == weights.place:
            raise PretrainedError(f"{path} is not the file that belongs there: {wrong}.", "Delete it and run again.")
    return None


def mistake(weights: Weights, path: pathlib.Path) -> str:
    """What is wrong with a file, as expected and found; '' if nothing is."""
    size = path.stat().st_size
    if weights.size is not None and size != weights.size:
        kind = "it is cut short" if size < weights.size else "it is another file"
        return f"expected {weights.size:,} bytes, found {size:,}; {kind}"
    if weights.digest is None and not begins_as_hdf5(path):
        return f"expected an HDF5 file, found {size:,} bytes of something else"
    expected = weights.digest or kept(path)
    if expected and (found := digest(path, expected.partition(":")[0])) != expected:
        return f"expected {expected}, found {found}"
    return ""


def digest(path: pathlib.Path, kind: str = "sha256") -> str:
    """'sha256:...' or 'md5:...' of a file."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False))
        return f"{kind}:{found.hexdigest()}"


def begins_as_hdf5(path: pathlib.Path) -> bool:
    """Whether a file has HDF5's first bytes; a web page that asks for a password has not."""
    with open(path, "rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n"


def kept(path: pathlib.Path) -> str | None:
    """The sum of the first download, where none is published."""
    note = path.with_name(path.name + ".sum")
    return note.read_text("utf-8").strip() if note.is_file() else None


@contextlib.contextmanager
def alone(weights: Weights):
    """Only one notebook downloads a file; the others wait for it, and say so."""
    lock = filelock.FileLock(f"{weights.place}.lock")
    try:
        lock.acquire(timeout=QUIET)
    except filelock.Timeout:
        print(f"{weights.name}: another notebook is downloading it; waiting ...", flush=True)
        try:
            lock.acquire(timeout=PATIENCE)
        except filelock.Timeout as problem:
            raise PretrainedError(
                f"Another notebook has been downloading {weights.file} for {PATIENCE // 60} minutes.", weights.ways_out
            ) from problem
    try:
        yield
    finally:
        lock.release()


def download(weights: Weights) -> pathlib.Path:
    """Fetch the file beside its place, check it, and rename it."""
    import requests

    part, begun = weights.place.with_name(weights.file + ".part"), time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        before = length(part)
        try:
            receive(weights, part)
            break
        except requests.RequestException as problem:
            if length(part) <= before or attempt == ATTEMPTS:  # only a connection that brought something is tried again
                raise PretrainedError(failure(problem, weights), weights.ways_out) from problem
    if wrong := mistake(weights, part):
        discard(part)
        raise PretrainedError(f"What {weights.url} sent is not {weights.file}: {wrong}.", weights.ways_out)
    if weights.digest is None:
        weights.place.with_name(weights.file + ".sum").write_text(digest(part) + "\n", "utf-8")
    os.replace(part, weights.place)
    discard(part)
    if (took := time.monotonic() - begun) > QUIET:
        print(f"{weights.name}: {megabytes(weights.place.stat().st_size)} MB in {took:.0f} s, kept at {weights.place}")
    return weights.place


def receive(weights: Weights, part: pathlib.Path) -> None:
    """One request: the rest of the file if the server still has the same one, else all of it."""
    import requests

    tag, have = part.with_name(part.name + ".etag"), length(part)
    headers = {"Accept-Encoding": "identity"}
    if have and tag.is_file() and tag.read_text("utf-8"):
        headers |= {"Range": f"bytes={have}-", "If-Range": tag.read_text("utf-8")}
    with requests.get(weights.url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if have and answer.status_code == 416:  # nothing lies beyond the part: it is the whole file, or longer
            if answer.headers.get("Content-Range", "").rpartition("/")[2] == str(have):
                return
            discard(part)
            return receive(weights, part)
        answer.raise_for_status()
        have = have if answer.status_code == 206 else 0
        total = have + int(answer.headers.get("Content-Length") or 0)
        if have == total:
            total = weights.size or 0  # a server that does not tell
        elif weights.size not in (None, total):
            discard(part)
            raise PretrainedError(
                f"{weights.url} does not send {weights.file}: expected {weights.size:,} bytes, found {total:,}.",
                weights.ways_out,
            )
        check_room(weights, part, total - have)
        tag.write_text(answer.headers.get("ETag", ""), "utf-8")
        with open(part, "ab" if have else "wb") as file:
            said = time.monotonic()
            for chunk in answer.iter_content(CHUNK):
                have += file.write(chunk)
                if time.monotonic() - said > QUIET:
                    said = time.monotonic()
                    of = f" of {megabytes(total)}" if total else ""
                    print(f"{weights.name}: {megabytes(have)}{of} MB", end="\r", flush=True)
        if total and have != total:
            raise requests.exceptions.ChunkedEncodingError(f"{have:,} of {total:,} bytes came")


def check_room(weights: Weights, part: pathlib.Path, needed: int) -> None:
    """A full disk is told before the download, not after it."""
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise PretrainedError(
            f"{part.parent} has {megabytes(free)} MB free and {weights.file} needs {megabytes(needed)} MB more.",
            f"Free some space. {weights.ways_out}",
        )


def discard(part: pathlib.Path) -> None:
    """Remove what an unfinished download left."""
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".etag").unlink(missing_ok=True)


def failure(problem: Exception, weights: Weights) -> str:
    """One sentence for each way in which a download fails."""
    import requests

    where = weights.url.split("/")[2]
    if isinstance(problem, requests.HTTPError):
        return f"{where} answered {problem.response.status_code} {problem.response.reason} to {weights.url}."
    if isinstance(problem, requests.Timeout) or "timed out" in str(problem):
        return f"{where} did not answer in time."
    if isinstance(problem, requests.exceptions.ChunkedEncodingError):
        return (
            f"The connection to {where} broke before all of {weights.file} was here; the next try goes on from there."
        )
    if isinstance(problem, requests.exceptions.SSLError):
        return f"The connection to {where} is not safe: its certificate cannot be checked here."
    if isinstance(problem, requests.RequestException):
        return f"There is no network here, or {where} cannot be reached."
    if getattr(problem, "errno", None) == errno.ENOSPC:
        discard(weights.place.with_name(weights.file + ".part"))
        return f"The disk is full: {weights.file} does not fit at {weights.place.parent}."
    return f"{weights.place.parent} cannot be written to ({getattr(problem, 'strerror', None) or problem})."


def length(path: pathlib.Path) -> int:
    """Bytes of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def megabytes(size: int) -> str:
    """A size in words, without its unit."""
    return f"{size / 1e6:,.0f}"
