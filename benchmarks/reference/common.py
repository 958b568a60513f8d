"""What every reference run shares: the real data, its scores, its command, and how it is written."""

import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, recall_score

from helpers import CLASSES, data, evaluation, runs
from helpers.files import write_atomically

SEED = 0


def photographs(source: str, split: str) -> data.Dataset:
    """The real set in that split; a reference run is never a run on drawn faces."""
    sets = data.load(source or None, split=split, seed=SEED)
    if sets.drawn:
        raise SystemExit(f"{source or 'What was found'} holds drawn faces; a reference run needs DATA=, a real set.")
    return sets


def scores(labels: np.ndarray, probabilities: np.ndarray) -> dict:
    """The scores of a record."""
    predicted = probabilities.argmax(axis=1)
    hits, codes = int((predicted == labels).sum()), range(len(CLASSES))
    recall = recall_score(labels, predicted, labels=codes, average=None, zero_division=0)
    return {
        "images": len(labels),
        "accuracy": accuracy_score(labels, predicted),
        "accuracy_95": evaluation.wilson(hits, len(labels)),
        "loss": evaluation.nll(labels, probabilities),
        "macro_f1": f1_score(labels, predicted, average="macro"),
        "balanced_accuracy": balanced_accuracy_score(labels, predicted),
        "recall": dict(zip(CLASSES, recall.tolist(), strict=True)),
        "confusion": confusion_matrix(labels, predicted, labels=codes).tolist(),
    }


def main_scores(labels: np.ndarray, probabilities: np.ndarray) -> dict:
    """Images, accuracy with its interval, macro F1."""
    found = scores(labels, probabilities)
    return {key: found[key] for key in ("images", "accuracy", "accuracy_95", "macro_f1")}


def command(name: str, seed: int = SEED, profile: str = "full") -> str:
    """How to run an experiment again."""
    smaller = "" if profile == "full" else f"COURSE_PROFILE={profile} "
    return f"{smaller}make reference NAME={name} DATA=<FER-2013>" + (f" SEED={seed}" if seed != SEED else "")


def stored_as(name: str, seed: int) -> str:
    """The name under which an experiment is stored: other seeds stand beside the usual one."""
    return name if seed == SEED else f"{name}_s{seed}"


def training_of(run: runs.Run) -> dict:
    """What a run's record says about its training; the rest is written anew for each set that the network is scored on."""
    return {key: run.record[key] for key in run.record if key not in ("name", "configuration", "test", "data")}


def write(name: str, protocol: str, part: data.Part, probabilities: np.ndarray, details: dict) -> None:
    """One trained net on one set of images, as a reference."""
    test, found = runs.digest(part.images, part.labels), scores(part.labels, probabilities)
    record = {"name": name, "protocol": protocol, "data": part.source, "test": test, "scores": found} | details
    write_reference(name, record, part.labels, probabilities)
    hits = int((probabilities.argmax(axis=1) == part.labels).sum())
    print(f"{name}: accuracy {evaluation.share(hits, len(part.labels))}", flush=True)


def write_reference(
    name: str, record: dict, labels: np.ndarray | None = None, probabilities: np.ndarray | None = None
) -> pathlib.Path:
    """Store a reference run: its record as JSON, and labels and probabilities beside it.

    The probabilities are stored in half precision, unless that changes a prediction: a network near chance has near ties.
    """
    path = runs.REFERENCE / f"{name}.json"
    if labels is not None:
        half = np.asarray(probabilities, np.float16)
        same = np.array_equal(half.argmax(axis=1), np.argmax(probabilities, axis=1))
        stored = half if same else np.asarray(probabilities, np.float32)
        with write_atomically(path.with_suffix(".npz")) as draft:
            np.savez_compressed(draft, labels=np.asarray(labels, np.uint8), probabilities=stored)
    with write_atomically(path) as draft:
        draft.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
