"""The teachers of the next bundled net: batches follow from seed and epoch, and a state is taken up where it was left."""

import dataclasses

import keras
import numpy as np
import pytest

from benchmarks.reference import teachers
from helpers import data


def part(n: int = 2 * teachers.BATCH) -> data.Part:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (n, 48, 48), np.uint8)
    names = np.array([f"{i}.png" for i in range(n)])
    return data.Part(images, random.integers(0, 7, n), names, "random pixels", votes=random.integers(0, 5, (n, 10)))


def test_batches_follow_from_seed_and_epoch_alone():
    first, again, later = (teachers.Mixed(part(), epoch, 1, 44)[1] for epoch in (0, 0, 1))
    for a, b, c in zip(first, again, later, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
    pictures, wanted = first
    assert pictures.shape == (teachers.BATCH, 44, 44, 1) and pictures.min() >= 0 and pictures.max() <= 255
    np.testing.assert_allclose(wanted[:, :7].sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", teachers.SIDES)
def test_a_state_is_taken_up_where_it_was_left(name, tmp_path, monkeypatch):
    monkeypatch.setattr(teachers, "INTERIM", tmp_path / "none")
    net = teachers.compiled(teachers.teacher(name), 2 * teachers.BATCH)
    path = tmp_path / f"{name}.npz"
    assert teachers.restore(net, path, 2) == 0
    variables = [*net.variables, *net.optimizer.variables]
    np.savez(path, epoch=3, **{f"v{i}": variable.numpy() for i, variable in enumerate(variables)})
    keras.utils.set_random_seed(9)
    other = teachers.compiled(teachers.teacher(name), 2 * teachers.BATCH)
    assert teachers.restore(other, path, 2) == 3 and int(other.optimizer.iterations.numpy()) == 6
    for a, b in zip(net.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_votes_it_says_what_is_missing():
    with pytest.raises(SystemExit, match=r"fer2013new\.csv"):
        teachers.targets(dataclasses.replace(part(8), votes=None))
