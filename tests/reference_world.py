"""Drawn faces that stand for FER-2013 in the tests of the reference commands."""

import pathlib

import numpy as np

import drawn_faces
from helpers import runs
from helpers.pretrained import leaks

CSV_CODES = (0, 1, 2, 3, 6, 4, 5)  # the 2013 file's code of each of our classes
FERPLUS = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
COLUMNS = (4, 5, 6, 1, 0, 3, 2)  # FER+'s column of each of our classes


def table(path: pathlib.Path, counts: dict[str, int]) -> pathlib.Path:
    """Drawn faces as a 2013 CSV, so many for each usage; the last one of PrivateTest stands in Training, too."""
    drawn = drawn_faces.faces(sum(counts.values()), seed=5, balanced=True)
    drawn.images[-1] = drawn.images[0]
    usages = np.repeat(list(counts), list(counts.values()))
    rows = ["emotion,pixels,Usage"] + [
        f"{CSV_CODES[label]},{' '.join(map(str, image.ravel()))},{usage}"
        for label, image, usage in zip(drawn.labels.tolist(), drawn.images, usages, strict=True)
    ]
    path.write_text("\n".join(rows) + "\n")
    return path


def votes(path: pathlib.Path) -> pathlib.Path:
    """FER+'s file beside such a table: seven of ten votes for the label, three for contempt; one picture without votes."""
    rows = [FERPLUS]
    for i, line in enumerate(path.read_text().splitlines()[1:]):
        code, _, usage = line.split(",")
        count = [0] * 7 + [3, 0, 0]
        count[COLUMNS[CSV_CODES.index(int(code))]] = 7
        rows.append(f"{usage},fer{i:07d}.png," + ",".join(map(str, count if i else [0] * 10)))
    beside = path.with_name("fer2013new.csv")
    beside.write_text("\n".join(rows) + "\n")
    return beside


def apart(folder: pathlib.Path, monkeypatch) -> None:
    """Runs, references and the list of what was seen go to a folder of the test."""
    monkeypatch.setenv("COURSE_RUNS", str(folder / "runs"))
    monkeypatch.setattr(runs, "REFERENCE", folder / "reference")
    monkeypatch.setattr(leaks, "SEEN", folder / "seen.npy")
