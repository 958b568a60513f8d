"""Every figure shows what it is given, at notebook width, with a title and named axes; it is closed and leaves no state behind."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from helpers import CLASSES, plots

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (7, 48, 48)).astype("uint8")
HISTORY = {"loss": [2.0, 1.0], "val_loss": [2.0, 1.5], "accuracy": [0.2, 0.5], "val_accuracy": [0.2, 0.3]}
CURVE, NO_CURVE = ([0, 0.2, 1], [0, 0.7, 1], 0.75), (np.array([]), np.array([]), np.nan)
TABLE = pd.DataFrame(
    {"confidence": [0.3, 0.8], "accuracy": [0.4, 1.0], "low": [0.3, 0.7], "high": [0.5, 1.0], "images": [9, 4]}
)
SCORES = {"a": (0.4, 0.3, 0.5), "undefined": (np.nan, np.nan, np.nan)}
POINTS, ERRORS = RNG.normal(size=(7, 2)), ([20, 50, 349], [0.4, 0.5, 0.6], [0.3, 0.4, 0.55], [0.5, 0.6, 0.65])
CLIP = pd.DataFrame(np.full((6, 7), 1 / 7), columns=list(CLASSES)).assign(
    time=np.arange(6) / 2, truth=["happy", "happy", None, "sad", "sad", "sad"]
)
TITLE = "What it shows"
DRAWINGS = {
    "faces": lambda: plots.faces(FACES, TITLE, [f"{name}\n-> sad" for name in CLASSES]),
    "faces, rows": lambda: plots.faces(FACES[:5], TITLE, columns=3, rows=["a", "b"]),
    "prediction": lambda: plots.prediction(FACES[0], np.full(7, 1 / 7), TITLE),
    "heatmap": lambda: plots.heatmap(FACES[0], RNG.normal(size=(11, 11)), TITLE, "drop"),
    "heatmaps": lambda: plots.heatmaps(FACES, {"saliency": FACES / 255, "drop": FACES / 99 - 1}, TITLE, CLASSES),
    "heatmaps, across": lambda: plots.heatmaps(FACES[:2], {"a": FACES[:2] / 255}, TITLE, across=True),
    "heatmaps, nothing": lambda: plots.heatmaps(FACES[:1], {"nothing": np.zeros((1, 9, 9))}, TITLE, faces=False),
    "feature_maps": lambda: plots.feature_maps(RNG.random((32, 24, 24)), TITLE),
    "feature_maps, kernels": lambda: plots.feature_maps(RNG.normal(size=(9, 3, 3)), TITLE, list("123456789")),
    "feature_maps, nothing": lambda: plots.feature_maps(np.zeros((1, 5, 5)), TITLE),
    "counts": lambda: plots.counts({"a": np.arange(7), "b": np.arange(7) * 900}, TITLE),
    "confusion": lambda: plots.confusion({"a": np.eye(7, dtype=int) * 300}, TITLE),
    "confusion, two": lambda: plots.confusion({"a": np.zeros((7, 7), int), "b": np.eye(7, dtype=int)}, TITLE),
    "bars": lambda: plots.bars({"a": np.ones(7), "b": np.zeros(7)}, TITLE, "share", line=(0.5, "half")),
    "roc": lambda: plots.roc({"happy": CURVE, "disgust": NO_CURVE, "another": CURVE}, TITLE),
    "reliability": lambda: plots.reliability({"before": TABLE, "after": TABLE[:1]}, TITLE),
    "intervals": lambda: plots.intervals(SCORES, TITLE, "accuracy", line=0.3),
    "intervals, text": lambda: plots.intervals(SCORES, TITLE, "accuracy", line=(0.3, "chance")),
    "curves": lambda: plots.curves(HISTORY, TITLE),
    "histories": lambda: plots.histories({str(i): HISTORY for i in range(9)}, TITLE, metric="loss"),
    "lines": lambda: plots.lines({"a": ([1, 2], [3, 4]), "b": ([1], [2])}, TITLE, "x", "y", line=(2, "half")),
    "lines, one": lambda: plots.lines({"a": (np.arange(100), np.arange(100))}, TITLE, "x", "y"),
    "errorbars": lambda: plots.errorbars({"a": ERRORS, "b": ([20], [0.4], [0.4], [0.4])}, TITLE, "images", "accuracy"),
    "histograms": lambda: plots.histograms({"a": RNG.normal(size=900), "b": RNG.normal(size=(3, 5))}, TITLE, "weight"),
    "histograms, one value": lambda: plots.histograms({"a": np.zeros(4)}, TITLE, "weight"),
    "scatter": lambda: plots.scatter({"pixels": POINTS, "features": -POINTS}, np.arange(7), TITLE),
    "scatter, few": lambda: plots.scatter({"a": POINTS[:3]}, np.arange(3), TITLE),
    "timeline": lambda: plots.timeline(CLIP, TITLE),
    "timeline, no truth": lambda: plots.timeline(CLIP.drop(columns="truth"), TITLE),
}
PICTURES = ("faces", "heatmap", "feature_maps")
NAMED_BY_CLASS = ("bars", "counts", "prediction", "intervals")  # one axis carries names


@pytest.fixture
def drawn(monkeypatch):
    """Draw a figure to the last, closed as it should be, and give it."""

    def draw(function, *arguments, **options) -> plt.Figure:
        figures = []
        monkeypatch.setattr(plt, "show", lambda: figures.append(plt.gcf()) or figures[0].canvas.draw())
        function(*arguments, **options)
        assert not plt.get_fignums()
        (figure,) = figures
        return figure

    return draw


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_has_a_title_and_named_axes_and_fits(name, drawn):
    before = dict(plt.rcParams)
    figure = drawn(DRAWINGS[name])
    assert dict(plt.rcParams) == before
    assert TITLE in [figure.get_suptitle(), *(axis.get_title(loc="left") for axis in figure.axes)]
    width, height = figure.get_size_inches()
    assert width <= plots.WIDTH + 1.5
    kind = name.split(",")[0]
    if not kind.startswith(PICTURES):
        assert any(axis.get_xlabel() for axis in figure.axes) or kind == "bars"
        assert any(axis.get_ylabel() for axis in figure.axes) or kind in NAMED_BY_CLASS
    box = figure.get_tightbbox()  # of all that is drawn, in inches
    assert min(box.x0, box.y0) > -0.1 and box.x1 < width + 0.1 and box.y1 < height + 0.1, "something is cut off"


def test_every_drawing_function_is_tested():
    assert {name for name in plots.__all__ if name.islower()} == {name.split(",")[0] for name in DRAWINGS}


def test_a_figure_that_fails_is_closed_too():
    wrong = {
        "moveaxis": lambda: plots.feature_maps(np.zeros((1, 5, 5, 32)), TITLE),
        "saliency: 5 maps for 7 faces": lambda: plots.heatmaps(FACES, {"saliency": np.zeros((5, 9, 9))}, TITLE),
        "two numbers per label": lambda: plots.scatter({"a": POINTS[:6]}, np.arange(7), TITLE),
    }
    for words, draw in wrong.items():
        with pytest.raises(ValueError, match=words):
            draw()
        assert not plt.get_fignums()


def test_colours_are_one_a_class_and_apart_without_hue():
    assert tuple(plots.COLOURS) == CLASSES and len(set(plots.COLOURS.values())) == len(CLASSES)
    luminance = [np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)) for colour in plots.SERIES[:3]]
    assert np.diff(np.sort(luminance)).min() > 0.05, "lines of the usual figure differ in grey"


def test_faces_stand_in_order_and_panels_left_over_are_empty(drawn):
    axes = drawn(plots.faces, FACES[:5], TITLE, list("abcde"), columns=3).axes
    for axis, face, caption in zip(axes, FACES, "abcde", strict=False):
        np.testing.assert_array_equal(axis.images[0].get_array(), face)
        assert axis.get_title() == caption
    assert not axes[5].images and not axes[5].axison


def test_heatmaps_are_plain_and_on_one_scale_around_zero(drawn):
    maps = RNG.random((7, 11, 11))
    both = {"saliency": maps, "drop": 3 * maps - 1}
    figure = drawn(plots.heatmaps, FACES, both, TITLE, list(CLASSES), "drop")
    axes, top = figure.axes, (3 * maps - 1).max()
    assert len(axes) == 3 * 7 + 1 and [axes[i].get_ylabel() for i in (0, 7, 14)] == ["the face", "saliency", "drop"]
    for i, axis in enumerate(axes[7:14]):
        (heatmap,) = axis.images
        np.testing.assert_array_equal(heatmap.get_array(), maps[i])
        assert heatmap.get_clim() == (-top, top) and heatmap.get_alpha() is None
    assert axes[-1].get_ylabel() == "drop" and axes[-1].get_ylim() == (-top, top)
    across = drawn(plots.heatmaps, FACES[:2], {"saliency": maps[:2]}, TITLE, ["a", "b"], across=True).axes
    assert [axis.get_title() for axis in across[:4]] == ["the face", "saliency", "", ""]
    assert [across[i].get_ylabel() for i in (0, 2)] == ["a", "b"]
    np.testing.assert_array_equal(across[3].images[0].get_array(), maps[1])
    assert across[-1].get_ylim() == (0, maps[:2].max())


def test_a_heatmap_lies_over_its_face(drawn):
    values = RNG.random((11, 11))
    _, under, bar = drawn(plots.heatmap, FACES[0], values, TITLE, "drop").axes
    picture, heat = under.images
    np.testing.assert_array_equal(heat.get_array(), values)
    assert heat.get_extent() == picture.get_extent() and bar.get_ylim() == (0, values.max())
    assert heat.get_alpha()[values == values.max()] > heat.get_alpha()[values == values.min()]


def test_a_long_label_stays_beside_its_bar(drawn):
    maps, label = {"a": FACES / 99 - 1}, "share of the map's own largest value, in words that take a while"
    bar = drawn(plots.heatmaps, FACES, maps, TITLE, CLASSES, label, faces=False).axes[-1]
    box, text = bar.get_window_extent(), bar.yaxis.label.get_window_extent()
    assert "\n" in bar.get_ylabel() and text.height < 1.4 * box.height


def test_feature_maps_share_one_scale_with_its_middle_at_zero(drawn):
    for values, scale in (([-0.5, 2.0], (-2, 2)), ([4.0, 1.0], (0, 4))):
        figure = drawn(plots.feature_maps, np.stack([np.full((3, 3), value) for value in values]), TITLE)
        assert {image.get_clim() for axis in figure.axes for image in axis.images} == {scale}


def test_scores_are_drawn_where_they_are(drawn):
    forest = drawn(plots.intervals, {"a": (0.4, 0.3, 0.5)}, TITLE, "accuracy", line=0.2).axes[0]
    assert forest.lines[0].get_xdata()[0] == 0.4 and "0.400  [0.300, 0.500]" in [t.get_text() for t in forest.texts]
    np.testing.assert_array_equal(forest.collections[0].get_segments()[0][:, 0], [0.3, 0.5])
    curve = drawn(plots.roc, {"happy": CURVE}, TITLE).axes[0].lines[0]
    assert curve.get_color() == plots.COLOURS["happy"] and "0.750" in curve.get_label()
    np.testing.assert_array_equal(curve.get_xydata(), np.transpose(CURVE[:2]))
    diagram, images = drawn(plots.reliability, {"": TABLE}, TITLE).axes
    np.testing.assert_array_equal(diagram.lines[1].get_xydata(), TABLE[["confidence", "accuracy"]])
    assert [segment[1][1] for segment in images.collections[0].get_segments()] == [9, 4]
    counts = drawn(plots.counts, {"train": np.arange(7)}, TITLE).axes[0]
    assert [bar.get_width() for bar in counts.patches] == list(range(7))
    matrix = np.arange(49).reshape(7, 7)
    cells = drawn(plots.confusion, {"net": matrix}, TITLE).axes[0]
    assert [int(text.get_text()) for text in cells.texts] == list(range(49)), "rows are labels"
    np.testing.assert_allclose(cells.collections[0].get_array().sum(axis=1), 1)


def test_points_and_errors_are_drawn_where_they_are(drawn):
    axis = drawn(plots.scatter, {"a": POINTS}, np.arange(7), TITLE).axes[0]
    clouds = {cloud.get_label(): cloud for cloud in axis.collections}
    assert list(clouds) == list(CLASSES)
    np.testing.assert_array_equal(clouds["happy"].get_offsets()[0], POINTS[CLASSES.index("happy")])
    assert to_hex(clouds["happy"].get_facecolor()[0]).upper() == plots.COLOURS["happy"]
    axis = drawn(plots.errorbars, {"a": ERRORS}, TITLE, "images", "accuracy").axes[0]
    ends = np.array(axis.containers[0][2][0].get_segments())[:, :, 1]
    np.testing.assert_allclose(ends, np.transpose(ERRORS[2:]))


def test_a_timeline_stands_above_its_truth(drawn):
    lines, strip = drawn(plots.timeline, CLIP, TITLE).axes
    assert [line.get_label() for line in lines.lines] == list(CLASSES) and lines.get_ylim() == (0, 1)
    assert [text.get_text() for text in strip.texts] == ["happy", "sad"]
    stretches = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in strip.patches]
    assert stretches == [(0.0, 1.0), (1.5, 2.5)]
