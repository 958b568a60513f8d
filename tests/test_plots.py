"""Every figure draws at notebook width, carries its title, and leaves no state behind."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import CLASSES, plots

FACES = np.random.default_rng(0).integers(0, 256, (7, 48, 48)).astype("uint8")
HISTORY = {"loss": [2.0, 1.0], "val_loss": [2.0, 1.5], "accuracy": [0.2, 0.5], "val_accuracy": [0.2, 0.3]}
TITLE = "What it shows"
DRAWINGS = {
    "faces": lambda: plots.faces(FACES, list(CLASSES), TITLE),
    "faces_in_rows": lambda: plots.faces(FACES[:6], None, TITLE, columns=3, rows=["a", "b"]),
    "counts": lambda: plots.counts({"a": np.arange(7), "b": np.arange(7) * 900}, TITLE),
    "confusion": lambda: plots.confusion({"a": np.eye(7, dtype=int) * 300}, TITLE),
    "confusions": lambda: plots.confusion({"a": np.zeros((7, 7), int), "b": np.eye(7, dtype=int)}, TITLE),
    "bars": lambda: plots.bars({"a": np.ones(7), "b": np.zeros(7)}, TITLE, "share", line=(0.5, "half")),
    "curves": lambda: plots.curves(HISTORY, TITLE),
    "prediction": lambda: plots.prediction(FACES[0], np.full(7, 1 / 7), TITLE),
    "heat": lambda: plots.heat(FACES[:1], np.ones((1, 11, 11)), ["x"], TITLE, "drop"),
    "heats": lambda: plots.heat(FACES[:4], np.zeros((4, 11, 11)), list("abcd"), TITLE, "drop"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure(name, monkeypatch):
    before = dict(plt.rcParams)
    monkeypatch.setattr(plt, "show", lambda: None)
    DRAWINGS[name]()
    figure = plt.gcf()
    figure.canvas.draw()
    titles = [figure.get_suptitle(), *(axis.get_title(loc="left") for axis in figure.axes)]
    assert TITLE in titles
    assert figure.get_size_inches()[0] <= plots.WIDTH + 1.5
    assert dict(plt.rcParams) == before
    plt.close("all")


def test_one_colour_a_class():
    assert len(set(plots.COLOURS.values())) == len(CLASSES) and tuple(plots.COLOURS) == CLASSES
