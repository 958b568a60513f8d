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
import shutil
import zipfile
from collections.abc import Callable

import numpy as np

from helpers import environment
from helpers.files import CourseError, write_atomically

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
        found = json.loads((path / "record.json").read_text("utf-8"))
        return Run(path.parent.name, found, *_predictions(path / "predictions.npz"), folder=path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def find(name: str, test: str | None = None) -> list[Run]:
    """The finished runs of that name, the newest first; with `test`, those scored on the images of that digest."""
    paths = (environment.folder("runs") / name).glob("*-s*/record.json")
    newest = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)
    found = [read(path.parent) for path in newest if not path.parent.name.endswith(".writing")]
    return [run for run in found if run and (test is None or run.record["test"] == test)]


def write(path: pathlib.Path, record: dict, labels: np.ndarray, probabilities: np.ndarray, save: Callable) -> Run:
    """Write a finished run beside its place, `save` adding the network, and rename it into place: all of it or nothing."""
    draft = path.with_name(path.name + ".writing")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        with write_atomically(draft / "model.keras") as file:
            save(file)
        with write_atomically(draft / "predictions.npz") as file:
            np.savez_compressed(file, labels=labels.astype(np.uint8), probabilities=probabilities)
        with write_atomically(draft / "record.json") as file:
            file.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)  # a full disk has its room back
        raise
    shutil.rmtree(path, ignore_errors=True)
    os.replace(draft, path)
    return read(path)


def _predictions(path: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        return stored["labels"].astype(np.int64), stored["probabilities"].astype(np.float32)


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
