"""Drawn sets on disk: complete or absent, laid out as on Kaggle, each person in one split only."""

import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pandas as pd
import pytest

import drawn_faces
from drawn_faces import CLASSES, folders

WRITE = "import sys, drawn_faces; drawn_faces.write(sys.argv[1], int(sys.argv[2]), seed=3, size=16)"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return drawn_faces.write(tmp_path_factory.mktemp("sets") / "drawn", 150, seed=3, size=24)


def test_layout_is_kaggles(written):
    table = pd.read_csv(written / "labels.csv")
    assert len(table) == 150 and set(table["split"]) == {"Training", "PublicTest", "PrivateTest"}
    files = sorted(path.relative_to(written).as_posix() for path in written.rglob("*.png"))
    assert files == sorted(table["path"])
    for row in table.itertuples():
        top, name, file = row.path.split("/")
        assert (
            name == row.label and file.startswith(row.split) and top == ("train" if row.split == "Training" else "test")
        )
    counts = table.groupby(["split", "label"]).size()
    assert len(counts) == 21 and counts.min() >= 2
    assert (table[[f"votes_{name}" for name in CLASSES]].sum(axis=1) == 10).all()


def test_people_stand_in_one_split_only(written):
    table = pd.read_csv(written / "labels.csv")
    assert table.groupby("identity")["split"].nunique().max() == 1
    assert table.groupby("identity").size().max() == folders.PHOTOS_A_PERSON


def test_images_are_those_of_the_table(written):
    table = pd.read_csv(written / "labels.csv")
    row = table.iloc[7]
    image = cv2.imread(str(written / row["path"]), cv2.IMREAD_GRAYSCALE)
    assert image.shape == (24, 24)
    labels = [CLASSES.index(name) for name in table["label"]]
    again = drawn_faces.faces(150, 24, seed=3, labels=labels, identity=table["identity"].to_numpy())
    assert (again.images[7] == image).all()


@pytest.mark.parametrize("n", [42, 100, 2000, 35887])
def test_proportions_are_fers(n):
    plan = pd.DataFrame(folders.plan(n), columns=["split", "label", "count"])
    assert plan["count"].sum() == n and plan["count"].min() >= 2
    if n == 35887:
        training = plan[plan["split"] == "Training"]["count"].to_numpy()
        assert np.abs(training - [3995, 436, 4097, 7215, 4965, 4830, 3171]).max() <= 2
        assert abs(training.sum() - 28709) <= 3


def test_a_set_that_is_there_is_kept_and_another_refused(written, capsys):
    before = (written / "labels.csv").stat().st_mtime_ns
    assert drawn_faces.write(written, 150, seed=3, size=24) == written
    assert "already" in capsys.readouterr().out and (written / "labels.csv").stat().st_mtime_ns == before
    with pytest.raises(FileExistsError, match="another drawn set"):
        drawn_faces.write(written, 151, seed=3, size=24)
    with pytest.raises(ValueError, match="n is a whole number from 42"):
        drawn_faces.write(written, 7)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="something else"):
        drawn_faces.write(tmp_path, 60, size=16)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    assert len(list(drawn_faces.write(tmp_path / "a", 60, size=16).rglob("*.png"))) == 60


def test_two_at_once_leave_one_whole_set(tmp_path):
    command = [sys.executable, "-c", WRITE, str(tmp_path / "set"), "120"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert all(process.returncode == 0 for process in both), errors
    assert len(list((tmp_path / "set").rglob("*.png"))) == 120
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_no_half_set(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path / "set"), "3000"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline and not list(tmp_path.glob(".set.*")):
        time.sleep(0.02)
    assert list(tmp_path.glob(".set.*")), "it never began"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "set").exists()
    left = list(tmp_path.glob(".set.*.partial"))
    for path in left:
        os.utime(path, (0, 0))
    drawn_faces.write(tmp_path / "set", 60, size=16)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_balanced_set_is_all_train_equal_by_class_and_shares_no_person_with_the_other(tmp_path):
    tables = [
        pd.read_csv(folders.write(tmp_path / name, 42, seed=3, balanced=balanced) / "labels.csv")
        for name, balanced in (("balanced", True), ("proportioned", False))
    ]
    balanced, other = tables
    assert set(balanced["split"]) == {"Training"} and not (tmp_path / "balanced" / "test").exists()
    assert (balanced["label"].value_counts() == 6).all()
    assert balanced["identity"].is_unique and not set(balanced["identity"]) & set(other["identity"])
