"""Reads the arrays of a weight file that Keras 2 wrote (.h5): arrays and nothing else, out of this file and no other."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

import h5py
import keras
import numpy as np

from helpers.files import guarded, open_regular

from .download import PretrainedError


def read(path: pathlib.Path, wanted: dict[str, keras.Layer]) -> dict[str, list[np.ndarray]]:
    """The arrays of each layer, by the layer's name in the file, once every name, shape and number has been checked."""
    with opened(path) as file:
        root = file if "layer_names" in file.attrs else file["model_weights"]
        names = {text(layer): weight_names(root, text(layer)) for layer in root.attrs["layer_names"]}
        names = {layer: weights for layer, weights in names.items() if weights}
        if odd := sorted(names.keys() ^ wanted.keys()):
            raise PretrainedError(
                f"{path} holds the weights of another network: expected {len(wanted)} layers with weights, found "
                f"{len(names)}; for one, only one of the two has {odd[0]}.",
                "Delete it and fetch the right one.",
            )
        return {layer: arrays(root[layer], names[layer], wanted[layer]) for layer in wanted}


@contextlib.contextmanager
def opened(path: pathlib.Path) -> Iterator[h5py.File]:
    """The file, once all in it is known to be its own; whatever h5py raises for what is damaged becomes a sentence."""
    with guarded(PretrainedError, f"{path} cannot be read as weights", "Delete it and fetch it again."):
        open_regular(path).close()
        with h5py.File(path, "r") as file:
            check_own(file, set())
            yield file


def check_own(group: h5py.Group, seen: set) -> None:
    """Refuse what a file only points to, here or in another file: links, and data that lie outside."""
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{group.name} has no {name} of its own, but a link")
        item = group[name]
        if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
            raise ValueError(f"the data of {item.name} lie outside this file")
        address = h5py.h5o.get_info(item.id).addr
        if isinstance(item, h5py.Group) and address not in seen:  # a group may lie in itself
            seen.add(address)
            check_own(item, seen)


def weight_names(root: h5py.Group, layer: str) -> list[str]:
    """The names of a layer's arrays, in the order of its weights."""
    return [text(name) for name in root[layer].attrs["weight_names"]]


def arrays(group: h5py.Group, names: list[str], layer: keras.Layer) -> list[np.ndarray]:
    """The arrays of one layer; their names, types and shapes are checked before any is read."""
    stored = {name.rpartition("/")[2].partition(":")[0]: group[name] for name in names}
    found = [(role, data.dtype.kind, data.shape) for role, data in stored.items()]
    expected = [(weight.name, "f", tuple(weight.shape)) for weight in layer.weights]
    if found != expected:
        raise ValueError(f"layer {layer.name}: expected {described(expected)}; found {described(found)}.")
    read = [data[()] for data in stored.values()]
    if not all(np.isfinite(array).all() for array in read):
        raise ValueError(f"layer {layer.name} has values that are no numbers (NaN or inf).")
    return read


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
