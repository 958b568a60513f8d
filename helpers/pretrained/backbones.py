"""Backbones: the convolutions of trained nets, their preprocessing inside. One table, `backbone`, and `first_available`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import keras
from keras import layers

from helpers import models
from helpers.files import CourseError
from helpers.models import SIDE

from . import efficientnet, emotion, fer, h5
from .download import PUBLISHED, PretrainedError, fetch

IMAGENET_BGR = (103.939, 116.779, 123.68)  # the mean colours that these nets expect to be subtracted, blue first
VGGFACE2_BGR = (91.4953, 103.8827, 131.0912)
FER_TRAINING = "FER-2013's Training images"


def prepared(image, pixels: int, mean: tuple[float, float, float]):
    """Grey 48x48 pictures as the large nets know pictures: larger, three channels (blue, green, red), minus their means.

    Nothing is divided by 255. Grey has three equal channels, so turning RGB to BGR moves nothing but the means.
    """
    x = layers.Resizing(pixels, pixels, name="resized")(image) if pixels != SIDE else image
    x = layers.Concatenate(name="grey_to_bgr")([x, x, x])
    return layers.Rescaling(1.0, offset=[-value for value in mean], name="minus_mean_colour")(x)


def vgg(name: str, pixels: int, random: bool) -> keras.Model:
    """VGG16 or VGG19 from Keras Applications without its top; flat, so that its convolutions are among `.layers`."""
    path = None if random else fetch(PUBLISHED[name])
    if path:
        with h5.opened(path):  # Keras, which reads it, would follow its links
            pass
    image = keras.Input((SIDE, SIDE, 1), name="image")
    build = {"vgg16": keras.applications.VGG16, "vgg19": keras.applications.VGG19}[name]
    net = build(include_top=False, weights=path and str(path), input_tensor=prepared(image, pixels, IMAGENET_BGR))
    return keras.Model(image, net.output)


def vggface(name: str, pixels: int, random: bool) -> keras.Model:
    """ResNet50 trained on faces, up to its 7x7 average pool, rebuilt for the weights that keras-vggface published.

    Its layers have their published names, with "__" for the "/" that Keras 3 does not allow.
    """
    path = None if random else fetch(PUBLISHED[name])
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = conv_bn(prepared(image, pixels, VGGFACE2_BGR), 64, 7, "conv1__7x7_s2", strides=2)
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.MaxPooling2D(3, strides=2, name="conv1_pool")(x)
    for stage, blocks in {2: 3, 3: 4, 4: 6, 5: 3}.items():
        for block in range(1, blocks + 1):
            x = residual(x, 2 ** (stage + 4), stage, block)
    net = keras.Model(image, layers.AveragePooling2D(7, name="avg_pool")(x))
    if path:
        wanted = {layer.name.replace("__", "/"): layer for layer in net.layers if layer.weights}
        for published, arrays in h5.read(path, wanted).items():
            wanted[published].set_weights(arrays)
    return net


def residual(x, filters: int, stage: int, block: int):
    """A bottleneck: 1x1, 3x3, 1x1, and the shortcut; the first block of a stage halves the maps in its 1x1 convolutions."""
    name, strides = f"conv{stage}_{block}", 2 if block == 1 and stage > 2 else 1
    y = layers.ReLU(name=f"{name}_relu_1")(conv_bn(x, filters, 1, f"{name}_1x1_reduce", strides))
    y = layers.ReLU(name=f"{name}_relu_2")(conv_bn(y, filters, 3, f"{name}_3x3"))
    y = conv_bn(y, 4 * filters, 1, f"{name}_1x1_increase")
    shortcut = conv_bn(x, 4 * filters, 1, f"{name}_1x1_proj", strides) if block == 1 else x
    return layers.ReLU(name=f"{name}_relu_3")(layers.Add(name=f"{name}_add")([y, shortcut]))


def conv_bn(x, filters: int, kernel: int, name: str, strides: int = 1):
    """A convolution without bias and its batch normalisation, under their published names."""
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(epsilon=1e-3, name=f"{name}__bn")(x)


def expression_net(name: str, pixels: int, random: bool) -> keras.Model:
    """A net of 48 pixels that was trained on expressions, cut off before its head."""
    trained, head = {
        "emotion_net": (emotion.emotion_net, layers.GlobalAveragePooling2D),
        "mini_xception": (fer.mini_xception, layers.Conv2D),  # its last convolution has a map for each class
    }[name]
    net = models.build(name) if random else trained()
    first = [layer for layer in net.layers if type(layer) is head][-1]
    return keras.Model(net.input, first.input)


@dataclasses.dataclass(frozen=True)
class Backbone:
    """How a backbone is made (name, pixels, random weights?), what it has learned from, and its side in pixels."""

    make: Callable[[str, int, bool], keras.Model]
    trained_on: str
    pixels: int = SIDE
    smallest: int | None = None  # None: it takes the pictures as they are, at no other size


BACKBONES = {
    "efficientnet_lite0": Backbone(
        efficientnet.backbone, "ImageNet", 112, 96
    ),  # smaller, its last maps are a pixel or two
    "vgg16": Backbone(vgg, "ImageNet", 180, 32),  # 180 as in report 1; report 3 takes 224
    "vgg19": Backbone(vgg, "ImageNet", 180, 32),
    "vggface_resnet50": Backbone(vggface, "VGGFace2", 197, 197),  # below, the last maps are smaller than the 7x7 pool
    "emotion_net": Backbone(expression_net, FER_TRAINING),
    "mini_xception": Backbone(expression_net, FER_TRAINING),
}


def backbone(name: str, pixels: int | None = None, weights: str = "published") -> keras.Model:
    """The trained convolutions of a net: (n, 48, 48, 1) grey pictures, 0-255 as they are -> feature maps.

    pixels   what the nets of photographs stretch the pictures to (112, 180, 180, 197); the others have their own size.
    weights  "published", or "random": the same net untrained, the control; it is called <name>_random, and says so.
    """
    kind = lookup(name)
    if weights not in ("published", "random"):
        raise CourseError(f"weights={weights!r} is unknown.", "Use 'published', or 'random' for a control.")
    pixels = kind.pixels if pixels is None else pixels
    if kind.smallest is None and pixels != kind.pixels:
        raise CourseError(
            f"pixels={pixels!r}; {name} takes the {SIDE}x{SIDE} pictures as they are.", "Leave pixels out."
        )
    if not isinstance(pixels, int) or pixels < (kind.smallest or SIDE):
        raise CourseError(f"pixels={pixels!r} cannot be.", f"{name} needs a whole number of at least {kind.smallest}.")
    net = kind.make(name, pixels, weights == "random")
    if weights == "random":
        name = f"{name}_random"
        print(f"{name}: random weights. It has learned nothing.")
    return emotion.strict(keras.Model(net.input, net.output, name=name))


def lookup(name: str) -> Backbone:
    """The entry of that name in the table."""
    if name not in BACKBONES:
        raise CourseError(f"There is no backbone named {name!r}.", f"The course has: {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def first_available(*names: str) -> keras.Model:
    """The first of these backbones that can be had; one line says which, and why not those before it."""
    reasons = []
    for name in names:
        try:
            base = backbone(name)
        except PretrainedError as problem:
            reasons.append(f"{name}: {problem.reason.rstrip('.')}")
            continue
        print(f"backbone  {base.name}" + (f" (not {'; '.join(reasons)})" if reasons else ""))
        return base
    raise PretrainedError(f"None of {', '.join(names)} can be had. {'; '.join(reasons)}.")
