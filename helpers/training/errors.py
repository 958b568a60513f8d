"""What can go wrong in a training, each as one sentence with its mend."""

import contextlib
import errno
import pathlib
import shutil

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
STAYS = "The last good checkpoint stays."


class TrainingError(RuntimeError):
    """A training that cannot go on; the message says why and what fixes it."""


@contextlib.contextmanager
def explained(run: str, batch: int, folder: pathlib.Path | None = None):
    """A full disk, a folder that cannot be written and too little memory become sentences, however they are raised."""
    try:
        yield
    except TrainingError:
        raise
    except Exception as problem:
        if sentence := diagnosis(problem, run, batch, folder):
            raise TrainingError(sentence) from problem
        raise


def diagnosis(problem: Exception, run: str, batch: int, folder: pathlib.Path | None) -> str:
    """The sentence for a problem that has one, else ''."""
    text = f"{type(problem).__name__} {problem}"
    if isinstance(problem, MemoryError) or any(
        word in text for word in ("RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM when")
    ):
        mend = f"call fit with batch={batch // 2}" if batch > 1 else "take a smaller network or smaller pictures"
        return f"Batches of {batch} pictures of {run} do not fit into the memory: {mend}. {STAYS}"
    if not isinstance(problem, OSError):
        return ""
    if problem.errno in FULL or "No space left" in text:
        left = (
            f" ({shutil.disk_usage(folder).free / 1e6:.0f} MB left in {folder})" if folder and folder.exists() else ""
        )
        return (
            f"The disk is full and cannot hold the run {run}{left}. "
            f"Make room, or set COURSE_RUNS to a folder on another disk. {STAYS}"
        )
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        place = problem.filename or folder
        return f"{place} cannot be written ({problem.strerror}): set COURSE_RUNS to a folder of your own. {STAYS}"
    return ""
