"""Reads the arrays of a weight file that Keras 2 wrote (.h5): arrays and nothing else, out of this file and no other."""

from __future__ import annotations

import pathlib

import h5py
import keras
import numpy as np

from .download import PretrainedError


def read(path: pathlib.Path, wanted: dict[str, keras.Layer]) -> dict[str, list[np.ndarray]]:
    """The arrays of each layer, by the layer's name in the file, once every name, shape and number has been checked."""
    try:
        with h5py.File(path, "r") as file:
            root = file if "layer_names" in file.attrs else local(file, "model_weights")
            names = {text(layer): weight_names(root, text(layer)) for layer in root.attrs["layer_names"]}
            names = {layer: weights for layer, weights in names.items() if weights}
            if odd := sorted(names.keys() ^ wanted.keys()):
                raise PretrainedError(
                    f"{path} holds the weights of another network: expected {len(wanted)} layers with weights, found "
                    f"{len(names)}; for one, only one of the two has {odd[0]}.",
                    "Delete it and fetch the right one.",
                )
            return {layer: arrays(local(root, layer), names[layer], wanted[layer]) for layer in wanted}
    except PretrainedError:
        raise
    except Exception as problem:  # h5py raises many kinds for files that are cut short, damaged or no HDF5 at all
        raise PretrainedError(
            f"{path} cannot be read as weights: {problem}", "Delete it and fetch it again."
        ) from problem


def weight_names(root: h5py.Group, layer: str) -> list[str]:
    """The names of a layer's arrays, in the order of its weights."""
    return [text(name) for name in local(root, layer).attrs["weight_names"]]


def arrays(group: h5py.Group, names: list[str], layer: keras.Layer) -> list[np.ndarray]:
    """The arrays of one layer; their names, types and shapes are checked before any is read."""
    stored = {name.rpartition("/")[2].partition(":")[0]: local(group, name) for name in names}
    found = [(role, data.dtype.kind, data.shape) for role, data in stored.items()]
    expected = [(weight.name, "f", tuple(weight.shape)) for weight in layer.weights]
    if found != expected:
        raise ValueError(f"layer {layer.name}: expected {described(expected)}; found {described(found)}.")
    read = [data[()] for data in stored.values()]
    if not all(np.isfinite(array).all() for array in read):
        raise ValueError(f"layer {layer.name} has values that are no numbers (NaN or inf).")
    return read


def local(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """What stands at a path below this group; what a file only points to, here or in another file, is refused."""
    for part in name.split("/"):
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"{group.name} has no {part} of its own (there is none, or it is a link).")
        group = group[part]
    if isinstance(group, h5py.Dataset) and (group.external or group.is_virtual):
        raise ValueError(f"the data of {group.name} lie outside this file.")
    return group


def text(name) -> str:
    """A name in the file, which older versions of h5py give as bytes."""
    return name.decode("utf-8") if isinstance(name, bytes) else str(name)


def described(several: list[tuple]) -> str:
    """Weights in words: kernel 3x3x64x64, bias 64."""
    kinds = {"f": "", "i": " of integers"}
    several = [
        f"{name} {'x'.join(map(str, shape))}{kinds.get(kind, ' of no numbers')}" for name, kind, shape in several
    ]
    return ", ".join(several) or "no weights"
