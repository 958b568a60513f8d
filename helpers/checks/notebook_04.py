"""What is right in the exercises of notebook 04, and the hints for likely mistakes."""

import numpy as np
from scipy import stats

from helpers import checks


def exercise_1(answer):
    """After how many epochs early stopping ends a training."""

    def stop(losses, patience, early=0, end=0):
        """The right answer; with `early` or `end` added where the patience is used up, or never is."""
        best, waited = losses[0], 0
        for epoch in range(1, len(losses)):
            waited = 0 if losses[epoch] < best else waited + 1
            best = min(best, losses[epoch])
            if waited >= patience:
                return epoch + 1 + early
        return len(losses) + end

    def rises(losses, patience, waited=0):
        for epoch in range(1, len(losses)):
            waited = waited + 1 if losses[epoch] > losses[epoch - 1] else 0
            if waited >= patience:
                return epoch + 1
        return len(losses)

    one_less = "One too few where it stops early: Python counts epochs from 0; after index 5, six epochs have run."
    hints = [
        (rises, "Patience counts the epochs since the best one, not rises from one epoch to the next."),
        (lambda losses, patience: stop(losses, patience, -1, -1), one_less),
        (lambda losses, patience: stop(losses, patience, -1, 0), one_less),
        (lambda losses, patience: stop(losses, patience, 0, -1), "One too few where the patience is never used up."),
        (lambda losses, patience: stop(losses, patience + 1), "One too many: it stops when the patience is used up."),
        (lambda losses, patience: int(np.argmin(losses)) + 1, "That is the best epoch of all; when does training end?"),
        (
            lambda losses, patience: min(len(losses), int(np.argmin(losses)) + 1 + patience),
            "It cannot know of a better epoch that comes after the stop: go through the losses one by one.",
        ),
        (lambda losses, patience: len(losses), "That is how many epochs were asked for; when does it stop early?"),
    ]
    falls_then_rises = [1.9, 1.6, 1.5, 1.45, 1.47, 1.44, 1.5, 1.49, 1.52, 1.6, 1.58, 1.7, 1.66, 1.8]
    inputs = [(falls_then_rises, patience) for patience in (1, 3, 5)]
    inputs += [(list(range(9)), 5), ([3, 2, 1], 2), ([2, 1, 1, 1, 0], 2), ([5, 4, 6, 5, 4.5, 3], 3)]
    return checks.function(answer, stop, inputs, hints)


def exercise_2(answer):
    """McNemar's exact test, two-sided."""

    def exact(b, c):
        return stats.binomtest(b, b + c).pvalue if b + c else 1.0

    def one_tail(b, c):
        return stats.binom.cdf(min(b, c), b + c, 0.5)

    def chi_squared(b, c, correction=0):
        return stats.chi2.sf(max(abs(b - c) - correction, 0) ** 2 / max(b + c, 1), 1)

    approximate = "That is the chi-squared approximation, too rough for few images; use the binomial distribution."
    hints = [
        (
            one_tail,
            "That is one tail, 0.5 for (4, 3). A result as uneven the other way round is as surprising: count both.",
        ),
        (
            lambda b, c: 2 * one_tail(b, c),
            "Right where b and c differ. Where they are equal the middle is counted twice, and p is above 1: cut it off at 1.",
        ),
        (
            lambda b, c: min(1, 2 * stats.binom.cdf(b, b + c, 0.5)),
            "Right where b is the smaller one: the tail begins at the smaller of b and c.",
        ),
        (chi_squared, approximate),
        (lambda b, c: chi_squared(b, c, correction=1), approximate),
        (
            lambda b, c: stats.binom.pmf(b, b + c, 0.5),
            "That is the probability of exactly this result; add all that are at least as uneven.",
        ),
        (lambda b, c: 1 - exact(b, c), "That is 1 - p."),
    ]
    inputs = [(4, 3), (3, 4), (0, 5), (10, 2), (7, 7), (30, 12), (41, 44), (0, 0), (1, 0)]
    return checks.function(answer, exact, inputs, hints, atol=1e-9)


def exercise_3(answer):
    """The AUC as a share of pairs."""

    def pairs(positives, negatives, tie=0.5):
        above, level = positives[:, None] > negatives, positives[:, None] == negatives
        return (above + tie * level).mean()

    hints = [
        (lambda p, n: pairs(p, n, tie=0), "Right but for ties: a pair with equal scores counts half."),
        (lambda p, n: pairs(p, n, tie=1), "A pair with equal scores counts half, not whole."),
        (
            lambda p, n: 1 - pairs(p, n),
            "The other way round: count the pairs in which the positive has the higher score.",
        ),
        (lambda p, n: pairs(p, n) * len(p) * len(n), "That is the number of pairs; divide by how many there are."),
    ]
    rng = np.random.default_rng(1)
    inputs = [(rng.normal(0.3, 1, 40), rng.normal(0, 1, 90)), (rng.integers(1, 6, 12) / 5, rng.integers(0, 5, 20) / 5)]
    inputs += [(np.array([0.9, 0.8]), np.array([0.1])), (np.array([0.5]), np.array([0.5, 0.6]))]
    return checks.function(answer, pairs, inputs, hints)
