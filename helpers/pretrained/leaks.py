"""Which pictures a net has learned from, and what follows: none of them may say how good it is."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from helpers import CLASSES, data
from helpers.data import Dataset, Part
from helpers.models import SIDE

from .backbones import NAMES
from .download import PretrainedError
from .emotion import ASSETS

SEEN = ASSETS / "emotion_net_seen.npy"
LEARNED_FER = ("emotion_net", "mini_xception")  # both were trained on FER-2013's Training images


def pixel_hashes(images: np.ndarray) -> np.ndarray:
    """A number for each picture's pixels: the first 8 bytes of the fingerprint by which the audit finds twins."""
    images = np.asarray(images)
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(
            f"Pictures are known again by their pixels: expected (n, {SIDE}, {SIDE}) uint8 as FER-2013 has them, found "
            f"{images.shape} {images.dtype}. A resized picture has other pixels; load the set with size={SIDE}."
        )
    return np.frombuffer(b"".join(mark[:8] for mark in data.fingerprints(images)), "<u8").astype(np.uint64)


def write_seen(part: Part, path: pathlib.Path = SEEN) -> pathlib.Path:
    """Write down which pictures a net learns from: the sorted hashes of the part that trains it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".writing")
    with open(draft, "wb") as file:
        np.save(file, np.unique(pixel_hashes(part.images)))
    draft.replace(path)
    return path


def was_trained_on(name: str, part: Part) -> np.ndarray:
    """Which pictures of a part the net of that name has learned from, pixel for pixel; nearly identical ones do not count."""
    if name.removesuffix("_random") not in NAMES:
        raise ValueError(f"There is no backbone named {name!r}. The course has: {', '.join(NAMES)}.")
    if name not in LEARNED_FER:
        return np.zeros(len(part), bool)
    return np.isin(pixel_hashes(part.images), known())


def known() -> np.ndarray:
    """The bundled hashes of FER-2013's Training images."""
    try:
        found = np.load(SEEN, allow_pickle=False)
    except (OSError, ValueError, EOFError) as problem:
        raise PretrainedError(
            f"The list of pictures that {' and '.join(LEARNED_FER)} have learned from cannot be read at {SEEN} ({problem}).",
            "Install or download the course again: without the list no score of theirs on photographs means anything.",
        ) from problem
    if found.dtype != np.uint64 or found.ndim != 1:
        raise PretrainedError(f"{SEEN}: expected one axis of uint64, found {found.shape} {found.dtype}.")
    return found


def check_unseen(name: str, part: Part, what: str = "") -> None:
    """Refuse, in a sentence, to score a net on pictures that it has learned from."""
    count = int(was_trained_on(name, part).sum())
    if count:
        raise PretrainedError(
            f"{name} has learned from FER-2013's Training images, and {count:,} of these {len(part):,} "
            f"{what + ' ' if what else ''}pictures are among them: a score on them would measure its memory."
        )


def with_unseen_test(sets: Dataset, name: str, source) -> Dataset:
    """The sets as they are where the net has seen none of the pictures that judge it; else PublicTest and PrivateTest judge.

    Both then come without every picture that the net has seen, that is in `sets.train`, or that the other has too.
    """
    if sets.synthetic:
        if name in LEARNED_FER:
            print(
                f"{name} has learned the same seven classes on photographs. On drawn faces this is domain adaptation with "
                "the same labels: a change of domain, not of task."
            )
        return sets
    try:
        check_unseen(name, sets.validation, "validation")
        check_unseen(name, sets.test, "test")
        return sets
    except PretrainedError as refusal:
        print(refusal)
    usual = data.load(source, split="usual", only=None if tuple(sets.classes) == CLASSES else sets.classes)
    test = unseen(name, usual.test, sets.train)
    validation = data.without_twins(unseen(name, usual.validation, sets.train), test)
    check_whole(usual, name, validation, test)
    print(
        f"So the course chooses on {len(validation):,} pictures of PublicTest and tests on {len(test):,} of PrivateTest: "
        "those that neither the net nor its new head learns from."
    )
    remark = f"{sets.source}; validation PublicTest and test PrivateTest, without what {name} has seen"
    return dataclasses.replace(sets, validation=validation, test=test, source=remark)


def unseen(name: str, part: Part, train: Part) -> Part:
    """The pictures of a part that neither the net nor the training part has."""
    part = part.take(~was_trained_on(name, part))
    return data.without_twins(part, train)


def check_whole(usual: Dataset, name: str, validation: Part, test: Part) -> None:
    """A sentence where the source does not have both PublicTest and PrivateTest."""
    left = min(*validation.counts().values(), *test.counts().values())
    if not usual.source.startswith("FER-2013") or "cut out of train" in usual.source or not left:
        raise PretrainedError(
            f"{usual.source}: here are no PublicTest and PrivateTest of every class that {name} has not seen.",
            "Use a source with all three splits, such as Kaggle's msambare/fer2013, or another backbone.",
        )
