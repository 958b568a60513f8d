"""The course's own net, trained on FER-2013's Training images: plain arrays in a file, each checked when it is loaded."""

from __future__ import annotations

import pathlib
import threading
import warnings

import keras
import numpy as np

from helpers import CLASSES, environment, models, runs
from helpers.files import guarded, read_arrays

from .download import PretrainedError

ASSETS = pathlib.Path(__file__).resolve().parent.parent / "assets"
BUNDLED = ASSETS / "emotion_net.npz"


def emotion_net() -> keras.Model:
    """The bundled net: (n, 48, 48, 1) grey pictures, 0-255 as they are -> calibrated probabilities in the order of CLASSES."""
    net = strict(load(models.build("emotion_net"), BUNDLED))
    for i, layer in enumerate(
        net.layers
    ):  # the seeds of its dropout: every loaded net is the same in all its variables
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign([0, i])
    net.bundled = True  # a net that is built upon it has the same weights, and not this mark
    return net


def lite(net: keras.Model | None = None):
    """The bundled net from its LiteRT file, a function from a batch to probabilities on one thread, several times faster.

    None where that cannot serve: no interpreter is at hand, Keras runs on another backend, or `net` has other weights.
    """
    path = BUNDLED.with_suffix(".tflite")
    if keras.backend.backend() != "tensorflow" or not path.is_file() or not (net is None or is_bundled(net)):
        return None
    content = (
        path.read_bytes()
    )  # an interpreter does not survive a damaged file: only the very one that is recorded is opened
    if runs.digest(np.frombuffer(content, np.uint8)) != runs.record("emotion_net_publictest")["lite"]["file"]:
        return None
    return interpreted(content)


def interpreted(content: bytes):
    """The function of a LiteRT file, which must be whole; None where no interpreter is at hand, or one too old for it."""
    try:
        with environment.hushed(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorFlow's own interpreter says that it will move to ai-edge-litert
            interpreter = interpreters()(model_content=content, num_threads=1)
            interpreter.allocate_tensors()
    except Exception:  # whoever asks has the compiled net, which says the same
        return None
    place, answer = (ends[0]["index"] for ends in (interpreter.get_input_details(), interpreter.get_output_details()))
    lock = threading.Lock()  # an interpreter serves one thread at a time

    def probabilities(batch) -> np.ndarray:
        rows = [np.empty((0, len(CLASSES)), np.float32)]
        for picture in np.asarray(batch, np.float32):  # one by one: no slower than all at once, and no new memory
            with lock:
                interpreter.set_tensor(place, picture[None])
                interpreter.invoke()
                rows.append(interpreter.get_tensor(answer))
        return np.concatenate(rows)

    return probabilities


def interpreters() -> type:
    """The class of LiteRT's interpreters: from its own package, else from TensorFlow."""
    try:
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter
    except ImportError:
        import tensorflow as tf

        return tf.lite.Interpreter


def is_bundled(net: keras.Model) -> bool:
    """Whether a net came out of `emotion_net` as it is: not built upon, not trained on."""
    return getattr(net, "bundled", False) and all(
        map(np.array_equal, map(keras.ops.convert_to_numpy, net.weights), read(BUNDLED).values())
    )


def strict(net: keras.Model) -> keras.Model:
    """The net, which now refuses pictures of another shape at once: left alone, Keras notices three channels late, or never."""
    net.input_spec = [keras.layers.InputSpec(shape=(None, *net.input_shape[1:]), name="image")]
    return net


def load(net: keras.Model, path: pathlib.Path) -> keras.Model:
    """Fill a net with the arrays of a file; where one does not fit, none is taken."""
    wanted, stored = named(net), read(path)
    if odd := sorted(wanted.keys() ^ stored.keys()):
        raise PretrainedError(
            f"{path} holds another network than {net.name}: expected {len(wanted)} arrays, found {len(stored)}; for one, "
            f"only one of the two has {odd[0]}."
        )
    for name, weight in wanted.items():
        array = stored[name]
        if array.shape != tuple(weight.shape):
            raise PretrainedError(f"{path}, {name}: expected the shape {tuple(weight.shape)}, found {array.shape}.")
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise PretrainedError(f"{path}, {name} has values that are no numbers.")
    net.set_weights([stored[name].astype(weight.dtype) for name, weight in wanted.items()])
    return net


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz; nothing in it is unpickled."""
    with guarded(PretrainedError, f"The weights at {path} cannot be read", "Install or download the course again."):
        return read_arrays(path)


def named(net: keras.Model) -> dict[str, object]:
    """The weights of a net by name, in their order: number, kind of layer, kind of weight; the same in every session."""
    owners = {id(weight): type(layer).__name__ for layer in net.layers for weight in layer.weights}
    return {f"{i:03d}.{owners[id(weight)]}.{weight.name}": weight for i, weight in enumerate(net.weights)}
