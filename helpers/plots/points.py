"""Points and curves with a spread: clouds of two dimensions by class, and a score over the number of images."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers import CLASSES

from .style import MARKERS, WIDTH, caption, colour, level, looks, panels


def scatter(
    clouds: Mapping[str, np.ndarray],
    labels: np.ndarray,
    title: str,
    names: Sequence[str] = CLASSES,
    axes: tuple[str, str] = ("first axis", "second axis"),
) -> None:
    """Points (n, 2) by class, one panel a cloud, the same points in each; a class has its colour and its mark."""
    labels = np.asarray(labels)
    with panels(1, len(clouds), (min(WIDTH, 4.2 * len(clouds) + 1.2), 3.6), title) as (figure, panel):
        for axis, (name, points) in zip(panel.flat, clouds.items(), strict=True):
            points = np.asarray(points)
            if points.shape != (len(labels), 2):
                raise ValueError(f"{name}: expected {len(labels)} points of two numbers, got shape {points.shape}.")
            for k, word in enumerate(names):
                some = points[labels == k]
                axis.scatter(*some.T, s=11, alpha=0.75, linewidths=0, color=colour(word, k), marker=MARKERS[k % len(MARKERS)], label=word)  # fmt: skip
            axis.set(xticks=[], yticks=[], xlabel=axes[0])
            caption(axis, name)
        panel[0, 0].set_ylabel(axes[1])
        handles, words = panel[0, 0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside lower center", ncols=len(names), markerscale=1.6, columnspacing=1, handletextpad=0.1)  # fmt: skip


def bands(
    series: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float], Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    line: float | tuple[float, str] | None = None,
) -> None:
    """Curves with an interval at each point, one a name, given as (x, y, low, high); each step of x is a doubling."""
    with panels(1, 1, (WIDTH, 3.6)) as (_, axes):
        axis, seen = axes[0, 0], set()
        for i, (name, (x, y, low, high)) in enumerate(series.items()):
            seen |= set(x)
            at = np.asarray(x) * 1.02 ** (i - (len(series) - 1) / 2)  # beside one another, so that both ends show
            ends = np.maximum([np.subtract(y, low), np.subtract(high, y)], 0)
            axis.errorbar(at, y, ends, label=name, marker=MARKERS[i % len(MARKERS)], markersize=6, capsize=3, **looks(i))  # fmt: skip
        axis.set_xscale("log", base=2)
        axis.set_xticks(sorted(seen), [f"{x:g}" for x in sorted(seen)])
        axis.minorticks_off()
        level(axis, line)
        axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
        axis.legend()
