"""A small world for tests of training: noise for pictures, a net with everything that has a state, a plain one."""

import os
import pathlib
import subprocess
import sys
import types

import keras
import numpy as np
from keras import layers

WITHOUT_TENSORFLOW = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError("there is no TensorFlow here")
sys.meta_path.insert(0, Absent())
"""
ROOT = pathlib.Path(__file__).resolve().parent.parent


def part(n: int, seed: int):
    """Pictures of noise; the labels depend a little on the brightness, so that there is something to learn."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 7, n)
    images = generator.integers(0, 200, (n, 48, 48)) + 8 * labels[:, None, None]
    return types.SimpleNamespace(images=images.astype(np.uint8), labels=labels, source="noise")


def world(n: int = 70):
    """A data set like those of `data.load`: the last batch of 32 is a short one."""
    return types.SimpleNamespace(train=part(n, 1), validation=part(41, 2), test=part(23, 3))


def stateful(seed: int = 0, rate: float = 3e-3) -> keras.Model:
    """Augmentation, batch norm, dropout, Adam: everything that remembers."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((48, 48, 1))
    x = layers.RandomFlip("horizontal")(image)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(4, 5, strides=4)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return compiled(keras.Model(image, layers.Dense(7, activation="softmax")(x)), rate)


def plain(seed: int = 0, rate: float = 3e-3, l2: float = 0.01) -> keras.Model:
    """Nothing random and nothing that depends on the other pictures of a batch."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((48, 48, 1))
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Conv2D(4, 5, strides=4, activation="relu")(x)
    x = layers.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(l2))(layers.Flatten()(x))
    return compiled(keras.Model(image, layers.Dense(7, activation="softmax")(x)), rate)


def compiled(model: keras.Model, rate: float) -> keras.Model:
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def callbacks(patience: int) -> list:
    """Early stopping and a plateau: Keras' own callbacks that remember."""
    return [
        keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1),
    ]


def weights(model: keras.Model) -> np.ndarray:
    """All weights of a model in one row."""
    return np.concatenate([np.ravel(value) for value in model.get_weights()])


def script(code: str, runs_folder, limit: float = 900, **environment: str) -> str:
    """What a script prints that runs in a Python of its own, with its own runs folder; a script that fails fails the test."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=limit,
        cwd=ROOT,
        env=os.environ | {"COURSE_RUNS": str(runs_folder), "TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout
