"""What is right in the exercises of notebook 07, and the hints for likely mistakes."""

import numpy as np

from helpers import checks


def exercise_1(answer):
    """One gradient step with an L2 penalty."""
    hints = [
        (lambda w, g, r, s: w - r * (g + s * w), "The derivative of w² is 2w: a factor is missing."),
        (lambda w, g, r, s: w - r * (g + s * w**2), "Add the penalty's derivative, not the penalty."),
        (lambda w, g, r, s: w - r * (g - 2 * s * w), "The band pulls towards zero; yours pushes away from it."),
        (
            lambda w, g, r, s: w - r * g - 2 * s * w,
            "The learning rate applies to the whole gradient, the penalty's part too.",
        ),
        (lambda w, g, r, s: w + r * (g + 2 * s * w), "That climbs: a step goes against the gradient."),
        (lambda w, g, r, s: r * (g + 2 * s * w), "That is the step; return the weights after it."),
        (lambda w, g, r, s: w - r * g, "The penalty is missing."),
    ]
    rng = np.random.default_rng(7)
    inputs = [(rng.normal(size=5), rng.normal(size=5), *pair) for pair in ((0.1, 0.01), (0.5, 0.2), (0.01, 0.0))]
    return checks.function(answer, lambda w, g, r, s: w - r * (g + 2 * s * w), inputs, hints)


def exercise_2(answer, units):
    """The loss before the first step: the variance is 2 / inputs, so the penalty is strength x units x 2."""
    entropy, penalty = float(np.log(7)), 0.01 * units * 2
    hints = [
        (entropy, "That is the cross-entropy alone; the penalty is added to it."),
        (penalty, "That is the penalty alone; the cross-entropy is added to it."),
        (entropy + penalty / 2, "Keras adds λ times the sum of squares, without a factor of one half."),
        (entropy + 100 * penalty, "The strength 0.01 is missing."),
    ]
    return checks.number(answer, entropy + penalty, hints, atol=0.02 * (entropy + penalty))


def exercise_3(answer):
    """The expected best of five."""
    hints = [
        (0.38, "That is the mean of any one of them. The best of five is chosen because it was lucky."),
        (0.434, "That is the upper end of one network's 95% interval; the mean of the best of five lies lower."),
        (0.348, "That is the mean of the worst of five."),
        (0.412 * 306, "That is how many images; divide by 306."),
    ]
    return checks.number(answer, 0.412, hints, atol=0.007)


def exercise_4(answer):
    """A batch with mean 0 and variance 1 in each map."""

    def over(*axes):
        def normalised(x):
            return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 0.001)

        return normalised

    hints = [
        (over(1, 2), "You normalise each picture by itself (that is instance normalisation): take the batch along."),
        (over(0), "One mean for each position: positions of a map belong together, too."),
        (over(3), "You normalise across maps (that is nearly layer normalisation): each map has its own mean."),
        (over(0, 1, 2, 3), "One mean for everything: each map has its own."),
        (lambda x: (x - x.mean((0, 1, 2))) / (x.var((0, 1, 2)) + 0.001), "Divide by the root of the variance."),
        (
            lambda x: (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-30),
            "Add epsilon to the variance, as Keras does: a map may be the same everywhere.",
        ),
    ]
    rng = np.random.default_rng(5)
    inputs = [(rng.normal(3, 2, (4, 5, 6, 3)),), (rng.uniform(0, 9, (8, 2, 2, 4)) * np.arange(4),)]
    inputs += [(rng.normal(0, 0.01, (3, 3, 3, 2)),)]
    return checks.function(answer, over(0, 1, 2), inputs, hints, atol=1e-4)
