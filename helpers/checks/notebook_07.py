"""What is right in the exercises of notebook 07, and the hints for likely mistakes."""

import numpy as np

from helpers import checks
from helpers.checks import OPEN, RIGHT, WRONG, say


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


def exercise_5(answer):
    """The sixth network: two convolutions with batch norm and ReLU before each pooling, the mean of each map at the end."""
    try:
        net = answer() if callable(answer) else answer
    except ValueError as error:
        if "output size" not in str(error):
            raise
        return say(
            WRONG, 'Not it. The maps have become too small: without padding="same" they shrink at each convolution.'
        )
    if net is None:
        return say(OPEN, "Not answered yet: the function returns nothing so far.")
    named = [
        (type(layer).__name__ if type(layer).__name__ != "Activation" else "ReLU", layer)
        for layer in getattr(net, "layers", [])
    ]
    convolutions = [layer for name, layer in named if name == "Conv2D"]
    if not convolutions:
        return say(OPEN, "Not answered yet: there is no convolution in this network.")
    kinds = [name for name, _ in named]
    wrong = misplaced(kinds, convolutions)
    if wrong:
        return say(WRONG, f"Not it. {wrong}")
    wanted = [count for count in (32, 64, 96, 128) for _ in range(2)]
    found = [layer.filters for layer in convolutions]
    if found != wanted:
        return say(WRONG, f"Not it. Your convolutions have {found} maps; use count, so that they have {wanted}.")
    if net.count_params() != 464_551:
        return say(WRONG, f"Not it. It has {net.count_params():,} parameters, expected 464,551.")
    return say(RIGHT, "Right: 464,551 parameters, layer by layer the sixth network.")


def misplaced(kinds, convolutions):
    """What is wrong with the order of the layers or with the options of the convolutions, in one sentence; "" if nothing is."""
    block = ["Conv2D", "BatchNormalization", "ReLU"]
    after = [kinds[i + 1 : i + 3] for i, kind in enumerate(kinds) if kind == "Conv2D"]
    if any(layer.activation.__name__ != "linear" for layer in convolutions):
        return "The ReLU belongs after the batch normalisation; your convolution has one of its own."
    if any(layer.padding != "same" for layer in convolutions):
        return 'Without padding="same" each convolution takes two rows and two columns off the maps.'
    if any(tuple(layer.kernel_size) != (3, 3) for layer in convolutions):
        return "The kernels are 3 by 3."
    if any(layer.use_bias for layer in convolutions):
        return "The convolutions need no bias: batch normalisation subtracts it again, and its β takes its place."
    if "BatchNormalization" not in kinds:
        return "The batch normalisation is missing."
    if any(pair == ["ReLU", "BatchNormalization"] for pair in after):
        return "The ReLU comes after the batch normalisation, not before it."
    if any(pair != block[1:] for pair in after):
        return "After each convolution comes a batch normalisation, then a ReLU."
    if len(convolutions) != 8:
        return f"There are {len(convolutions)} convolutions; two before each of four poolings make eight."
    if "Flatten" in kinds:
        return "Flatten keeps every position. Take the mean of each map: GlobalAveragePooling2D."
    if "GlobalMaxPooling2D" in kinds:
        return "You take the largest value of each map; take its mean."
    if "GlobalAveragePooling2D" not in kinds:
        return "At the end the mean of each map is missing."
    return ""
