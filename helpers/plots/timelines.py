"""The confidences of a face over time, above the true sequence where it is known."""

import numpy as np
import pandas as pd

from helpers import CLASSES

from .style import COLOURS, DASHES, WIDTH, panels


def timeline(table: pd.DataFrame, title: str) -> None:
    """Seven lines of probability by time from a timeline's columns; a band below says what is true at each moment."""
    known = "truth" in table and table["truth"].notna().any()
    ratios = {"height_ratios": [12, 1]} if known else None
    with panels(1 + known, 1, (WIDTH, 3.8), title, sharex=True, gridspec_kw=ratios) as (figure, axes):
        axis = axes[0, 0]
        for i, name in enumerate(CLASSES):
            axis.plot(table["time"], table[name], label=name, color=COLOURS[name], linestyle=DASHES[i], linewidth=1.6)
        axis.set(ylabel="probability", ylim=(0, 1))
        if known:
            band(axes[1, 0], table)
        axes[-1, 0].set_xlabel("seconds")
        figure.legend(*axis.get_legend_handles_labels(), loc="outside right center")


def band(axis, table: pd.DataFrame) -> None:
    """A strip of the true sequence: a colour and a name for each stretch."""
    time, truth = table["time"].to_numpy(float), table["truth"].to_numpy(object)
    starts = np.flatnonzero(np.r_[True, truth[1:] != truth[:-1]])
    for start, stop in zip(starts, [*starts[1:], len(truth) - 1], strict=True):
        if truth[start] in COLOURS:
            axis.axvspan(time[start], time[stop], color=COLOURS[truth[start]], alpha=0.5, linewidth=0)
            axis.text((time[start] + time[stop]) / 2, 0.5, truth[start], ha="center", va="center", fontsize=9)
    axis.set(yticks=[], ylim=(0, 1), ylabel="true")
    axis.yaxis.label.set_rotation(0)
    axis.yaxis.label.set_ha("right")
