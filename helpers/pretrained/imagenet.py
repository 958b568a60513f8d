"""VGG16 and VGG19 as Keras Applications publishes them, with everything before their first convolution as layers."""

import keras
from keras import layers

from helpers.models import SIDE

IMAGENET_BGR = (103.939, 116.779, 123.68)  # the mean colour of ImageNet, blue first


def vgg(name: str, pixels: int) -> keras.Model:
    """VGG16 or VGG19 without its top, untrained; flat, so that its convolutions are among `.layers`."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    build = {"vgg16": keras.applications.VGG16, "vgg19": keras.applications.VGG19}[name]
    maps = build(include_top=False, weights=None, input_tensor=colours(image, pixels, IMAGENET_BGR))
    return keras.Model(image, maps.output, name=name)


def colours(image, pixels: int, mean: tuple[float, float, float]):
    """Grey 48x48 pictures as these nets know pictures: larger, three channels (blue, green, red), minus the mean of each.

    Nothing is divided by 255. Grey has three equal channels, so turning RGB to BGR moves nothing but the means.
    """
    x = layers.Resizing(pixels, pixels, name="resized")(image) if pixels != SIDE else image
    x = layers.Concatenate(name="grey_to_bgr")([x, x, x])
    return layers.Rescaling(1.0, offset=[-value for value in mean], name="minus_mean_colour")(x)
