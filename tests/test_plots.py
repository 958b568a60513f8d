"""Every figure draws at notebook width, carries its title and axis labels, is closed, and leaves no state behind."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers import CLASSES, plots

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (7, 48, 48)).astype("uint8")
LABELS, PROBABILITIES = np.arange(7), RNG.dirichlet(np.ones(7), 7)
HISTORY = {"loss": [2.0, 1.0], "val_loss": [2.0, 1.5], "accuracy": [0.2, 0.5], "val_accuracy": [0.2, 0.3]}
CURVE = (np.array([0, 0.2, 1]), np.array([0, 0.7, 1]), 0.75)
NO_CURVE = (np.array([]), np.array([]), np.nan)
TABLE = pd.DataFrame(
    {"confidence": [0.3, 0.8], "accuracy": [0.4, 1.0], "low": [0.3, 0.7], "high": [0.5, 1.0], "images": [9, 4]}
)
SCORES = {"a": (0.4, 0.3, 0.5), "undefined": (np.nan, np.nan, np.nan)}
POINTS, BAND = RNG.normal(size=(7, 2)), ([20, 50, 349], [0.4, 0.5, 0.6], [0.3, 0.4, 0.55], [0.5, 0.6, 0.65])
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
    "roc": lambda: plots.roc(dict.fromkeys(CLASSES, CURVE), TITLE),
    "roc_undefined": lambda: plots.roc({"happy": CURVE, "disgust": NO_CURVE, "another": CURVE}, TITLE),
    "reliability": lambda: plots.reliability(TABLE, TITLE),
    "reliability_of_one_bin": lambda: plots.reliability(TABLE[:1], TITLE),
    "reliabilities": lambda: plots.reliability({"before": TABLE, "after": TABLE}, TITLE),
    "intervals": lambda: plots.intervals(SCORES, TITLE, "accuracy"),
    "intervals_line": lambda: plots.intervals(SCORES, TITLE, "accuracy", line=0.3),
    "intervals_line_text": lambda: plots.intervals(SCORES, TITLE, "accuracy", line=(0.3, "a guess")),
    "mistakes": lambda: plots.mistakes(FACES, LABELS, PROBABILITIES, np.array([3, 1]), TITLE),
    "mistakes_many": lambda: plots.mistakes(FACES, LABELS, PROBABILITIES, [*range(7), *range(5)], TITLE),
    "mistakes_none": lambda: plots.mistakes(FACES, LABELS, PROBABILITIES, [], TITLE),
    "maps": lambda: plots.maps(RNG.random((32, 24, 24)), TITLE),
    "maps_of_kernels": lambda: plots.maps(RNG.normal(size=(9, 3, 3)), TITLE, [str(i) for i in range(9)]),
    "maps_of_nothing": lambda: plots.maps(np.zeros((1, 5, 5)), TITLE),
    "histograms": lambda: plots.histograms({"a": RNG.normal(size=900), "b": RNG.normal(size=(3, 5))}, TITLE, "weight"),
    "histogram_of_one_value": lambda: plots.histograms({"a": np.zeros(4)}, TITLE, "weight"),
    "lines": lambda: plots.lines({"a": ([1, 2], [3, 4]), "b": ([1], [2])}, TITLE, "x", "y", line=(2, "half")),
    "line": lambda: plots.lines({"a": (np.arange(100), np.arange(100))}, TITLE, "x", "y"),
    "histories": lambda: plots.histories({str(i): HISTORY for i in range(9)}, TITLE),
    "history": lambda: plots.histories({"a": HISTORY}, TITLE, metric="loss"),
    "scatter": lambda: plots.scatter({"pixels": POINTS, "features": -POINTS}, LABELS, TITLE),
    "scatter_of_one_cloud": lambda: plots.scatter({"a": POINTS[:3]}, LABELS[:3], TITLE),
    "bands": lambda: plots.bands({"a": BAND, "b": BAND}, TITLE, "images", "accuracy", line=(0.2, "a guess")),
    "band_of_one_point": lambda: plots.bands({"a": ([20], [0.4], [0.4], [0.4])}, TITLE, "images", "accuracy"),
}
WITHOUT_AXES = ("faces", "heat", "mistakes", "maps")


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, drawn to the last."""
    figures = []

    def show():
        plt.gcf().canvas.draw()
        figures.append(plt.gcf())

    monkeypatch.setattr(plt, "show", show)
    return figures


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure(name, shown):
    before = dict(plt.rcParams)
    DRAWINGS[name]()
    (figure,) = shown
    titles = [figure.get_suptitle(), *(axis.get_title(loc="left") for axis in figure.axes)]
    assert TITLE in titles
    assert figure.get_size_inches()[0] <= plots.WIDTH + 1.5
    assert name.startswith((*WITHOUT_AXES, "bars")) or any(axis.get_xlabel() for axis in figure.axes)
    assert name.startswith((*WITHOUT_AXES, "counts", "prediction", "intervals")) or any(
        axis.get_ylabel() for axis in figure.axes
    )
    assert dict(plt.rcParams) == before
    assert not plt.get_fignums()


def test_a_figure_that_fails_is_closed_too(shown):
    with pytest.raises(ValueError, match=r"np\.moveaxis"):
        plots.maps(np.zeros((1, 5, 5, 32)), TITLE)
    with pytest.raises(KeyError):
        plots.curves({"loss": [1.0]}, TITLE)
    assert not shown and not plt.get_fignums()


def test_every_drawing_function_is_tested():
    functions = [name for name in plots.__all__ if name.islower()]
    assert [name for name in functions if not any(drawing.startswith(name.rstrip("s")) for drawing in DRAWINGS)] == []


def test_what_is_drawn_is_what_was_given(shown):
    plots.intervals({"a": (0.4, 0.3, 0.5)}, TITLE, "accuracy")
    plots.roc({"happy": CURVE}, TITLE)
    plots.mistakes(FACES, LABELS, PROBABILITIES, [2], TITLE)
    forest, roc, gallery = shown
    assert "0.400  [0.300, 0.500]" in [text.get_text() for text in forest.axes[0].texts]
    assert roc.axes[0].lines[0].get_color() == plots.COLOURS["happy"]
    said = PROBABILITIES[2]
    assert gallery.axes[0].get_title() == f"labelled {CLASSES[2]}\nsaid {CLASSES[said.argmax()]} {said.max():.2f}"
    np.testing.assert_array_equal(gallery.axes[0].images[0].get_array(), FACES[2])


def test_maps_share_one_scale_with_its_middle_at_zero(shown):
    plots.maps(np.stack([np.full((3, 3), -0.5), np.full((3, 3), 2.0)]), TITLE)
    plots.maps(np.full((2, 3, 3), 4.0), TITLE)
    signed, positive = ([image.get_clim() for axis in figure.axes for image in axis.images] for figure in shown)
    assert set(signed) == {(-2, 2)} and set(positive) == {(0, 4)}


def test_points_carry_the_colour_of_their_class(shown):
    plots.scatter({"a": POINTS}, LABELS, TITLE)
    found = {drawn.get_label(): drawn for drawn in shown[0].axes[0].collections}
    assert list(found) == list(CLASSES)
    np.testing.assert_array_equal(found["happy"].get_offsets()[0], POINTS[CLASSES.index("happy")])
    assert matplotlib.colors.to_hex(found["happy"].get_facecolor()[0]).upper() == plots.COLOURS["happy"]
    with pytest.raises(ValueError, match="7 points of two numbers"):
        plots.scatter({"a": POINTS[:6]}, LABELS, TITLE)


def test_one_colour_a_class():
    assert len(set(plots.COLOURS.values())) == len(CLASSES) and tuple(plots.COLOURS) == CLASSES
