"""A run's record on disk. Reference runs, trained on the real FER-2013, come with the course: numbers only, no faces."""

import dataclasses
import json
import pathlib

import numpy as np

REFERENCE = pathlib.Path(__file__).parent / "assets" / "reference"


@dataclasses.dataclass(frozen=True)
class Reference:
    """A reference run: its record (protocol, versions, minutes, scores) and its predictions image by image."""

    name: str
    record: dict
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each image."""
        return self.probabilities.argmax(axis=1)


def references() -> list[str]:
    """The names of the reference runs that come with the course."""
    return sorted(path.stem for path in REFERENCE.glob("*.json"))


def record(name: str) -> dict:
    """The record of the reference run of that name: what was done, with what, and what came out."""
    path = REFERENCE / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"There is no reference run {name!r}. The course has: {', '.join(references()) or 'none yet'}."
        )
    return json.loads(path.read_text("utf-8"))


def reference(name: str) -> Reference:
    """The reference run of that name with its predictions."""
    found = record(name)
    with np.load(REFERENCE / f"{name}.npz", allow_pickle=False) as stored:
        labels, probabilities = stored["labels"].astype(np.int64), stored["probabilities"].astype(np.float32)
    return Reference(name, found, labels, probabilities)


def write_reference(
    name: str, record: dict, labels: np.ndarray | None = None, probabilities: np.ndarray | None = None
) -> pathlib.Path:
    """Store a reference run: the record as JSON; labels and probabilities, if any, beside it in half precision."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    path = REFERENCE / f"{name}.json"
    if labels is not None:
        predictions = {"labels": np.asarray(labels, np.uint8), "probabilities": np.asarray(probabilities, np.float16)}
        np.savez_compressed(path.with_suffix(".npz"), **predictions)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
