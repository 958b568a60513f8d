"""Colours, sizes, and the frame in which every figure is drawn, shown and closed."""

import contextlib
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np

from helpers import CLASSES

COLOURS = dict(  # Okabe and Ito's palette, one colour a class everywhere
    zip(CLASSES, ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#7F7F7F", "#0072B2", "#56B4E9"), strict=True)
)
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7F7F7F")
DASHES = (  # lines differ without colour, too
    "-", (0, (6, 1.5)), (0, (5, 1.2, 1.5, 1.2)), (0, (2, 0.8)), (0, (9, 1.5)), (0, (4, 1, 1, 1, 1, 1)), (0, (1, 0.7)),
)  # fmt: skip
MARKERS = "os^Dv<>"
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


@contextlib.contextmanager
def panels(
    rows: int, columns: int, size: tuple[float, float], title: str = "", **options
) -> Iterator[tuple[plt.Figure, np.ndarray]]:
    """A figure in the course's style and a table of its panels; it is shown at the end, and nothing of it stays behind."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
        try:
            yield figure, axes
            if title:
                figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
            plt.show()
        finally:
            plt.close(figure)


def colour(name: str, i: int) -> str:
    """A class has its own colour; anything else takes the next of the series."""
    return COLOURS.get(name, SERIES[i % len(SERIES)])


def line_style(i: int) -> dict:
    """Colour and dashes of the i-th line of a figure."""
    return {"color": SERIES[i % len(SERIES)], "linestyle": DASHES[i % len(DASHES)]}


def caption(axis, text: str) -> None:
    """The small heading of one panel."""
    axis.set_title(text, fontweight="normal", fontsize=11)


def reference_line(axis, line: float | tuple[float, str] | None, upright: bool = False) -> None:
    """A dashed line to compare with, across or upright: a number, or (number, text) with the text at its end."""
    if line is None:
        return
    at, text = line if isinstance(line, tuple) else (line, "")
    (axis.axvline if upright else axis.axhline)(at, color="black", linestyle="--", linewidth=1)
    if upright:
        axis.text(at, 1.0, text, transform=axis.get_xaxis_transform(), ha="center", va="bottom", fontsize=9)
    else:
        axis.text(1.01, at, text, transform=axis.get_yaxis_transform(), va="center", fontsize=9)
