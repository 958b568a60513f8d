"""A net as this room uses it: a flat copy that ends before the softmax. The original is never touched."""

import itertools
import weakref

import keras
import numpy as np

from .asked import codes, not_flat, one_of, pictures, slices, whole

SOFT = ("softmax", "sigmoid", "log_softmax")
KNOWN: "weakref.WeakKeyDictionary[keras.Model, Net]" = weakref.WeakKeyDictionary()


class Net:
    """The copy, `model`: pictures to logits, every layer of a nested backbone among its own layers; and it compiled.

    forward(pictures) -> logits        back(pictures, upstream) -> the gradient of sum(upstream * logits) to each pixel

    The gradient to the pixels is a function of its own: a tape around the compiled net would also compute that of every
    weight (and TensorFlow 2.21 with oneDNN damages the memory in that of a 1x1 convolution with strides).
    """

    def __init__(self, model: keras.Model):
        import tensorflow as tf

        check(model)
        self.name, self.shape = model.name, tuple(model.inputs[0].shape[1:])
        self.pairs: list[tuple] = []
        self.ending: dict[str, keras.Model] = {}  # for Grad-CAM: the net by the layer at which its gradients end
        self.model = flat(model, self.pairs)
        self.count = self.model.output_shape[-1]
        image = tf.TensorSpec((None, *self.shape), tf.float32)
        upstream = tf.TensorSpec((None, self.count), tf.float32)
        self.forward = tf.function(self.values, input_signature=[image], autograph=False)
        self.back = tf.function(self.slopes, input_signature=[image, upstream], autograph=False)
        self.refresh()
        check_copy(self, model)

    def values(self, images):
        import tensorflow as tf

        return tf.cast(self.model(images, training=False), tf.float32)

    def slopes(self, images, upstream):
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            total = tf.reduce_sum(self.values(images) * upstream)
        return tape.gradient(total, images, unconnected_gradients="zero")

    def gradient(self, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """The gradient of each picture's class to its pixels, of a batch that fits into memory."""
        upstream = np.eye(self.count, dtype=np.float32)[classes]
        return self.back(np.asarray(images, np.float32), upstream).numpy()

    def refresh(self) -> None:
        """Bring the copy to the weights that the original has now: it may have been trained on."""
        refresh(self.pairs)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """The logits of a batch that fits into memory."""
        return self.forward(np.asarray(images, np.float32)).numpy()


def opened(model: keras.Model) -> Net:
    """The copy of a net: made and compiled when the net is first explained, later only brought to its present weights."""
    if not isinstance(model, keras.Model):
        raise ValueError(f"explain takes a keras.Model; got {type(model).__name__}.")
    if model not in KNOWN:
        KNOWN[model] = Net(model)
    KNOWN[model].refresh()
    return KNOWN[model]


def refresh(pairs: list[tuple]) -> None:
    """Give each copied layer the weights that its original has now."""
    for layer, copy in pairs:
        for source, target in zip(layer.weights, copy.weights, strict=True):
            target.assign(source)


def asked(model: keras.Model, images, classes, batch: int) -> tuple[Net, np.ndarray, np.ndarray]:
    """What every method begins with: the copy, the pictures, and the class to explain in each (the net's answer if none)."""
    batch = whole("batch", batch)
    net = opened(model)
    images = pictures(images, net.shape, net.name)
    not_flat(images)
    if classes is None:
        return net, images, all_logits(net, images, batch).argmax(axis=1).astype(np.int32)
    return net, images, codes(classes, len(images), net.count, net.name)


def logits(model: keras.Model, images, batch: int = 64) -> np.ndarray:
    """The values before the softmax, (n, classes): what all maps of this room explain."""
    net = opened(model)
    return all_logits(net, pictures(images, net.shape, net.name), whole("batch", batch))


def all_logits(net: Net, images: np.ndarray, batch: int) -> np.ndarray:
    """The logits of any number of pictures, batch by batch."""
    parts = [net.logits(images[some]) for some in slices(len(images), batch)]
    return np.concatenate(parts) if parts else np.zeros((0, net.count), np.float32)


def softmax(values: np.ndarray) -> np.ndarray:
    """Logits as probabilities."""
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def of_class(values: np.ndarray, classes: np.ndarray, of: str) -> np.ndarray:
    """Of each row of logits, that of the class, or its probability."""
    if one_of("of", of, ("logit", "probability")) == "probability":
        values = softmax(values.astype(np.float64))
    return values[np.arange(len(values)), classes]


def check(model: keras.Model) -> None:
    """A sentence where a net cannot be explained here."""
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"Keras runs on {keras.backend.backend()} here; explain needs TensorFlow (tf-keras-vis is made for "
            "it). Set KERAS_BACKEND=tensorflow and start again."
        )
    graph = isinstance(model, keras.Sequential) or hasattr(model, "_run_through_graph")
    if not graph or not model.built:
        raise ValueError(
            f"{model.name} is not a functional model, so its layers cannot be followed. Build it as "
            "keras.Model(image, output), or give the Sequential an Input."
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(f"{model.name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; explain takes one of each.")  # fmt: skip
    into, out = model.inputs[0].shape, model.outputs[0].shape
    if len(into) != 4 or None in into[1:]:
        raise ValueError(f"{model.name} takes {tuple(into)}; explain needs pictures of a fixed size, (None, height, width, channels).")  # fmt: skip
    if len(out) != 2 or not out[-1] or out[-1] < 2:
        raise ValueError(f"{model.name} gives {tuple(out)}; explain needs one row a picture with at least two classes.")


def flat(model: keras.Model, pairs: list[tuple]) -> keras.Model:
    """The same layers in the same order as a functional model without nesting, its last activation linear.

    The layers are copies, so that the graph of the original stays as it is. `pairs` fills up with (layer, its copy).
    """
    copies, names, last = {}, {"pictures"}, last_layer(model)

    def call(layer, *args, **options):
        if isinstance(layer, keras.Model):
            return through(layer, args[0], call)
        if not isinstance(layer, keras.Layer):  # an operation such as keras.ops.relu has no weights
            return layer(*args, **options)
        if id(layer) not in copies:
            copies[id(layer)] = copied(layer, layer is last, names)
            pairs.append((layer, copies[id(layer)]))
        return copies[id(layer)](*args, **({} if isinstance(layer, keras.layers.Softmax) else options))

    image = keras.Input(model.inputs[0].shape[1:], dtype="float32", name="pictures")
    return keras.Model(image, through(model, image, call), name=f"{model.name}_logits")


def through(model: keras.Model, x, call):
    """Send a symbolic picture through all layers of a model, each called by `call`."""
    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            x = call(layer, x)
        return x
    if not hasattr(model, "_run_through_graph"):
        raise ValueError(f"{model.name}, a part of this net, is no functional model: its layers cannot be followed.")
    return model._run_through_graph(x, operation_fn=lambda layer: layer, call_fn=call)


def copied(layer, last: bool, names: set[str]):
    """A new layer of the same settings; where two nested nets use one name, the second is numbered."""
    settings = layer.get_config()
    numbered = itertools.chain([layer.name], (f"{layer.name}_{k}" for k in itertools.count(2)))
    name = next(name for name in numbered if name not in names)
    names.add(name)
    if last and isinstance(layer, keras.layers.Softmax):
        return keras.layers.Activation("linear", dtype=layer.dtype_policy, name=name)
    if last and activation(layer) in SOFT:
        settings["activation"] = "linear"
    return type(layer).from_config(settings | {"name": name})


def activation(layer) -> str:
    """The name of a layer's activation, '' if it has none."""
    return getattr(getattr(layer, "activation", None), "__name__", "")


def last_layer(model: keras.Model):
    """The layer that gives the classes, within whatever it is nested in."""
    layer = model.layers[-1] if isinstance(model, keras.Sequential) else model.outputs[0]._keras_history.operation
    return last_layer(layer) if isinstance(layer, keras.Model) else layer


def check_copy(net: Net, model: keras.Model) -> None:
    """The copy must answer as the net does: its softmax the net's probabilities, or itself the net's logits."""
    picture = np.random.default_rng(0).uniform(0, 255, (2, *net.shape)).astype(np.float32)
    expected = np.asarray(keras.ops.convert_to_numpy(model(picture, training=False)), np.float64)
    found = net.logits(picture).astype(np.float64)
    if not np.isfinite(expected).all():
        raise ValueError(f"{net.name} gives no finite numbers: are its weights finite?")
    shares = bool((expected >= 0).all()) and np.allclose(expected.sum(axis=1), 1, atol=0.01)
    if shares and np.allclose(softmax(found), expected, atol=0.02):
        return
    if not shares and np.allclose(found, expected, rtol=0.02, atol=0.02 * np.abs(expected).max()):
        return
    raise ValueError(
        f"The values before the softmax of {net.name} were not found: its last layer is {last_layer(model).name}. "
        "Let the net end in Dense(..., activation='softmax'), in a Softmax layer, or in the logits themselves."
    )
