"""Notebook 15: the clip scores that it teaches, and the second label on each box."""

import ast
import functools

import numpy as np
import pandas as pd
import pytest

import drawn_faces
import faceapp
from helpers import CLASSES
from tests.faceapp_world import predictor
from tests.test_faceapp_camera import Browser, jpeg, started
from tools.notebooks import FOLDER, code_cells, read


@functools.cache
def lesson() -> dict[str, ast.FunctionDef]:
    """The functions that the notebook writes, by name."""
    cells = code_cells(read(FOLDER / "15_pretrained_versus_own.ipynb"))
    found = [node for cell in cells for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in found}


def taken(name: str, **world):
    """One of these functions, in a world of its own."""
    world |= {"CLASSES": CLASSES, "np": np, "pd": pd, "faceapp": faceapp}
    exec(compile(ast.Module([lesson()[name]], []), "notebook 15", "exec"), world)
    return world[name]


@pytest.fixture(scope="module")
def clip():
    return drawn_faces.clip(["happy", "sad"], size=64, fps=6, seconds=1.5, seed=3)


def said(truth: pd.DataFrame, labels) -> pd.DataFrame:
    """A table in which a net is sure of these labels."""
    table = truth[["time", "emotion", "intensity"]].rename(columns={"emotion": "truth"})
    sure = np.eye(7)[[CLASSES.index(label) for label in labels]]
    return pd.concat([table, pd.DataFrame(sure, columns=CLASSES)], axis=1)


def test_a_clips_score_counts_strong_frames_and_each_expression_alike(clip):
    score, truth = taken("clip_score"), clip.truth
    assert score(said(truth, truth["emotion"])) == 1
    assert score(said(truth, ["happy"] * len(truth))) == pytest.approx(0.5)
    faint = truth["intensity"] < 0.6
    assert faint.any() and (~faint).any()
    assert score(said(truth, np.where(faint, "angry", truth["emotion"]))) == 1, "faint frames do not count"
    twice = truth.loc[[*truth.index, *truth.index[truth["emotion"] == "happy"]]].reset_index(drop=True)
    assert score(said(twice, ["sad"] * len(twice))) == pytest.approx(0.5), (
        "more frames of one expression change nothing"
    )


def test_a_net_watches_the_true_box(clip):
    cut = taken("crops")(clip)
    assert cut.shape == (len(clip), 48, 48) and cut.dtype == np.uint8
    x, y, w, h = clip.truth.loc[0, ["x", "y", "w", "h"]]
    middle = clip.frames[0, y : y + h, x : x + w].mean()
    assert abs(cut[0].astype(float).mean() - middle) < 25


def test_the_lessons_solution_samples_clips_and_not_frames():
    cells = [
        cell
        for cell in code_cells(read(FOLDER / "15_pretrained_versus_own.ipynb"))
        if "solution" in cell.metadata.get("tags", [])
    ]
    world = {"np": np}
    exec(cells[-1].source, world)
    rng = np.random.default_rng(0)
    a, better = rng.random((10, 7)), rng.normal(0.1, 0.2, (10, 1))
    low, high = world["clip_interval"](a, a + better)
    expected = 2 * 1.96 * better.std() / np.sqrt(10)
    assert low < better.mean() < high and 0.75 < (high - low) / expected < 1.25


def test_a_second_word_stands_on_each_box_and_changes_nothing_else():
    image = np.full((240, 320), 90, np.uint8)
    faces = predictor().faces(image, [(40, 60, 80, 80), (200, 150, 80, 88)])
    one, two = faceapp.annotate(image, faces), faceapp.annotate(image, faces, ["21-27", "3-9"])
    changed = np.argwhere((one != two).any(axis=2))
    rows, columns = changed[:, 0], changed[:, 1]
    first, second = columns < 160, columns >= 160
    assert first.any() and rows[first].min() >= 60 + 80, "below the box"
    assert second.any() and rows[second].max() < 240, "within the picture, where no room is left below"
    np.testing.assert_array_equal(faceapp.annotate(image, faces, ["", ""]), one)


def test_the_camera_sends_a_second_word_with_each_face():
    camera = faceapp.Camera(predictor(), second=lambda image, faces: [f"{image.shape[1]} wide"] * len(faces))
    browser = started(Browser(camera))
    browser.say("frame", [jpeg(200, side=96)], run="one", id=0, time=0.0)
    (answer,) = browser.wait("faces")
    assert [face["second"] for face in answer["faces"]] == ["96 wide"]
    camera.close()
