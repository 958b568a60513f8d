"""Nets whose right explanation is known: a linear one, one that sees a patch only, one whose Grad-CAM can be done by hand."""

import keras
import numpy as np
from keras import layers

SIDE, PATCH = 12, (slice(2, 5), slice(7, 11))  # rows and columns that the net of a patch sees


def images(n: int = 3, side: int = SIDE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, side, side), dtype=np.uint8)


def linear(classes: int = 3, seed: int = 0, activation: str = "softmax") -> keras.Model:
    """Flatten, Dense: the gradient of a logit is the column of its weights."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((SIDE, SIDE, 1))
    x = layers.Dense(classes, activation=activation, bias_initializer="normal")(layers.Flatten()(image))
    return keras.Model(image, x, name="linear")


def kernel(model: keras.Model, label: int) -> np.ndarray:
    """The weights of one class of the linear net as a picture."""
    return model.layers[-1].kernel.numpy()[:, label].reshape(SIDE, SIDE)


def patch(seed: int = 0) -> keras.Model:
    """A net that sees PATCH and nothing else."""
    keras.utils.set_random_seed(seed)
    rows, columns = PATCH
    image = keras.Input((SIDE, SIDE, 1))
    x = layers.Cropping2D(((rows.start, SIDE - rows.stop), (columns.start, SIDE - columns.stop)))(image)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(layers.Rescaling(1 / 255)(x)))
    return keras.Model(image, layers.Softmax()(layers.Dense(3)(x)), name="patch")


def convolution(seed: int = 0) -> keras.Model:
    """One convolution, the mean of each map, Dense."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((SIDE, SIDE, 1))
    x = layers.Rescaling(1 / 255, offset=-0.5)(image)
    x = layers.Conv2D(4, 3, strides=2, activation="relu", name="maps")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(3, activation="softmax")(x), name="convolution")
