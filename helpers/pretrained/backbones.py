"""`backbone`: the convolutions of a trained net as a model of their own, its preprocessing inside; `first_available` of several."""

import keras

from helpers import models
from helpers.models import SIDE

from . import emotion, fer, h5, imagenet, vggface
from .download import PUBLISHED, PretrainedError, fetch

PIXELS = {"vgg16": 180, "vgg19": 180, "vggface_resnet50": 197}  # as report 1; report 3 takes 224
SMALLEST = {"vgg16": 32, "vgg19": 32, "vggface_resnet50": vggface.SMALLEST}
NAMES = ("vgg16", "vgg19", "vggface_resnet50", "emotion_net", "mini_xception")


def backbone(name: str, pixels: int | None = None, weights: str = "published") -> keras.Model:
    """The trained convolutions of a net: (n, 48, 48, 1) grey pictures, 0-255 as they are -> feature maps.

    pixels   what VGG16, VGG19 and the ResNet50 stretch the pictures to (180, 180, 197); the others have their own size.
    weights  "published", or "random" for tests of shapes and speed: the model is then called <name>_random, and says so.
    """
    if name not in NAMES:
        raise ValueError(f"There is no backbone named {name!r}. The course has: {', '.join(NAMES)}.")
    if weights not in ("published", "random"):
        raise ValueError(f"weights={weights!r}; it must be 'published' or, for tests, 'random'.")
    random = weights == "random"
    base = large(name, pixels, random) if name in PUBLISHED else small(name, pixels, random)
    if random:
        print(f"{base.name}: random weights, for tests only. It has learned nothing.")
    return emotion.strict(base)


def large(name: str, pixels: int | None, random: bool) -> keras.Model:
    """A net whose weights are fetched from the web."""
    pixels = PIXELS[name] if pixels is None else pixels
    if isinstance(pixels, bool) or not isinstance(pixels, int) or pixels < SMALLEST[name]:
        raise ValueError(f"pixels={pixels!r}; {name} needs a whole number of at least {SMALLEST[name]}.")
    path = None if random else fetch(PUBLISHED[name])
    net = vggface.resnet50(pixels) if name == "vggface_resnet50" else imagenet.vgg(name, pixels)
    if random:
        return keras.Model(net.input, net.output, name=f"{name}_random")
    h5.load_by_name(net, path, vggface.published if name == "vggface_resnet50" else str)
    return net


def small(name: str, pixels: int | None, random: bool) -> keras.Model:
    """A net of 48 pixels that was trained on expressions, cut off before its classes."""
    if pixels not in (None, SIDE):
        raise ValueError(f"pixels={pixels!r}; {name} takes the {SIDE}x{SIDE} pictures as they are: leave pixels out.")
    if name == "mini_xception":
        net = models.build("mini_xception") if random else fer.mini_xception()
    else:
        net = models.build("emotion_net") if random else emotion.emotion_net()
    return cut(net, f"{name}_random" if random else name)


def cut(net: keras.Model, name: str) -> keras.Model:
    """The net up to its feature maps: before its global pooling, and before a convolution that already counts classes."""
    pool = [layer for layer in net.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)][-1]
    maps = pool.input
    before = next(layer for layer in net.layers if any(maps is tensor for tensor in outputs(layer)))
    if isinstance(before, keras.layers.Conv2D) and before.filters == net.output_shape[-1]:
        maps = before.input
    return keras.Model(net.input, maps, name=name)


def outputs(layer) -> list:
    """What a layer gives, as a list."""
    return layer.output if isinstance(layer.output, list | tuple) else [layer.output]


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
    if not names:
        raise ValueError(f"first_available() needs names to choose from: {', '.join(NAMES)}.")
    raise PretrainedError(f"None of {', '.join(names)} can be had. {'; '.join(reasons)}.")
