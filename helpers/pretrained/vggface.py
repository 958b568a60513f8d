"""ResNet50 trained on faces (VGGFace2), rebuilt in Keras 3 for the weights that the keras-vggface package published."""

import keras
from keras import layers

from helpers.models import SIDE

from .imagenet import colours

FACES_BGR = (91.4953, 103.8827, 131.0912)  # the mean colour of VGGFace2, blue first
BLOCKS = {2: 3, 3: 4, 4: 6, 5: 3}  # stage: residual blocks
SMALLEST = 197  # pixels; below, the last maps are smaller than the 7x7 window of the average pool
SLASH = "__"  # stands for the "/" of the published names, which Keras 3 does not allow


def resnet50(pixels: int) -> keras.Model:
    """The network up to its 7x7 average pool, untrained: 23,561,152 parameters, (n, 1, 1, 2048) at 197 pixels."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    x = conv_bn(colours(image, pixels, FACES_BGR), 64, 7, "conv1/7x7_s2", strides=2)
    x = layers.ReLU(name="conv1_relu")(x)
    x = layers.MaxPooling2D(3, strides=2, name="conv1_pool")(x)
    for stage, blocks in BLOCKS.items():
        for block in range(1, blocks + 1):
            x = residual(x, 2 ** (stage + 4), stage, block)
    return keras.Model(image, layers.AveragePooling2D(7, name="avg_pool")(x), name="vggface_resnet50")


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
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False, name=allowed(name))(x)
    return layers.BatchNormalization(epsilon=1e-3, name=allowed(f"{name}/bn"))(x)


def allowed(name: str) -> str:
    """A published name as Keras 3 allows it."""
    return name.replace("/", SLASH)


def published(name: str) -> str:
    """A layer's name in the published file."""
    return name.replace(SLASH, "/")
