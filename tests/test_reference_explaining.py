"""The command behind the numbers on photographs, on drawn faces that stand for the real set and a tiny net for the bundled one."""

import numpy as np
import pytest

from benchmarks.reference import explaining
from helpers import data, models, pretrained, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 14, "PublicTest": 7, "PrivateTest": 28}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set: of its PrivateTest the last picture stands in Training, too, and the last but one is blank."""
    path = table(tmp_path / "fer2013.csv", COUNTS, seed=6)
    own_places(tmp_path, monkeypatch, path)
    net = models.build("emotion_net", seed=0, filters=(4, 4, 4))
    monkeypatch.setattr(pretrained, "emotion_net", lambda: net)
    monkeypatch.setattr(explaining, "SETTINGS", {"saliency": {}, "gradcam": {}})
    monkeypatch.setattr(explaining, "DEPTHS", 2)
    return path


def test_the_record_has_numbers_and_nothing_of_the_pictures(source):
    explaining.run("explaining", str(source), 0)
    record, part = runs.record("explaining"), data.load(str(source)).test
    net = pretrained.emotion_net()
    said = net.predict(part.images[..., None], verbose=0).argmax(axis=1)
    usable = (said == part.labels) & (np.arange(28) < 26)
    assert record["pictures"] == usable.sum() > 0 and sum(record["by_class"].values()) == record["pictures"]
    areas = record["deletion_insertion"]
    assert list(areas) == ["saliency", "gradcam", "random"]
    for each in areas.values():
        assert all(low <= mean <= high for mean, low, high in each.values())
        assert 0 <= each["deletion"][1] <= each["deletion"][2] <= 1
    assert areas["random"]["deletion_minus_random"] == [0, 0, 0]
    sane = record["sanity"]["methods"]["saliency"]
    assert sane["depth"][0] == 0 and len(sane["depth"]) == 3 and sane["share"][-1] == 1
    assert sane["similarity"][0] == pytest.approx(1) and sane["all_reinitialised"][0] == pytest.approx(
        sane["similarity"][-1], abs=1e-3
    )
    assert not list((source.parent / "reference").glob("*.npz"))
