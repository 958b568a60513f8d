"""Maps from the gradient of a logit to each pixel: saliency, SmoothGrad (both through tf-keras-vis), integrated gradients."""

import numpy as np

from .asked import finished, slices, whole
from .fills import filled, generator
from .network import Net, asked


def saliency(model, images, classes=None, batch: int = 32, raw: bool = False) -> np.ndarray:
    """How strongly the class's logit answers to each pixel: the size of the gradient (the largest of the channels).

    classes  names or codes, one for all pictures or one a picture; what the net answers if left out
    raw      the values themselves, logit per grey level, for a colour scale that two nets share; else each map from 0 to 1
    """
    net, images, classes = asked(model, images, classes, batch)
    maps = np.zeros(images.shape[:3])
    for some in slices(len(images), batch):
        maps[some] = sizes(net, images[some], classes[some]).max(axis=-1)
    return finished(maps, raw)


def smoothgrad(
    model, images, classes=None, samples: int = 25, noise: float = 0.15, seed: int = 0, batch: int = 32, raw: bool = False
) -> np.ndarray:  # fmt: skip
    """The mean of the saliency maps of `samples` noisy copies of each picture.

    noise  the standard deviation of what is added, as a share of the picture's range. The copies hang on the seed and
           the picture alone; they run through the net side by side.
    """
    net, images, classes = asked(model, images, classes, batch)
    samples = whole("samples", samples)
    if not isinstance(noise, int | float) or not 0 < noise < np.inf:
        raise ValueError(f"noise={noise!r}; it must be a number above 0: a share of the picture's range, such as 0.15.")
    maps = np.zeros(images.shape[:3])
    for i, image in enumerate(images.astype(np.float32)):
        draw, spread, total = generator(image, seed), noise * (image.max() - image.min()), 0.0
        for some in slices(samples, batch):
            count = some.stop - some.start
            copies = image + spread * draw.standard_normal((count, *image.shape), np.float32)
            total = total + sizes(net, copies, np.repeat(classes[i], count)).sum(axis=0)
        maps[i] = (total / samples).max(axis=-1)
    return finished(maps, raw)


def sizes(net: Net, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The size of the gradient to every value of every picture, by tf-keras-vis, its model compiled."""
    from tf_keras_vis.saliency import Saliency

    images = np.asarray(images, np.float32)
    return np.asarray(Saliency(Compiled(net))(score(classes), images, keepdims=True, normalize_map=False))


def score(classes: np.ndarray):
    """The class's logit of each picture, in the form that tf-keras-vis asks for."""
    import tensorflow as tf

    return lambda outputs: tf.gather(outputs, classes, batch_dims=1)


class Compiled:
    """The net as tf-keras-vis uses it, but compiled: it only asks for inputs, outputs and a call."""

    def __init__(self, net: Net):
        self.net, self.inputs, self.outputs = net, net.model.inputs, net.model.outputs

    def __call__(self, images, training=False):
        import tensorflow as tf

        @tf.custom_gradient
        def answers(x):
            def back(upstream, variables=()):
                return self.net.back(x, upstream), [None] * len(variables)

            return self.net.forward(tf.stop_gradient(x)), back

        return answers(images[0])


def integrated_gradients(
    model, images, classes=None, steps: int = 32, baseline: str | float = "blur", seed: int = 0, batch: int = 32,
    raw: bool = False,
) -> np.ndarray:  # fmt: skip
    """What each pixel adds to the class's logit on the straight way from a baseline to the picture.

    The gradient is taken in the middle of each of `steps` stretches of that way, averaged, and multiplied by what the
    pixel changed. So the raw map (raw=True) has a sign, and adds up to logit(picture) - logit(baseline): check it with
    `logits`. From 0 to 1, it shows what speaks for the class. `baseline` is a fill: "mean", "blur", "noise", a number.
    A net that first brings each picture to its own contrast jumps right beside a flat baseline ("mean", 0): take "blur".
    """
    net, images, classes = asked(model, images, classes, batch)
    steps = whole("steps", steps)
    maps = np.zeros(images.shape[:3])
    for group in slices(len(images), batch):
        end = images[group].astype(np.float32)
        start = filled(end, baseline, seed)
        total = np.zeros(end.shape)
        for some in slices(len(end) * steps, batch):  # every picture's every step, as many at once as fit
            which, step = np.divmod(np.arange(some.start, some.stop), steps)
            share = ((step + 0.5) / steps).astype(np.float32)[:, None, None, None]
            between = start[which] + share * (end[which] - start[which])
            np.add.at(total, which, net.gradient(between, classes[group][which]))
        maps[group] = ((end - start) * total / steps).sum(axis=-1)
    return finished(maps, raw)
