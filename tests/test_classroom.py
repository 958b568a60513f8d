"""The builds for students and for nbgrader say nothing that they should not, and still run; a class's runs are pooled rightly."""

import ast
import base64
import contextlib
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import zipfile
import zlib

import nbformat
import numpy as np
import pytest

from helpers import checks
from tests.answers import answers
from tools.classroom import builds, pooled
from tools.notebooks import ROOT, SERIES, read, tagged

GRADER = ROOT / "build" / "grader" / "bin" / "python"
NAMES = [path.stem for path in SERIES]
each_notebook = pytest.mark.parametrize("path", SERIES, ids=NAMES)


@each_notebook
def test_students_get_stubs_and_checks_without_solutions(path):
    whole, made = read(path), builds.student(read(path))
    assert not tagged(made, "solution") and len(tagged(made, "check")) == len(tagged(whole, "check"))
    assert all(not cell.outputs for tag in ("exercise", "check") for cell in tagged(made, tag))
    text = "\n".join(cell.source for cell in made.cells)
    for solution in tagged(whole, "solution"):
        for line in solution.source.splitlines()[1:]:
            given = line.strip() in "\n".join(c.source for c in whole.cells if c is not solution)
            assert given or line.strip() not in text, f"{line!r} of a solution is in the students' notebook"
    assert "Our verdicts" not in text and not any("course" in cell.metadata for cell in made.cells)
    nbformat.validate(made)


@each_notebook
def test_what_a_lesson_goes_on_with_is_there_before_and_after_an_answer(path):
    """Each name that a solution defines and a later cell uses comes from a sealed cell, which knows a right answer from none."""
    for cell in tagged(builds.student(read(path)), "sealed"):
        call = cell.source.splitlines()[1]
        (run,) = (
            node
            for node in ast.walk(ast.parse(call))
            if getattr(getattr(node, "func", None), "attr", "") == "otherwise"
        )
        sealed, name = (argument.value for argument in run.args[:2])
        code = checks.otherwise(sealed, name, ..., *[None] * (len(run.args) - 3))
        assert code in [solution.source for solution in tagged(read(path), "solution")]


def test_a_right_answer_of_ones_own_stays():
    sealed = base64.b64encode(zlib.compress(b"size = 3")).decode()
    assert checks.otherwise(sealed, "14/1", ...) == "size = 3"
    assert checks.otherwise(sealed, "14/1", 100 * (1 - 0.6612) * 542 / 7_066) == ""


def test_the_students_folder_is_a_course_of_its_own(tmp_path):
    builds.build_student(tmp_path / "student")
    assert len(list((tmp_path / "student" / "notebooks").glob("*.ipynb"))) == len(SERIES)
    found = {path.name for path in (tmp_path / "student").iterdir()}
    assert {"helpers", "drawn_faces", "faceapp", "pyproject.toml", "requirements.lock", "README.md"} <= found
    assert not found & {"tests", "teaching", "tools", "benchmarks"}


@each_notebook
def test_an_assignment_has_a_graded_check_for_each_exercise(path):
    made = builds.assignment(read(path))
    marked = [cell.metadata.nbgrader for cell in made.cells if "nbgrader" in cell.metadata]
    assert len({mark.grade_id for mark in marked}) == len(marked) == 2 * len(tagged(read(path), "exercise"))
    assert all(cell.source.startswith("assert checks.passed(") for cell in tagged(made, "check"))
    assert not any(cell.get("outputs") for cell in made.cells)


@pytest.mark.slow
@pytest.mark.skipif(not GRADER.exists(), reason="no nbgrader here: make grader")
def test_nbgrader_generates_and_grades_a_right_a_wrong_and_an_empty_submission(tmp_path):
    name = "14_too_good_to_be_true"
    builds.build_nbgrader(tmp_path)
    for other in (tmp_path / "source").iterdir():
        if other.name != name:
            shutil.rmtree(other)
    shorten(tmp_path / "source" / name / f"{name}.ipynb")
    nbgrader(tmp_path, "generate_assignment", name, "--create")
    released = read(tmp_path / "release" / name / f"{name}.ipynb")
    assert "### BEGIN SOLUTION" not in json.dumps(released) and "Put your answer where the dots are" in json.dumps(
        released
    )
    right = [one["right"][0] for one in answers(name)]
    wrong = [one["wrong"][0][0] for one in answers(name)]
    for student, given in (("right", right), ("wrong", wrong), ("empty", [None, None])):
        submitted = read(tmp_path / "release" / name / f"{name}.ipynb")
        for cell, answer in zip(tagged(submitted, "exercise"), given, strict=True):
            cell.source = answer or cell.source
        place = tmp_path / "submitted" / student / name
        place.mkdir(parents=True)
        nbformat.write(submitted, place / f"{name}.ipynb")
    nbgrader(tmp_path, "autograde", name)
    nbgrader(tmp_path, "export")
    with (tmp_path / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"right": 2 * builds.POINTS, "wrong": 0, "empty": 0}


def shorten(path: pathlib.Path) -> None:
    """Leave the imports, the exercises and their checks: what grading needs."""
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = code[:2] + [cell for cell in code if "nbgrader" in cell.metadata]
    notebook.cells = kept
    nbformat.write(notebook, path)


def nbgrader(folder: pathlib.Path, *command: str) -> None:
    """Run nbgrader in its folder; it calls its own tools by name, so they must be found, and the kernel the course."""
    path = os.pathsep.join([str(GRADER.parent), os.environ["PATH"]])
    there = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "COURSE_PROFILE": "quick", "COURSE_DATA": "drawn"}
    done = subprocess.run([GRADER, "-m", "nbgrader", *command], cwd=folder, env=there, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def handed_in(folder: pathlib.Path, right: int, images: int, name: str = "trial_1") -> None:
    """A student's folder runs/ with one finished run."""
    place = folder / "runs" / name / "abc-s0"
    place.mkdir(parents=True)
    labels = np.zeros(images, np.uint8)
    probabilities = np.zeros((images, 7), np.float32)
    probabilities[:right, 0] = probabilities[right:, 1] = 1
    (place / "record.json").write_text(json.dumps({"name": name, "test": "abc", "history": {}}))
    np.savez_compressed(place / "predictions.npz", labels=labels, probabilities=probabilities)


def test_a_classs_runs_are_pooled_without_names(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pooled, "OUT", tmp_path / "out")
    for student, right in (("ada", 60), ("ben", 50), ("cem", 70)):
        handed_in(tmp_path / "class" / student, right, 100)
    with zipfile.ZipFile(tmp_path / "class" / "dora.zip", "w") as packed:
        handed_in(tmp_path / "dora", 160, 200)
        for file in (tmp_path / "dora").rglob("*.*"):
            packed.write(file, file.relative_to(tmp_path / "dora"))
        packed.writestr("../outside/abc-s0/record.json", "{}")
    (tmp_path / "class" / "empty").mkdir()
    row = pooled.main(str(tmp_path / "class")).loc["trial_1"]
    assert row["students"] == 4 and row["lowest"] == 0.5 and row["highest"] == 0.8
    assert row["pooled"] == pytest.approx(340 / 500) and row["standard deviation"] == pytest.approx(
        np.std([0.6, 0.5, 0.7, 0.8], ddof=1)
    )
    assert (tmp_path / "out" / "spread.svg").is_file() and not (tmp_path / "outside").exists()
    written = capsys.readouterr().out + (tmp_path / "out" / "pooled.csv").read_text()
    assert "ada" not in written and "dora" not in written


def test_nothing_handed_in_is_said(tmp_path):
    for folder in ("", str(tmp_path)):
        with pytest.raises(SystemExit, match="folder"), contextlib.redirect_stdout(io.StringIO()):
            pooled.main(folder)
