"""Curves and distributions: one run's history, several runs', any lines, histograms."""

from collections.abc import Mapping, Sequence

import numpy as np

from .style import MARKERS, SERIES, WIDTH, caption, level, looks, panels


def curves(history: Mapping[str, Sequence[float]], title: str, metric: str = "accuracy") -> None:
    """Loss and one metric by epoch, training beside validation."""
    with panels(1, 2, (WIDTH, 3.0), title) as (_, axes):
        for axis, key in zip(axes.flat, ("loss", metric), strict=True):
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
                marks = {"marker": MARKERS[i % len(MARKERS)], "markersize": 3.5, **looks(i)}
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
            axis.plot(x, y, label=name, marker=marker, markersize=4, **looks(i))
        level(axis, line)
        axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if len(series) > 1:
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
            axis.stairs(share, edges, label=name, linewidth=1.8, **looks(i))
        axis.set(xlabel=xlabel, ylabel="share of values", title=title)
        if len(groups) > 1:
            axis.legend()
