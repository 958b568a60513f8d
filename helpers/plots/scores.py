"""Counts and scores: bars, confusion matrices, ROC, reliability, intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns

from helpers import CLASSES

from .style import COLOURS, DASHES, MARKERS, SERIES, WIDTH, caption, colour, panels, reference_line


def counts(tables: Mapping[str, np.ndarray], title: str, one_scale: bool = True) -> None:
    """Images a class, one panel a table, on one scale if panels are to be compared; each bar carries its number."""
    with panels(1, len(tables), (WIDTH, 3.1), title, sharex=one_scale, sharey=True) as (_, axes):
        for axis, (label, numbers) in zip(axes.flat, tables.items(), strict=True):
            axis.barh(CLASSES, numbers, color=[COLOURS[name] for name in CLASSES])
            for y, value in enumerate(numbers):
                axis.text(value, y, f" {value:,}", va="center", fontsize=9)
            caption(axis, label)
            axis.set_xlabel("images")
            axis.margins(x=0.22)
        axes[0, 0].invert_yaxis()


def confusion(tables: Mapping[str, np.ndarray], title: str) -> None:
    """Confusion matrices, one panel each, coloured by row share and lettered with counts; rows are labels."""
    with panels(1, len(tables), (6.4 if len(tables) < 2 else WIDTH, 4.9), title) as (_, axes):
        for axis, (label, matrix) in zip(axes.flat, tables.items(), strict=True):
            share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
            sns.heatmap(
                share, annot=matrix, fmt=",d", cmap="cividis", vmin=0, vmax=1, square=True, ax=axis, linewidths=0.5,
                xticklabels=CLASSES, yticklabels=CLASSES, annot_kws={"fontsize": 8.5}, cbar=len(tables) < 2,
                cbar_kws={"label": "share of the row", "shrink": 0.8},
            )  # fmt: skip
            axis.set(xlabel="predicted", ylabel="label")
            caption(axis, label)
            axis.tick_params(axis="x", rotation=45)
            axis.tick_params(axis="y", rotation=0)


def bars(
    groups: Mapping[str, Sequence[float]],
    title: str,
    ylabel: str,
    names: Sequence[str] = CLASSES,
    line: float | tuple[float, str] | None = None,
) -> None:
    """Bars side by side for each name, one colour a group; `line` is a height, or (height, text), to compare with."""
    with panels(1, 1, (WIDTH, 3.3)) as (_, axes):
        axis, width = axes[0, 0], 0.8 / len(groups)
        for i, (label, heights) in enumerate(groups.items()):
            places = np.arange(len(names)) + (i - (len(groups) - 1) / 2) * width
            axis.bar(places, heights, width * 0.92, label=label, color=SERIES[i % len(SERIES)])
        reference_line(axis, line)
        axis.set_xticks(range(len(names)), names)
        axis.set(ylabel=ylabel, title=title)
        if len(groups) > 1:
            axis.legend(ncols=len(groups), loc="upper center", bbox_to_anchor=(0.5, -0.1))


def roc(curves: Mapping[str, tuple], title: str) -> None:
    """ROC curves, each class against the rest, as `evaluation.roc` gives them; the AUC stands beside the name."""
    with panels(1, 1, (6.8, 4.6)) as (_, axes):
        axis = axes[0, 0]
        for i, (name, (false, true, area)) in enumerate(curves.items()):
            label = f"{name}  {area:.3f}" if len(false) else f"{name}  -"
            axis.plot(false, true, label=label, color=colour(name, i), linestyle=DASHES[i % len(DASHES)], linewidth=1.8)
        axis.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle=(0, (1, 3)), label="chance  0.500")
        axis.set(xlabel="false positive rate", ylabel="true positive rate (recall)", title=title, aspect="equal")
        axis.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axis.legend(title="class  AUC", loc="center left", bbox_to_anchor=(1, 0.5), alignment="left")


def reliability(tables: Mapping[str, pd.DataFrame], title: str) -> None:
    """Reliability diagrams, one panel a table of `evaluation.reliability`; below each, how many images stand behind a point."""
    size = (5.2 if len(tables) < 2 else WIDTH, 4.8)
    with panels(2, len(tables), size, title, sharex=True, sharey="row", height_ratios=(4, 1)) as (_, axes):
        for (top, below), (label, rows) in zip(axes.T, tables.items(), strict=True):
            top.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle="--", label="perfectly calibrated")
            ends = np.abs(np.array([rows.accuracy - rows.low, rows.high - rows.accuracy]))
            looks = {"fmt": "o-", "color": SERIES[0], "capsize": 3, "label": "the net, with 95% intervals"}
            top.errorbar(rows.confidence, rows.accuracy, ends, **looks)
            top.set(xlim=(0, 1), ylim=(0, 1))
            caption(top, label)
            below.vlines(rows.confidence, 0, rows.images, color=SERIES[6], linewidth=7)
            below.set(xlabel="confidence", ylim=(0, None))
        axes[0, 0].set_ylabel("accuracy")
        axes[1, 0].set_ylabel("images")
        axes[0, 0].legend(loc="best")


def intervals(
    scores: Mapping[str, tuple[float, float, float]],
    title: str,
    xlabel: str,
    line: float | tuple[float, str] | None = None,
) -> None:
    """A forest plot: a row a name with its (value, low, high); `line` is a number, or (number, text), to compare with."""
    with panels(1, 1, (WIDTH, 0.36 * len(scores) + 1.2)) as (_, axes):
        axis = axes[0, 0]
        for y, (value, low, high) in enumerate(scores.values()):
            axis.hlines(y, low, high, color=SERIES[0], linewidth=2)
            axis.plot(value, y, MARKERS[0], color=SERIES[0], markersize=7)
            text = f"{value:.3f}  [{low:.3f}, {high:.3f}]" if np.isfinite(value) else "-"
            axis.text(1.02, y, text, transform=axis.get_yaxis_transform(), va="center", fontsize=9.5)
        reference_line(axis, line, upright=True)
        axis.set_yticks(range(len(scores)), scores)
        axis.set_ylim(len(scores) - 0.4, -0.6)
        axis.set_xlabel(xlabel)
        axis.set_title(title, pad=18 if isinstance(line, tuple) else None)
        axis.grid(axis="x", color="0.9")
        axis.set_axisbelow(True)
