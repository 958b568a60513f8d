"""Runs on disk: written in whole, found by name, damaged ones passed over."""

import os

import numpy as np
import pytest

from benchmarks.reference.common import write_reference
from helpers import CLASSES, runs
from helpers.files import CourseError

LABELS = np.array([0, 1, 2])
PROBABILITIES = np.eye(7, dtype=np.float32)[:3]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def written(name="trial_1", seed=0, epochs=3, test="a"):
    record = {"name": name, "history": {"loss": [1.0] * epochs}, "test": test}
    place = runs.folder(name, runs.digest({"epochs": epochs}), seed)
    return runs.write(place, record, LABELS, PROBABILITIES, lambda path: path.write_bytes(b"net"))


def test_round_trip_and_find_newest_first():
    first, second = written(epochs=3), written(epochs=4)
    os.utime(first.folder / "record.json", (1, 1))
    found = runs.find("trial_1")
    assert [run.folder for run in found] == [second.folder, first.folder]
    assert found[1].history == {"loss": [1.0] * 3} and found[1].name == "trial_1" and found[1].model is None
    np.testing.assert_array_equal(found[0].labels, LABELS)
    np.testing.assert_array_equal(found[0].predicted, LABELS)
    assert runs.find("trial_1", test="b") == [] == runs.find("trial_2")
    written(epochs=3, test="b")  # written again: the old one goes
    assert len(runs.find("trial_1")) == 2 and len(runs.find("trial_1", test="b")) == 1
    assert not list(first.folder.parent.glob("*.writing"))


def test_half_written_and_damaged_runs_are_none(folder):
    run = written()
    (run.folder / "predictions.npz").write_bytes(b"half")
    assert runs.read(run.folder) is None and runs.find("trial_1") == []
    (run.folder / "record.json").write_text("{")
    assert runs.read(run.folder) is None and runs.read(folder / "nothing") is None

    def full(path):
        path.write_bytes(b"half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        runs.write(folder / "trial_2" / "x-s0", {}, LABELS, PROBABILITIES, full)
    assert not list((folder / "trial_2").iterdir())


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a\\b"])
def test_names_that_are_no_folders(name):
    with pytest.raises(CourseError, match="no slashes"):
        runs.folder(name, "x", 0)


def test_digests_tell_contents_apart():
    one = np.arange(6)
    different = [one, one.reshape(2, 3), one.astype(np.float32), one + 1, {"a": 1}, {"a": 2}, "a", 1]
    assert len({runs.digest(part) for part in different}) == len(different)
    assert runs.digest({"a": 1, "b": 2}) == runs.digest({"b": 2, "a": 1})
    assert runs.digest(one[::2]) == runs.digest(one[::2].copy())


def test_a_stored_reference_keeps_every_answer_of_a_net_near_chance(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "REFERENCE", tmp_path)
    close = np.full((2, 7), 1 / 7, np.float32)
    close[0, 5] += 1e-6
    for name, probabilities, kind in (("near", close, np.float32), ("far", PROBABILITIES, np.float16)):
        write_reference(name, {"name": name}, LABELS[: len(probabilities)], probabilities)
        run = runs.reference(name)
        assert (run.predicted == probabilities.argmax(axis=1)).all() and run.record == {"name": name}
        assert run.labels.tolist() == LABELS[: len(probabilities)].tolist()
        assert np.load(tmp_path / f"{name}.npz")["probabilities"].dtype == kind
    assert runs.references() == ["far", "near"]


@pytest.mark.parametrize("name", runs.references())
def test_reference_records_agree_with_their_predictions(name):
    record = runs.record(name)
    assert record["name"] == name and "make reference NAME=" in record["command"]
    if "scores" not in record:
        return
    run = runs.reference(name)
    assert run.probabilities.shape == (len(run.labels), len(CLASSES)) and len(run.labels) == record["scores"]["images"]
    np.testing.assert_allclose(run.probabilities.sum(axis=1), 1, atol=0.01)
    assert (run.predicted == run.labels).mean() == pytest.approx(record["scores"]["accuracy"], abs=0.002)
    assert np.array(record["scores"]["confusion"]).sum() == len(run.labels)


def test_the_references_of_one_comparison_have_the_same_images():
    treatments = [runs.reference(f"balance_{name}") for name in ("none", "undersampled", "oversampled", "weighted")]
    assert len({tuple(run.labels) for run in treatments}) == 1


def test_an_unknown_reference_names_those_that_exist():
    with pytest.raises(CourseError, match="audit_fer2013"):
        runs.record("no_such_run")


@pytest.mark.parametrize("predictions", [b"", b"PK\5\6", b"half"])
def test_an_empty_file_of_predictions_is_no_run(predictions):
    """What a power cut may leave."""
    run = written()
    (run.folder / "predictions.npz").write_bytes(predictions)
    assert runs.read(run.folder) is None and runs.find("trial_1") == []


@pytest.mark.parametrize("record", ["[]", "{}", "null", "3", '{"history": {"loss": 1}, "test": "a"}', "[" * 5000])
def test_a_record_that_is_none(record):
    run = written()
    (run.folder / "record.json").write_text(record)
    assert runs.read(run.folder) is None and runs.find("trial_1") == []


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="asks Linux what was flushed")
def test_a_run_is_flushed_to_the_disk_before_it_is_renamed(monkeypatch):
    synced, fsync = [], os.fsync

    def noted(handle):
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    run = written()
    assert synced[-1] == str(run.folder.parent) and len({path for path in synced if ".writing" in path}) == 4


def test_a_damaged_run_is_set_aside_and_an_earlier_damaged_one_goes():
    run = written()
    for _ in range(2):
        assert "set aside as" in runs.set_aside(run.folder) and not run.folder.exists()
        assert runs.find("trial_1") == [] and written().folder == run.folder
    assert len(list(run.folder.parent.iterdir())) == 2
