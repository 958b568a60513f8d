"""What is right in the exercises of notebook 03, and the hints for likely mistakes."""

import itertools
import math

import numpy as np

from helpers import checks


def exercise_1(answer):
    """How many places a kernel has along a side."""

    def places(side, kernel, stride, padding):
        return -(-side // stride) if padding == "same" else (side - kernel) // stride + 1

    hints = [
        (
            lambda n, k, s, p: (n - k) // s,
            "Count the first place too: a kernel as large as the picture fits once, not never.",
        ),
        (lambda n, k, s, p: -(-n // s) if p == "same" else (n - k) // s, "Without padding, count the first place too."),
        (
            lambda n, k, s, p: (n - k) // s + 1,
            "Right without padding. With 'same' the size of the kernel no longer matters.",
        ),
        (
            lambda n, k, s, p: n // s if p == "same" else (n - k) // s + 1,
            "Nearly: with 'same', a begun stride counts, so round up: 87 with stride 2 gives 44.",
        ),
        (
            lambda n, k, s, p: n if p == "same" else n - k + 1,
            "Right for a stride of 1; a larger stride leaves places out.",
        ),
    ]
    inputs = list(itertools.product((48, 87, 180), (1, 3, 5), (1, 2, 3), ("valid", "same")))
    return checks.function(answer, places, inputs, hints)


def exercise_2(answer):
    """The parameters of a convolution."""

    def parameters(kernel, channels, filters):
        return (kernel**2 * channels + 1) * filters

    hints = [
        (
            lambda k, c, f: k * k * c * f,
            "864 for the first layer: those are the kernels without their biases, one for each kernel.",
        ),
        (
            lambda k, c, f: (k * k + 1) * f,
            "320 for the first layer: a kernel reaches through all channels of its input.",
        ),
        (lambda k, c, f: k * k * c * f + 1, "865 for the first layer: every kernel has a bias of its own."),
        (lambda k, c, f: k * k * (c + 1) * f, "A kernel has one bias, not one for each of its cells."),
        (lambda k, c, f: (k * c + 1) * f, "A kernel has as many rows as columns: its side counts twice."),
        (lambda k, c, f: 896, "Right for the first layer of report 1; the function must work for any layer."),
    ]
    return checks.function(answer, parameters, [(3, 3, 32), (3, 1, 8), (5, 2, 7), (3, 32, 64)], hints)


def exercise_3(answer):
    """The gradient of the cross-entropy with respect to the logits."""

    def softmax(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    def one_hot(z, label):
        return np.eye(len(z))[label]

    hints = [
        (
            lambda z, label: one_hot(z, label) - softmax(z),
            "The right numbers with the wrong sign: that is y - p, the way down. The gradient points up.",
        ),
        (lambda z, label: softmax(z), "Right for the wrong classes. The right class has something subtracted."),
        (lambda z, label: z - one_hot(z, label), "The probabilities belong there, not the logits: softmax first."),
        (lambda z, label: softmax(z) - 1, "Subtract 1 at the right class only."),
        (lambda z, label: softmax(z)[label] - 1, "That is the right class alone; there is a number for each logit."),
        (lambda z, label: -np.log(softmax(z)), "Those are losses. How does the loss change with each logit?"),
    ]
    rng = np.random.default_rng(3)
    inputs = [(rng.normal(0, 2, size=n), int(rng.integers(n))) for n in (2, 3, 7, 7, 7)]
    return checks.function(answer, lambda z, label: softmax(z) - one_hot(z, label), inputs, hints)


def exercise_4(answer):
    """The steps of fifteen epochs."""
    hints = [
        (76 * 15, "The last, smaller batch of an epoch is a step, too."),
        (1144, "Round up in each epoch, not once at the end: every epoch has a smaller last batch."),
        (76.25 * 15, "There are no quarter steps: the last batch of an epoch is smaller, but it is one."),
        (77, "That is one epoch."),
        (2440 * 15, "That is how many faces it sees, repeats included; a step takes 32 of them."),
    ]
    return checks.number(answer, 77 * 15, hints)


def exercise_5(answer, tried):
    """A learning rate, judged by the validation losses of the rates that were tried: any near one of the good ones is right."""
    value = checks.as_numbers(answer)
    if value is None or value.size != 1 or not np.isfinite(value).all():
        return checks.say(checks.WRONG, f"Expected one number, got {checks.brief(answer)}.")
    rate = value.item()
    if rate <= 0:
        return checks.say(checks.WRONG, f"A rate of {rate:g} does not go downhill: it must be above 0.")
    last = {one: losses[-1] for one, losses in tried.items()}
    best = min(last, key=last.get)
    nearest, good = (min(some, key=lambda one: abs(math.log(one / rate))) for some in (tried, _near_best(last)))
    if max(rate / good, good / rate) <= 4:
        shown = f"{rate:g}" if math.isclose(rate, good, rel_tol=1e-6) else f"{rate:g}, near {good:g},"
        return checks.say(checks.RIGHT, f"{shown} is a good choice: {good:g} got to {last[good]:.3f} after two epochs.")
    if max(rate / nearest, nearest / rate) > 4:
        found = f"{rate:g} is far {'below' if rate < nearest else 'above'} all that were tried"
        return checks.say(checks.WRONG, f"{found}; the lowest validation loss came with {best:g}.")
    reason = "small: the loss falls, but slowly" if nearest < best else "large: the steps leap across the valley"
    text = f"Too {reason}. {nearest:g} got to {last[nearest]:.3f} after two epochs, {best:g} to {last[best]:.3f}."
    return checks.say(checks.WRONG, text)


def _near_best(last):
    """The rates whose loss is about as low as the lowest."""
    return [rate for rate, loss in last.items() if loss <= min(last.values()) + 0.05]
