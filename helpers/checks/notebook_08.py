"""What is right in the exercises of notebook 08, and the hints for likely mistakes."""

import numpy as np

from helpers import checks
from helpers.checks import WRONG, say


def exercise_1(answer):
    """The parameters of report 3's head."""
    hints = [
        (3_211_264, "That is the first Dense layer alone, without its biases."),
        (3_211_392, "That is the first Dense layer; two more follow."),
        (3_228_032, "The biases are missing: each unit has one."),
        (1_655_427, "Those are maps of 5 × 5, from 180 pixels. Halve 224 five times."),
        (3_211_779, "There are two Dense layers of 128 before the last one."),
        (3_228_807, "Report 3 has three expressions, not seven."),
        (82_563, "Flatten keeps every position of every map; you took one number a map."),
        (23_252_675, "The base's 20,024,384 are frozen."),
    ]
    return checks.number(answer, 3_228_291, hints)


def exercise_2(answer, base, head, images):
    """A network that takes pictures as they are and gives the logits of the head."""
    if not callable(answer):
        return say(WRONG, f"Expected a network, got {checks.brief(answer)}.")
    pictures = images[:64, ..., None].astype("float32")
    use = getattr(answer, "predict_on_batch", answer)  # a network as in use: nothing random, batch norm at rest
    got, again = (np.asarray(use(pictures)) for _ in range(2))
    if np.abs(got - again).max() > 1e-3:
        return say(WRONG, "Asked twice, it answers differently: something random is switched on.")
    right = np.asarray(head(base(pictures, training=False)))
    powers = np.exp(right - right.max(axis=1, keepdims=True))
    hints = [
        (
            head(base(pictures / 255, training=False)),
            "You divide by 255 first. The base does its own preprocessing: yours comes on top.",
        ),
        (
            head(base(pictures / 127.5 - 1, training=False)),
            "You scale to -1 ... 1 first. The base does its own preprocessing: yours comes on top.",
        ),
        (powers / powers.sum(axis=1, keepdims=True), "Those are probabilities; the logits come before the softmax."),
        (base(pictures, training=False), "Those are features: the head must follow."),
    ]
    return checks.array(got, right, hints, atol=1e-4, rtol=1e-4)


def exercise_3(answer):
    """What may be computed once and kept."""
    reasons = {
        1: "Enlarging the same picture twice gives the same pixels.",
        2: "The mean colour is a fixed number.",
        3: "A random angle that is kept is one angle for ever.",
        4: "A picture and its mirror image are two fixed pictures. Nothing random is in them.",
        5: "Dropout that is kept removes the same numbers for ever; it must be sampled anew in each step.",
        6: "At rest batch normalisation uses fixed numbers: the same picture gives the same result.",
    }
    return checks.chosen(answer, (1, 2, 4, 6), reasons)
