"""Leaks on purpose, and the checklist of notebook 14: it finds each, and counts nothing where there is none.

That a leak pays is seen with random labels: whoever is right on more than a seventh of such faces remembers them.
"""

import dataclasses

import cv2
import numpy as np
import pytest

import drawn_faces
from benchmarks.reference import leaks
from helpers import data, evaluation, pretrained
from helpers.data import Dataset, Part

IDENTICAL, NEAR, MADE, LEARNED = (
    "identical to a picture of train",
    "nearly identical to one of train",
    "made from the same file as one of train",
    "learned by the weights before",
)


@pytest.fixture(scope="module")
def faces():
    """Drawn faces of different people, with labels that follow no rule."""
    found = drawn_faces.faces(240, seed=9, balanced=True)
    labels = np.random.default_rng(0).integers(0, 7, len(found.labels))
    return Part(found.images, labels, np.array([f"{i}.png" for i in range(len(labels))]), "drawn by a test")


@pytest.fixture
def clean(faces):
    return Dataset(faces.take(np.arange(100)), faces.take(np.arange(100, 140)), faces.take(np.arange(140, 180)), "test")


def counts(sets, learned="", part="validation"):
    return pretrained.checklist(sets, learned)[part].drop("pictures in all").to_dict()


def test_where_nothing_leaks_nothing_is_counted(clean):
    table = pretrained.checklist(clean)
    assert table.drop("pictures in all").to_numpy().sum() == 0 and table.loc["pictures in all"].tolist() == [40, 40]
    assert counts(clean, clean.train) == counts(clean, "efficientnet_lite0") == dict.fromkeys(counts(clean), 0)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_each_leak_is_found_where_it_is_and_nowhere_else(clean, part):
    held = clean.parts[part]
    twins = dataclasses.replace(held, images=held.images.copy())
    twins.images[:7] = clean.train.images[20:27]
    brighter = dataclasses.replace(held, images=held.images.copy())
    brighter.images[:5] = [cv2.convertScaleAbs(image, alpha=0.8, beta=20) for image in clean.train.images[:5]]
    for changed, name, number in ((twins, IDENTICAL, 7), (brighter, NEAR, 5)):
        sets = dataclasses.replace(clean, **{part: changed})
        assert counts(sets, part=part) == dict.fromkeys(counts(clean), 0) | {name: number}
        other = "test" if part == "validation" else "validation"
        assert not any(counts(sets, part=other).values())


def test_copies_of_one_face_on_both_sides_are_found_by_their_file(clean, faces):
    marked = np.arange(40) < 6
    copies = clean.train.take(np.arange(40))
    copies.images = data.jitter(copies.images, 1, degrees=30, shift=0.2)
    rest = clean.validation
    mixed = dataclasses.replace(
        rest,
        images=np.where(marked[:, None, None], copies.images, rest.images),
        names=np.where(marked, copies.names, rest.names),
        copies=marked,
    )
    assert counts(dataclasses.replace(clean, validation=mixed))[MADE] == 6
    train = dataclasses.replace(clean.train, names=clean.train.names.copy(), copies=np.arange(100) >= 95)
    train.names[95:] = clean.validation.names[:5]
    assert counts(dataclasses.replace(clean, train=train))[MADE] == 5, "the copies may be those of train"
    unmarked = dataclasses.replace(mixed, copies=None)
    assert counts(dataclasses.replace(clean, validation=unmarked))[MADE] == 0, "equal names alone say nothing"


def test_weights_that_have_seen_the_pictures_are_found(clean, faces):
    assert counts(clean, faces.take(np.arange(130, 160))) == dict.fromkeys(counts(clean), 0) | {LEARNED: 10}
    assert counts(clean, faces.take(np.arange(130, 160)), "test")[LEARNED] == 20


def test_report_3s_copies_are_counted(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path))
    for leaky in (True, False):
        sets = data.load("drawn", split="report3", n=400, leak=leaky)
        assert bool(counts(sets)[MADE]) == leaky


@pytest.mark.slow
def test_the_leaks_pay_and_what_is_no_leak_does_not(faces, tmp_path, monkeypatch):
    """Labels at random: honest scores stay at chance, and only those of a leak rise above it."""
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    monkeypatch.setattr(leaks, "SHRINK", {"leak": 8})
    monkeypatch.setattr(leaks, "FIRST", {"dropout": 0.0, "patience": 100})
    monkeypatch.setattr(leaks, "SECOND", {"dropout": 0.0, "patience": 100})
    monkeypatch.setattr(leaks, "PRECISION", "float32")
    pool, fresh = faces.take(np.arange(160)), faces.take(np.arange(160, 240))
    above = {}
    for which in leaks.RUNS:
        run, sets, seen = leaks.leak(which, pool, fresh, 0, 80)
        said = run.model.predict(sets.validation.images[..., None], verbose=0).argmax(axis=1)
        hits = said == sets.validation.labels
        above[which] = evaluation.wilson(int(hits.sum()), len(hits))[0] > 1 / 7
        found = pretrained.checklist(sets, leaks.resplit(pool, 0)[0] if which in ("same_split", "new_split") else "")
        caught = found["validation"][[IDENTICAL, LEARNED]].sum()
        assert bool(caught) == seen.any() == (which in ("new_split", "validation_inside"))
    assert above == {name: name in ("new_split", "validation_inside") for name in leaks.RUNS}
