"""Class activation maps through tf-keras-vis: Grad-CAM, Grad-CAM++, Score-CAM. Coarse as the maps that they weigh."""

import keras
import numpy as np

from .asked import finished, slices, whole
from .geometry import centres, laid, map_layer
from .gradients import score
from .network import Net, all_logits, asked, through

BUDGET = 256 * 2**20  # bytes that Score-CAM's masked copies may take


def gradcam(model, images, classes=None, layer: str | None = None, batch: int = 32, raw: bool = False) -> np.ndarray:
    """The last convolution's maps, each weighted by the mean of its gradient to the class's logit; what is above zero.

    layer  the name of another layer whose maps are read, also of one inside a nested backbone
    raw    the values themselves; else each map from 0 to 1 (0 everywhere where nothing speaks for the class)
    """
    from tf_keras_vis.gradcam import Gradcam

    return weighed(Gradcam, model, images, classes, layer, batch, raw)


def gradcam_plus_plus(
    model, images, classes=None, layer: str | None = None, batch: int = 32, raw: bool = False
) -> np.ndarray:
    """Grad-CAM with weights for each place of a map, so that several places that speak for the class all count."""
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

    return weighed(GradcamPlusPlus, model, images, classes, layer, batch, raw)


def weighed(method, model, images, classes, layer: str | None, batch: int, raw: bool) -> np.ndarray:
    """Either of the two, batch by batch; where the maps lie in the picture is worked out here."""
    net, images, classes = asked(model, images, classes, batch)
    target = map_layer(net.model, layer)
    places, draw = centres(net.model, target), method(ends_at(net, target))
    maps = np.zeros(images.shape[:3])
    for some in slices(len(images), batch):
        seen = images[some].astype(np.float32)
        nothing = np.zeros((len(seen), *target.output.shape[1:]), np.float32)
        cams = draw(
            from_zero(classes[some]), [seen, nothing], penultimate_layer="maps_read",
            seek_penultimate_conv_layer=False, expand_cam=False, normalize_cam=False,
        )  # fmt: skip
        maps[some] = laid(np.asarray(cams, np.float64), places, *images.shape[1:3])
    return finished(maps, raw)


def ends_at(net: Net, target) -> keras.Model:
    """The net, its gradients ending at the maps that are read: those maps get a second input, of zeros, and the picture none.

    tf-keras-vis would follow them down to the pixels and compute those of every weight on the way: slow, and TensorFlow
    2.21 with oneDNN damages the memory in that of a 1x1 convolution with strides.
    """
    if target.name not in net.ending:
        image, nothing = keras.Input(net.shape), keras.Input(target.output.shape[1:])

        def call(layer, *args, **options):
            maps = layer(*args, **options)
            if layer is not target:
                return maps
            return keras.layers.Add(name="maps_read", dtype=target.dtype_policy)([maps, nothing])

        net.ending[target.name] = keras.Model([image, nothing], through(net.model, Still()(image), call))
    return net.ending[target.name]


class Still(keras.layers.Layer):
    """Lets pictures through, and no gradient."""

    def call(self, pictures):
        return keras.ops.stop_gradient(pictures)


def from_zero(classes: np.ndarray):
    """The class's logit, shifted to zero: the same gradient, and Grad-CAM++'s exponential of it cannot overflow."""
    import tensorflow as tf

    def shifted(outputs):
        chosen = score(classes)(outputs)
        return chosen - tf.stop_gradient(chosen)

    return shifted


def scorecam(
    model, images, classes=None, layer: str | None = None, maps: int | None = None, batch: int = 64, raw: bool = False
) -> np.ndarray:
    """The last convolution's maps, each weighted by the class's probability where only what it marks is left of the picture.

    maps  how many of the maps to try, those that vary most in the picture; all if left out: that many calls a picture
    """
    from tf_keras_vis.scorecam import Scorecam

    net, images, classes = asked(model, images, classes, batch)
    target = map_layer(net.model, layer)
    channels = int(target.output.shape[-1])
    if maps is not None and whole("maps", maps) > channels:
        raise ValueError(f"maps={maps}; {target.name} has {channels} maps.")
    places, draw = centres(net.model, target), Scorecam(net.model)
    net.model.predict = lambda copies, batch_size: all_logits(net, copies[0], batch_size)  # compiled, no progress bars
    found = np.zeros(images.shape[:3])
    for some in slices(len(images), at_once(net, maps or channels, batch, alone=maps is not None)):
        cams = draw(
            score(classes[some]), images[some].astype(np.float32), penultimate_layer=target,
            seek_penultimate_conv_layer=False, expand_cam=False, normalize_cam=False, max_N=maps, batch_size=batch,
        )  # fmt: skip
        found[some] = laid(np.asarray(cams, np.float64), places, *images.shape[1:3])
    return finished(found, raw)


def at_once(net: Net, channels: int, batch: int, alone: bool) -> int:
    """How many pictures' masked copies fit into the budget; one where the maps tried are chosen, picture by picture."""
    copies = 6 * 4 * channels * int(np.prod(net.shape))  # six arrays or so in tf-keras-vis, four bytes a value
    return 1 if alone else max(1, min(batch, BUDGET // copies))
