"""The command behind the numbers on photographs, on drawn faces that stand for the real set and a tiny net for the bundled one."""

import types

import numpy as np
import pytest

import drawn_faces
from benchmarks.reference import bundle, explaining
from helpers import data, models, pretrained, runs
from helpers.pretrained import leaks

COUNTS = {"Training": 14, "PublicTest": 7, "PrivateTest": 28}
CSV_CODES = (0, 1, 2, 3, 6, 4, 5)  # the 2013 file's code of each of our classes


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Drawn faces as a 2013 CSV: of PrivateTest the first stands in Training, too, and the second is blank."""
    drawn = drawn_faces.faces(sum(COUNTS.values()), seed=6, balanced=True)
    drawn.images[21], drawn.images[22] = drawn.images[0], 90
    usages = np.repeat(list(COUNTS), list(COUNTS.values()))
    rows = ["emotion,pixels,Usage"] + [
        f"{CSV_CODES[label]},{' '.join(map(str, image.ravel()))},{usage}"
        for label, image, usage in zip(drawn.labels.tolist(), drawn.images, usages, strict=True)
    ]
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(rows) + "\n")
    net = models.build("emotion_net", seed=0, filters=(4, 4, 4))
    monkeypatch.setattr(runs, "REFERENCE", tmp_path / "reference")
    monkeypatch.setattr(pretrained, "emotion_net", lambda: net)
    monkeypatch.setattr(leaks, "SEEN", tmp_path / "seen.npy")
    bundle.write_seen(data.load(str(path)).train, tmp_path / "seen.npy")
    monkeypatch.setattr(explaining, "SETTINGS", {"saliency": {}, "gradcam": {}})
    monkeypatch.setattr(explaining, "DEPTHS", 2)
    return path


def test_the_record_tells_numbers_and_nothing_of_the_pictures(table):
    explaining.run(str(table))
    record, part = runs.record("explaining"), data.load(str(table)).test
    net = pretrained.emotion_net()
    said = net.predict(part.images[..., None], verbose=0).argmax(axis=1)
    usable = (said == part.labels) & (np.arange(28) > 1)
    assert record["pictures"] == usable.sum() > 0 and sum(record["by_class"].values()) == record["pictures"]
    areas = record["deletion_insertion"]
    assert list(areas) == ["saliency", "gradcam", "random"]
    for each in areas.values():
        assert all(low <= mean <= high for mean, low, high in each.values())
        assert 0 <= each["deletion"][1] <= each["deletion"][2] <= 1
    assert areas["random"]["deletion_minus_random"] == [0, 0, 0]
    sane = record["sanity"]["methods"]["saliency"]
    assert sane["depth"][0] == 0 and len(sane["depth"]) == 3 and sane["share"][-1] == 1
    assert sane["similarity"][0] == pytest.approx(1) and sane["all_drawn_anew"][0] == pytest.approx(
        sane["similarity"][-1], abs=1e-3
    )
    assert not list((table.parent / "reference").glob("*.npz"))


def test_drawn_faces_are_refused(monkeypatch):
    drawn = types.SimpleNamespace(test=types.SimpleNamespace(source="test: drawn faces, world 0, 9,000 images"))
    monkeypatch.setattr(explaining.data, "load", lambda *_, **__: drawn)
    with pytest.raises(SystemExit, match="holds drawn faces"):
        explaining.run("drawn")
