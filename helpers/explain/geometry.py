"""Which layer's maps Grad-CAM reads, and where in the picture each of their pixels looks."""

import keras
import numpy as np
from keras import layers

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
POOLINGS = (layers.MaxPooling2D, layers.AveragePooling2D)
ON_THE_SPOT = (  # what is still part of a convolution's maps
    layers.Activation, layers.Add, layers.BatchNormalization, layers.Dropout, layers.ELU, layers.LeakyReLU,
    layers.PReLU, layers.ReLU,
)  # fmt: skip


def map_layer(model: keras.Model, name: str | None = None):
    """The layer of that name; if none is named, the last convolution with what follows on the spot (batch norm, sum, ReLU)."""
    found = [i for i, layer in enumerate(model.layers) if isinstance(layer, CONVOLUTIONS)]
    if name is not None:
        named = [layer for layer in model.layers if layer.name == name and len(layer.output.shape) == 4]
        if named:
            return named[0]
        known = ", ".join(model.layers[i].name for i in found) or "none"
        raise ValueError(f"There is no layer {name!r} with maps in this net. Its convolutions: {known}.")
    if not found:
        title = model.name.removesuffix("_logits")
        raise ValueError(f"{title} has no convolution, so it has no maps to weigh: use saliency or occlusion.")
    chosen = model.layers[found[-1]]
    for layer in model.layers[found[-1] + 1 :]:
        if not isinstance(layer, ON_THE_SPOT) or len(layer.output.shape) != 4:
            break
        chosen = layer
    return chosen


def centres(model: keras.Model, layer) -> list[tuple[float, float]]:
    """Down and across: the picture's pixel at which the layer's first map pixel is centred, and the step to the next.

    Cropping, convolutions without padding and strides shift and stretch the maps. Laid over the picture from edge to
    edge, they would point beside the place that they stand for.
    """
    picture = model.inputs[0]
    known = {id(picture): [(0.0, 1.0), (0.0, 1.0)]}
    for each in model.layers[1:]:  # the first holds the picture
        sources = each.input if isinstance(each.input, list | tuple) else [each.input]
        source = next((tensor for tensor in sources if id(tensor) in known), None)
        out = each.output
        if source is None or isinstance(out, list | tuple) or len(out.shape) != 4 or id(out) in known:
            continue
        known[id(out)] = [moved(each, axis, known[id(source)][axis], source.shape[axis + 1], out.shape[axis + 1]) for axis in (0, 1)]  # fmt: skip
    if id(layer.output) in known:
        return known[id(layer.output)]
    return [even((0.0, 1.0), picture.shape[axis + 1], layer.output.shape[axis + 1]) for axis in (0, 1)]


def moved(layer, axis: int, place: tuple[float, float], size: int, new: int) -> tuple[float, float]:
    """Where the pixels of a layer's output are centred, from where those of its input are."""
    start, step = place
    if isinstance(layer, CONVOLUTIONS + POOLINGS):
        extent = window(layer, axis)
        stride = layer.strides[axis] if isinstance(layer.strides, list | tuple) else layer.strides
        before = 0 if layer.padding == "valid" else max((new - 1) * stride + extent - size, 0) // 2
        return start + ((extent - 1) / 2 - before) * step, step * stride
    if isinstance(layer, layers.Cropping2D):
        return start + layer.cropping[axis][0] * step, step
    if isinstance(layer, layers.ZeroPadding2D):
        return start - layer.padding[axis][0] * step, step
    return even(place, size, new)


def window(layer, axis: int) -> int:
    """How many pixels a convolution or a pooling sees along an axis."""
    if isinstance(layer, POOLINGS):
        return layer.pool_size[axis]
    spread = layer.dilation_rate
    return (layer.kernel_size[axis] - 1) * (spread[axis] if isinstance(spread, list | tuple) else spread) + 1


def even(place: tuple[float, float], size: int, new: int) -> tuple[float, float]:
    """`new` pixels spread evenly over the place of `size`: what resizing does, and the guess for a layer not known here."""
    ratio = size / new
    return place[0] + (ratio - 1) / 2 * place[1], place[1] * ratio


def laid(maps: np.ndarray, places: list[tuple[float, float]], height: int, width: int) -> np.ndarray:
    """Maps (n, h, w) at the size of the picture, bilinear between the centres of their pixels, level beyond the outermost."""
    down = weights(maps.shape[1], *places[0], height)
    across = weights(maps.shape[2], *places[1], width)
    return down @ maps @ across.T


def weights(count: int, start: float, step: float, size: int) -> np.ndarray:
    """For each of `size` pixels (rows), the share of each of `count` map pixels (columns)."""
    at = np.clip((np.arange(size) - start) / step, 0, count - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(count)))
