"""The real FER-2013 in every public layout: what the audit must find, and which pictures each split takes."""

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from helpers.data import load

REAL = Path(__file__).resolve().parents[2] / "shared" / "fer2013"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (REAL / "lay_out.py").exists(), reason="the real FER-2013 is not beside this repository"),
]
LIMIT = 6
WHOLE = {
    "images": 35887, "unique": 34034, "blank": 13, "identical_groups": 1516, "train_twins_in_validation": 280,
    "train_twins_in_test": 288, "validation_twins_in_test": 46, "contradictions": 57,
}  # fmt: skip


def made_once(tmp_path_factory, name: str, make):
    """A folder that the first of several test processes makes, and the others wait for; outside the repository."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place, done = base / name, base / f"{name}.done"
    try:
        place.mkdir()
    except FileExistsError:
        for _ in range(1200):
            if done.exists():
                return place
            time.sleep(0.1)
        raise TimeoutError(f"{place} was not finished by the process that began it.") from None
    make(place)
    done.touch()
    return place


@pytest.fixture(scope="session")
def layouts(tmp_path_factory):
    """A few pictures of each class and split, in each public layout."""

    def make(place):
        for source in ("kaggle", "opencv", "expression", "csv", "ferplus"):
            command = [sys.executable, REAL / "lay_out.py", source, place / source, "--limit-per-class", str(LIMIT)]
            subprocess.run(list(map(str, command)), check=True, capture_output=True)
        shutil.copy(place / "ferplus" / "fer2013new.csv", place / "csv")

    return made_once(tmp_path_factory, "fer-layouts", make)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The whole set as Kaggle's zip: the entries of the stored zip under the names that Kaggle gives them."""

    def make(place):
        sys.path.insert(0, str(REAL))
        try:
            import lay_out
        finally:
            sys.path.pop(0)
        with zipfile.ZipFile(REAL / "fer2013.zip") as stored, zipfile.ZipFile(place / "archive.zip", "w") as archive:
            for row in lay_out.rows(stored, None):
                data = stored.read(f"{int(row['row']):05d}.jpg")
                archive.writestr(lay_out.folders("kaggle", row)[0], data)

    return made_once(tmp_path_factory, "fer-whole", make) / "archive.zip"


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.mark.parametrize("source", ["kaggle", "csv"])
def test_layouts_with_all_three_splits(layouts, source, tmp_path):
    for place in (layouts / source, zipped(layouts / source, tmp_path / "archive.zip")):
        data = load(place)
        assert data.source.startswith("FER-2013") and not data.drawn
        assert [len(part) for part in data.parts.values()] == [7 * LIMIT] * 3
        assert (data.counts().iloc[:7, :3] == LIMIT).all(axis=None)


def test_the_same_pictures_and_labels_from_every_layout(layouts):
    kaggle, csv = load(layouts / "kaggle"), load(layouts / "csv")
    for name, part in kaggle.parts.items():
        assert (part.images == csv.parts[name].images).all(), "JPEG and CSV hold the same pixels, in the same order"
        assert (part.labels == csv.parts[name].labels).all()
    train = {image.tobytes(): label for image, label in zip(kaggle.train.images, kaggle.train.labels, strict=True)}
    opencv = load(layouts / "opencv", "shipped")
    assert (opencv.train.images == kaggle.train.images).all() and not len(opencv.test)
    expression = load(layouts / "expression", "shipped")
    known = [
        (train[i.tobytes()], k)
        for i, k in zip(expression.train.images, expression.train.labels, strict=True)
        if i.tobytes() in train
    ]
    assert len(known) > 20 and all(a == b for a, b in known)


def test_sources_without_a_test_part(layouts):
    opencv = load(layouts / "opencv")
    assert "without PrivateTest" in opencv.source and "test cut out of train" in opencv.source
    assert len(opencv.validation) == 7 * LIMIT and len(opencv.test) == 7 and len(opencv) == 14 * LIMIT
    expression = load(layouts / "expression")
    assert len(expression) == 21 * LIMIT
    assert expression.skipped.to_dict("records") == [{"reason": "second copy under images/images", "files": 21 * LIMIT}]


@pytest.mark.parametrize("split", ["report1", "report2", "report3"])
def test_report_splits_of_every_layout(layouts, split):
    for source in ("kaggle", "opencv", "expression", "csv"):
        data = load(layouts / source, split)
        assert all(len(part) for part in data.parts.values()) and "as report" in data.source
    if split == "report2":
        second = load(layouts / "kaggle", split)
        assert all("PrivateTest" in name for name in second.validation.names)
        assert all("PublicTest" in name for name in second.test.names)
    names = [load(layouts / source, split, seed=5).test.images.tobytes() for source in ("kaggle", "csv")]
    assert names[0] == names[1], "one seed takes the same pictures, whatever they come in"


def test_ferplus_votes_stand_with_their_pictures(layouts, tmp_path):
    table = layouts / "csv" / "fer2013new.csv"
    csv, kaggle = load(layouts / "csv"), load(layouts / "kaggle", votes=table)
    expression = load(layouts / "expression", votes=table)
    for name, part in csv.parts.items():
        assert part.votes.shape == (len(part), 10) and (part.votes.sum(axis=1) == 10).mean() > 0.9
        assert (part.votes == kaggle.parts[name].votes).all()
    for data in (csv, expression):
        votes = np.concatenate([part.votes for part in data.parts.values()])
        labels = np.concatenate([part.labels for part in data.parts.values()])
        happy = votes[labels == 3][:, :7].argmax(axis=1)
        assert (happy == 3).mean() > 0.8, "annotators agree with 93% of the happy ones"
    assert load(layouts / "kaggle").train.votes is None
    lines = table.read_text().splitlines()
    (tmp_path / "fer2013new.csv").write_text("\n".join([lines[0], *lines[20:]]))
    lacking = load(layouts / "kaggle", votes=tmp_path / "fer2013new.csv")
    assert lacking.train.votes is None and "FER+ votes not used" in lacking.source


@pytest.mark.slow
def test_the_audit_of_the_whole_set(whole):
    """REPORTS' own numbers; and in less time and memory than a student's laptop has."""
    code = (
        "import json, resource, sys, time\n"
        "from helpers.data import audit, load\n"
        "start = time.process_time()\n"
        "found = audit(load(sys.argv[1]))\n"
        "taken = time.process_time() - start\n"
        "print(json.dumps([found.counts, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))\n"
    )
    between = (
        "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"  # else this process's peak counts
    )
    done = subprocess.run(
        [sys.executable, "-c", between, sys.executable, "-c", code, str(whole)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    counts, seconds, megabytes = json.loads(done.stdout)
    assert {name: counts[name] for name in WHOLE} == WHOLE
    assert counts["near_identical"] == 1609
    assert seconds < 60, "processor seconds on two cores, so that other work on the machine does not count"
    assert megabytes < 500
