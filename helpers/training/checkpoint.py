"""What a run follows from, so that the same run is found again; and what is kept after each epoch, to go on from exactly there."""

import inspect
import json
import math
import os
import pathlib
import time

import keras
import numpy as np

from helpers import models, runs
from helpers.files import read_arrays, write_atomically

from .progress import TrainingError

LATEST, PREVIOUS = "state.npz", "state.previous.npz"


def identity(model: keras.Model, data, callbacks: list, augment, options: dict) -> dict:
    """What a run's weights follow from, the seed aside: two calls with the same identity are the same run.

    Of functions that a callback was given, such as a schedule of the learning rate, only the name counts, not the code.
    """
    compiled = json.dumps(model.get_compile_config())
    return {
        "network": models.architecture_hash(model),
        "trainable": runs.digest([weight.trainable for weight in model.weights]),
        "first_weights": runs.digest(*model.get_weights()),
        "compiled": json.loads(compiled, object_hook=without_name),
        "images": [runs.digest(part.images, part.labels) for part in (data.train, data.validation, data.test)],
        "callbacks": [settings(callback) for callback in callbacks],
        "augment": effect(augment, data.train.images),
        **options,
    }


def without_name(config: dict) -> dict:
    """A configuration without the name, which Keras numbers in the order in which things are made."""
    return {key: value for key, value in config.items() if key != "name"}


def settings(callback) -> list:
    """A callback's class and the values that it was made with; they stay the same while it trains."""

    def text(value):
        return (
            value.item() if isinstance(value, np.generic) else getattr(value, "__qualname__", type(value).__qualname__)
        )

    names = [name for name in inspect.signature(type(callback)).parameters if hasattr(callback, name)]
    given = {name: getattr(callback, name) for name in names}
    if "min_delta" in given:
        given["min_delta"] = abs(given["min_delta"])  # Keras turns its sign while training
    return json.loads(json.dumps([type(callback), given], default=text, skipkeys=True))


def effect(augment, images: np.ndarray) -> str | None:
    """The digest of what an augmentation does to the first images. It must do the same again, or no run could go on exactly."""
    if augment is None:
        return None
    once, twice = (runs.digest(np.asarray(augment(images[:8, ..., None].copy(), [0, 0, 0]))) for _ in range(2))
    if once != twice:
        fix = "Take every random number from np.random.default_rng(seed)."
        raise TrainingError("augment(images, seed) gave two results for one seed.", fix)
    return once


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

    def find(self, model: keras.Model | None = None, epochs: float = math.inf) -> str:
        """Read the newest state that is whole and fits the model; returns a message about damaged ones, '' if there are none."""
        damaged = []
        for path in (self.folder / LATEST, self.folder / PREVIOUS):
            if not os.path.lexists(path):
                continue
            try:
                arrays = read_arrays(path)
                state = json.loads(str(arrays.pop("state")))
                check(state, arrays, len(self.others), epochs, model)
            except Exception:  # whatever a damaged file makes the reader stumble over
                damaged.append(path.name)
                if self.write:
                    runs.set_aside(path)
                continue
            self.arrays, self.remembered = arrays, state["callbacks"]
            self.history, self.epochs, self.stopped = state["history"], state["epochs"], state["stopped"]
            self.began -= state["seconds"]
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
        for k, (callback, plain_values) in enumerate(zip(self.others, self.remembered, strict=True)):
            vars(callback).update(plain_values)
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
        """Write the state in place of the last one, which stays as a spare."""
        arrays = {f"variable_{i}": array for i, array in enumerate(values(variables(self.model)))}
        remembered = []
        for k, callback in enumerate(self.others):
            plain_values, lists = memory(callback)
            remembered.append(plain_values)
            arrays |= {f"callback_{k}.{key}": value for key, value in lists.items()}
        state = {key: getattr(self, key) for key in ("epochs", "stopped", "history", "seconds")}
        latest = self.folder / LATEST
        with write_atomically(latest) as draft:
            np.savez(draft, state=np.array(json.dumps(state | {"callbacks": remembered})), **arrays)
            if latest.exists():
                os.replace(latest, self.folder / PREVIOUS)


def check(state: dict, arrays: dict, callbacks: int, epochs: float, model: keras.Model | None) -> None:
    """A ValueError, or another error, where a state is none of this run: its counts, its curves, the shapes of its arrays."""
    done, curves = state["epochs"], state["history"].values()
    if type(done) is not int or not 1 <= done <= epochs or not all(len(curve) <= done for curve in curves):
        raise ValueError(f"{done} epochs")
    if not isinstance(state["stopped"], bool) or not 0 <= state["seconds"] < 1e9:
        raise ValueError("it cannot be told how the run went")
    if len(state["callbacks"]) != callbacks or not all(
        isinstance(plain_values, dict) for plain_values in state["callbacks"]
    ):
        raise ValueError("it has other callbacks")
    for i, variable in enumerate(variables(model) if model else ()):
        array = arrays.get(f"variable_{i}")
        absent_before = i >= len(model.variables) + len(inner(model).variables)  # a float16 run that began in float32
        if (array is None and not absent_before) or (array is not None and array.shape != tuple(variable.shape)):
            raise ValueError(f"variable {i} does not fit")


def rounded(value):
    """A score with six digits; a list where a metric gives one number a class."""
    value = np.asarray(value, float)
    return float(f"{value:.6g}") if value.ndim == 0 else [rounded(item) for item in value]


def variables(model: keras.Model) -> list:
    """Everything that changes while a model trains: weights, running statistics, seed generators, the optimizer."""
    outer, own = model.optimizer.variables, inner(model).variables
    return [*model.variables, *own, *outer[: len(outer) - len(own)]]  # the rest: float16's scale of the loss


def inner(model: keras.Model):
    """The optimizer itself, which float16 wraps into one that scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def values(several) -> list[np.ndarray]:
    """The numbers in variables, as copies."""
    return [np.array(np.asarray(variable)) for variable in several]


def assign(several, numbers) -> None:
    """Numbers into variables."""
    for variable, number in zip(several, numbers, strict=True):
        variable.assign(number)


def memory(callback) -> tuple[dict, dict]:
    """What a callback remembers between epochs: plain values, and arrays by name (a list of arrays one by one)."""
    plain_values, arrays = {}, {}
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
            plain_values[key] = value
    return plain_values, arrays


def plain(value) -> bool:
    """Whether JSON gives the value back as it was."""
    if isinstance(value, float):
        return True
    try:
        return json.loads(json.dumps(value)) == value
    except (TypeError, ValueError):
        return False
