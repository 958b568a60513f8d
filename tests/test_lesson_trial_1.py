"""Notebook 03's learning rate: the check judges a choice by the losses of the rates that were tried, not by one right number."""

import pytest

from helpers.checks import RIGHT, WRONG, exercise

TRIED = {1e-4: [1.89, 1.69], 1e-3: [1.77, 1.17], 1e-2: [1.95, 1.95]}
LEVEL = {1e-4: [1.98, 1.96], 1e-3: [1.97, 1.95], 1e-2: [2.1, 1.94]}


@pytest.mark.parametrize(
    ("tried", "rate", "mark", "word"),
    [
        (TRIED, 1e-3, RIGHT, "0.001 is a good choice"),
        (TRIED, 3e-4, RIGHT, "near 0.001"),
        (TRIED, 3e-3, RIGHT, "near 0.001"),
        (TRIED, 1e-4, WRONG, "Too small"),
        (TRIED, 1e-2, WRONG, "Too large"),
        (TRIED, 1e-6, WRONG, "far below"),
        (TRIED, 0.5, WRONG, "far above"),
        (LEVEL, 1e-4, RIGHT, "a good choice"),
        (LEVEL, 1e-2, RIGHT, "a good choice"),
    ],
)
def test_a_rate_is_judged_by_what_was_tried(capsys, tried, rate, mark, word):
    exercise("03/5", rate, tried)
    said = capsys.readouterr().out
    assert said.startswith(mark) and word in said
