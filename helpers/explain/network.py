"""A net made ready to be explained: a flat copy without the softmax, its layer of maps, and where in the picture these lie."""

import keras
import numpy as np
from keras import layers
from scipy.special import softmax

from helpers.files import CourseError

from .validation import codes, not_flat, pictures

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
POOLINGS = (layers.MaxPooling2D, layers.AveragePooling2D)
POINTWISE = (  # layers that change a map's values and leave each where it is
    layers.Activation, layers.Add, layers.BatchNormalization, layers.Dropout, layers.ELU, layers.LeakyReLU,
    layers.PReLU, layers.ReLU,
)  # fmt: skip


class PreparedNet:
    """A copy of a net: `model` gives logits and has every layer of a nested backbone among its own. The original stays as it is."""

    def __init__(self, model: keras.Model):
        if keras.backend.backend() != "tensorflow":
            raise CourseError(
                f"Keras runs on {keras.backend.backend()} here, and explain needs TensorFlow's GradientTape.",
                "Set KERAS_BACKEND=tensorflow and start again.",
            )
        self.name, self.model = model.name, flatten(model)
        self.shape, self.count = tuple(self.model.input.shape[1:]), self.model.output.shape[-1]
        self.compiled: dict[tuple, object] = {}
        check_copy(model, self.model)

    def run(self, function, images: np.ndarray, *classes: np.ndarray, batch: int, layer=None) -> np.ndarray:
        """function(model, images, classes) for all pictures, `batch` at a time; compiled when it is first used.

        With a `layer`, the model that the function gets returns that layer's maps and the logits. Compiling also keeps
        TensorFlow from computing gradients that nobody asked for, those of the weights: they cost time, and TensorFlow
        2.21 with oneDNN damages memory in the one of a strided 1x1 convolution.
        """
        import tensorflow as tf

        if (function, layer) not in self.compiled:
            outputs = self.model.output if layer is None else [layer.output, self.model.output]
            model = keras.Model(self.model.input, outputs)
            signature = [tf.TensorSpec((None, *self.shape), tf.float32), tf.TensorSpec((None,), tf.int32)]
            self.compiled[function, layer] = tf.function(
                lambda *arrays: function(model, *arrays),
                input_signature=signature[: 1 + len(classes)],
                autograph=False,
            )
        starts = range(0, len(images), batch)
        parts = [[array[start : start + batch] for array in (images, *classes)] for start in starts]
        return np.concatenate([self.compiled[function, layer](*part).numpy() for part in parts])

    def logits(self, images: np.ndarray, batch: int = 64) -> np.ndarray:
        """The values before the softmax, (n, classes), of pictures that have been checked."""
        return self.run(forward, images, batch=batch)


def forward(model, images):
    return model(images, training=False)


def prepare(model) -> PreparedNet:
    """Make a net ready for many calls: a copy with its present weights, compiled. Prepare it again after more training.

    Every function of this module takes a model, too, and then prepares it for that one call.
    """
    if isinstance(model, PreparedNet):
        return model
    if not isinstance(model, keras.Model):
        raise CourseError(f"explain takes a keras.Model; this is a {type(model).__name__}.")
    return PreparedNet(model)


def logits(model, images, batch: int = 64) -> np.ndarray:
    """The values before the softmax, (n, classes): what all maps explain."""
    net = prepare(model)
    return net.logits(pictures(images, net.shape, net.name), batch)


def check_inputs(model, images, classes=None) -> tuple[PreparedNet, np.ndarray, np.ndarray]:
    """What every method begins with: the net prepared, the pictures, and the class to explain in each (by default its answer)."""
    net = prepare(model)
    images = pictures(images, net.shape, net.name)
    not_flat(images)
    classes = net.logits(images).argmax(axis=1) if classes is None else classes
    return net, images, codes(classes, len(images), net.count, net.name)


def flatten(model: keras.Model) -> keras.Model:
    """The same layers, copied in full precision, as one functional model without nesting and without the last softmax."""
    copies: dict = {}  # a layer that is used twice is copied once
    names = {"pictures"}
    last = last_layer(model)

    def copy(layer):
        if isinstance(layer, keras.Model) or not isinstance(layer, keras.Layer):  # a plain operation has no weights
            return layer
        if layer not in copies:
            name = layer.name if layer.name not in names else f"{layer.name}_{len(names)}"
            names.add(name)
            settings = layer.get_config() | {"name": name, "dtype": "float32"}
            if layer is last and settings.get("activation") == "softmax":
                settings["activation"] = "linear"
            ends = layer is last and isinstance(layer, layers.Softmax)
            copies[layer] = layers.Identity(name=name) if ends else type(layer).from_config(settings)
        return copies[layer]

    def call(layer, *args, **options):
        if isinstance(layer, keras.Model):
            return through(layer, args[0])
        return layer(*args, **({} if isinstance(layer, layers.Identity) else options))

    def through(part, pictures):  # as keras.models.clone_model does, which cannot go on from another layer's output
        return functional(part)._run_through_graph(pictures, operation_fn=copy, call_fn=call)

    image = keras.Input(functional(model).input.shape[1:], dtype="float32", name="pictures")
    flat = keras.Model(image, through(model, image), name=f"{model.name}_logits")
    for layer, twin in copies.items():
        twin.set_weights(layer.get_weights())
    return flat


def functional(model: keras.Model) -> keras.Model:
    """The model as a plain functional one of one picture and one row of classes; a sentence where that cannot be."""
    if not getattr(model, "inputs", None):
        raise CourseError(
            f"{model.name} is not a functional model, so its layers cannot be followed.",
            "Build it as keras.Model(image, output), or give the Sequential an Input.",
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        counts = f"{len(model.inputs)} inputs and {len(model.outputs)} outputs"
        raise CourseError(f"{model.name} has {counts}; explain takes one of each.")
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)


def last_layer(model: keras.Model):
    """The layer that gives the classes, within whatever it is nested in."""
    last = functional(model).operations[-1]
    return last_layer(last) if isinstance(last, keras.Model) else last


def check_copy(model: keras.Model, flat: keras.Model) -> None:
    """The copy must take pictures and answer as the net does: its softmax the net's probabilities, or itself the net's logits."""
    shape, out = flat.input.shape, flat.output.shape
    if len(shape) != 4 or None in shape[1:]:
        raise CourseError(f"{model.name} takes {shape}; explain needs pictures of a fixed size, (None, height, width, channels).")  # fmt: skip
    if len(out) != 2 or out[-1] < 2:
        raise CourseError(f"{model.name} gives {out}; explain needs one row a picture with at least two classes.")
    picture = np.random.default_rng(0).uniform(0, 255, (2, *shape[1:])).astype(np.float32)
    expected, found = (keras.ops.convert_to_numpy(net(picture, training=False)).astype(float) for net in (model, flat))
    if not np.isfinite(expected).all():
        raise CourseError(f"{model.name} gives no finite numbers.", "Are its weights finite?")
    shares = bool((expected >= 0).all()) and np.allclose(expected.sum(axis=1), 1, atol=0.01)
    found, tolerance = (softmax(found, axis=1), 1) if shares else (found, np.abs(expected).max())
    if not np.allclose(found, expected, atol=0.02 * tolerance):
        raise CourseError(
            f"The values before the softmax of {model.name} were not found: its last layer is {last_layer(model).name}.",
            "Let the net end in Dense(..., activation='softmax'), in a Softmax layer, or in the logits themselves.",
        )


def map_layer(net: PreparedNet, name: str | None = None):
    """The layer of that name; by default the last convolution with what follows on the spot (batch norm, sum, ReLU)."""
    every = net.model.layers
    found = [i for i, layer in enumerate(every) if isinstance(layer, CONVOLUTIONS)]
    if name is not None:
        named = [layer for layer in every if layer.name == name and len(layer.output.shape) == 4]
        if not named:
            known = ", ".join(every[i].name for i in found) or "none"
            raise CourseError(f"There is no layer {name!r} with maps in {net.name}.", f"Its convolutions: {known}.")
        return named[0]
    if not found:
        raise CourseError(f"{net.name} has no convolution, so it has no maps to weigh.", "Use saliency or occlusion.")
    end = found[-1] + 1
    while isinstance(every[end], POINTWISE) and len(every[end].output.shape) == 4:
        end += 1
    return every[end - 1]


def enlarge(maps: np.ndarray, net: PreparedNet, layer) -> np.ndarray:
    """A layer's maps (n, h, w) at the size of the picture, each of their pixels over the middle of what it sees.

    Cropping, convolutions without padding and strides shift and stretch maps: laid over the picture from edge to edge,
    they would point beside the place that they stand for.
    """
    (top, down), (left, across) = centres(net, layer)
    return weights(maps.shape[1], top, down, net.shape[0]) @ maps @ weights(maps.shape[2], left, across, net.shape[1]).T


def weights(count: int, start: float, step: float, size: int) -> np.ndarray:
    """For each of `size` pixels, the shares of `count` map pixels: bilinear between their centres, constant outside."""
    at = np.clip((np.arange(size) - start) / step, 0, count - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(count)))


def centres(net: PreparedNet, layer) -> list[tuple[float, float]]:
    """Down and across: the picture's pixel over which the layer's first map pixel is centred, and the step to the next."""
    picture = net.model.input
    known = {id(picture): [(0.0, 1.0), (0.0, 1.0)]}
    for each in net.model.layers[1:]:  # the first holds the picture
        inputs = each.input if isinstance(each.input, list | tuple) else [each.input]
        source = next((tensor for tensor in inputs if id(tensor) in known), None)
        if source is not None and len(each.output.shape) == 4:
            known[id(each.output)] = [moved(each, axis, *known[id(source)][axis], source.shape[axis + 1]) for axis in (0, 1)]  # fmt: skip
    start = known.get(id(layer.output))
    return start or [stretched(0, 1, picture.shape[axis], layer.output.shape[axis]) for axis in (1, 2)]


def moved(layer, axis: int, start: float, step: float, size: int) -> tuple[float, float]:
    """The centres of a layer's output pixels along an axis, from those of its `size` input pixels."""
    new = layer.output.shape[axis + 1]
    if isinstance(layer, CONVOLUTIONS + POOLINGS):
        if isinstance(layer, POOLINGS):
            extent = layer.pool_size[axis]
        else:
            extent = (layer.kernel_size[axis] - 1) * np.broadcast_to(layer.dilation_rate, 2)[axis] + 1
        stride = int(np.broadcast_to(layer.strides, 2)[axis])
        before = 0 if layer.padding == "valid" else max((new - 1) * stride + extent - size, 0) // 2
        return start + ((extent - 1) / 2 - before) * step, step * stride
    if isinstance(layer, layers.Cropping2D):
        return start + layer.cropping[axis][0] * step, step
    if isinstance(layer, layers.ZeroPadding2D):
        return start - layer.padding[axis][0] * step, step
    return stretched(start, step, size, new)


def stretched(start: float, step: float, size: int, new: int) -> tuple[float, float]:
    """`new` pixels spread evenly over `size`: what resizing does, and the guess for a layer that is not known here."""
    return start + (size / new - 1) / 2 * step, step * size / new
