"""What has to be kept to go on as if nothing had happened, after every epoch: all of it, in one file, written atomically."""

import json
import os
import pathlib
import time

import keras
import numpy as np

LATEST, PREVIOUS, DRAFT = "state.npz", "state.previous.npz", "state.writing.npz"


class Checkpoint(keras.callbacks.Callback):
    """Keeps the state of the run after each epoch, and puts it back when training begins again. Comes after all others.

    Keras' BackupAndRestore keeps weights and optimizer only. Here the seed generators of dropout and augmentation
    layers, the history and what the other callbacks remember (best score, patience used up, best weights) stay, too.
    """

    def __init__(self, folder: pathlib.Path, others: list, write: bool = True):
        super().__init__()
        self.folder, self.others, self.write = folder, others, write
        self.history, self.epochs, self.stopped, self.arrays, self.remembered = {}, 0, False, None, []
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the run has taken, earlier sittings included."""
        return time.monotonic() - self.began

    def find(self) -> str:
        """Read the newest state that is whole; returns what to tell the student of damaged ones, '' if there are none."""
        damaged = []
        for path in (self.folder / LATEST, self.folder / PREVIOUS):
            if not path.exists():
                continue
            try:
                with np.load(path, allow_pickle=False) as stored:
                    arrays = {key: stored[key] for key in stored.files}
                told = json.loads(str(arrays.pop("told")))
            except Exception:  # whatever a damaged file makes the reader stumble over
                damaged.append(path.name)
                continue
            self.arrays, self.remembered = arrays, told["callbacks"]
            self.history, self.epochs, self.stopped = told["history"], told["epochs"], told["stopped"]
            self.began -= told["seconds"]
            break
        after = f"goes on after epoch {self.epochs}" if self.epochs else "starts again from the first epoch"
        names = f"{' and '.join(damaged)} in {self.folder} {'are' if len(damaged) > 1 else 'is'} damaged"
        return f"the checkpoint {names}; training {after}." if damaged else ""

    def on_train_begin(self, logs=None):
        """Put back the state, after the other callbacks have reset theirs."""
        if self.arrays is None:
            return
        for i, variable in enumerate(variables(self.model)):
            if (key := f"variable_{i}") in self.arrays:  # a float16 run that began in float32 has two more
                variable.assign(self.arrays[key])
        for k, (callback, told) in enumerate(zip(self.others, self.remembered, strict=True)):
            vars(callback).update(told)
            prefix = f"callback_{k}."
            for key in [key for key in self.arrays if key.startswith(prefix)]:
                name, _, place = key.removeprefix(prefix).partition(".")
                if not place:
                    setattr(callback, name, self.arrays[key])
                elif place == "0":
                    several = sum(other.startswith(f"{prefix}{name}.") for other in self.arrays)
                    setattr(callback, name, [self.arrays[f"{prefix}{name}.{i}"] for i in range(several)])
        self.arrays = None

    def on_epoch_end(self, epoch, logs=None):
        """Keep the state; where that fails, the last good one stays."""
        self.epochs, self.stopped = epoch + 1, bool(self.model.stop_training)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(rounded(value))
        if self.write:
            self.keep()

    def keep(self) -> None:
        """Write the state beside the last one and rename it into its place; the one before stays as a spare."""
        arrays = {f"variable_{i}": array for i, array in enumerate(values(variables(self.model)))}
        remembered = []
        for k, callback in enumerate(self.others):
            told, lists = memory(callback)
            remembered.append(told)
            arrays |= {f"callback_{k}.{key}": value for key, value in lists.items()}
        told = {key: getattr(self, key) for key in ("epochs", "stopped", "history", "seconds")}
        draft = self.folder / DRAFT
        try:
            with draft.open("wb") as file:
                np.savez(file, told=np.array(json.dumps(told | {"callbacks": remembered})), **arrays)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        if (self.folder / LATEST).exists():
            os.replace(self.folder / LATEST, self.folder / PREVIOUS)
        os.replace(draft, self.folder / LATEST)


def rounded(value):
    """A score with six digits; a list where a metric gives one number a class."""
    value = np.asarray(value, float)
    return float(f"{value:.6g}") if value.ndim == 0 else [rounded(item) for item in value]


def variables(model: keras.Model) -> list:
    """Everything that changes while a model trains: weights, running statistics, seed generators, the optimizer."""
    outer = model.optimizer.variables
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer).variables
    return [*model.variables, *inner, *outer[: len(outer) - len(inner)]]  # the rest: float16's scale of the loss


def values(several) -> list[np.ndarray]:
    """The numbers in variables, as copies."""
    return [np.array(np.asarray(variable)) for variable in several]


def assign(several, numbers) -> None:
    """Numbers into variables."""
    for variable, number in zip(several, numbers, strict=True):
        variable.assign(number)


def memory(callback) -> tuple[dict, dict]:
    """What a callback remembers between epochs: plain values, and arrays by name (a list of arrays one by one)."""
    told, arrays = {}, {}
    for key, value in vars(callback).items():
        if key in ("_model", "params"):
            continue
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, np.ndarray):
            arrays[key] = value
        elif isinstance(value, list) and value and all(isinstance(item, np.ndarray) for item in value):
            arrays |= {f"{key}.{i}": item for i, item in enumerate(value)}
        elif plain(value):
            told[key] = value
    return told, arrays


def plain(value) -> bool:
    """Whether JSON gives the value back as it was."""
    if isinstance(value, float):
        return True
    try:
        return json.loads(json.dumps(value)) == value
    except (TypeError, ValueError):
        return False
