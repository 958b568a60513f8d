"""Reads a weight file that Keras 2 wrote (.h5), layer by layer and by name, into a network of Keras 3."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import h5py
import keras
import numpy as np

from .download import PretrainedError

SHOWN = 4  # layers that a sentence names before it counts the rest


def load_by_name(net: keras.Model, path: pathlib.Path, called: Callable[[str], str] = str) -> None:
    """Fill every layer of `net` with the arrays of the layer of that name in the file; all of them, or none.

    `called` gives a layer's name in the file. Keras 3 allows no "/" in names, older files are full of them.
    """
    wanted = {called(layer.name): layer for layer in net.layers if layer.weights}
    fill(wanted, read(path, net.name, wanted), path)


def read(path: pathlib.Path, name: str, wanted: dict[str, keras.Layer]) -> dict[str, list[np.ndarray]]:
    """The arrays of each wanted layer; a sentence where the file is damaged, or of another network."""
    try:
        with h5py.File(path, "r") as file:
            root = file if "layer_names" in file.attrs else file.get("model_weights", {})
            stored = layers_of(root)
            check_names(path, name, list(stored), list(wanted))
            return {layer: arrays(root[layer], stored[layer], wanted[layer], path) for layer in wanted}
    except PretrainedError:
        raise
    except Exception as problem:  # h5py raises many kinds for files that are cut short or no HDF5 at all
        raise PretrainedError(
            f"{path} is no whole HDF5 file of weights ({path.stat().st_size:,} bytes; {problem}).",
            "Delete it and fetch it again.",
        ) from problem


def layers_of(root) -> dict[str, list[str]]:
    """The layers of a file that have weights, with the names of their arrays."""
    names = [text(name) for name in getattr(root, "attrs", {}).get("layer_names", [])]
    found = {name: [text(weight) for weight in root[name].attrs["weight_names"]] for name in names}
    return {name: weights for name, weights in found.items() if weights}


def check_names(path, name: str, stored: list[str], wanted: list[str]) -> None:
    """Every layer of the network stands in the file, and nothing else does."""
    lacking = [layer for layer in wanted if layer not in stored]
    over = [layer for layer in stored if layer not in wanted]
    if lacking or over:
        told = [f"{verb} {some(layers)}" for verb, layers in (("lacks", lacking), ("has also", over)) if layers]
        raise PretrainedError(
            f"{path} holds the weights of another network than {name}: expected {len(wanted)} layers with weights, "
            f"found {len(stored)}; it {' and '.join(told)}.",
            "Delete it and fetch the right one.",
        )


def arrays(group, names: list[str], layer: keras.Layer, path) -> list[np.ndarray]:
    """The arrays of one layer in the order of its weights, their shapes checked before they are read."""
    by_role = {name.rpartition("/")[2].partition(":")[0]: name for name in names}
    roles = [weight.name for weight in layer.weights]
    order = [by_role[role] for role in roles] if set(roles) == set(by_role) else names  # very old files say W_1, b_1
    expected, found = [tuple(weight.shape) for weight in layer.weights], [group[name].shape for name in order]
    if expected != found:
        raise PretrainedError(
            f"{path}, layer {layer.name}: expected arrays of the shapes {shapes(expected)}, found {shapes(found)}: these "
            "are the weights of another network, or of one with another number of classes."
        )
    read = [np.asarray(group[name]) for name in order]
    if not all(np.isfinite(array).all() for array in read):
        raise PretrainedError(f"{path}, layer {layer.name}: expected numbers, found values that are none (NaN or inf).")
    return read


def fill(layers: dict[str, keras.Layer], stored: dict[str, list[np.ndarray]], path) -> None:
    """The arrays into the layers, once all of them have been read and checked."""
    for name, layer in layers.items():
        layer.set_weights(stored[name])


def text(name) -> str:
    """Names are bytes in some files."""
    return name.decode("utf-8") if isinstance(name, bytes) else str(name)


def some(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def shapes(several) -> str:
    """Shapes as they are said: 3x3x64x64."""
    return ", ".join("x".join(map(str, shape)) or "one number" for shape in several)
