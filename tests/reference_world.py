"""Drawn faces that stand for FER-2013 in the tests of the reference commands."""

import pathlib

import numpy as np
import pytest

import drawn_faces
from benchmarks.reference import bundle
from helpers import CLASSES, data, runs
from helpers.data import CSV_ORDER
from helpers.pretrained import leaks

FERPLUS = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
COLUMNS = (4, 5, 6, 1, 0, 3, 2)  # FER+'s column of each of our classes


def table(path: pathlib.Path, counts: dict[str, int], seed: int = 5) -> pathlib.Path:
    """Drawn faces as a 2013 CSV, so many for each usage: the last one is a twin of the first, the last but one is blank."""
    faces = drawn_faces.faces(sum(counts.values()), seed=seed, balanced=True)
    faces.images[-1], faces.images[-2] = faces.images[0], 90
    usages = np.repeat(list(counts), list(counts.values()))
    rows = ["emotion,pixels,Usage"] + [
        f"{CSV_ORDER.index(CLASSES[label])},{' '.join(map(str, image.ravel()))},{usage}"
        for label, image, usage in zip(faces.labels.tolist(), faces.images, usages, strict=True)
    ]
    path.write_text("\n".join(rows) + "\n")
    return path


def votes(path: pathlib.Path) -> None:
    """FER+'s file beside such a table: seven of ten votes for the label, three for contempt; one picture without votes."""
    rows = [FERPLUS]
    for i, line in enumerate(path.read_text().splitlines()[1:]):
        code, _, usage = line.split(",")
        count = [0] * 7 + [3, 0, 0]
        count[COLUMNS[CLASSES.index(CSV_ORDER[int(code)])]] = 7
        rows.append(f"{usage},fer{i:07d}.png," + ",".join(map(str, count if i else [0] * 10)))
    path.with_name("fer2013new.csv").write_text("\n".join(rows) + "\n")


def own_places(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, source: pathlib.Path) -> None:
    """Runs and references go to a folder of the test; what the nets have seen is the source's Training."""
    monkeypatch.setenv("COURSE_RUNS", str(folder / "runs"))
    monkeypatch.setattr(runs, "REFERENCE", folder / "reference")
    monkeypatch.setattr(leaks, "SEEN", folder / "seen.npy")
    bundle.write_seen(data.load(source).train, leaks.SEEN)
