"""Every method finds what is known of nets made for it; the original is left alone; what cannot be done is a sentence."""

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers
from scipy.ndimage import zoom
from scipy.special import softmax

from helpers import explain
from helpers.explain import geometry, network

from .explain_world import PATCH, SIDE, convolution, images, kernel, linear, patch

FAST = {
    "saliency": {},
    "smoothgrad": {"samples": 3},
    "integrated_gradients": {"steps": 3},
    "gradcam": {},
    "gradcam_plus_plus": {},
    "scorecam": {"maps": 2},
    "occlusion": {"window": 5, "stride": 4},
}


@pytest.fixture(scope="module")
def nets():
    return {"linear": linear(), "patch": patch(), "convolution": convolution()}


@pytest.mark.parametrize("name", FAST)
def test_a_map_is_finite_as_large_as_its_picture_and_the_same_again_whatever_the_batch(nets, name):
    method, pictures = explain.METHODS[name], images(5)
    maps = method(nets["convolution"], pictures, 1, **FAST[name])
    assert maps.shape == pictures.shape and maps.dtype == np.float32
    assert np.isfinite(maps).all() and maps.min() >= 0 and maps.max() <= 1
    assert ((maps.max(axis=(1, 2)) == 1) | (maps.max(axis=(1, 2)) == 0)).all() and maps.max() == 1
    np.testing.assert_array_equal(method(nets["convolution"], pictures, 1, **FAST[name]), maps)
    other = method(nets["convolution"], pictures[::-1], [1] * 5, batch=2, **FAST[name])[::-1]
    np.testing.assert_allclose(other, maps, atol=2e-5)
    assert method(nets["convolution"], pictures[:0], 1, **FAST[name]).shape == (0, SIDE, SIDE)


def test_the_saliency_of_a_linear_net_is_its_weights(nets):
    label = np.array([0, 2, 1])
    expected = np.abs([kernel(nets["linear"], k) for k in label])
    np.testing.assert_allclose(explain.saliency(nets["linear"], images(), label, raw=True), expected, rtol=1e-5)
    np.testing.assert_allclose(explain.smoothgrad(nets["linear"], images(), label, raw=True), expected, rtol=1e-5)
    scaled = expected / expected.max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(explain.saliency(nets["linear"], images(), label), scaled, rtol=1e-5)


def test_smoothgrad_is_the_mean_over_noisy_copies_and_hangs_on_its_seed(nets):
    one = explain.smoothgrad(nets["convolution"], images(), 0, samples=1, noise=1e-6, raw=True)
    np.testing.assert_allclose(one, explain.saliency(nets["convolution"], images(), 0, raw=True), rtol=1e-3, atol=1e-7)
    seeds = [explain.smoothgrad(nets["convolution"], images(), 0, samples=4, seed=seed) for seed in (0, 0, 1)]
    assert (seeds[0] == seeds[1]).all() and (seeds[0] != seeds[2]).any()


@pytest.mark.parametrize("baseline", ["mean", "blur", "noise", 0])
def test_integrated_gradients_are_complete(nets, baseline):
    pictures, label = images(4), np.array([0, 1, 2, 0])
    start = explain.filled(pictures, baseline)
    for name, tolerance in (("linear", 1e-4), ("patch", 0.02), ("convolution", 0.02)):
        maps = explain.integrated_gradients(nets[name], pictures, label, steps=64, baseline=baseline, raw=True)
        gain = explain.logits(nets[name], pictures) - explain.logits(nets[name], start)
        gain = gain[np.arange(4), label]
        np.testing.assert_allclose(maps.sum(axis=(1, 2)), gain, atol=tolerance * max(1, np.abs(gain).max()))
    maps = explain.integrated_gradients(nets["linear"], pictures, 1, steps=1, baseline=baseline, raw=True)
    np.testing.assert_allclose(maps, kernel(nets["linear"], 1) * (pictures - start), rtol=1e-3, atol=1e-3)


def test_a_net_that_sees_a_patch_is_found_out(nets):
    seen = np.zeros((SIDE, SIDE), bool)
    seen[PATCH] = True
    for name in ("saliency", "smoothgrad", "integrated_gradients"):
        maps = explain.METHODS[name](nets["patch"], images(), 2, **FAST[name])
        assert maps[:, ~seen].max() == 0 and maps[:, seen].max() == 1
    maps = explain.occlusion(nets["patch"], images(), 2, window=1, stride=1, raw=True)
    assert np.abs(maps[:, ~seen]).max() < 1e-5 < np.abs(maps[:, seen]).max()


@pytest.mark.parametrize("fill", ["mean", "blur", "noise", 17.0])
@pytest.mark.parametrize("of", ["logit", "probability"])
@pytest.mark.parametrize(("window", "stride"), [(4, 4), (5, 3), (12, 1)])
def test_occlusion_is_what_a_loop_finds(nets, fill, of, window, stride):
    pictures, model = images(2), nets["convolution"]
    maps = explain.occlusion(model, pictures, [1, 2], window=window, stride=stride, fill=fill, of=of, batch=7, raw=True)
    starts = sorted({*range(0, SIDE - window + 1, stride), SIDE - window})
    covers = explain.filled(pictures, fill)

    def value(picture, label):
        logit = explain.logits(model, picture[None])[0].astype(float)
        return (logit if of == "logit" else softmax(logit))[label]

    for i, label in enumerate((1, 2)):
        total, count, whole = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE)), value(pictures[i], label)
        for top in starts:
            for left in starts:
                place = slice(top, top + window), slice(left, left + window)
                covered = pictures[i].astype(np.float32)
                covered[place] = covers[i][place]
                total[place] += whole - value(covered, label)
                count[place] += 1
        np.testing.assert_allclose(maps[i], total / count, atol=1e-5)


def test_occlusion_never_fills_the_memory(nets, monkeypatch):
    sizes, whole = [], network.Net.logits
    monkeypatch.setattr(network.Net, "logits", lambda net, x: (sizes.append(len(x)), whole(net, x))[1])
    explain.occlusion(nets["linear"], images(9), 0, window=2, stride=1, batch=10)
    assert max(sizes) == 10 and sum(sizes) >= 9 * 121


def test_grad_cam_by_hand(nets):
    model, pictures, label = nets["convolution"], images(), 1
    target = model.get_layer("maps")
    maps = keras.Model(model.input, target.output).predict(pictures[..., None], verbose=0).astype(float)
    weight = model.layers[-1].kernel.numpy()[:, label].astype(float) / maps[0, ..., 0].size
    cam = np.maximum((maps * weight).sum(axis=-1), 0)
    net = network.opened(model)
    places = geometry.centres(net.model, net.model.get_layer("maps"))
    assert places == [(1, 2), (1, 2)]
    expected = geometry.laid(cam, places, SIDE, SIDE)
    np.testing.assert_allclose(explain.gradcam(model, pictures, label, raw=True), expected, atol=1e-6)
    for i, k in ((0, 0), (2, 3), (4, 1)):  # each map pixel stands at the middle of what it sees
        np.testing.assert_allclose(expected[:, 1 + 2 * i, 1 + 2 * k], cam[:, i, k])

    alpha = weight**2 / (2 * weight**2 + weight**3 * maps.sum(axis=(1, 2)))
    alpha = alpha / (alpha * maps[0, ..., 0].size) * np.maximum(weight, 0) * maps[0, ..., 0].size
    cam = np.maximum((maps * alpha[:, None, None]).sum(axis=-1), 0)
    found = explain.gradcam_plus_plus(model, pictures, label, raw=True)
    np.testing.assert_allclose(found, geometry.laid(cam, places, SIDE, SIDE), rtol=1e-3, atol=1e-6)


def test_score_cam_by_hand(nets):
    model, pictures, label = nets["convolution"], images(), 2
    net = network.opened(model)
    layer = net.model.get_layer("maps")
    maps = keras.Model(net.model.input, layer.output).predict(pictures[..., None], verbose=0)
    large = zoom(maps, (1, SIDE / maps.shape[1], SIDE / maps.shape[2], 1), order=1, mode="nearest")
    low, high = (f(large, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    masks = (large - low) / (high - low + 1e-7)
    scores = [model.predict(pictures[..., None] * masks[..., k : k + 1], verbose=0)[:, label] for k in range(4)]
    cam = np.maximum((maps * np.transpose(scores)[:, None, None]).sum(axis=-1), 0)
    expected = geometry.laid(cam, geometry.centres(net.model, layer), SIDE, SIDE)
    np.testing.assert_allclose(explain.scorecam(model, pictures, label, raw=True), expected, atol=1e-4)


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
    layer = model.get_layer("maps")
    import tensorflow as tf

    maps = keras.Model(model.input, layer.output)
    for axis, (start, step) in enumerate(geometry.centres(model, layer)):
        for i in (3, 4):
            picture = tf.Variable(tf.ones((1, 48, 48, 1)))
            with tf.GradientTape() as tape:
                value = maps(picture)[0, i if axis == 0 else 3, i if axis == 1 else 3, 0]
            field = tape.gradient(value, picture).numpy()[0, ..., 0].sum(axis=1 - axis)
            assert abs((field * np.arange(48)).sum() / field.sum() - (start + i * step)) < 0.15


def test_the_original_is_left_alone_and_its_present_weights_are_explained():
    model, pictures = convolution(seed=3), images()
    nodes = [len(layer._inbound_nodes) for layer in model.layers]
    before, answers = model.get_weights(), model.predict(pictures[..., None], verbose=0)
    first = explain.saliency(model, pictures, 0, raw=True)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert [len(layer._inbound_nodes) for layer in model.layers] == nodes
    assert model.layers[-1].activation is keras.activations.softmax
    np.testing.assert_array_equal(model.predict(pictures[..., None], verbose=0), answers)
    model.layers[-1].set_weights([3 * weight for weight in model.layers[-1].get_weights()])
    np.testing.assert_allclose(explain.saliency(model, pictures, 0, raw=True), 3 * first, rtol=1e-4)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None  # no copy is kept of a net that is no more


def test_logits_are_the_values_before_the_softmax(nets):
    for model in nets.values():
        found = explain.logits(model, images(), batch=2)
        np.testing.assert_allclose(softmax(found, axis=1), model.predict(images()[..., None], verbose=0), atol=1e-5)
    plain = linear(activation="linear")
    np.testing.assert_allclose(
        explain.logits(plain, images()), plain.predict(images()[..., None], verbose=0), rtol=1e-4
    )
    said = explain.logits(nets["linear"], images()).argmax(axis=1)
    expected = explain.saliency(nets["linear"], images(), said)
    np.testing.assert_array_equal(explain.saliency(nets["linear"], images()), expected)  # the net's own answer


def test_fills():
    pictures = images(2).astype(np.float32)
    np.testing.assert_allclose(explain.filled(pictures)[1], pictures[1].mean(), rtol=1e-5)
    assert (explain.filled(pictures, 0) == 0).all()
    noise = explain.filled(pictures, "noise", seed=4)
    np.testing.assert_array_equal(np.sort(noise[1], axis=None), np.sort(pictures[1], axis=None))
    np.testing.assert_array_equal(explain.filled(pictures[1:], "noise", seed=4)[0], noise[1])
    assert (explain.filled(pictures, "noise", seed=5) != noise).any()
    colours = np.stack([pictures, pictures / 2, pictures / 3], axis=-1)
    assert explain.filled(colours, "blur").shape == colours.shape
    np.testing.assert_allclose(explain.filled(colours, "mean")[0, 0, 0, 1], pictures[0].mean() / 2, rtol=1e-5)


BAD = {
    "no convolution": (lambda n: explain.gradcam(n["linear"], images(), 0), "linear has no convolution"),
    "no such layer": (lambda n: explain.gradcam(n["convolution"], images(), 0, layer="x"), "Its convolutions: maps"),
    "too many maps": (lambda n: explain.scorecam(n["convolution"], images(), 0, maps=9), "maps has 4 maps"),
    "flat": (lambda n: explain.saliency(n["linear"], np.full((2, 12, 12), 7), 0), "Picture 0 is flat: .* the value 7"),
    "one picture": (lambda n: explain.saliency(n["linear"], images()[0], 0), r"use images\[None\]"),
    "another size": (lambda n: explain.saliency(n["linear"], images(side=13), 0), r"takes pictures of the shape \(n, 12, 12\)"),
    "no numbers": (lambda n: explain.saliency(n["linear"], images() + np.nan, 0), "finite numbers"),
    "window": (lambda n: explain.occlusion(n["linear"], images(), 0, window=13), "larger than the picture, which has 12"),
    "stride": (lambda n: explain.occlusion(n["linear"], images(), 0, window=2, stride=3), "never covered"),
    "window 0": (lambda n: explain.occlusion(n["linear"], images(), 0, window=0), "at least 1"),
    "fill": (lambda n: explain.occlusion(n["linear"], images(), 0, fill="grey"), "one of: mean, blur, noise, or a number"),
    "of": (lambda n: explain.occlusion(n["linear"], images(), 0, of="loss"), "one of: logit, probability"),
    "class": (lambda n: explain.saliency(n["linear"], images(), 3), "There is no class 3. Classes go by code, 0 to 2"),
    "class name": (lambda n: explain.saliency(n["linear"], images(), "happy"), "which have no names here"),
    "classes": (lambda n: explain.saliency(n["linear"], images(), [0, 1]), "2 entries for 3 pictures"),
    "batch": (lambda n: explain.saliency(n["linear"], images(), 0, batch=0), "batch=0; it must be a whole number"),
    "steps": (lambda n: explain.integrated_gradients(n["linear"], images(), 0, steps=1.5), "steps=1.5"),
    "noise": (lambda n: explain.smoothgrad(n["linear"], images(), 0, noise=0), "a number above 0"),
    "no model": (lambda n: explain.saliency("vgg16", images(), 0), "takes a keras.Model; got str"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_said_in_a_sentence(nets, name):
    call, sentence = BAD[name]
    with pytest.raises(ValueError, match=sentence):
        call(nets)


class Subclassed(keras.Model):
    def call(self, x):
        return x


def test_nets_that_cannot_be_followed_are_refused():
    image = keras.Input((SIDE, SIDE, 1))
    hidden = layers.Dense(3, activation="softmax")(layers.Flatten()(image))
    refused = {
        "not a functional model": Subclassed(),
        "no functional model": keras.Model(image, layers.Dense(2)(layers.Flatten()(Subclassed()(image)))),
        "2 outputs": keras.Model(image, [hidden, hidden]),
        "fixed size": keras.Model(grey := keras.Input((None, None, 1)), layers.GlobalAveragePooling2D()(grey)),
        "at least two classes": keras.Model(image, layers.Dense(1)(layers.Flatten()(image))),
        "were not found": keras.Model(image, layers.Rescaling(1.0)(hidden)),
    }
    for sentence, model in refused.items():
        with pytest.raises(ValueError, match=sentence):
            explain.logits(model, images())
    broken = linear()
    broken.set_weights([np.nan * weight for weight in broken.get_weights()])
    with pytest.raises(ValueError, match="no finite numbers"):
        explain.logits(broken, images())
    broken = linear(seed=2)
    explain.logits(broken, images())
    broken.set_weights([np.nan * weight for weight in broken.get_weights()])
    with pytest.raises(ValueError, match="no finite numbers for picture 0"):
        explain.saliency(broken, images(), 0)
