"""What is right in the exercises of notebook 06, and the hints for likely mistakes."""

import numpy as np

from helpers import checks
from helpers.checks import OPEN, RIGHT, WRONG, say


def exercise_1(answer):
    """Inverted dropout: the share dropped, new coins each time, and the mean kept within four standard errors."""
    values = np.random.default_rng(3).uniform(1, 2, 100_000)
    rates, seeds = (0.2, 0.5, 0.9, 0.0), (4, 5)
    results = {rate: [answer(values.copy(), rate, np.random.default_rng(seed)) for seed in seeds] for rate in rates}
    if all(checks.unanswered(pair) for pair in results.values()):
        return say(OPEN, "Not answered yet: the function returns nothing so far.")
    for rate, pair in results.items():
        if pair[0] is None:
            return say(WRONG, f"With rate {rate} your function returns None: does each branch return something?")
        got, again = (checks.as_numbers(result) for result in pair)
        if got is None or again is None:
            return say(WRONG, f"With rate {rate}: expected an array of numbers, got {checks.brief(pair[0])}.")
        if got.shape != values.shape:
            return say(WRONG, f"With rate {rate}: the shape is {got.shape}, expected {values.shape}.")
        text = dropout_problem(values, got, again, rate)
        if text:
            return say(WRONG, text)
    return say(RIGHT, "The right share is dropped, by new coins each time, and the mean stays.")


def dropout_problem(values, got, again, rate: float) -> str:
    """What is wrong with the result of dropout; "" if nothing is."""
    dropped, error = np.mean(got == 0), 4 * np.sqrt(rate * (1 - rate) / len(values))
    if abs(dropped - rate) > error:
        if dropped == 0:
            return "Nothing is dropped. Toss a coin for each value."
        if abs(dropped - (1 - rate)) <= error or rate == 0:
            return f"With rate {rate}, {dropped:.0%} are dropped. The rate is the share that is dropped, not the one that is kept."
        return f"With rate {rate}, {dropped:.0%} of the values are dropped."
    if rate > 0 and np.array_equal(got == 0, again == 0):
        return "The same values are dropped each time. Use the generator."
    scale = (got / values)[got != 0]
    if np.ptp(scale) > 1e-4 * np.abs(scale).max():
        return "The values that survive must all be scaled by the same number."
    scale, wanted = scale.mean(), 1 / (1 - rate)
    if np.isclose(scale, wanted, rtol=1e-4):
        error = 4 * np.sqrt((values**2).mean() * rate / (1 - rate) / len(values)) + 1e-4
        return "" if abs(got.mean() - values.mean()) <= error else f"With rate {rate}, the mean is not kept."
    if np.isclose(scale, 1):
        return "The survivors are not scaled: the mean falls with the rate."
    if np.isclose(scale, 1 - rate, rtol=1e-4):
        return "Divide the survivors by the share that is kept; you multiply by it."
    if rate > 0 and np.isclose(scale, 1 / rate, rtol=1e-4):
        return "Divide the survivors by the share that is kept, not by the one that is dropped."
    return f"With rate {rate}, the survivors are scaled by {scale:.4g}: the mean is not kept."


def exercise_2(answer):
    """The standard deviation of one value after inverted dropout."""
    hints = [
        (lambda a, r: a * np.sqrt(r * (1 - r)), "That is the spread without the division by 1 - rate."),
        (lambda a, r: a * a * r / (1 - r), "That is the variance; take the root."),
        (lambda a, r: a * r / (1 - r), "Take the root of the fraction, too."),
        (
            lambda a, r: a / np.sqrt(1 - r),
            "That is the root of the mean of the square; the square of the mean is missing.",
        ),
        (lambda a, r: a * np.sqrt((1 - r) / max(r, 1e-9)), "Upside down: with rate 0 there is no noise."),
    ]
    inputs = [(1.0, 0.5), (2.0, 0.5), (1.0, 0.2), (3.0, 0.9), (1.0, 0.0)]
    return checks.function(answer, lambda a, r: a * np.sqrt(r / (1 - r)), inputs, hints)


def exercise_3(answer, hits_3, hits_4):
    """The smallest number of discordant images."""
    apart = np.abs(hits_3 - hits_4)
    hints = [
        (0, "The totals agree, the classes do not: a hit among the happy cannot be swapped for one among the angry."),
        (
            int(apart.sum()) // 2,
            "That counts the images that only one of the two has right. Those that only the other has right count, too.",
        ),
        (int((apart**2).sum()), "Add up the sizes of the differences, not their squares."),
        (int((apart > 0).sum()), "That is the number of classes in which they differ; count images."),
        (int(hits_3.sum()), "That is how many each has right."),
    ]
    return checks.number(answer, int(apart.sum()), hints)
