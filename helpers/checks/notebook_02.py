"""What is right in the exercises of notebook 02, and the hints for likely mistakes."""

import numpy as np

from helpers import CLASSES, checks
from helpers.checks import OPEN, RIGHT, WRONG, brief, say, unanswered


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
    """Undersampling: as many pictures of each class as the smallest has, at random, none twice."""
    if not callable(answer):
        return say(WRONG, f"Expected a function, got {brief(answer)}.")
    labels = np.repeat(np.arange(7), (30, 4, 25, 60, 40, 35, 20))
    labels = labels[np.random.default_rng(7).permutation(len(labels))]
    given = labels.copy()
    first, same, other = (answer(given, seed) for seed in (0, 0, 1))
    if unanswered(first):
        return say(OPEN, "Not answered yet: the function returns nothing so far.")
    if not np.array_equal(given, labels):
        return say(WRONG, "Your function changes the array that it is given. Work on a copy: array.copy().")
    if problem := wrongly_kept(first, labels):
        return say(WRONG, problem)
    if not np.array_equal(np.sort(first), np.sort(same)):
        return say(WRONG, "The same seed must keep the same pictures: choose with rng, which has the seed.")
    if np.array_equal(np.sort(first), np.sort(other)):
        return say(
            WRONG, "Every seed keeps the same pictures: choose at random, with rng. Files may lie in some order."
        )
    return say(RIGHT, "As many of each class as the smallest has, at random, none twice.")


def wrongly_kept(index, labels: np.ndarray) -> str:
    """What is wrong with the numbers of the pictures that are kept; "" if nothing is."""
    if any(np.size(part) != np.size(index[0]) for part in index):
        return "These are parts of different sizes: keep as many of each class as the smallest has."
    index = np.asarray(index)
    if index.dtype == bool:
        return "That is a mask of true and false; np.flatnonzero(mask) gives the numbers of the pictures."
    if index.ndim != 1:
        return f"The shape is {index.shape}: np.concatenate joins the classes' numbers into one array."
    if not np.all(np.isin(index, np.arange(len(labels)))):
        return f"These are no numbers of pictures, which go from 0 to {len(labels) - 1} here."
    counts = np.bincount(labels[index.astype(int)], minlength=7)
    smallest = np.bincount(labels).min()
    if len(np.unique(index)) < len(index):
        if set(np.unique(index)) <= set(range(7)):
            return "Those are the labels of the pictures that are kept; their numbers are wanted."
        return "A picture is kept twice: rng.choice needs replace=False, and the smallest class sets the size."
    if np.ptp(counts):
        return f"The classes are still unequal: {', '.join(map(str, counts))} pictures are kept."
    if counts[0] != smallest:
        return f"Of each class {counts[0]} pictures are kept; the smallest class has {smallest}."
    return ""


def exercise_3(answer):
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
        (
            lambda y, k: np.bincount(y).max() / np.bincount(y),
            "The proportions are right, but the largest class gets 1; a class of average size should.",
        ),
        (lambda y, k: balanced(y, k)[y], "That is a weight for each picture; one for each class is wanted."),
    ]
    inputs = [(np.array([0, 0, 0, 1]), 2), (np.array([0, 1, 2, 2, 2, 1]), 3), (np.arange(14) % 7, 7)]
    return checks.function(answer, balanced, inputs, hints)
