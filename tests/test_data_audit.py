"""The audit finds what was planted, and nothing else; and it is the same wherever the pictures come from."""

import time
import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import audit, fingerprints, load, without_twins
from helpers.data.dataset import Dataset, Part
from tests import hostile


def part(images, labels=None):
    images = np.array(images, np.uint8).reshape(-1, 48, 48)
    labels = np.zeros(len(images), np.int64) if labels is None else np.array(labels, np.int64)
    return Part(images, labels, np.array([f"{i}.png" for i in range(len(images))], dtype=str), "made by a test")


def dataset(train, validation, test):
    return Dataset(*(p if isinstance(p, Part) else part(p) for p in (train, validation, test)), source="made by a test")


F = [hostile.face(i) for i in range(40)]


def test_it_finds_what_was_planted():
    flat = np.full((48, 48), 90, np.uint8)
    data = dataset(
        part([F[0], F[1], F[2], F[2], flat], [0, 1, 2, 3, 4]),
        part([F[0], F[5], flat + 1], [0, 5, 1]),
        part([F[1], F[5], F[0], F[9]], [1, 5, 0, 6]),
    )
    found = audit(data)
    assert found.counts == {
        "images": 12, "unique": 7, "blank": 2, "identical_groups": 4, "train_twins_in_validation": 1,
        "train_twins_in_test": 2, "validation_twins_in_test": 2, "contradictions": 1, "near_identical": 0,
        "near_identical_across": 0,
    }  # fmt: skip
    assert found.blank[["part", "index"]].to_numpy().tolist() == [["train", 4], ["validation", 2]]
    groups = {
        tuple(zip(group["part"], group["index"], strict=True)): group["contradicting"].all()
        for _, group in found.twins.groupby("group")
    }
    assert groups == {
        (("train", 0), ("validation", 0), ("test", 2)): False, (("train", 1), ("test", 0)): False,
        (("train", 2), ("train", 3)): True, (("validation", 1), ("test", 1)): False,
    }  # fmt: skip
    assert found.twins[found.twins["part"] == "test"]["class"].tolist() == ["disgust", "sad", "angry"]
    assert found.per_class.loc["angry", "train"] == 1


def test_it_prints_as_a_table():
    found = audit(dataset(F[:3], F[3:5], F[5:7]))
    for text in (str(found), found._repr_html_()):
        assert "groups of identical images" in text and "disgust" in text and "made by a test" in text
    assert set(found.table()["count"]) == set(found.counts.values())


def test_nearly_identical_pictures_are_found_and_their_likes_are_not():
    bright = np.clip(F[0].astype(int) + 20, 0, 255)
    pale = (F[1] * 0.6 + 30).astype(np.uint8)
    soft = cv2.GaussianBlur(F[2], (3, 3), 1)
    found = audit(dataset(F[:30], [bright, pale, soft], F[30:]))
    assert [(row.index_a, row.index_b) for row in found.near.sort_values("index_a").itertuples()] == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    assert set(found.near["part_a"]) == {"train"} and set(found.near["part_b"]) == {"validation"}
    assert found.counts["near_identical"] == found.counts["near_identical_across"] == 3
    assert (found.near["correlation"] >= 0.92).all()
    assert audit(dataset(F[:30], [bright], F[30:]), near=False).counts["near_identical"] == 0


def test_pairs_beyond_the_first_block_are_found(monkeypatch):
    from sys import modules

    monkeypatch.setattr(modules["helpers.data.audit"], "BLOCK", 7)
    twins = [np.clip(F[i].astype(int) + 9, 0, 255) for i in (3, 20, 29)]
    found = audit(dataset(F[:30], twins, F[35:]))
    assert sorted(found.near["index_a"]) == [3, 20, 29]


def test_without_twins_leaves_only_what_train_lacks():
    train, test = part(F[:5]), part([F[4], F[7], F[0], F[8]])
    left = without_twins(test, of=train)
    assert left.names.tolist() == ["1.png", "3.png"] and (left.images[0] == F[7]).all()
    assert len(without_twins(test, of=part([]))) == 4 and len(without_twins(part([]), of=train)) == 0


def test_empty_parts_and_flat_pictures_do_no_harm():
    found = audit(dataset([], [], []))
    assert set(found.counts.values()) == {0} and str(found)
    flat = audit(dataset(np.zeros((3, 48, 48)), np.full((2, 48, 48), 255), []))
    assert flat.counts["blank"] == 5 and flat.counts["identical_groups"] == 2 and flat.counts["near_identical"] == 0


def test_hashes_do_not_depend_on_names_or_memory_layout():
    stack = np.stack(F[:4])
    assert fingerprints(stack) == fingerprints(np.asfortranarray(stack)) and len(set(fingerprints(stack))) == 4


@settings(max_examples=40, deadline=None)
@given(picks=st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=12), min_size=3, max_size=3))
def test_counts_agree_with_the_obvious_way(picks):
    """Against a slow count over plain lists, for any arrangement of six pictures and seven labels."""
    data = dataset(*(part([F[i] for i, _ in some], [label for _, label in some]) for some in picks))
    found = audit(data, near=False).counts
    train, validation, test = ([i for i, _ in some] for some in picks)
    everything = [pair for some in picks for pair in some]
    labels = {i: {label for j, label in everything if j == i} for i, _ in everything}
    copies = {i: sum(j == i for j, _ in everything) for i, _ in everything}
    assert found["images"] == len(everything) and found["unique"] == len(copies)
    assert found["identical_groups"] == sum(n > 1 for n in copies.values())
    assert found["train_twins_in_validation"] == sum(i in train for i in validation)
    assert found["train_twins_in_test"] == sum(i in train for i in test)
    assert found["validation_twins_in_test"] == sum(i in test for i in validation)
    assert found["contradictions"] == sum(len(labels[i]) > 1 and copies[i] > 1 for i in copies)


@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_files_with_other_names_and_formats_are_still_twins(tmp_path, kind):
    source = hostile.class_folders(tmp_path, hostile.whole(3))
    image = next((source / "train" / "sad").iterdir())
    (source / "test" / "sad" / f"other.{kind.lower()}").write_bytes(hostile.encoded(hostile.decoded(image), kind))
    assert audit(load(source)).counts["train_twins_in_test"] == 1


def film(n: int, noise: float = 3.0):
    """Frames of one still face, in three parts."""
    frames = np.clip(F[3] + np.random.default_rng(n).normal(0, noise, (n, 48, 48)), 0, 255).astype(np.uint8)
    return np.split(frames, [n * 6 // 10, n * 8 // 10])


@pytest.mark.parametrize("most", [100_000, 50])
def test_the_frames_of_a_film_are_counted_pair_by_pair_and_listed_with_their_closest(monkeypatch, most):
    """Against a plain comparison of all with all, where few pictures are alike and where all of them are."""
    from sys import modules

    for name, value in (("BLOCK", 32), ("LISTED", most)):
        monkeypatch.setattr(modules["helpers.data.audit"], name, value)
    train, validation, test = film(150, noise=10.5)
    data = dataset([*F[:30], *train], [*validation, *F[30:]], test)
    found = audit(data)
    images = np.concatenate([part.images for part in data.parts.values()]).reshape(len(data), -1).astype(float)
    part, true = np.repeat([0, 1, 2], [len(part) for part in data.parts.values()]), np.triu(np.corrcoef(images), 1)
    near = true >= 0.92
    assert found.counts["near_identical"] == near.sum() > 2000
    assert found.counts["near_identical_across"] == near[part[:, None] != part].sum()
    first = dict(zip(data.parts, (0, len(data.train), len(data.train) + len(data.validation)), strict=True))
    a, b = (found.near[f"part_{k}"].map(first) + found.near[f"index_{k}"] for k in "ab")
    np.testing.assert_allclose(true[a, b], found.near["correlation"], atol=1e-4)
    assert found.near["correlation"].is_monotonic_decreasing
    if most > len(near):
        assert len(found.near) == near.sum()
    else:
        best = [np.where(part[:, None] == place, true, 0).max(axis=0) for place in range(3)]
        assert len(found.near) == sum((values >= 0.92).sum() for values in best) < 500
        np.testing.assert_allclose(
            sorted(found.near["correlation"]), sorted(np.concatenate([v[v >= 0.92] for v in best])), atol=1e-4
        )


def test_a_film_of_thousands_of_frames_takes_seconds_and_little_memory():
    data = dataset(*film(1600))
    tracemalloc.start()
    began = time.process_time()
    found = audit(data)
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.counts["near_identical"] == 1600 * 1599 // 2 and len(found.near) < 3 * 1600
    assert took < 15 and peak < 200e6
