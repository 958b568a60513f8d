"""Every figure of the course, in one style with colour-blind safe colours. Each function draws what it is given and computes nothing."""

from .heats import heats
from .pictures import faces, heat, maps, mistakes, prediction
from .points import bands, scatter
from .scores import bars, confusion, counts, intervals, reliability, roc
from .series import curves, histograms, histories, lines
from .style import COLOURS, SERIES, STYLE, WIDTH

__all__ = [
    "COLOURS", "SERIES", "STYLE", "WIDTH", "bands", "bars", "confusion", "counts", "curves", "faces", "heat", "heats",
    "histograms", "histories", "intervals", "lines", "maps", "mistakes", "prediction", "reliability", "roc", "scatter",
]  # fmt: skip
