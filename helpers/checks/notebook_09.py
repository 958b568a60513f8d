"""What is right in the exercises of notebook 09, and the hints for likely mistakes.

A base with layers switched on learns inside a larger network even if its own switch is off: the layers' switches count.
"""

import numpy as np

from helpers import checks
from helpers.checks import OPEN, RIGHT, WRONG, say


def freeze(base):
    """Switch off the network and each of its layers; its own switch alone does nothing if it was off already."""
    base.trainable = False
    for layer in base.layers:
        layer.trainable = False


def exercise_1(answer, base, net):
    """Only the fifth block of VGG16 learns; `net` has the head."""
    freeze(base)
    answer(base)
    on = [layer.name for layer in base.layers if layer.trainable and layer.weights]
    count = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    if not base.trainable and not on:
        return say(OPEN, "Not answered yet: nothing but the head learns so far.")
    if on == ["block5_conv1", "block5_conv2", "block5_conv3"]:
        return say(RIGHT, f"Block 5 and the head learn: {count:,} parameters.")
    blocks = sorted({name.partition("_")[0] for name in on})
    if len(blocks) == 5:
        return say(WRONG, f"The whole base learns, {count:,} parameters with the head: freeze what is not in block 5.")
    if blocks == ["block5"]:
        return say(WRONG, f"Of block 5 only {', '.join(on)} learns: it has more layers.")
    return say(WRONG, f"{count:,} parameters learn: the head and {', '.join(on) or 'nothing of the base'}.")


def exercise_2(answer):
    """How far a layer has moved, compared with where it started."""

    def length(w):
        return np.sqrt(np.sum(w**2))

    hints = [
        (lambda w, v: length(v - w), "That is the way itself; divide it by the length of the weights before."),
        (
            lambda w, v: abs(length(v) / length(w) - 1),
            "Take the length of the difference, not the difference of lengths.",
        ),
        (lambda w, v: length(v - w) / length(v), "Compare with where it started, not with where it ended."),
        (lambda w, v: np.sum((v - w) ** 2) / np.sum(w**2), "Take the root: a length is the root of a sum of squares."),
        (lambda w, v: np.mean(np.abs(v - w)) / np.mean(np.abs(w)), "That compares mean sizes; lengths were asked for."),
        (lambda w, v: np.abs(v - w) / np.abs(w), "One number for the whole layer, not one for each weight."),
    ]
    rng = np.random.default_rng(9)
    starts = [rng.normal(size=shape) for shape in ((3, 3, 2, 4), (20,), (5, 6))]
    inputs = [(w, w + size * rng.normal(size=w.shape)) for w, size in zip(starts, (0.1, 1.0, 0.01), strict=True)]
    return checks.function(answer, lambda w, v: length(v - w) / length(w), inputs, hints, rtol=1e-4)


def exercise_3(answer, base, weights, images):
    """The last n convolutions learn, and no running mean moves in training mode; `weights` are put back afterwards."""
    convolutions = [layer for layer in base.layers if type(layer).__name__ == "Conv2D"]
    pictures = images[:8, ..., None].astype("float32")
    try:
        for n in (3, 1, 5):
            freeze(base)
            answer(base, n)
            on = {layer.name for layer in base.layers if layer.trainable and layer.weights}
            if not base.trainable and not on:
                return say(OPEN, "Not answered yet: nothing learns.")
            base(pictures, training=True)
            if any(not np.array_equal(a, b) for a, b in zip(base.get_weights(), weights, strict=True)):
                return say(WRONG, "A call in training mode overwrote running means: batch norms are still on.")
            wanted = {layer.name for layer in convolutions[-n:]}
            if on != wanted:
                extra, missing = len(on - wanted), len(wanted - on)
                return say(
                    WRONG,
                    f"The last {n} convolutions should learn: {missing} of them do not, and {extra} other layers do.",
                )
        return say(RIGHT, "The last convolutions learn, and no running mean moves.")
    finally:
        base.set_weights(weights)


def exercise_4(answer):
    """Learning rates that fall towards the input."""
    hints = [
        (
            lambda n, top, f: [top * f**i for i in range(n)],
            "Reversed: the last group, near the output, has the rate `top`.",
        ),
        (
            lambda n, top, f: [top * f ** (n - i) for i in range(n)],
            "The last group has the rate `top` itself, without a factor.",
        ),
        (lambda n, top, f: [top * f] * (n - 1) + [top], "Each group has a factor less than the one after it."),
        (
            lambda n, top, f: [top / f ** (n - 1 - i) for i in range(n)],
            "Rates grow towards the output; yours grow towards the input.",
        ),
        (lambda n, top, f: [f ** (n - 1 - i) for i in range(n)], "Those are the factors; multiply them by `top`."),
    ]
    inputs = [(4, 1e-3, 0.1), (3, 0.02, 0.5), (1, 1e-4, 0.3)]
    return checks.function(
        answer, lambda n, top, f: [top * f ** (n - 1 - i) for i in range(n)], inputs, hints, atol=1e-12
    )
