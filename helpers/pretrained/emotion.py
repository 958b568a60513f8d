"""The course's own net, trained on FER-2013's Training images: stored as plain arrays, loaded with every one checked."""

from __future__ import annotations

import pathlib
import zipfile
import zlib

import keras
import numpy as np

from helpers import models

from .download import PretrainedError

ASSETS = pathlib.Path(__file__).resolve().parent.parent / "assets"
BUNDLED = ASSETS / "emotion_net.npz"


def emotion_net() -> keras.Model:
    """The bundled net: (n, 48, 48, 1) grey 0-255 as they are -> calibrated probabilities in the order of CLASSES."""
    net = strict(load(models.build("emotion_net"), BUNDLED))
    for i, layer in enumerate(net.layers):  # the dice of its dropout: a net that is loaded is the same one every time
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign([0, i])
    return net


def strict(net: keras.Model) -> keras.Model:
    """The net, which now refuses pictures with three channels in a sentence: left alone, Keras notices late, or never."""
    net.input_spec = [keras.layers.InputSpec(shape=(None, *net.input_shape[1:]), name="image")]
    return net


def store(net: keras.Model, path, temperature: float = 1.0) -> pathlib.Path:
    """Write a net's weights as named arrays, no pickle: half precision for the large ones, full for those of one axis.

    `temperature` (chosen on PublicTest) is built into the last layer, so that the stored net is calibrated.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature={temperature}; it must be a number above 0, such as 1.3.")
    arrays = {}
    for (name, weight), value in zip(named(net).items(), net.get_weights(), strict=True):
        if temperature != 1 and any(weight is other for other in last_layer(net).weights):
            value = value / np.float32(temperature)
        with np.errstate(over="ignore"):  # told below, in a sentence
            arrays[name] = value.astype(np.float16) if value.ndim > 1 else value
        if not np.isfinite(arrays[name]).all():
            raise PretrainedError(f"{name} of {net.name} has values that half precision cannot hold, or no numbers.")
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".writing")
    with open(draft, "wb") as file:
        np.savez_compressed(file, **arrays)
    draft.replace(path)
    return path


def load(net: keras.Model, path) -> keras.Model:
    """Fill a net with stored weights; all of them fit, or none is taken and a sentence says which does not."""
    path, wanted = pathlib.Path(path), named(net)
    stored = read(path, net.name)
    if set(stored) != set(wanted):
        lacking, over = [n for n in wanted if n not in stored], [n for n in stored if n not in wanted]
        example = f"it lacks {lacking[0]}" if lacking else f"it has also {over[0]}"
        raise PretrainedError(
            f"{path} holds another network than {net.name}: expected {len(wanted)} arrays, found {len(stored)}; {example}."
        )
    for name, weight in wanted.items():
        expected, found = tuple(weight.shape), stored[name].shape
        if expected != found:
            last = any(weight is other for other in last_layer(net).weights)
            why = f": a net of {found[-1]} classes, not {expected[-1]}" if last and found else ""
            raise PretrainedError(f"{path}, {name}: expected the shape {expected}, found {found}{why}.")
        if not np.issubdtype(stored[name].dtype, np.number) or not np.isfinite(stored[name]).all():
            raise PretrainedError(f"{path}, {name}: expected numbers, found values that are none.")
    net.set_weights([stored[name].astype(weight.dtype) for name, weight in wanted.items()])
    return net


def read(path: pathlib.Path, name: str) -> dict[str, np.ndarray]:
    """The arrays of a file, or a sentence."""
    if not path.is_file():
        raise PretrainedError(f"The weights of {name} are not at {path}.", "Install or download the course again.")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        AttributeError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as problem:
        raise PretrainedError(
            f"{path} is no whole file of weights: expected an .npz of arrays, found {path.stat().st_size:,} bytes that "
            f"cannot be read as one ({problem}).",
            "Install or download the course again.",
        ) from problem


def named(net: keras.Model) -> dict[str, object]:
    """The weights of a net by name, in their order: number, kind of layer, kind of weight; the same in every session."""
    owners = {id(weight): type(layer).__name__ for layer in net.layers for weight in layer.weights}
    return {f"{i:03d}.{owners[id(weight)]}.{weight.name}": weight for i, weight in enumerate(net.weights)}


def last_layer(net: keras.Model) -> keras.Layer:
    """The layer that holds the classes: the last one with weights, which softmax follows at once."""
    return [layer for layer in net.layers if layer.weights][-1]
