"""Report 2's nets, and what it wished for, on a small set of drawn faces that stands for the real one."""

import numpy as np
import pytest

from benchmarks.reference import __main__ as command
from benchmarks.reference import report_2
from helpers import data, evaluation, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 70, "PublicTest": 21, "PrivateTest": 28}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the commands write goes to a folder of the test, and a command trains an epoch."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    small = {"filters": (4, 4), "attention": True}
    monkeypatch.setattr(report_2, "TRAINED", {"report_2_attention": report_2.Recipe("residual_net", 1, options=small)})
    return str(path)


@pytest.mark.slow
def test_a_network_is_scored_on_both_test_sets_and_no_epoch_is_chosen(source):
    command.main("report_2_attention", source, "3")
    sets = data.load(source)
    for name, part in (("report_2_attention_s3", sets.validation), ("report_2_attention_s3_privatetest", sets.test)):
        found = runs.reference(name)
        assert found.record["test"] == runs.digest(part.images, part.labels)
        assert found.record["pictures"] == 70 and found.record["epochs"] == 1
        assert "SEED=3" in found.record["command"] and "none is chosen" in found.record["protocol"]


@pytest.mark.slow
def test_mirror_images_and_shifts_are_paired_with_the_single_look(source):
    command.main("report_2_mirrored", source, "")
    for ending, n in (("", 21), ("_privatetest", 28)):
        single, mirrored, crops = (runs.reference(f"report_2_{way}{ending}") for way in ("single", "mirrored", "crops"))
        assert evaluation.compare(single, mirrored).n == evaluation.compare(single, crops).n == n
        assert np.abs(single.probabilities - mirrored.probabilities).max() > 0.001
        assert [run.record["passes"] for run in (single, mirrored, crops)] == [1, 2, 18]


def test_a_shift_moves_by_whole_pixels_and_repeats_the_edge():
    picture = np.arange(48 * 48, dtype=np.uint16).reshape(1, 48, 48)
    np.testing.assert_array_equal(report_2.moved(picture, 0, 0), picture)
    down = report_2.moved(picture, 2, 0)
    np.testing.assert_array_equal(down[0, 2:], picture[0, :-2])
    np.testing.assert_array_equal(down[0, :2], picture[0, [0, 0]])
    np.testing.assert_array_equal(report_2.moved(picture, 0, -1)[0, :, :-1], picture[0, :, 1:])


def test_eyes_come_to_lie_where_they_should():
    picture = np.zeros((48, 48), np.uint8)
    eyes, target = np.array([[14, 20], [32, 26]]), np.array([[15.0, 19.0], [33.0, 19.0]])
    for x, y in eyes:
        picture[y - 1 : y + 2, x - 1 : x + 2] = 255
    turned = report_2.level(picture, eyes.astype(float), target).astype(float)
    for (x, y), half in zip(target, (turned[:, :24], turned[:, 24:]), strict=True):
        rows, columns = np.indices(half.shape)
        middle = (half * columns).sum() / half.sum() + (24 if x > 24 else 0), (half * rows).sum() / half.sum()
        np.testing.assert_allclose(middle, (x, y), atol=0.5)
    np.testing.assert_array_equal(report_2.level(picture, target, target), picture)
