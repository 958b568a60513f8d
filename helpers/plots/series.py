"""What runs along an axis: a run's history, lines, distributions, points by class, a face's labels over time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import CLASSES
from helpers.files import CourseError

from .style import COLOURS, DASHES, MARKERS, SERIES, WIDTH, caption, colour, line_style, panels, reference_line


def curves(history: Mapping[str, Sequence[float]], title: str) -> None:
    """Loss and accuracy by epoch, training beside validation."""
    with panels(1, 2, (WIDTH, 3.0), title) as (_, axes):
        for axis, key in zip(axes.flat, ("loss", "accuracy"), strict=True):
            epochs = range(1, len(history[key]) + 1)
            axis.plot(epochs, history[key], "o-", markersize=3, color=SERIES[0], label="training")
            axis.plot(epochs, history[f"val_{key}"], "s--", markersize=3, color=SERIES[4], label="validation")
            axis.set(xlabel="epoch", ylabel=key)
            axis.xaxis.get_major_locator().set_params(integer=True)
        axes[0, 0].legend()


def histories(runs: Mapping[str, Mapping[str, Sequence[float]]], title: str, metric: str = "accuracy") -> None:
    """One metric of several runs by epoch: training on the left, validation on the right, on one scale."""
    with panels(1, 2, (WIDTH, 3.6), title, sharex=True, sharey=True) as (figure, axes):
        for axis, part, prefix in zip(axes.flat, ("training", "validation"), ("", "val_"), strict=True):
            for i, (name, history) in enumerate(runs.items()):
                values = history[prefix + metric]
                marks = {"marker": MARKERS[i % len(MARKERS)], "markersize": 3.5, **line_style(i)}
                axis.plot(range(1, len(values) + 1), values, label=name, **marks)
            caption(axis, part)
            axis.set(xlabel="epoch", ylabel=metric if prefix == "" else "")
            axis.xaxis.get_major_locator().set_params(integer=True)
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=min(len(runs), 4))


def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    line: float | tuple[float, str] | None = None,
) -> None:
    """Lines, one a name, each given as (x, y); `line` is a height, or (height, text), to compare with."""
    with panels(1, 1, (WIDTH, 3.3)) as (_, axes):
        axis = axes[0, 0]
        for i, (name, (x, y)) in enumerate(series.items()):
            marker = MARKERS[i % len(MARKERS)] if len(x) <= 30 else ""
            axis.plot(x, y, label=name, marker=marker, markersize=4, **line_style(i))
        reference_line(axis, line)
        axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if len(series) > 1:
            axis.legend()


def errorbars(
    series: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float], Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    line: float | tuple[float, str] | None = None,
) -> None:
    """Lines with an interval at each point, one a name, each given as (x, y, low, high); x is on a scale of doublings."""
    with panels(1, 1, (WIDTH, 3.6)) as (_, axes):
        axis, seen = axes[0, 0], set()
        for i, (name, (x, y, low, high)) in enumerate(series.items()):
            seen |= set(x)
            at = np.asarray(x) * 1.02 ** (i - (len(series) - 1) / 2)  # beside one another, so that both ends show
            ends = np.maximum([np.subtract(y, low), np.subtract(high, y)], 0)
            marks = {"marker": MARKERS[i % len(MARKERS)], "markersize": 6, "capsize": 3, **line_style(i)}
            axis.errorbar(at, y, ends, label=name, **marks)
        axis.set_xscale("log", base=2)
        axis.set_xticks(sorted(seen), [f"{x:g}" for x in sorted(seen)])
        axis.minorticks_off()
        reference_line(axis, line)
        axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
        axis.legend()


def histograms(
    groups: Mapping[str, Sequence[float]], title: str, xlabel: str, bins: int | Sequence[float] = 60
) -> None:
    """Distributions over the same bins, one outline a name, as shares: groups of unlike size can be compared."""
    values = {name: np.ravel(numbers) for name, numbers in groups.items()}
    edges = np.histogram_bin_edges(np.concatenate([*values.values()]), bins)
    with panels(1, 1, (WIDTH, 3.3)) as (_, axes):
        axis = axes[0, 0]
        for i, (name, numbers) in enumerate(values.items()):
            share = np.histogram(numbers, edges)[0] / max(len(numbers), 1)
            axis.stairs(share, edges, fill=True, alpha=0.15, color=SERIES[i % len(SERIES)])
            axis.stairs(share, edges, label=name, linewidth=1.8, **line_style(i))
        axis.set(xlabel=xlabel, ylabel="share of values", title=title)
        if len(groups) > 1:
            axis.legend()


def scatter(clouds: Mapping[str, np.ndarray], labels: np.ndarray, title: str) -> None:
    """Points (n, 2) by class, one panel a cloud, the same points in each; a class has its colour and its mark."""
    labels = np.asarray(labels)
    with panels(1, len(clouds), (WIDTH, 3.6), title) as (figure, axes):
        for axis, (name, points) in zip(axes.flat, clouds.items(), strict=True):
            if np.shape(points) != (len(labels), 2):
                found = f"{name}: points of shape {np.shape(points)} for {len(labels)} labels."
                raise CourseError(found, "Give two numbers per label.")
            for k, word in enumerate(CLASSES):
                looks = {"s": 11, "alpha": 0.75, "linewidths": 0, "color": colour(word, k), "marker": MARKERS[k]}
                axis.scatter(*points[labels == k].T, label=word, **looks)
            axis.set(xticks=[], yticks=[], xlabel="first axis")
            caption(axis, name)
        axes[0, 0].set_ylabel("second axis")
        options = {"ncols": len(CLASSES), "markerscale": 1.6, "columnspacing": 1, "handletextpad": 0.1}
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", **options)


def timeline(table: pd.DataFrame, title: str) -> None:
    """The probability of each class over time, from a timeline's columns; a strip below says what is true, if it is known."""
    known = "truth" in table and table["truth"].notna().any()
    ratios = {"height_ratios": [12, 1]} if known else None
    with panels(1 + known, 1, (WIDTH, 3.8), title, sharex=True, gridspec_kw=ratios) as (figure, axes):
        axis = axes[0, 0]
        for i, name in enumerate(CLASSES):
            axis.plot(table["time"], table[name], label=name, color=COLOURS[name], linestyle=DASHES[i], linewidth=1.6)
        axis.set(ylabel="probability", ylim=(0, 1))
        if known:
            truth_strip(axes[1, 0], table)
        axes[-1, 0].set_xlabel("seconds")
        figure.legend(*axis.get_legend_handles_labels(), loc="outside right center")


def truth_strip(axis, table: pd.DataFrame) -> None:
    """A colour and a name for each stretch of the true sequence."""
    time, truth = table["time"].to_numpy(float), table["truth"].to_numpy(object)
    starts = np.flatnonzero(np.r_[True, truth[1:] != truth[:-1]])
    for start, stop in zip(starts, [*starts[1:], len(truth) - 1], strict=True):
        if truth[start] in COLOURS:
            axis.axvspan(time[start], time[stop], color=COLOURS[truth[start]], alpha=0.5, linewidth=0)
            axis.text((time[start] + time[stop]) / 2, 0.5, truth[start], ha="center", va="center", fontsize=9)
    axis.set(yticks=[], ylim=(0, 1))
    axis.set_ylabel("true", rotation=0, ha="right", va="center")
