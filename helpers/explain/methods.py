"""The methods: each takes (model, images, classes) and gives a map for each picture, (n, height, width), float32.

All of them explain a class's logit, the value before the softmax: a probability also moves when another class does.
    model    a keras.Model, or what `prepare` made of it: faster when there are many calls
    classes  names or codes, one for all pictures or one for each; by default what the net answers
    raw      the values themselves, on one scale for all pictures; by default each map goes from 0 (nothing, or evidence
             against the class) to 1 (its own largest value)
"""

import importlib
import importlib.util

import cv2
import keras
import numpy as np

from helpers.files import CourseError

from .network import check_inputs, enlarge, map_layer

BASELINES = ("mean", "blur", "noise")
AS_THEY_ARE = {"seek_penultimate_conv_layer": False, "expand_cam": False, "normalize_cam": False}  # for tf-keras-vis


def saliency(model, images, classes=None, batch: int = 32, raw: bool = False) -> np.ndarray:
    """How strongly the logit answers to each pixel: the size of its gradient, the largest of the channels."""
    net, images, classes = check_inputs(model, images, classes)
    slopes = net.run(gradient, images, classes, batch=batch)
    return finish(np.abs(slopes).max(axis=-1), raw)


def gradient(model, images, classes):
    """The slope of each picture's logit by each of its pixels."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        logits = model(images, training=False)
        score = tf.gather(logits, classes, batch_dims=1)
    return tape.gradient(score, images)


def gradcam(model, images, classes=None, layer: str | None = None, batch: int = 32, raw: bool = False) -> np.ndarray:
    """The last convolution's maps, each weighted by the mean of its gradient; what is above zero, laid over the picture.

    layer  the name of another layer whose maps are read, also of one inside a nested backbone
    """
    net, images, classes = check_inputs(model, images, classes)
    target = map_layer(net, layer)
    cams = net.run(weighted_maps, images, classes, batch=batch, layer=target)
    return finish(enlarge(cams, net, target), raw)


def weighted_maps(model, images, classes):
    """Grad-CAM in the size of the maps. The gradients end at the maps; nothing follows them down to the pixels."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        maps, logits = model(images, training=False)
        score = tf.gather(logits, classes, batch_dims=1)
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))


def occlusion(
    model, images, classes=None, window: int = 8, stride: int = 2, baseline: str | float = "mean", batch: int = 64,
    raw: bool = False,
) -> np.ndarray:  # fmt: skip
    """How far the logit falls while a window is covered; for each pixel the mean over the windows that cover it.

    window, stride  side of the window and step to the next one, in pixels; a last one lies at the far edge
    baseline        what a covered window shows: "mean", "blur", "noise" (see `baselines`) or a number
    """
    net, images, classes = check_inputs(model, images, classes)
    rows, columns = (window_starts(side, window, stride) for side in net.shape[:2])
    places = [(slice(top, top + window), slice(left, left + window)) for top in rows for left in columns]
    whole = net.logits(images, batch)[np.arange(len(images)), classes]
    maps = np.zeros(images.shape[:3])
    for i, (image, cover) in enumerate(zip(images, baselines(images, baseline), strict=True)):
        times = np.zeros(image.shape[:2])
        for some in (places[first : first + batch] for first in range(0, len(places), batch)):
            covered = np.repeat(image[None], len(some), axis=0)
            for picture, place in zip(covered, some, strict=True):
                picture[place] = cover[place]
            drops = whole[i] - net.logits(covered, batch)[:, classes[i]]
            for drop, place in zip(drops, some, strict=True):
                maps[i][place] += drop
                times[place] += 1
        maps[i] /= times
    return finish(maps, raw)


def window_starts(side: int, window: int, stride: int) -> list[int]:
    """Where the windows begin along one side; together they cover all of it."""
    if not 0 < window <= side:
        raise CourseError(f"A window of {window} pixels does not fit: the picture has {side}.")
    if not 0 < stride <= window:
        raise CourseError(f"stride={stride} leaves pixels uncovered.", f"It must be from 1 to the window's {window}.")
    return sorted({*range(0, side - window + 1, stride), side - window})


def integrated_gradients(
    model, images, classes=None, steps: int = 32, baseline: str | float = "blur", batch: int = 32, raw: bool = False
) -> np.ndarray:
    """What each pixel adds to the logit on the straight way from a baseline to the picture: mean slope times change.

    The raw map has a sign and adds up to logit(picture) - logit(baseline). A net that first brings each picture to its
    own contrast jumps right beside a flat baseline ("mean", 0): take "blur".
    """
    net, images, classes = check_inputs(model, images, classes)
    middles = ((np.arange(steps) + 0.5) / steps).astype(np.float32)[:, None, None, None]
    maps = np.zeros(images.shape[:3])
    for i, (image, start) in enumerate(zip(images, baselines(images, baseline), strict=True)):
        way = start + middles * (image - start)
        slopes = net.run(gradient, way, np.repeat(classes[i], steps), batch=batch)
        maps[i] = (slopes.mean(axis=0, dtype=float) * (image - start)).sum(axis=-1)
    return finish(maps, raw)


def smoothgrad(
    model, images, classes=None, samples: int = 25, noise: float = 0.15, seed: int = 0, batch: int = 32, raw: bool = False
) -> np.ndarray:  # fmt: skip
    """The mean of the saliency maps of `samples` noisy copies; `noise` is its deviation as a share of the picture's range."""
    net, images, classes = check_inputs(model, images, classes)
    maps = np.zeros(images.shape[:3])
    for i, image in enumerate(images):
        normal = np.random.default_rng([seed, i]).standard_normal((samples, *image.shape), np.float32)
        copies = image + noise * np.ptp(image) * normal
        slopes = net.run(gradient, copies, np.repeat(classes[i], samples), batch=batch)
        maps[i] = np.abs(slopes).mean(axis=0).max(axis=-1)
    return finish(maps, raw)


def gradcam_plus_plus(model, images, classes=None, batch: int = 32, raw: bool = False) -> np.ndarray:
    """Grad-CAM, by tf-keras-vis, with a weight for each place of a map: several places that speak for the class all count."""
    net, images, classes = check_inputs(model, images, classes)
    target, method = map_layer(net), from_tf_keras_vis("gradcam_plus_plus").GradcamPlusPlus
    import tensorflow as tf

    # Only the part above the maps, so that tf-keras-vis does not follow the gradients further down.
    below, above = keras.Model(net.model.input, target.output), keras.Model(target.output, net.model.output)
    cams = []
    for first in range(0, len(images), batch):
        some = slice(first, first + batch)

        def score(logits, chosen=classes[some]):  # moved to 0, so that its exponential cannot overflow
            value = tf.gather(logits, chosen, batch_dims=1)
            return value - tf.stop_gradient(value)

        maps = below(images[some], training=False)
        cams.append(method(above)(score, maps, penultimate_layer=0, **AS_THEY_ARE))  # layer 0: the maps that go in
    return finish(enlarge(np.concatenate(cams), net, target), raw)


def scorecam(model, images, classes=None, maps: int | None = None, batch: int = 64, raw: bool = False) -> np.ndarray:
    """The last convolution's maps, by tf-keras-vis, each weighted by the class's probability where only what it marks is shown.

    maps  how many of them to try, those that vary most in the picture (all by default): a call of the net for each
    """
    net, images, classes = check_inputs(model, images, classes)
    target, same = map_layer(net), keras.Model(net.model.input, net.model.output)
    same.predict = lambda copies, batch_size: net.logits(copies[0], batch_size)  # no progress bar for each picture
    method = from_tf_keras_vis("scorecam").Scorecam(same)
    cams = [
        method(lambda shares, k=k: shares[:, k], image, target, max_N=maps, batch_size=batch, **AS_THEY_ARE)[0]
        for image, k in zip(images, classes, strict=True)
    ]
    return finish(enlarge(np.array(cams), net, target), raw)


def from_tf_keras_vis(module: str):
    """A module of tf-keras-vis, or a sentence where it is not installed."""
    try:
        return importlib.import_module(f"tf_keras_vis.{module}")
    except ImportError as problem:
        fix = "Install it with: pip install tf-keras-vis. All other methods work without it."
        raise CourseError("tf-keras-vis is not installed here; it makes Grad-CAM++ and Score-CAM.", fix) from problem


OWN = (saliency, smoothgrad, integrated_gradients, gradcam, occlusion)
BORROWED = (gradcam_plus_plus, scorecam) if importlib.util.find_spec("tf_keras_vis") else ()
METHODS = {method.__name__: method for method in OWN + BORROWED}
"""The methods that work here, by name."""


def baselines(images, kind: str | float = "mean", seed: int = 0) -> np.ndarray:
    """What stands in for pictures (n, height, width[, channels]) where they are taken away, float32.

    mean  each picture's own mean      blur  the picture without its details (sigma an eighth of its height)
    noise its own pixels, shuffled     a number, such as 0 for black
    None of them is a face: what a net says of such pictures is a guess outside of all that it has learned from.
    """
    images = np.asarray(images, np.float32)
    if isinstance(kind, int | float) and np.isfinite(kind):
        return np.full_like(images, kind)
    if kind not in BASELINES:
        raise CourseError(f"There is no baseline {kind!r}.", f"It is {', '.join(BASELINES)} or a number (0 is black).")
    if kind == "mean":
        return np.broadcast_to(images.mean(axis=(1, 2), keepdims=True), images.shape)
    if kind == "blur":
        blurred = [cv2.GaussianBlur(image, (0, 0), len(image) / 8, borderType=cv2.BORDER_REFLECT) for image in images]
        return np.reshape(blurred, images.shape)
    pixels = images.reshape(len(images), images.shape[1] * images.shape[2], -1)
    shuffled = [np.random.default_rng([seed, i]).permutation(picture) for i, picture in enumerate(pixels)]
    return np.reshape(shuffled, images.shape)


def finish(maps: np.ndarray, raw: bool) -> np.ndarray:
    """The maps as they are, or each from 0 to 1 (0 everywhere where nothing speaks for the class)."""
    if not raw:
        maps = np.maximum(maps, 0)
        top = maps.max(axis=(1, 2), keepdims=True)
        maps = np.divide(maps, top, out=np.zeros_like(maps), where=top > 0)
    return maps.astype(np.float32)
