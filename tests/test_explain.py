"""Every method against nets whose right explanation is known, against tf-keras-vis and against a naive loop."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from helpers import explain
from helpers.explain import network
from helpers.files import CourseError

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
LABELS = np.array([0, 2, 1])
VIS = {"seek_penultimate_conv_layer": False, "penultimate_layer": "maps", "expand_cam": False, "normalize_cam": False}


@pytest.fixture(scope="module")
def nets():
    return {"linear": explain.prepare(linear()), "patch": patch(), "convolution": explain.prepare(convolution())}


@pytest.mark.parametrize("name", FAST)
def test_a_map_is_finite_as_large_as_its_picture_and_the_same_whatever_the_batch(nets, name):
    method, pictures = explain.METHODS[name], images(5)
    maps = method(nets["convolution"], pictures, 1, **FAST[name])
    assert maps.shape == pictures.shape and maps.dtype == np.float32
    assert np.isfinite(maps).all() and maps.min() >= 0 and maps.max() == 1
    assert set(maps.max(axis=(1, 2))) <= {0, 1}
    np.testing.assert_allclose(method(nets["convolution"], pictures, [1] * 5, batch=2, **FAST[name]), maps, atol=2e-5)
    alone = method(convolution(), pictures[:1], 1, **FAST[name])  # a model instead of a prepared net
    np.testing.assert_allclose(alone, maps[:1], atol=2e-5)


@pytest.mark.parametrize("name", FAST)
def test_a_net_that_always_says_the_same_has_an_empty_map(name):
    net = convolution()
    net.layers[-1].set_weights([np.zeros((4, 3)), np.array([1.0, 2, 3])])
    assert np.abs(explain.METHODS[name](net, images(2), 1, **FAST[name])).max() == (1 if name == "scorecam" else 0)


def test_saliency_of_a_linear_net_is_its_weights(nets):
    expected = np.abs([kernel(linear(), k) for k in LABELS])
    np.testing.assert_allclose(explain.saliency(nets["linear"], images(), LABELS, raw=True), expected, rtol=1e-5)
    np.testing.assert_allclose(explain.smoothgrad(nets["linear"], images(), LABELS, raw=True), expected, rtol=1e-5)
    scaled = expected / expected.max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(explain.saliency(nets["linear"], images(), LABELS), scaled, rtol=1e-5)


def logit(outputs):
    """The score that tf-keras-vis asks for."""
    return [outputs[i, k] for i, k in enumerate(LABELS)]


def test_saliency_and_grad_cam_agree_with_tf_keras_vis(nets):
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency

    net, pictures = nets["convolution"], images()[..., None].astype(np.float32)
    judged = Saliency(net.model)(logit, pictures, normalize_map=False)
    np.testing.assert_allclose(explain.saliency(net, pictures, LABELS, raw=True), judged, atol=1e-7)
    judged = np.asarray(Gradcam(net.model)(logit, pictures, **VIS))
    found = explain.gradcam(net, pictures, LABELS, raw=True)
    assert network.centres(net, net.model.get_layer("maps")) == [(1, 2), (1, 2)]
    for i, k in ((0, 0), (2, 3), (4, 1)):  # each map pixel stands at the middle of what it sees
        np.testing.assert_allclose(found[:, 1 + 2 * i, 1 + 2 * k], judged[:, i, k], atol=1e-9)
    assert judged.max() > 1e-4


def share(outputs):
    """The same for Score-CAM, which goes through the masked copies one channel at a time."""
    return [float(outputs[i, k]) for i, k in enumerate(LABELS)]


def test_what_tf_keras_vis_makes_is_passed_on_as_it_is(nets):
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.scorecam import Scorecam

    pictures, fresh = images()[..., None].astype(np.float32), explain.prepare(convolution()).model
    for ours, theirs, score in (
        (explain.gradcam_plus_plus, GradcamPlusPlus, logit),
        (explain.scorecam, Scorecam, share),
    ):
        judged = np.asarray(theirs(fresh)(score, pictures, **VIS))
        found = ours(nets["convolution"], pictures, LABELS)[:, 1:11:2, 1:11:2]  # at the centres of the map pixels
        scale = np.maximum(judged.max(axis=(1, 2), keepdims=True), 1e-9)
        np.testing.assert_allclose(found, judged / scale, atol=1e-4)
        assert found.max() == 1


@pytest.mark.slow
def test_without_tf_keras_vis_there_are_fewer_methods_and_a_sentence():
    code = """
import sys
class Absent:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "tf_keras_vis": raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "tf_keras_vis" else found(name, *a)
from helpers import explain
from tests.explain_world import convolution, images
print(sorted(explain.METHODS))
assert explain.gradcam(convolution(), images(), 1).max() == 1
try:
    explain.scorecam(convolution(), images(), 1)
except ValueError as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "['gradcam', 'integrated_gradients', 'occlusion', 'saliency', 'smoothgrad']" in done.stdout, done.stderr
    assert "pip install tf-keras-vis" in done.stdout


@pytest.mark.parametrize("baseline", ["mean", "blur", "noise", 0])
def test_integrated_gradients_are_complete(nets, baseline):
    start = explain.baselines(images(), baseline)
    for name, tolerance in (("linear", 1e-4), ("patch", 0.02), ("convolution", 0.02)):
        maps = explain.integrated_gradients(nets[name], images(), LABELS, steps=64, baseline=baseline, raw=True)
        gain = (explain.logits(nets[name], images()) - explain.logits(nets[name], start))[np.arange(3), LABELS]
        np.testing.assert_allclose(maps.sum(axis=(1, 2)), gain, atol=tolerance * max(1, np.abs(gain).max()))
    maps = explain.integrated_gradients(nets["linear"], images(), 1, steps=1, baseline=baseline, raw=True)
    np.testing.assert_allclose(maps, kernel(linear(), 1) * (images() - start), rtol=1e-3, atol=1e-3)


def test_smoothgrad_is_the_mean_over_noisy_copies_and_depends_on_its_seed(nets):
    net = nets["convolution"]
    one = explain.smoothgrad(net, images(), 0, samples=1, noise=1e-6, raw=True)
    np.testing.assert_allclose(one, explain.saliency(net, images(), 0, raw=True), rtol=1e-3, atol=1e-7)
    first, again, other = (explain.smoothgrad(net, images(), 0, samples=4, seed=seed) for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()


def test_a_net_that_sees_a_patch_is_found_out(nets):
    seen = np.zeros((SIDE, SIDE), bool)
    seen[PATCH] = True
    for name in ("saliency", "smoothgrad", "integrated_gradients"):
        maps = explain.METHODS[name](nets["patch"], images(), 2, **FAST[name])
        assert maps[:, ~seen].max() == 0 and maps[:, seen].max() == 1
    maps = explain.occlusion(nets["patch"], images(), 2, window=1, stride=1, raw=True)
    assert np.abs(maps[:, ~seen]).max() < 1e-5 < np.abs(maps[:, seen]).max()


@pytest.mark.parametrize("baseline", ["mean", "blur", "noise", 17.0])
@pytest.mark.parametrize(("window", "stride"), [(4, 4), (5, 3), (12, 1)])
def test_occlusion_is_what_a_naive_loop_finds(nets, baseline, window, stride):
    net, pictures = nets["convolution"], images(2)
    maps = explain.occlusion(net, pictures, [1, 2], window=window, stride=stride, baseline=baseline, batch=7, raw=True)
    starts = sorted({*range(0, SIDE - window + 1, stride), SIDE - window})
    for i, label in enumerate((1, 2)):
        total, count = np.zeros((2, SIDE, SIDE))
        for top in starts:
            for left in starts:
                place = slice(top, top + window), slice(left, left + window)
                covered = pictures[i].astype(np.float32)
                covered[place] = explain.baselines(pictures, baseline)[i][place]
                both = explain.logits(net, np.stack([pictures[i], covered]))[:, label]
                total[place] += both[0] - both[1]
                count[place] += 1
        np.testing.assert_allclose(maps[i], total / count, atol=1e-5)


def test_baselines():
    pictures = images(2).astype(np.float32)
    np.testing.assert_allclose(explain.baselines(pictures)[1], pictures[1].mean(), rtol=1e-5)
    noise = explain.baselines(pictures, "noise", seed=4)
    np.testing.assert_array_equal(np.sort(noise[1], axis=None), np.sort(pictures[1], axis=None))
    assert (noise != pictures).any() and (explain.baselines(pictures, "noise", seed=5) != noise).any()
    colours = np.stack([pictures, pictures / 2, pictures / 3], axis=-1)
    blurred = explain.baselines(colours, "blur")
    assert blurred.shape == colours.shape and (blurred.std(axis=(1, 2)) < colours.std(axis=(1, 2)) / 3).all()
    np.testing.assert_allclose(explain.baselines(colours, "mean")[0, 0, 0, 1], pictures[0].mean() / 2, rtol=1e-5)


BAD = {
    "no convolution": (lambda n: explain.gradcam(n["linear"], images(), 0), "linear has no convolution.*occlusion"),
    "no such layer": (lambda n: explain.gradcam(n["convolution"], images(), 0, layer="x"), "'x'.*maps"),
    "flat": (lambda n: explain.saliency(n["linear"], np.full((2, 12, 12), 7), 0), "Picture 0 is flat.* 7"),
    "one picture": (lambda n: explain.saliency(n["linear"], images()[0], 0), r"images\[None\]"),
    "no picture": (lambda n: explain.saliency(n["linear"], images()[:0], 0), r"\(0, 12, 12"),
    "another size": (lambda n: explain.saliency(n["linear"], images(side=13), 0), r"\(n, 12, 12\).*\(3, 13, 13"),
    "no numbers": (lambda n: explain.saliency(n["linear"], images() + np.nan, 0), "finite numbers"),
    "window": (lambda n: explain.occlusion(n["linear"], images(), 0, window=13), "13 pixels.*has 12"),
    "stride": (lambda n: explain.occlusion(n["linear"], images(), 0, window=2, stride=3), "stride=3.*from 1 to .* 2"),
    "baseline": (lambda n: explain.occlusion(n["linear"], images(), 0, baseline="grey"), "'grey'.*mean, blur, noise"),
    "class": (lambda n: explain.saliency(n["linear"], images(), 3), "no class 3.*0 to 2"),
    "class name": (lambda n: explain.saliency(n["linear"], images(), "happy"), "no class 'happy'.*no names"),
    "classes": (lambda n: explain.saliency(n["linear"], images(), [0, 1]), "2 entries for 3 pictures"),
    "no model": (lambda n: explain.saliency("vgg16", images(), 0), "keras.Model.*str"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_said_in_a_sentence(nets, name):
    call, sentence = BAD[name]
    with pytest.raises(CourseError, match=sentence):
        call(nets)


class Subclassed(keras.Model):
    def call(self, x):
        return x


def test_nets_that_cannot_be_followed_are_refused():
    image = keras.Input((SIDE, SIDE, 1))
    hidden = layers.Dense(3, activation="softmax")(layers.Flatten()(image))
    broken = linear()
    broken.set_weights([np.nan * weight for weight in broken.get_weights()])
    refused = {
        "not a functional model": Subclassed(),
        "not a functional model, so": keras.Model(image, layers.Dense(2)(layers.Flatten()(Subclassed()(image)))),
        "Input": keras.Sequential([layers.Flatten(), layers.Dense(2)]),
        "2 outputs": keras.Model(image, [hidden, hidden]),
        "fixed size": keras.Model(grey := keras.Input((None, None, 1)), layers.GlobalAveragePooling2D()(grey)),
        "at least two classes": keras.Model(image, layers.Dense(1)(layers.Flatten()(image))),
        "were not found": keras.Model(image, layers.Rescaling(1.0)(hidden)),
        "no finite numbers": broken,
    }
    for sentence, model in refused.items():
        with pytest.raises(CourseError, match=sentence):
            explain.prepare(model)
