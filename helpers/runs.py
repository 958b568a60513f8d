"""A run's record on disk: write, find, read. Knows no Keras. Reference runs, trained on the real FER-2013, have the same shape.

runs/<name>/<hash of the configuration>-s<seed>/record.json      what was done, with what, and what came out
                                                predictions.npz  labels and probabilities of the test images
                                                model.keras      the trained network
"""

import dataclasses
import hashlib
import json
import os
import pathlib
from collections.abc import Callable

import numpy as np

from helpers import environment
from helpers.files import CourseError, flush, open_regular, read_arrays, read_at_most, remove, write_atomically

LIMIT_RECORD = 2**26  # bytes
BESIDE = (".writing", ".damaged")  # how the folders end that lie beside the finished runs
REFERENCE = pathlib.Path(__file__).parent / "assets" / "reference"


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run: its record (protocol, history, versions, minutes) and its predictions image by image."""

    name: str
    record: dict
    labels: np.ndarray
    probabilities: np.ndarray
    folder: pathlib.Path | None = None
    model: object = None  # the network, where the run was trained or found by `training.fit`

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each image."""
        return self.probabilities.argmax(axis=1)

    @property
    def history(self) -> dict[str, list[float]]:
        """The curves: one list a metric, one number an epoch."""
        return self.record["history"]


def digest(*parts) -> str:
    """A short hash of arrays and of anything that JSON can write: equal content, equal hash."""
    seen = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            seen.update(f"{part.dtype.str}{part.shape}".encode())
            seen.update(np.ascontiguousarray(part).data)
        else:
            seen.update(json.dumps(part, sort_keys=True, default=str).encode())
    return seen.hexdigest()[:12]


def folder(name: str, configuration: str, seed: int) -> pathlib.Path:
    """Where the run of that name, configuration and seed has its place, finished or not."""
    if name in ("", ".", "..") or {"/", "\\"} & set(name):
        fix = "Take a name such as run='trial_1': no slashes, not empty, no dots alone."
        raise CourseError(f"run={name!r} cannot name a folder.", fix)
    return environment.folder("runs") / name / f"{configuration}-s{seed}"


def read(path: pathlib.Path) -> Run | None:
    """The finished run in that folder, or None; one whose files are damaged is none."""
    try:
        found = read_record(path / "record.json")
        return Run(path.parent.name, found, *_predictions(path / "predictions.npz"), folder=path)
    except Exception:  # absent, cut short, no numbers, no run's record: all the same here
        return None


def read_record(path: pathlib.Path) -> dict:
    """A run's record: what is no table with a history, curve by curve, raises a ValueError."""
    with open_regular(path) as file:
        found = json.loads(read_at_most(file, LIMIT_RECORD))
    curves = found["history"].values()
    if not all(isinstance(curve, list) for curve in curves) or not isinstance(found["test"], str):
        raise ValueError("its history has no curves")
    return found


def find(name: str, test: str | None = None) -> list[Run]:
    """The finished runs of that name, the newest first; with `test`, those scored on the images of that digest."""
    paths = [path for path in (environment.folder("runs") / name).glob("*-s*") if path.suffix not in BESIDE]
    found = [run for run in map(read, paths) if run and (test is None or run.record["test"] == test)]
    return sorted(found, key=lambda run: (run.folder / "record.json").stat().st_mtime, reverse=True)


def set_aside(path: pathlib.Path) -> str:
    """Move what lies at `path` and is damaged out of the way; returns the sentence that says so."""
    aside = path.with_name(path.name + ".damaged")
    remove(aside)
    os.replace(path, aside)
    return f"{path} is damaged; it was set aside as {aside.name}"


def write(path: pathlib.Path, record: dict, labels: np.ndarray, probabilities: np.ndarray, save: Callable) -> Run:
    """Write a finished run beside its place, `save` adding the network, and rename it into place: all of it or nothing."""
    draft = path.with_name(path.name + ".writing")
    remove(draft)
    draft.mkdir(parents=True)
    try:
        with write_atomically(draft / "model.keras") as file:
            save(file)
        with write_atomically(draft / "predictions.npz") as file:
            np.savez_compressed(file, labels=labels.astype(np.uint8), probabilities=probabilities)
        with write_atomically(draft / "record.json") as file:
            file.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except BaseException:
        remove(draft)  # a full disk has its room back
        raise
    remove(path)
    os.replace(draft, path)
    flush(path.parent)
    return read(path)


def _predictions(path: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities, a row an image; a ValueError where they do not fit together."""
    stored = read_arrays(path)
    labels, probabilities = stored["labels"].astype(np.int64), stored["probabilities"].astype(np.float32)
    if labels.ndim != 1 or probabilities.ndim != 2 or len(labels) != len(probabilities) or not probabilities.shape[1]:
        raise ValueError(f"{len(labels)} labels, {probabilities.shape} probabilities")
    return labels, probabilities


def references() -> list[str]:
    """The names of the reference runs that come with the course."""
    return sorted(path.stem for path in REFERENCE.glob("*.json"))


def record(name: str) -> dict:
    """The record of the reference run of that name: what was done, with what, and what came out."""
    path = REFERENCE / f"{name}.json"
    if not path.exists():
        raise CourseError(f"There is no reference run {name!r}.", f"The course has: {', '.join(references())}.")
    return json.loads(path.read_text("utf-8"))


def reference(name: str) -> Run:
    """The reference run of that name with its predictions."""
    return Run(name, record(name), *_predictions(REFERENCE / f"{name}.npz"))
