"""Every figure of the course, in one style with colour-blind safe colours. Each function draws what it is given and computes nothing."""

from .pictures import faces, feature_maps, heatmap, heatmaps, prediction
from .scores import bars, confusion, counts, intervals, reliability, roc
from .series import curves, errorbars, histograms, histories, lines, scatter, timeline
from .style import COLOURS, SERIES, STYLE, WIDTH

__all__ = [
    "COLOURS", "SERIES", "STYLE", "WIDTH", "bars", "confusion", "counts", "curves", "errorbars", "faces",
    "feature_maps", "heatmap", "heatmaps", "histograms", "histories", "intervals", "lines", "prediction",
    "reliability", "roc", "scatter", "timeline",
]  # fmt: skip
