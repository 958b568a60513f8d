"""Files and the errors they cause: written whole or not at all, sorted as people count, and one base class for the course's errors."""

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator


class CourseError(ValueError):
    """A problem that the reader can fix. The message names the problem (`reason`, short) and the fix."""

    def __init__(self, reason: str, fix: str = ""):
        super().__init__(f"{reason} {fix}".strip())
        self.reason = reason


@contextlib.contextmanager
def write_atomically(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield a draft's path to write to; then flush it to the disk and rename it to `path`, so that a crash leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")  # the same ending: NumPy and Keras look at it
    try:
        yield draft
        with open(draft, "rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def natural(name: str) -> list[tuple]:
    """A sorting key that counts as people do: picture2 comes before picture10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]
