"""Pictures: faces, what a net says of one, heatmaps over faces, feature maps and kernels."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps

from helpers import CLASSES
from helpers.files import CourseError

from .style import COLOURS, WIDTH, panels

SIGNED = "PuOr_r"  # purple below 0, orange above
STEPS = 65  # colours of plain maps: a picture of fine grain is stored in half the room


def faces(
    images: np.ndarray,
    title: str,
    captions: Sequence[str] | None = None,
    columns: int = 7,
    tile: float = 1.25,
    rows: Sequence[str] = (),
) -> None:
    """A grid of grey or coloured pictures, with a caption for each of them or a name for each row."""
    lines = -(-len(images) // columns)
    deep = max((str(text).count("\n") + 1 for text in ([] if captions is None else captions)), default=0)
    high, wide = np.shape(images[0])[:2]  # a wide picture leaves no empty band below the title
    height = (tile * high / wide + 0.1 * bool(deep) + 0.18 * deep) * lines + 0.4
    size = min(WIDTH, tile * columns + bool(rows)), height
    with panels(lines, columns, size, title, layout="compressed") as (_, axes):
        show_each(axes, images, captions, cmap="gray", vmin=0, vmax=255)
        name_rows(axes, rows)


def prediction(image: np.ndarray, probabilities: Sequence[float], title: str) -> None:
    """One face beside the probabilities that a net gives it."""
    with panels(1, 2, (WIDTH * 0.8, 2.7), title, width_ratios=(1, 2)) as (_, axes):
        left, right = axes.flat
        show(left, image, cmap="gray", vmin=0, vmax=255)
        right.barh(CLASSES, probabilities, color=[COLOURS[name] for name in CLASSES])
        right.set(xlim=(0, 1), xlabel="probability")
        right.invert_yaxis()


def heatmap(image: np.ndarray, values: np.ndarray, title: str, label: str) -> None:
    """One face, and beside it the same face under its map."""
    top = float(np.abs(values).max()) or 1.0
    with panels(1, 2, (6.2, 3.2), title, layout="compressed") as (figure, axes):
        for axis in axes.flat:
            show(axis, image, cmap="gray", vmin=0, vmax=255)
        shown = lay_over(axes[0, 1], values, top)
        colour_bar(figure, axes, shown, label, signed=np.min(values) < 0)


def heatmaps(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    title: str,
    captions: Sequence[str] | None = None,
    label: str = "map, 0 to 1",
    faces: bool = True,
    tile: float = 1.15,
    across: bool = False,
) -> None:
    """The faces in the first row (unless `faces` is False), and for each set of maps (n, height, width) a row under them.

    Maps are plain: white is 0, orange above, purple below, on one colour scale for all, so the raw maps of two nets can be
    compared. `across` turns the table round: a face and its maps side by side, in larger tiles if there are few faces.
    """
    for name, values in maps.items():
        if len(values) != len(images):
            raise CourseError(f"{name}: {len(values)} maps for {len(images)} faces.", "Give one map per face.")
    top = max(float(np.abs(values).max(initial=0)) for values in maps.values()) or 1.0
    signed = any(np.min(values, initial=0) < 0 for values in maps.values())
    colours = colormaps[SIGNED].resampled(STEPS)
    rows, columns = len(maps) + faces, len(images)
    names, captions = ["the face"] * faces + list(maps), list(captions or [""] * columns)
    if across:
        rows, columns, names, captions = columns, rows, captions, names
    deep = max(str(text).count("\n") + bool(text) for text in captions)
    tile = min(tile, (WIDTH - 1 - any(names)) / columns)
    size = tile * columns + 1 + any(names), tile * rows + 0.35 + 0.17 * deep
    with panels(rows, columns, size, title, layout="compressed") as (figure, axes):
        table = axes.T if across else axes
        for axis, image in zip(table[0], images if faces else (), strict=faces):
            show(axis, image, cmap="gray", vmin=0, vmax=255)
            axis.spines[:].set(visible=True, color="0.6")  # white at its edge would run into the page
        for row, values in zip(table[int(faces) :], maps.values(), strict=True):
            for axis, value in zip(row, values, strict=True):
                shown = show(axis, value, cmap=colours, vmin=-top, vmax=top)
                axis.spines[:].set(visible=True, color="0.8")
        for axis, text in zip(axes[0], captions, strict=True):
            name_above(axis, text)
        name_rows(axes, names)
        colour_bar(figure, axes, shown, label, signed)


def feature_maps(
    maps: np.ndarray, title: str, captions: Sequence[str] | None = None, columns: int = 8, label: str = "value"
) -> None:
    """Feature maps or kernels, (n, height, width), on one colour scale; purple is below 0, orange above."""
    maps = np.asarray(maps, dtype=float)
    if maps.ndim != 3:
        raise CourseError(
            f"Feature maps of shape {maps.shape} cannot be drawn.",
            "Give (n, height, width); np.moveaxis(maps, -1, 0) moves Keras' channels to the front.",
        )
    columns, top = min(columns, len(maps)), float(np.abs(maps).max()) or 1.0
    scale = {"cmap": SIGNED, "vmin": -top} if maps.min() < 0 else {"cmap": "cividis", "vmin": 0}
    lines, tile = -(-len(maps) // columns), min((WIDTH - 0.8) / columns, 2.4)
    height = (tile * maps.shape[1] / maps.shape[2] + 0.28 * (captions is not None)) * lines + 0.5
    with panels(lines, columns, (tile * columns + 0.9, max(height, 1.9)), title, layout="compressed") as (figure, axes):
        shown = show_each(axes, maps, captions, vmax=top, **scale)
        figure.colorbar(shown, ax=axes, label=label, shrink=0.9)


def show(axis, image: np.ndarray, **options):
    """A picture without ticks and frame."""
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    return axis.imshow(image, interpolation="nearest", **options)


def show_each(axes: np.ndarray, images: Sequence[np.ndarray], captions: Sequence[str] | None, **options):
    """Pictures from the first panel on, with captions for as many as there are; panels left over stay empty."""
    for axis in axes.flat[len(images) :]:
        axis.axis("off")
    for axis, image in zip(axes.flat, images, strict=False):
        shown = show(axis, image, **options)
    for axis, text in zip(axes.flat, [] if captions is None else captions, strict=False):
        name_above(axis, text)
    return shown


def name_above(axis, text: str) -> None:
    """The caption of one picture."""
    axis.set_title(text, fontsize=9.5, fontweight="normal", loc="center", pad=3)


def name_rows(axes: np.ndarray, names: Sequence[str]) -> None:
    """The rows' names, on their left."""
    for axis, name in zip(axes[:, 0], names, strict=False):
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)


def lay_over(axis, values: np.ndarray, top: float):
    """A map of any size over the picture in a panel: the stronger a value, the less of the picture shows through."""
    (picture,) = axis.images
    strength = np.clip(0.15 + 0.75 * np.abs(values) / top, 0, 1)
    options = {"cmap": SIGNED, "vmin": -top, "vmax": top, "alpha": strength, "interpolation": "nearest"}
    return axis.imshow(values, extent=picture.get_extent(), **options)


def colour_bar(figure, axes: np.ndarray, shown, label: str, signed: bool) -> None:
    """The scale of maps of faces, from 0 if no value is below it; a long label is broken to the height of the bar."""
    high = 0.8 * figure.get_size_inches()[1]
    bar = figure.colorbar(shown, ax=axes, label=textwrap.fill(label, max(8, int(11 * high))), shrink=0.8, alpha=1)
    bar.ax.set_ylim(None if signed else 0, None)
