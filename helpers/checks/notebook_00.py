"""What is right in the exercises of notebook 00, and the hints for likely mistakes."""

import numpy as np

from helpers import CLASSES, checks

CSV_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # of FER-2013's file


def exercise_1(answer, probabilities):
    """The two most probable classes, the most probable first."""
    first, second = (int(i) for i in np.argsort(-probabilities)[:2])
    hints = [
        ((CSV_ORDER[first], CSV_ORDER[second]), "That is the class order of the 2013 CSV file; use CLASSES."),
        ((CLASSES[second], CLASSES[first]), "The right two; now the most probable first."),
        ((CLASSES[first],), "That is the best guess alone: name the second, too."),
        ((first, second), "Those are their positions; look up their names in CLASSES."),
    ]
    return checks.same(answer, (CLASSES[first], CLASSES[second]), hints)


def exercise_2(answer, labels):
    """The accuracy of always naming the most frequent class."""
    most = int(np.bincount(labels).max())
    hints = [
        (1 / 7, "One in seven is what an even guess gets; the classes are not equally frequent."),
        (most, "That many faces; divide by the number of all."),
        (1 - most / len(labels), "That is how often it would be wrong."),
    ]
    return checks.number(answer, most / len(labels), hints)
