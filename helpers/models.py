"""Every network of the series, as functions that return functional `keras.Model`s with their preprocessing inside."""

import keras
from keras import layers

from helpers import CLASSES


def baseline(dropout: float = 0.25, classes: int = len(CLASSES)) -> keras.Model:
    """Report 2's baseline: two convolutions and a hidden layer, 1,199,495 parameters, 48x48 grey pixels in."""
    image = keras.Input((48, 48, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="emotion")(x), name="baseline")


NETWORKS = {"baseline": baseline}


def build(name: str, **options) -> keras.Model:
    """The network of that name, untrained; the names are the keys of NETWORKS."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network named {name!r}. The course has: {', '.join(NETWORKS)}.")
    return NETWORKS[name](**options)
