"""The trials with equal epochs, on a small set of drawn faces that stands for the real one."""

import pytest

from benchmarks.reference import __main__ as command
from benchmarks.reference import equal_epochs
from helpers import models, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 140, "PublicTest": 14, "PrivateTest": 21}


def test_each_names_a_network_and_its_epochs():
    for name, (network, epochs) in equal_epochs.LENGTHS.items():
        assert command.EXPERIMENTS[name] is equal_epochs.run and network in models.NETWORKS and epochs in (20, 50)


@pytest.mark.slow
@pytest.mark.parametrize("name", equal_epochs.LENGTHS)
def test_it_trains_for_all_its_epochs(name, tmp_path, monkeypatch):
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setattr(equal_epochs, "LENGTHS", {name: (equal_epochs.LENGTHS[name][0], 1)})
    command.main(name, str(path), "")
    found, public = runs.reference(name), runs.reference(f"{name}_publictest")
    assert found.record["epochs"] == 1 and len(public.labels) == 14 and found.history == public.history
