"""Independent random streams: one for each person, shot, expression and so on, so that changing one moves no other."""

import numpy as np

#: The number of each kind of stream. With another number the same seed gives other faces.
KINDS = {
    "person": 1,
    "shot": 2,
    "expression": 3,
    "label": 4,
    "balanced labels": 5,
    "other expression": 6,
    "clip": 7,
    "skin and hair": 8,
    "surroundings": 9,
    "grain": 10,
    "splits": 11,
    "scene": 20,
    "grain of a scene": 21,
    "film": 22,
}


def stream(seed: int, kind: str, *key: int) -> np.random.Generator:
    """The random numbers of one thing in the world of `seed`: stream(0, "person", 12) is always the same person's."""
    return np.random.Generator(np.random.PCG64([seed, KINDS[kind], *key]))
