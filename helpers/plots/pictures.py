"""Pictures: faces, what a net says of one, maps over a face or beside one another."""

from collections.abc import Sequence

import numpy as np

from helpers import CLASSES

from .style import COLOURS, WIDTH, panels


def bare(axis, image: np.ndarray, **options) -> None:
    """A grey picture without ticks and frame."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, **options)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def faces(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    title: str = "",
    columns: int = 7,
    tile: float = 1.25,
    rows: Sequence[str] = (),
) -> None:
    """A grid of grey pictures, each with a short caption, or each row with one."""
    lines = -(-len(images) // columns)
    deep = max((str(text).count("\n") + 1 for text in ([] if titles is None else titles)), default=0)
    size = min(WIDTH, tile * columns + bool(rows)), (tile + 0.1 * bool(deep) + 0.18 * deep) * lines + 0.4 * bool(title)
    with panels(lines, columns, size, title) as (_, axes):
        for axis in axes.flat[len(images) :]:
            axis.axis("off")
        for i, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
            bare(axis, image)
            if titles is not None:
                axis.set_title(titles[i], fontsize=9.5, fontweight="normal", loc="center", pad=3)
        for axis, text in zip(axes[:, 0], rows, strict=False):
            axis.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=10)


def mistakes(
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    index: Sequence[int],
    title: str,
    names: Sequence[str] = CLASSES,
) -> None:
    """The pictures of `index`, each under its label and what the net said instead, with the probability it gave that."""
    if not len(index):
        with panels(1, 1, (WIDTH, 1.2), title) as (_, axes):
            axes[0, 0].text(0, 0.5, "no mistake to show", va="center")
            axes[0, 0].axis("off")
        return
    said = [f"{names[probabilities[i].argmax()]} {probabilities[i].max():.2f}" for i in index]
    texts = [f"labelled {names[labels[i]]}\nsaid {answer}" for i, answer in zip(index, said, strict=True)]
    faces(images[np.asarray(index)], texts, title, columns=min(6, max(3, len(index))), tile=1.5)


def prediction(image: np.ndarray, probabilities: Sequence[float], title: str, names: Sequence[str] = CLASSES) -> None:
    """One face beside the probabilities that a net gives it."""
    with panels(1, 2, (WIDTH * 0.8, 2.7), title, width_ratios=(1, 2)) as (_, axes):
        left, right = axes.flat
        bare(left, image)
        right.barh(names, probabilities, color=[COLOURS[name] for name in names])
        right.set(xlim=(0, 1), xlabel="probability")
        right.invert_yaxis()


def heat(images: np.ndarray, maps: np.ndarray, titles: Sequence[str], title: str, label: str) -> None:
    """Faces, and below each (beside it, if there is one) the same face under its map; one colour scale for all maps."""
    top, n = max(float(np.max(np.abs(maps))), 1e-12), len(images)
    rows, columns = (1, 2) if n == 1 else (2, n)
    tile = min(WIDTH / columns, 2.6)
    with panels(rows, columns, (tile * columns + 1, tile * rows + 0.6), title) as (figure, axes):
        for axis, i in zip(axes.flat, [*range(n), *range(n)], strict=True):
            bare(axis, images[i], extent=(0, 1, 0, 1))
        for axis, heatmap, text in zip(axes.flat[n:], maps, titles, strict=True):
            place = {"extent": (0, 1, 0, 1), "interpolation": "nearest", "alpha": 0.6}
            shown = axis.imshow(heatmap, cmap="PuOr_r", vmin=-top, vmax=top, **place)
            axis.set_title(text, fontsize=9.5, fontweight="normal", loc="center")
        figure.colorbar(shown, ax=axes, label=label, shrink=0.8)


def maps(
    maps: np.ndarray, title: str, titles: Sequence[str] | None = None, columns: int = 8, label: str = "value"
) -> None:
    """Feature maps or kernels, (n, height, width), on one colour scale; purple below 0 and orange above where signs differ.

    Keras puts the channels last: `np.moveaxis(activations[0], -1, 0)`.
    """
    maps = np.asarray(maps, dtype=float)
    if maps.ndim != 3:
        raise ValueError(
            f"Maps come as (n, height, width); got shape {maps.shape}. np.moveaxis(x, -1, 0) moves channels."
        )
    columns, top = min(columns, len(maps)), float(np.abs(maps).max()) or 1.0
    scale = {"cmap": "PuOr_r", "vmin": -top} if maps.min() < 0 else {"cmap": "cividis", "vmin": 0}
    lines, tile = -(-len(maps) // columns), min((WIDTH - 0.8) / columns, 2.4)
    height = (tile * maps.shape[1] / maps.shape[2] + 0.28 * (titles is not None)) * lines + 0.5
    with panels(lines, columns, (tile * columns + 0.9, max(height, 1.9)), title) as (figure, axes):
        for axis in axes.flat[len(maps) :]:
            axis.axis("off")
        for i, (axis, values) in enumerate(zip(axes.flat, maps, strict=False)):
            shown = axis.imshow(values, vmax=top, interpolation="nearest", **scale)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
            if titles is not None:
                axis.set_title(titles[i], fontsize=9.5, fontweight="normal", loc="center", pad=3)
        figure.colorbar(shown, ax=axes, label=label, shrink=0.9)
