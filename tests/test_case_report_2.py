"""Report 2's folders: PrivateTest moves to validation, .DS_Store is no class, and its augmentation touches Training alone."""

import numpy as np
import pytest

import drawn_faces
from helpers import data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A set as Kaggle has it, with what a Mac leaves behind in it."""
    path = drawn_faces.write(tmp_path_factory.mktemp("case") / "fer2013", n=140, seed=2)
    for place in (path, path / "test", path / "train", path / "test" / "happy"):
        (place / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    return path


def beginnings(part) -> set[str]:
    return {name.split("/")[-1].split("_")[0] for name in part.names}


def test_privatetest_validates_and_publictest_tests(folder):
    sets = data.load(folder, split="report2")
    assert [beginnings(part) for part in sets.parts.values()] == [{"Training"}, {"PrivateTest"}, {"PublicTest"}]
    assert sets.classes == ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    assert len(sets) == 140 and not any(".DS_Store" in name for part in sets.parts.values() for name in part.names)


def test_it_is_the_usual_split_with_its_two_tests_exchanged(folder):
    usual, second = data.load(folder), data.load(folder, split="report2")
    for ours, theirs in (("train", "train"), ("validation", "test"), ("test", "validation")):
        np.testing.assert_array_equal(getattr(usual, ours).images, getattr(second, theirs).images)
        np.testing.assert_array_equal(getattr(usual, ours).labels, getattr(second, theirs).labels)


def test_no_file_is_moved(folder):
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    data.load(folder, split="report2")
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before
    assert not (folder / "validation").exists()


def test_the_reports_augmentation_moves_little_and_keeps_the_pictures(folder):
    train = data.load(folder, split="report2").train
    kept = train.images.copy()
    moved = data.jitter(train.images, seed=0)
    np.testing.assert_array_equal(train.images, kept)
    assert moved.shape == kept.shape and moved.dtype == np.uint8
    assert (moved != kept).any(axis=(1, 2)).all(), "each is moved"
    np.testing.assert_array_equal(moved, data.jitter(train.images, seed=0))
