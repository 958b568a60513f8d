"""The commands of the audit, the baselines and the trials, on a small set of drawn faces that stands for the real one."""

import numpy as np
import pytest

from benchmarks.reference import __main__ as command
from benchmarks.reference import baselines, seeds, trials
from helpers import data, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 140, "PublicTest": 14, "PrivateTest": 21}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the commands write goes to a folder of the test, and a command trains an epoch."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.setattr(baselines, "EPOCHS", dict.fromkeys(baselines.EPOCHS, (1, 1)))
    monkeypatch.setattr(baselines, "OVERSAMPLED", 30)
    monkeypatch.setattr(trials, "TRIALS", {"trial_6": {"epochs": 1}})
    return str(path)


def test_the_audit_counts(source):
    command.main("audit_fer2013", source, "")
    record = runs.record("audit_fer2013")
    assert record["classes"]["test"] == data.load(source).test.counts() and record["counts"]["train_twins_in_test"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", baselines.EPOCHS)
def test_a_baseline_is_scored_on_publictest(source, name):
    command.main(name, source, "3")
    found, public = runs.reference(f"{name}_s3"), data.load(source).validation
    np.testing.assert_array_equal(found.labels, public.labels)
    pictures = {"baseline": 140, "balance_oversampled": 7 * 30}.get(name, 126)
    assert found.record["pictures"] == pictures or (name == "balance_undersampled" and found.record["pictures"] < 126)
    assert found.record["test"] == runs.digest(public.images, public.labels) and "SEED=3" in found.record["command"]


@pytest.mark.slow
def test_a_trial_is_scored_on_report_1s_test_and_on_publictest(source):
    command.main("trial_6", source, "")
    ours, public = runs.reference("trial_6"), runs.reference("trial_6_publictest")
    assert len(public.labels) == 14 and ours.record["history"] == public.record["history"]
    assert ours.record["command"] == "COURSE_PROFILE=quick make reference NAME=trial_6 DATA=<FER-2013>"


@pytest.mark.slow
def test_seeds_differ_in_the_training_alone(source, monkeypatch):
    monkeypatch.setattr(seeds, "SEEDS", (0, 1))
    monkeypatch.setattr(seeds, "TRIALS", ("trial_2",))
    monkeypatch.setattr(seeds, "EPOCHS", 1)
    command.main("trial_seeds", source, "")
    found = runs.record("trial_seeds")["runs"]
    assert [(run["trial"], run["seed"]) for run in found] == [("trial_2", 0), ("trial_2", 1)]
    assert {run["publictest"]["images"] for run in found} == {14} and len({run["test"]["images"] for run in found}) == 1


def test_drawn_faces_and_unknown_names_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setattr(data, "load", lambda *_, **__: data.Dataset(None, None, None, "drawn", drawn=True))
    for name, message in (("explaining", "holds drawn faces"), ("trial_7", "must be one of: audit_fer2013")):
        with pytest.raises(SystemExit, match=message):
            command.main(name, "drawn", "")
