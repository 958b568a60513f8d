"""What a training says: its progress on one line, and what went wrong in a sentence with the fix."""

import contextlib
import errno
import math
import time

import keras
import numpy as np

from helpers.files import CourseError
from helpers.progress import Line

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
MEMORY = ("MemoryError", "RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM when")
STAYS = "The last good checkpoint stays."


class TrainingError(CourseError):
    """A training that cannot begin or go on."""


@contextlib.contextmanager
def explained(run: str, batch: int):
    """Turn a full disk, a folder that cannot be written and too little memory into a TrainingError."""
    try:
        yield
    except TrainingError:
        raise
    except Exception as problem:
        if error := diagnosis(problem, run, batch):
            raise error from problem
        raise


def diagnosis(problem: Exception, run: str, batch: int) -> TrainingError | None:
    """The error to show instead, if the problem is one that a student can fix."""
    text = f"{type(problem).__name__} {problem}"
    if any(word in text for word in MEMORY):
        fix = f"Call fit with batch={batch // 2}." if batch > 1 else "Take a smaller network or smaller images."
        return TrainingError(f"Batches of {batch} images of {run} do not fit into memory.", f"{fix} {STAYS}")
    number = problem.errno if isinstance(problem, OSError) else None
    if number in FULL or "No space left" in text:
        fix = "Make room, or set COURSE_RUNS to a folder on another disk."
        return TrainingError(f"The disk is full and cannot hold the run {run}.", f"{fix} {STAYS}")
    if number in REFUSED:
        reason = f"{problem.filename or 'The runs folder'} cannot be written ({problem.strerror})."
        return TrainingError(reason, f"Set COURSE_RUNS to a folder of your own. {STAYS}")
    return None


class Progress(keras.callbacks.Callback):
    """Shows epoch, speed, loss and scores, and stops at a loss that is not a number before a checkpoint keeps it."""

    def __init__(self, line: Line, name: str, steps: int, epochs: int, every: float = 0.5):
        super().__init__()
        self.line, self.name, self.steps, self.epochs, self.every = line, name, steps, epochs, every
        self.last, self.began, self.epoch, self.before = 0.0, 0.0, 0, ""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.began = epoch + 1, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        self.check(logs)
        left = (now - self.began) / (batch + 1) * (self.steps - batch - 1)
        where = f"batch {batch + 1}/{self.steps}, {left:.0f} s left of the epoch"
        self.line.show(f"{self.head()} · {where} · {scores(logs)}{self.before}")

    def on_epoch_end(self, epoch, logs=None):
        self.check(logs)
        self.before = f" · val_loss {logs['val_loss']:.3f} before" if "val_loss" in logs else ""
        self.line.log(f"{self.head()} · {time.monotonic() - self.began:.1f} s · {scores(logs)}")

    def head(self) -> str:
        return f"{self.name}: epoch {self.epoch}/{self.epochs}"

    def check(self, logs) -> None:
        """Stop a training whose loss is not a number."""
        if all(math.isfinite(float((logs or {}).get(key, 0.0))) for key in ("loss", "val_loss")):
            return
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        raise TrainingError(
            f"The loss of {self.name} is not a number any more in epoch {self.epoch}: the weights have grown without bound.",
            f"Compile with a smaller learning rate (now {rate:g}) or with clipnorm=1.0. {STAYS}",
        )


def scores(logs) -> str:
    """'loss 1.234 (val 1.345), accuracy 0.512 (val 0.498)'; a score with one number a class gives its mean."""
    logs = {key: float(np.mean(value)) for key, value in (logs or {}).items()}
    names = [key for key in logs if not key.startswith("val_") and key not in ("loss", "learning_rate")]
    parts = []
    for key in (["loss"] if "loss" in logs else []) + names:
        beside = f" (val {logs[f'val_{key}']:.3f})" if f"val_{key}" in logs else ""
        parts.append(f"{key} {logs[key]:.3f}{beside}")
    return ", ".join(parts)
