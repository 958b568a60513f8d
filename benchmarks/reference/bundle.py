"""What is bundled with the course: the weights of its net, and the list of the pictures that they have learned from."""

import pathlib

import keras
import numpy as np

from helpers import files
from helpers.data import Part
from helpers.pretrained import emotion, leaks


def store(net: keras.Model, path: pathlib.Path, temperature: float = 1.0) -> None:
    """Write a net's weights as named arrays: half precision for the large ones, single for those of one axis.

    `temperature` (chosen on PublicTest) is built into the last layer, so that the stored net is calibrated.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature={temperature}; it must be a number above 0, such as 1.3.")
    last = [id(weight) for weight in [layer for layer in net.layers if layer.weights][-1].weights]
    arrays = {}
    for name, weight in emotion.named(net).items():
        value = keras.ops.convert_to_numpy(weight) / np.float32(temperature if id(weight) in last else 1)
        with np.errstate(over="ignore"):  # what half precision cannot hold becomes infinite
            arrays[name] = value.astype(np.float16 if value.ndim > 1 else np.float32)
        if not np.isfinite(arrays[name]).all():
            raise ValueError(
                f"{name} of {net.name} has values that half precision cannot hold, or that are no numbers."
            )
    with files.write_atomically(path) as draft:
        np.savez_compressed(draft, **arrays)


def write_seen(part: Part, path: pathlib.Path) -> None:
    """Write the list of the pictures that a net learns from: the sorted hashes of the part that trains it."""
    with files.write_atomically(path) as draft:
        np.save(draft, np.unique(leaks.pixel_hashes(part.images)))
