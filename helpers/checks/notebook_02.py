"""What is right in the exercises of notebook 02, and the hints for likely mistakes."""

import numpy as np

from helpers import CLASSES, checks


def exercise_1(answer, labels):
    """The macro recall of "always happy"."""
    hints = [
        (
            float(np.mean(labels == CLASSES.index("happy"))),
            "That is its accuracy, where every image counts once. Here every class counts once.",
        ),
        (0.247, "That is the share of happy in the whole test folder: its accuracy. Average the seven recalls."),
        (1.0, "That is its recall on happy alone; average over the seven classes."),
        (0.0, "Its recall on happy is not 0."),
    ]
    return checks.number(answer, 1 / 7, hints)


def exercise_2(answer):
    """Balanced class weights."""

    def balanced(labels, classes):
        return len(labels) / (classes * np.bincount(labels))

    hints = [
        (
            lambda y, k: 1 / np.bincount(y),
            "The order is right, the scale is not: all weighted pictures together should count as n.",
        ),
        (
            lambda y, k: len(y) / np.bincount(y),
            "Divide by the number of classes, too; a class of average size gets weight 1.",
        ),
        (lambda y, k: k * np.bincount(y) / len(y), "Upside down: the rare class should get the large weight."),
        (
            lambda y, k: np.bincount(y) / len(y),
            "Those are the shares of the classes: the rare class should get the large weight.",
        ),
        (lambda y, k: balanced(y, k)[y], "That is a weight for each picture; one for each class is wanted."),
    ]
    inputs = [(np.array([0, 0, 0, 1]), 2), (np.array([0, 1, 2, 2, 2, 1]), 3), (np.arange(14) % 7, 7)]
    return checks.function(answer, balanced, inputs, hints)
