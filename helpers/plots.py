"""Every figure of the course, in one style with colour-blind safe colours. Each function draws what it is given and computes nothing."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from helpers import CLASSES

COLOURS = dict(  # Okabe and Ito's palette, one colour a class everywhere
    zip(CLASSES, ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#7F7F7F", "#0072B2", "#56B4E9"), strict=True)
)
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7F7F7F")
STYLE = {
    "figure.dpi": 80,
    "savefig.dpi": 80,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
WIDTH = 9.0  # inches, the width of a notebook's column


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
    size = min(WIDTH, tile * columns + bool(rows)), (tile + 0.28 * bool(titles)) * lines + 0.4 * bool(title)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(lines, columns, figsize=size, squeeze=False)
        for axis in axes.flat[len(images) :]:
            axis.axis("off")
        for i, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
            if titles is not None:
                axis.set_title(titles[i], fontsize=9.5, fontweight="normal", loc="center", pad=3)
        for axis, text in zip(axes[:, 0], rows, strict=False):
            axis.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=10)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()


def counts(
    tables: Mapping[str, np.ndarray], title: str, names: Sequence[str] = CLASSES, one_scale: bool = True
) -> None:
    """Images a class, one panel a table, on one scale if panels are to be compared; each bar carries its number."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(tables), figsize=(WIDTH, 3.1), sharex=one_scale, sharey=True, squeeze=False)
        for axis, (label, numbers) in zip(axes.flat, tables.items(), strict=True):
            axis.barh(names, numbers, color=[COLOURS[name] for name in names])
            for y, value in enumerate(numbers):
                axis.text(value, y, f" {value:,}", va="center", fontsize=9)
            axis.set_title(label, fontweight="normal", fontsize=11)
            axis.set_xlabel("images")
            axis.margins(x=0.22)
        axes[0, 0].invert_yaxis()
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()


def confusion(tables: Mapping[str, np.ndarray], title: str, names: Sequence[str] = CLASSES) -> None:
    """Confusion matrices, one panel each, coloured by row share and lettered with counts; rows are labels."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(tables), figsize=(6.4 if len(tables) < 2 else WIDTH, 4.9), squeeze=False)
        for axis, (label, matrix) in zip(axes.flat, tables.items(), strict=True):
            share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
            sns.heatmap(
                share, annot=matrix, fmt=",d", cmap="cividis", vmin=0, vmax=1, square=True, ax=axis, linewidths=0.5,
                xticklabels=names, yticklabels=names, annot_kws={"fontsize": 8.5}, cbar=len(tables) < 2,
                cbar_kws={"label": "share of the row", "shrink": 0.8},
            )  # fmt: skip
            axis.set(xlabel="predicted", ylabel="label")
            axis.set_title(label, fontweight="normal", fontsize=11)
            axis.tick_params(axis="x", rotation=45)
            axis.tick_params(axis="y", rotation=0)
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()


def bars(
    groups: Mapping[str, Sequence[float]],
    title: str,
    ylabel: str,
    names: Sequence[str] = CLASSES,
    line: tuple | None = None,
) -> None:
    """Bars side by side for each name, one colour a group; `line` is (height, text) of a dashed line to compare with."""
    with plt.rc_context(STYLE):
        _, axis = plt.subplots(figsize=(WIDTH, 3.3))
        width = 0.8 / len(groups)
        for i, (label, heights) in enumerate(groups.items()):
            places = np.arange(len(names)) + (i - (len(groups) - 1) / 2) * width
            axis.bar(places, heights, width * 0.92, label=label, color=SERIES[i % len(SERIES)])
        if line:
            axis.axhline(line[0], color="black", linestyle="--", linewidth=1)
            axis.text(1.01, line[0], line[1], transform=axis.get_yaxis_transform(), va="center", fontsize=9)
        axis.set_xticks(range(len(names)), names)
        axis.set(ylabel=ylabel, title=title)
        if len(groups) > 1:
            axis.legend(ncols=len(groups), loc="upper center", bbox_to_anchor=(0.5, -0.1))
        plt.show()


def curves(history: Mapping[str, Sequence[float]], title: str, metric: str = "accuracy") -> None:
    """Loss and one metric by epoch, training beside validation."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.0))
        for axis, key in zip(axes, ("loss", metric), strict=True):
            epochs = range(1, len(history[key]) + 1)
            axis.plot(epochs, history[key], "o-", markersize=3, color=SERIES[0], label="training")
            axis.plot(epochs, history[f"val_{key}"], "s--", markersize=3, color=SERIES[4], label="validation")
            axis.set(xlabel="epoch", ylabel=key)
            axis.xaxis.get_major_locator().set_params(integer=True)
        axes[0].legend()
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()


def prediction(image: np.ndarray, probabilities: Sequence[float], title: str, names: Sequence[str] = CLASSES) -> None:
    """One face beside the probabilities that a net gives it."""
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH * 0.8, 2.7), width_ratios=(1, 2))
        left.imshow(image, cmap="gray", vmin=0, vmax=255)
        left.axis("off")
        right.barh(names, probabilities, color=[COLOURS[name] for name in names])
        right.set(xlim=(0, 1), xlabel="probability")
        right.invert_yaxis()
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()


def heat(images: np.ndarray, maps: np.ndarray, titles: Sequence[str], title: str, label: str) -> None:
    """Faces, and below each (beside it, if there is one) the same face under its map; one colour scale for all maps."""
    top, n = max(float(np.max(np.abs(maps))), 1e-12), len(images)
    rows, columns = (1, 2) if n == 1 else (2, n)
    tile = min(WIDTH / columns, 2.6)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=(tile * columns + 1, tile * rows + 0.6), squeeze=False)
        for axis, i in zip(axes.flat, [*range(n), *range(n)], strict=True):
            axis.imshow(images[i], cmap="gray", vmin=0, vmax=255, extent=(0, 1, 0, 1))
            axis.axis("off")
        for axis, heatmap, text in zip(axes.flat[n:], maps, titles, strict=True):
            place = {"extent": (0, 1, 0, 1), "interpolation": "nearest", "alpha": 0.6}
            shown = axis.imshow(heatmap, cmap="PuOr_r", vmin=-top, vmax=top, **place)
            axis.set_title(text, fontsize=9.5, fontweight="normal", loc="center")
        figure.colorbar(shown, ax=axes, label=label, shrink=0.8)
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        plt.show()
