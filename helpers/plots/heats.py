"""Maps over faces: a row a method or a net, a column a face, on one colour scale or each map on its own."""

from collections.abc import Mapping, Sequence

import numpy as np

from .style import WIDTH, panels


def heats(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    title: str,
    titles: Sequence[str] | None = None,
    label: str = "map, 0 to 1",
    faces: bool = True,
    tile: float = 1.15,
) -> None:
    """The faces in the first row (unless `faces` is False), then a row for each set of maps (n, height, width) over them.

    One colour scale serves all rows, so raw maps of two nets can be compared; orange is above 0, purple below. The
    stronger a value, the less of the face shows through.
    """
    for name, values in maps.items():
        if np.shape(values) != np.shape(images)[:3]:
            raise ValueError(f"{name}: expected maps of shape {np.shape(images)[:3]}, got {np.shape(values)}.")
    top = max((float(np.abs(values).max(initial=0)) for values in maps.values()), default=0) or 1.0
    signed = any(np.min(values, initial=0) < 0 for values in maps.values())
    rows, columns = len(maps) + faces, len(images)
    tile = min(tile, (WIDTH - 2) / columns)
    with panels(rows, columns, (tile * columns + 2, tile * rows + 0.5 + 0.2 * bool(titles)), title) as (figure, axes):
        for axis, image in zip(axes.flat, [*images] * rows, strict=True):
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        shown = None
        for row, values in zip(axes[int(faces) :], maps.values(), strict=True):
            for axis, value in zip(row, values, strict=True):
                strength = np.clip(0.15 + 0.75 * np.abs(value) / top, 0, 1)
                shown = axis.imshow(value, cmap="PuOr_r", vmin=-top, vmax=top, alpha=strength, interpolation="nearest")
        for axis, name in zip(axes[:, 0], ["the face"] * faces + list(maps), strict=True):
            axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
        for axis, text in zip(axes[0], titles or [], strict=False):
            axis.set_title(text, fontsize=9.5, fontweight="normal", loc="center", pad=3)
        if shown is not None:
            bar = figure.colorbar(shown, ax=axes, label=label, shrink=0.8, alpha=1)
            bar.ax.set_ylim(-top if signed else 0, top)
