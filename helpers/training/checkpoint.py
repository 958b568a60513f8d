"""What has to be kept to go on as if nothing had happened, after every epoch: all of it, in one file, written atomically."""

import errno
import json
import os
import pathlib
import shutil
import zipfile

import keras
import numpy as np

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
LATEST, PREVIOUS = "state.npz", "state.previous.npz"


class TrainingError(RuntimeError):
    """A training that cannot go on; the message says why and what mends it."""


class Checkpoint(keras.callbacks.Callback):
    """Keeps the state of the run after each epoch, and puts it back when training begins again. Comes after all others.

    Keras' BackupAndRestore keeps weights and optimizer only. Here the seed generators of dropout and augmentation
    layers, the history and what the other callbacks remember (best score, patience used up, best weights) stay, too.
    """

    def __init__(self, folder: pathlib.Path, others: list, write: bool = True):
        super().__init__()
        self.folder, self.others, self.write = folder, others, write
        self.history, self.epochs, self.stopped, self.arrays, self.remembered = {}, 0, False, None, []
        self.seconds = 0.0

    def find(self) -> str:
        """Read the newest state that is whole; returns what to tell the student, '' if there is nothing to tell."""
        damaged = []
        for path in (self.folder / LATEST, self.folder / PREVIOUS):
            if not path.exists():
                continue
            try:
                with np.load(path, allow_pickle=False) as stored:
                    arrays = {key: stored[key] for key in stored.files}
                told = json.loads(str(arrays.pop("told")))
            except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile):
                damaged.append(path.name)
                continue
            self.arrays, self.remembered = arrays, told["callbacks"]
            self.history, self.epochs, self.stopped = told["history"], told["epochs"], told["stopped"]
            self.seconds = told["seconds"]
            break
        if not damaged:
            return ""
        after = f"goes on from epoch {self.epochs}" if self.epochs else "starts again from the first epoch"
        return f"The checkpoint {' and '.join(damaged)} in {self.folder} is damaged; training {after}."

    def on_train_begin(self, logs=None):
        """Put back the state, after the other callbacks have reset theirs."""
        if self.arrays is None:
            return
        kept = variables(self.model)
        for i, variable in enumerate(kept):
            variable.assign(self.arrays[f"variable_{i}"])
        for k, (callback, told) in enumerate(zip(self.others, self.remembered, strict=True)):
            vars(callback).update(told)
            lists = [key for key in self.arrays if key.startswith(f"callback_{k}.")]
            for attribute in {key.split(".")[1] for key in lists}:
                several = sorted((key for key in lists if key.split(".")[1] == attribute), key=_place)
                values = [self.arrays[key] for key in several]
                setattr(callback, attribute, values[0] if _place(several[0]) < 0 else values)
        self.arrays = None

    def on_epoch_end(self, epoch, logs=None):
        """Keep the state; where that fails, the last good one stays."""
        self.epochs, self.stopped = epoch + 1, bool(self.model.stop_training)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(round(float(value), 6))
        if self.write:
            self.keep()

    def keep(self) -> None:
        """Write the state beside the last one and rename it into its place; the one before stays as a spare."""
        arrays = {f"variable_{i}": np.asarray(variable) for i, variable in enumerate(variables(self.model))}
        remembered = []
        for k, callback in enumerate(self.others):
            told, lists = memory(callback)
            remembered.append(told)
            arrays |= {f"callback_{k}.{key}": value for key, value in lists.items()}
        told = {
            "epochs": self.epochs,
            "stopped": self.stopped,
            "history": self.history,
            "callbacks": remembered,
            "seconds": self.seconds,
        }
        draft = self.folder / "state.writing.npz"
        try:
            with draft.open("wb") as file:
                np.savez(file, told=np.array(json.dumps(told)), **arrays)
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            draft.unlink(missing_ok=True)
            if problem.errno in FULL:
                raise TrainingError(full(self.folder, sum(array.nbytes for array in arrays.values()))) from problem
            raise
        if (self.folder / LATEST).exists():
            os.replace(self.folder / LATEST, self.folder / PREVIOUS)
        os.replace(draft, self.folder / LATEST)


def _place(key: str) -> int:
    """'callback_0.best_weights.3' -> 3; a single array has no place and gives -1."""
    return int(key.split(".")[2]) if key.count(".") == 2 else -1


def variables(model: keras.Model) -> list:
    """Everything that changes while a model trains: weights, running statistics, seed generators, the optimizer."""
    return [*model.variables, *model.optimizer.variables]


def memory(callback) -> tuple[dict, dict]:
    """What a callback remembers between epochs: plain values, and arrays by name (a list of arrays one by one)."""
    told, arrays = {}, {}
    for key, value in vars(callback).items():
        if key in ("_model", "params"):
            continue
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, (bool, int, float, str, type(None))):
            told[key] = value
        elif isinstance(value, np.ndarray):
            arrays[key] = value
        elif isinstance(value, list) and value and all(isinstance(item, np.ndarray) for item in value):
            arrays |= {f"{key}.{i}": item for i, item in enumerate(value)}
    return told, arrays


def full(folder: pathlib.Path, needed: int) -> str:
    """The sentence for a full disk."""
    free = shutil.disk_usage(folder).free
    return (
        f"The disk is full: a checkpoint needs {needed / 1e6:.0f} MB and {folder} has {free / 1e6:.0f} MB left. "
        "Make room, or set COURSE_RUNS to a folder on another disk; the last good checkpoint stays."
    )
