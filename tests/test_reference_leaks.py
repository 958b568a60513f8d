"""The commands of the leaks, on a small set of drawn faces that stands for the real one."""

import numpy as np
import pytest

from benchmarks.reference import __main__ as command
from benchmarks.reference import leaks
from helpers import data, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 120, "PublicTest": 14, "PrivateTest": 21}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the commands write goes to a folder of the test, and a command trains an epoch."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setattr(leaks, "EPOCHS", dict.fromkeys(leaks.EPOCHS, 1))
    monkeypatch.setattr(leaks, "SHRINK", {"leak": 16, "batch_sizes": 16})
    monkeypatch.setattr(leaks, "POOL", 100)
    return str(path)


def test_the_split_is_report_4s_and_at_random(source):
    sets = data.load(source)
    whole = leaks.together(*sets.parts.values())
    train, held = leaks.resplit(whole, seed=0)
    assert len(whole) == 155 and len(held) == round(155 * 7_066 / 35_887) and len(train) == 155 - len(held)
    assert not set(train.names) & set(held.names) and set(train.names) | set(held.names) == set(whole.names)
    assert not np.array_equal(held.names, leaks.resplit(whole, seed=1)[1].names)
    assert round(leaks.VALIDATION * 35_887) == 7_066


@pytest.mark.slow
def test_each_leak_says_how_many_validation_pictures_its_weights_have_seen(source):
    for name in leaks.RUNS:
        command.main(f"leak_{name}", source, "")
    found = {name: runs.reference(f"leak_{name}") for name in leaks.RUNS}
    seen = {name: run.record["seen"] for name, run in found.items()}
    assert seen["first_run"] == seen["new_weights"] == seen["same_split"] == 0
    assert seen["validation_inside"] == len(found["validation_inside"].labels) == 20
    assert 0 < seen["new_split"] < 20
    assert found["same_split"].record["unseen_accuracy"] == found["same_split"].record["scores"]["accuracy"]
    assert found["new_split"].record["fresh"]["images"] == 20, "PrivateTest without the twin of a Training picture"


@pytest.mark.slow
def test_the_whole_net_is_scored_with_and_without_twins(source, monkeypatch):
    monkeypatch.setattr(
        leaks.models,
        "build",
        lambda *_, shrink=16, **options: leaks.models.NETWORKS["big"](
            dropout=options["dropout"], rescale=options["rescale"], shrink=shrink
        ),
    )
    command.main("report_4", source, "")
    record = runs.record("report_4")
    assert record["scores"]["images"] == 31 == record["without_twins"]["images"] + record["twins_of_train"]


@pytest.mark.slow
def test_the_sweep_names_epochs_and_steps(source, monkeypatch):
    monkeypatch.setattr(leaks, "SIZES", (16, 128))
    monkeypatch.setattr(leaks, "RATES", (0.1,))
    monkeypatch.setattr(leaks, "EPOCHS", {"batch_sizes": 2})
    command.main("batch_sizes", source, "")
    rows = runs.record("batch_sizes")["rows"]
    assert [(row["fair"], row["batch"], row["epochs"]) for row in rows] == [
        ("equal epochs", 16, 2), ("equal epochs", 128, 2), ("equal steps", 16, 1), ("equal steps", 128, 2),
        ("dropout", 32, 2),
    ]  # fmt: skip
    assert all(0 <= row["accuracy"] <= 1 and row["steps"] > 0 for row in rows)
