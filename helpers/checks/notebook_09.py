"""What is right in the exercises of notebook 09, and the hints for likely mistakes.

A layer that is switched on learns inside a larger network even where the switch of the model around it is off: Keras asks
each layer. So both ways of writing it are right, in exercise 1 and in exercise 2.
"""

import numpy as np

from helpers import checks
from helpers.checks import OPEN, RIGHT, WRONG, say


def freeze(base):
    """Switch off the network and each of its layers; its own switch alone does nothing if it was off already."""
    base.trainable = False
    for layer in base.layers:
        layer.trainable = False


def switched_on(base) -> list[str]:
    """The layers that learn inside a larger network."""
    return [layer.name for layer in base.layers if layer.trainable and layer.weights]


def remark(base) -> str:
    """What to know where the layers are on and the model's own switch is off."""
    return (
        ""
        if base.trainable
        else " (The model's own switch is off: its summary says N, and its trainable_weights are empty. Switch it on first.)"
    )


def exercise_1(answer, base, net):
    """Only the fifth block of VGG16 learns; `net` has the head."""
    freeze(base)
    answer(base)
    on = switched_on(base)
    count = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    if not on and not base.trainable:
        return say(OPEN, "Not answered yet: nothing but the head learns so far.")
    if on == ["block5_conv1", "block5_conv2", "block5_conv3"]:
        return say(RIGHT, f"Block 5 and the head learn: {count:,} parameters.{remark(base)}")
    blocks = sorted({name.partition("_")[0] for name in on})
    if len(blocks) == 5:
        return say(WRONG, f"The whole base learns, {count:,} parameters with the head: freeze what is not in block 5.")
    if blocks == ["block5"]:
        return say(WRONG, f"Of block 5 only {', '.join(on)} learns: it has more layers.")
    return say(WRONG, f"{count:,} parameters learn: the head and {', '.join(on) or 'nothing of the base'}.")


def exercise_2(answer, block, maps):
    """Each convolution of a block learns, and its batch normalisation rests even in training mode."""
    weights = block.get_weights()
    norms = {layer.name for layer in block.layers if type(layer).__name__ == "BatchNormalization"}
    convolutions = {layer.name for layer in block.layers if layer.weights} - norms
    try:
        freeze(block)
        answer(block)
        on = set(switched_on(block))
        if not on and not block.trainable:
            return say(OPEN, "Not answered yet: the block comes frozen, and nothing in it learns so far.")
        if awake := sorted(on & norms):
            block(maps[:8], training=True)
            changed = any(not np.array_equal(a, b) for a, b in zip(block.get_weights(), weights, strict=True))
            overwritten = " A call in training mode overwrote running means." if changed else ""
            return say(WRONG, f"Batch normalisation is still on: {', '.join(awake)}.{overwritten}")
        if asleep := sorted(convolutions - on):
            return say(WRONG, f"Not every convolution learns: {', '.join(asleep)} is off.")
        return say(RIGHT, f"{len(on)} convolutions learn, and no running mean moves.{remark(block)}")
    finally:
        block.set_weights(weights)
        block.trainable = True


def exercise_3(answer):
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
