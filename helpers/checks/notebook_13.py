"""What is right in the exercises of notebook 13, and the hints for likely mistakes."""

import numpy as np

from helpers import checks
from helpers.checks import RIGHT, WRONG, say


def exercise_1(answer):
    """The hits of each class, from the report's recalls."""
    right = np.array([315, 31, 214, 809, 417, 432, 328])
    recall = right / [467, 56, 496, 895, 607, 653, 415]
    precision = np.array([0.609284, 0.861111, 0.646526, 0.875541, 0.647516, 0.578313, 0.841026])
    private = np.array([491, 55, 528, 879, 626, 594, 416])
    public = np.array([467, 56, 496, 895, 607, 653, 415])
    elsewhere = "That is PrivateTest: look at the fractions that you rounded away, or have still."
    hints = [
        (recall * private, elsewhere),
        (np.round(recall * private), elsewhere),
        (np.floor(recall * private), elsewhere),
        (precision * public, "You took the precision. It is a share of the pictures that were called so."),
        (np.round(precision * public), "You took the precision. It is a share of the pictures that were called so."),
        (public, "Those are the class sizes; multiply them by the recalls."),
        (recall, "Those are the recalls; multiply them by the class sizes."),
        (right.sum(), "That is the sum; the exercise wants the seven numbers."),
    ]
    got = checks.as_numbers(answer)
    if got is not None and got.size == 1 and float(got.reshape(())) == right.sum():
        return say(WRONG, "That is the sum of the hits; the exercise wants the seven numbers.")
    return checks.array(answer, right, hints, atol=0.002, rtol=0)


def exercise_2(answer):
    """A residual block: the rectified sum of its input and of what two convolutions make of it."""
    import keras
    from keras import layers

    if not callable(answer):
        return say(WRONG, f"Expected a function, got {checks.brief(answer)}.")
    maps = keras.Input((6, 6, 4))
    given = answer(maps, 4)
    if checks.unanswered(given):
        return say(checks.OPEN, "Not answered yet: the function returns nothing so far.")
    if tuple(given.shape[1:]) != (6, 6, 4):
        return say(WRONG, f"Maps of (6, 6, 4) become {tuple(given.shape[1:])}: the shapes must agree to be added.")
    net = keras.Model(maps, given)
    kinds = [layer for layer in net.layers if isinstance(layer, layers.Conv2D)]
    norms = [layer for layer in net.layers if isinstance(layer, layers.BatchNormalization)]
    if len(kinds) != 2 or len(norms) != 2:
        return say(
            WRONG,
            f"Expected two convolutions and two batch normalisations, found {len(kinds)} and {len(norms)}.",
        )
    if any(kind.kernel_size != (3, 3) for kind in kinds):
        return say(WRONG, "Both convolutions are 3 × 3.")
    random = np.random.default_rng(13)
    for weight in net.weights:  # so that no wrong order of the layers goes unnoticed
        weight.assign(random.uniform(0.3, 0.9, weight.shape) * random.choice([-1, 1], weight.shape))
    for norm in norms:
        norm.moving_variance.assign(random.uniform(0.5, 1.5, norm.moving_variance.shape))
    x = random.normal(size=(3, 6, 6, 4)).astype("float32")
    got = keras.ops.convert_to_numpy(net(x, training=False))

    def rectified(values):
        return np.maximum(values, 0)

    def apply(layer, values):
        return keras.ops.convert_to_numpy(layer(values, training=False))

    inner = [apply(norms[0], kinds[0](x))]
    inner.append(apply(norms[1], kinds[1](rectified(inner[0]))))
    f = inner[1]
    linear = apply(norms[1], kinds[1](inner[0]))
    forms = [
        (f, "The shortcut is missing, and the last ReLU."),
        (rectified(f), "The shortcut is missing: add the input before the last ReLU."),
        (rectified(f - x), "The sign: the block adds its input, F(x) + x."),
        (rectified(x - f), "The sign: the block adds its input, F(x) + x."),
        (f + x, "The last ReLU is missing: it comes after the sum."),
        (rectified(f) + x, "The last ReLU comes after the sum, not before it."),
        (rectified(f) + rectified(x), "The last ReLU comes after the sum, not before it."),
        (rectified(linear + x), "Between the two convolutions a ReLU is missing."),
        (rectified(f * x), "The input is added, not multiplied."),
        (rectified((f + x) / 2), "The sum, not the mean."),
    ]
    if np.allclose(got, rectified(f + x), atol=1e-4):
        return say(RIGHT, "Right: with F at zero, the block passes on what it gets.")
    for foreseen, text in forms:
        if np.allclose(got, foreseen, atol=1e-4):
            return say(WRONG, text)
    return say(WRONG, "Not F(x) + x with a ReLU at the end: check the order of the layers.")


def exercise_3(answer, net, images):
    """The mean of the probabilities for pictures and for their mirror images."""
    if not callable(answer):
        return say(WRONG, f"Expected a function, got {checks.brief(answer)}.")

    def ask(pictures):
        return net.predict(pictures[..., None], batch_size=128, verbose=0)

    one, other = ask(images), ask(images[:, :, ::-1])
    mean = (one + other) / 2
    votes = (np.eye(one.shape[1])[one.argmax(axis=1)] + np.eye(one.shape[1])[other.argmax(axis=1)]) / 2
    product = np.sqrt(one * other)
    hints = [
        (one + other, "That is the sum: the rows sum to 2. Divide by the number of looks."),
        (votes, "Those are votes. They forget how sure each answer was; average the probabilities."),
        (votes.argmax(axis=1), "Those are voted labels. Return the mean probabilities, seven for each picture."),
        (mean.argmax(axis=1), "Those are labels. Return the mean probabilities, seven for each picture."),
        ((one + ask(images[:, ::-1])) / 2, "That is upside down: exchange left and right, the last axis."),
        ((one + ask(images[::-1])) / 2, "You reversed the order of the pictures: exchange left and right in each."),
        (one, "Those are the answers for the pictures alone."),
        (other, "Those are the answers for the mirror images alone."),
        (np.maximum(one, other), "That is the larger of the two; average them."),
        (product / product.sum(axis=1, keepdims=True), "You averaged logarithms; average the probabilities."),
        ((one + other[:, ::-1]) / 2, "You mirrored the answers, not the pictures: the classes have an order."),
    ]
    got = answer(net, images)
    if checks.unanswered(got):
        return say(checks.OPEN, "Not answered yet: the function returns nothing so far.")
    return checks.array(got, mean, hints, atol=1e-6, rtol=0)
