"""Which pictures a net has learned from, and a test without them: on pictures that it has seen, a score measures memory."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from helpers import CLASSES, data
from helpers.data import Dataset, Part
from helpers.files import CourseError
from helpers.models import SIDE

from .backbones import FER_TRAINING, lookup
from .download import PretrainedError
from .emotion import ASSETS

SEEN = ASSETS / "emotion_net_seen.npy"  # the hashes of FER-2013's Training images


def was_trained_on(name: str, part: Part) -> np.ndarray:
    """Which pictures of a part the net of that name was trained on: True or False for each.

    Pictures are compared pixel by pixel, by a hash. Nearly identical ones are not found.
    """
    if not learned_fer(name):
        return np.zeros(len(part), bool)
    return np.isin(pixel_hashes(part.images), seen())


def learned_fer(name: str) -> bool:
    """Whether a backbone of that name was trained on FER-2013; one with random weights was not."""
    return lookup(name.removesuffix("_random")).trained_on == FER_TRAINING and not name.endswith("_random")


def pixel_hashes(images: np.ndarray) -> np.ndarray:
    """A number for each picture: the first 8 bytes of the fingerprint by which `data.audit` finds identical pictures."""
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise CourseError(
            f"Pictures are recognised by their pixels: expected (n, {SIDE}, {SIDE}) uint8 as in FER-2013, found "
            f"{images.shape} {images.dtype}.",
            f"A resized picture has other pixels: load the set with size={SIDE}.",
        )
    return np.frombuffer(b"".join(mark[:8] for mark in data.fingerprints(images)), "<u8").astype(np.uint64)


def seen() -> np.ndarray:
    """The bundled hashes of FER-2013's Training images."""
    try:
        found = np.load(SEEN, allow_pickle=False)
        if found.dtype != np.uint64 or found.ndim != 1:
            raise ValueError(f"expected a list of uint64, found {found.shape} {found.dtype}")
    except Exception as problem:  # NumPy raises many kinds for a damaged file
        raise PretrainedError(
            f"The list of {FER_TRAINING} at {SEEN} cannot be read ({problem}).",
            "Install or download the course again: without the list no score on photographs can be trusted.",
        ) from problem
    return found


def with_unseen_test(sets: Dataset, name: str, source) -> Dataset:
    """The sets, validated and tested on pictures that the net of that name was not trained on.

    Where it was trained on none of them, they stay as they are. Otherwise PublicTest becomes the validation set and
    PrivateTest the test set, without what the net has seen, without what `sets.train` holds, and nothing in both.
    """
    if sets.drawn:
        if learned_fer(name):
            print(
                f"{name} has learned the same seven classes on photographs. On drawn faces this is domain adaptation with "
                "the same labels: a change of domain, not of task."
            )
        return sets
    counts = {what: int(was_trained_on(name, sets.parts[what]).sum()) for what in ("validation", "test")}
    if not any(counts.values()):
        return sets
    for what, count in counts.items():
        if count:
            print(
                f"{name} has learned from {FER_TRAINING}, and {count:,} of these {len(sets.parts[what]):,} {what} pictures "
                "are among them: a score on them would measure its memory."
            )
    validation, test = unseen(name, source, sets)
    print(
        f"So the course chooses on {len(validation):,} pictures of PublicTest and tests on {len(test):,} of PrivateTest: "
        "those that neither the net nor its new head learns from."
    )
    remark = f"{sets.source}; validation PublicTest and test PrivateTest, without what {name} has seen"
    return dataclasses.replace(sets, validation=validation, test=test, source=remark)


def unseen(name: str, source, sets: Dataset) -> tuple[Part, Part]:
    """PublicTest and PrivateTest without what the net or its new head learns from."""
    usual = data.load(source, split="usual", only=None if tuple(sets.classes) == CLASSES else sets.classes)
    validation, test = (
        data.without_twins(part.take(~was_trained_on(name, part)), sets.train)
        for part in (usual.validation, usual.test)
    )
    validation = data.without_twins(validation, test)
    left = min(*validation.counts().values(), *test.counts().values())
    if not usual.source.startswith("FER-2013") or "cut out of train" in usual.source or not left:
        raise PretrainedError(
            f"{usual.source} has no PublicTest and PrivateTest with pictures of every class that {name} has not seen.",
            "Use a source with all three splits, such as Kaggle's msambare/fer2013, or another backbone.",
        )
    return validation, test


def checklist(sets: Dataset, learned: str | Part = "") -> pd.DataFrame:
    """How many validation and test pictures each known leak touches; a 0 everywhere is what one wants.

    `learned` is what the weights have learned from before this training: the name of a pretrained net, or the pictures.
    An augmented copy is known by its file's name, as `data.load` marks it: one that nobody marked is not found.
    """
    near, rows = data.audit(sets).near, {}
    for name in ("validation", "test"):
        part = sets.parts[name]
        rows[name] = {
            "identical to a picture of train": len(part) - len(data.without_twins(part, sets.train)),
            "nearly identical to one of train": near["index_b"][
                (near.part_a == "train") & (near.part_b == name)
            ].nunique(),
            "made from the same file as one of train": int(copied(part, sets.train).sum()),
            "learned by the weights before": learned_before(part, learned),
            "pictures in all": len(part),
        }
    return pd.DataFrame(rows)


def copied(part: Part, train: Part) -> np.ndarray:
    """Which pictures of a part share their file with one of train, where one of both is an augmented copy."""
    marks = [np.zeros(len(one), bool) if one.copies is None else one.copies for one in (part, train)]
    return np.isin(part.names, train.names[marks[1]]) | marks[0] & np.isin(part.names, train.names)


def learned_before(part: Part, learned: str | Part) -> int:
    """How many pictures of a part the weights know: those of a pretrained net, by its name, or of a training, by its pictures."""
    if isinstance(learned, Part):
        return len(part) - len(data.without_twins(part, learned))
    return int(was_trained_on(learned, part).sum()) if learned else 0
