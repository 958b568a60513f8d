"""Every network of the series can be prepared: grey or RGB, flat or nested, with softmax or logits, in half precision."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

import drawn_faces
from helpers import explain, models, pretrained
from helpers.explain import network
from helpers.pretrained import emotion

from .explain_world import convolution, linear
from .explain_world import images as squares

QUICK = {"smoothgrad": {"samples": 2}, "integrated_gradients": {"steps": 2}, "scorecam": {"maps": 2}}
SLOPES = ("saliency", "smoothgrad")  # never empty; of the others, random weights may leave nothing for a class
QUICK["occlusion"] = {"window": 24, "stride": 12}
TINY = {  # settings that keep the architecture and little else, and the layer whose maps are read
    "trial_1": ({"pixels": 78}, "conv2d"),
    "trial_6": ({"filters": (4, 4, 6, 6)}, "re_lu"),
    "emotion_net": ({"filters": (4, 6, 8)}, "re_lu"),
    "baseline": ({}, "conv2d"),
    "mini_xception": ({}, "conv2d"),  # strided 1x1 convolutions below its maps
}


def images(n: int = 2, shape: tuple = (48, 48)) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *shape), dtype=np.uint8)


def explained(model: keras.Model, pictures: np.ndarray, names=tuple(explain.METHODS)) -> explain.network.PreparedNet:
    """The net prepared: its answers are the net's own, and each method gives maps of the right shape and range."""
    net = explain.prepare(model)
    said = model.predict(pictures if pictures.ndim == 4 else pictures[..., None], verbose=0)
    np.testing.assert_allclose(softmax(explain.logits(net, pictures), axis=1), said, atol=1e-3)
    for name in names:
        maps = explain.METHODS[name](net, pictures, 1, **QUICK.get(name, {}))
        assert maps.shape == pictures.shape[:3] and np.isfinite(maps).all(), name
        assert maps.min() >= 0 and maps.max() in ((1,) if name in SLOPES else (0, 1)), name
    return net


@pytest.mark.parametrize("name", TINY)
def test_networks_of_the_series(name):
    settings, maps = TINY[name]
    net = explained(models.build(name, seed=0, **settings), images())
    assert network.map_layer(net).name.startswith(maps)


def head(base: keras.Model, wrap: bool) -> keras.Model:
    """A student's net on a frozen base, as the notebooks build it; or a Sequential around it."""
    base.trainable = False
    image = keras.Input((48, 48, 1))
    x = base(models.augmented(image), training=False)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    net = keras.Model(image, models.emotion(x, 7), name="student")
    return keras.Sequential([keras.Input((48, 48, 1)), net], name="wrapped") if wrap else net


@pytest.mark.parametrize("wrap", [False, True])
def test_a_nested_vgg16_is_explained_by_the_convolution_inside(wrap):
    base = pretrained.backbone("vgg16", pixels=64, weights="random")
    model = head(base, wrap)
    net = explained(model, images(1), explain.METHODS if not wrap else ("gradcam", "integrated_gradients"))
    assert network.map_layer(net).name == "block5_conv3" and not base.trainable_weights
    assert not any(isinstance(layer, keras.Model) for layer in net.model.layers)
    other = explain.gradcam(net, images(1), "happy", layer="block3_conv2")
    assert other.shape == (1, 48, 48) and (other != explain.gradcam(net, images(1), "happy")).any()


def test_nested_nets_of_the_same_names_one_used_twice_and_operations_without_layers():
    image = keras.Input((48, 48, 1))
    towers = []
    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        inner = keras.Input((48, 48, 1))
        towers.append(keras.Model(inner, layers.Conv2D(2, 3, name="conv")(inner), name=f"tower_{seed}"))
    x = keras.ops.relu(towers[0](image) - towers[1](image) + towers[0](layers.Rescaling(0.5)(image)))
    model = keras.Model(image, models.emotion(layers.GlobalAveragePooling2D()(x), 7))
    net = explained(model, images(), ("saliency", "gradcam"))
    assert len([layer for layer in net.model.layers if layer.weights]) == 3
    assert net.model.count_params() == model.count_params()


def test_rgb_pictures_and_another_number_of_classes():
    image = keras.Input((40, 32, 3))
    x = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1 / 255)(image))
    model = keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(x)), name="colour")
    net = explained(model, images(2, (40, 32, 3)))
    grey = images(2, (40, 32))
    in_colour = explain.saliency(net, np.stack([grey] * 3, axis=-1), 1)
    np.testing.assert_array_equal(explain.saliency(net, grey, 1), in_colour)


def test_half_precision_and_a_loss_that_cannot_be_copied():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = models.build("baseline", seed=0)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(loss=lambda true, predicted: keras.ops.mean(predicted))
    net = explained(model, images(1), ("saliency", "gradcam", "occlusion"))
    assert {layer.compute_dtype for layer in net.model.layers} == {"float32"}


def test_the_original_is_left_alone_and_the_copy_keeps_the_weights_it_was_made_with():
    model, pictures = convolution(seed=3), squares()
    nodes = [len(layer._inbound_nodes) for layer in model.layers]
    net = explain.prepare(model)
    first = explain.saliency(net, pictures, 0, raw=True)
    assert explain.prepare(net) is net and [len(layer._inbound_nodes) for layer in model.layers] == nodes
    assert model.layers[-1].activation is keras.activations.softmax
    model.layers[-1].set_weights([3 * weight for weight in model.layers[-1].get_weights()])
    np.testing.assert_array_equal(explain.saliency(net, pictures, 0, raw=True), first)
    np.testing.assert_allclose(explain.saliency(model, pictures, 0, raw=True), 3 * first, rtol=1e-4)


def test_a_net_that_ends_in_logits_and_the_class_that_it_answers():
    model, pictures = linear(activation="linear"), squares()
    found = explain.logits(model, pictures, batch=2)
    np.testing.assert_allclose(found, model.predict(pictures[..., None], verbose=0), rtol=1e-4)
    expected = explain.saliency(model, pictures, found.argmax(axis=1))
    np.testing.assert_array_equal(explain.saliency(model, pictures), expected)


def test_map_pixels_stand_where_they_look():
    """All weights one and nothing bent: the gradient of a map pixel is its field of view, whose middle is known."""
    ones = {"kernel_initializer": "ones", "use_bias": False}
    separable = {"depthwise_initializer": "ones", "pointwise_initializer": "ones", "use_bias": False}
    image = keras.Input((48, 48, 1))
    x = layers.Cropping2D(((4, 2), (3, 5)))(image)
    x = layers.Resizing(63, 60)(x)
    x = layers.Conv2D(2, 3, **ones)(x)
    x = layers.ZeroPadding2D(((1, 2), (2, 1)))(x)
    x = layers.SeparableConv2D(2, 4, strides=2, padding="same", **separable)(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Add()([x, layers.DepthwiseConv2D(3, padding="same", depthwise_initializer="ones", use_bias=False)(x)])
    x = layers.Conv2D(1, 3, dilation_rate=2, name="maps", **ones)(x)
    model = keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))
    net = explain.prepare(model)
    import tensorflow as tf

    maps = keras.Model(model.input, model.get_layer("maps").output)
    for axis, (start, step) in enumerate(network.centres(net, net.model.get_layer("maps"))):
        for i in (3, 4):
            picture = tf.Variable(tf.ones((1, 48, 48, 1)))
            with tf.GradientTape() as tape:
                value = maps(picture)[0, i if axis == 0 else 3, i if axis == 1 else 3, 0]
            field = tape.gradient(value, picture).numpy()[0, ..., 0].sum(axis=1 - axis)
            assert abs((field * np.arange(48)).sum() / field.sum() - (start + i * step)) < 0.15


@pytest.mark.skipif(not emotion.BUNDLED.exists(), reason="the net has not been trained yet")
def test_the_bundled_net():
    net = explained(pretrained.emotion_net(), images())
    pictures = drawn_faces.faces(2, seed=1).images  # noise, blurred, has no contrast left
    raw = explain.integrated_gradients(net, pictures, 2, steps=96, raw=True)
    exact = explain.logits(net, pictures) - explain.logits(net, explain.baselines(pictures, "blur"))
    np.testing.assert_allclose(raw.sum(axis=(1, 2)), exact[:, 2], atol=0.05 * np.abs(exact).max())
