"""The course's own net is stored as plain arrays, and loaded only where every one fits."""

import time

import keras
import numpy as np
import pytest

from helpers import CLASSES, models, pretrained
from helpers.pretrained import PretrainedError, cache, emotion

from .pretrained_world import own_folders

needs_bundled = pytest.mark.skipif(not emotion.BUNDLED.exists(), reason="the net has not been trained yet")


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)


def build(seed: int = 0, **options) -> keras.Model:
    """The net with random weights, its batch norm included."""
    net = models.build("emotion_net", seed=seed, **options)
    draw = np.random.default_rng(seed)
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([draw.uniform(0.5, 1.5, weight.shape) for weight in layer.weights])
    return net


def images(n: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def net():
    return build()


@pytest.fixture
def stored(net, tmp_path):
    return pretrained.store(net, tmp_path / "net.npz")


def test_what_is_stored_comes_back(net, stored):
    again = pretrained.load(build(seed=1), stored)
    for before, after in zip(net.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-6)
    expected, found = (model.predict(images()[..., None], verbose=0) for model in (net, again))
    np.testing.assert_allclose(found, expected, atol=0.01)
    with np.load(stored, allow_pickle=False) as arrays:
        assert len(arrays.files) == len(net.weights)
        assert all(arrays[key].dtype == (np.float16 if arrays[key].ndim > 1 else np.float32) for key in arrays.files)


def test_the_temperature_is_built_in(net, tmp_path):
    again = pretrained.load(build(seed=1), pretrained.store(net, tmp_path / "net.npz", temperature=2.0))
    raw, calibrated = (np.log(model.predict(images()[..., None], verbose=0)) for model in (net, again))
    centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (raw, calibrated)]
    np.testing.assert_allclose(centred[1], centred[0] / 2, atol=0.02)
    for wrong in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            pretrained.store(net, tmp_path / "net.npz", temperature=wrong)


def test_values_that_half_precision_cannot_hold_are_not_stored(tmp_path):
    net = build()
    weights = net.get_weights()
    weights[0][...] = 1e6
    net.set_weights(weights)
    with pytest.raises(PretrainedError, match="half precision"):
        pretrained.store(net, tmp_path / "net.npz")
    assert not (tmp_path / "net.npz").exists()


def altered(stored, path, change):
    """A copy of a stored net with a change in its arrays."""
    with np.load(stored) as found:
        arrays = {key: found[key] for key in found.files}
    change(arrays)
    np.savez(path, **arrays)
    return path


def test_damaged_and_foreign_files_get_a_sentence(net, stored, tmp_path):
    whole, path, before = stored.read_bytes(), tmp_path / "bad.npz", net.get_weights()
    for content in (whole[: len(whole) // 2], b"", b"no zip at all", whole[:-3000] + bytes(3000)):
        path.write_bytes(content)
        with pytest.raises(PretrainedError, match=r"is no whole file of weights: expected an .npz of arrays"):
            pretrained.load(net, path)
    np.savez(path, net=np.array([{"a": 1}], dtype=object))
    with pytest.raises(PretrainedError, match="no whole file"):
        pretrained.load(net, path)
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(PretrainedError, match="no whole file"):
        pretrained.load(net, path)
    with pytest.raises(PretrainedError, match=r"not at .*missing.npz"):
        pretrained.load(net, tmp_path / "missing.npz")
    last = list(np.load(stored).files)[-1]
    cases = (
        (lambda arrays: arrays.pop(last), rf"expected \d+ arrays, found \d+; it lacks {last}"),
        (lambda arrays: arrays.update(more=np.zeros(2)), "it has also more"),
        (lambda arrays: arrays.update({last: np.zeros(7) * np.nan}), "expected numbers"),
        (lambda arrays: arrays.update({last: np.array(["a"] * 7)}), "expected numbers"),
        (
            lambda arrays: arrays.update({last: np.zeros(3)}),
            r"expected the shape \(7,\), found \(3,\): a net of 3 classes",
        ),
    )
    for change, sentence in cases:
        with pytest.raises(PretrainedError, match=sentence):
            pretrained.load(net, altered(stored, path, change))
    for now, then in zip(net.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then, err_msg="a refused file has changed nothing")


def test_another_number_of_classes_and_another_net_are_named(tmp_path):
    three = pretrained.store(build(classes=3), tmp_path / "three.npz")
    with pytest.raises(PretrainedError, match="a net of 3 classes, not 7"):
        pretrained.load(build(), three)
    other = pretrained.store(models.build("baseline"), tmp_path / "other.npz")
    with pytest.raises(PretrainedError, match="holds another network than emotion_net"):
        pretrained.load(build(), other)


@pytest.fixture
def bundled(stored, monkeypatch):
    """A stored net of random weights in the place of the bundled one."""
    monkeypatch.setattr(emotion, "BUNDLED", stored)


def test_loaded_twice_it_is_the_same_in_every_variable(bundled):
    one, two = ([np.asarray(v) for v in pretrained.emotion_net().variables] for _ in range(2))
    assert len(one) > len(pretrained.emotion_net().weights), "the seeds of dropout are among them"
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_emotion_net_takes_pictures_as_they_are_and_refuses_others(bundled):
    net = pretrained.emotion_net()
    assert (
        net.name == "emotion_net" and net.input_shape == (None, 48, 48, 1) and net.output_shape == (None, len(CLASSES))
    )
    found = net.predict(images()[..., None], verbose=0)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    for shape in ((2, 48, 48, 3), (2, 64, 64, 1), (2, 64, 64)):
        with pytest.raises(
            ValueError, match=r"expected shape=\(None, 48, 48, 1\), found shape=|expected ndim=4, found ndim=3"
        ):
            net(np.zeros(shape, np.uint8))


def test_the_backbone_is_the_net_before_its_global_pooling(bundled):
    base, net = pretrained.backbone("emotion_net"), pretrained.emotion_net()
    assert base.name == "emotion_net" and len(base.output_shape) == 4
    assert any(isinstance(layer, keras.layers.Conv2D) for layer in base.layers), "flat"
    maps = base.predict(images()[..., None], verbose=0)
    logits = maps.mean(axis=(1, 2)) @ net.layers[-1].get_weights()[0] + net.layers[-1].get_weights()[1]
    by_hand = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(by_hand, net.predict(images()[..., None], verbose=0), atol=1e-5)
    with pytest.raises(ValueError, match="leave pixels out"):
        pretrained.backbone("emotion_net", pixels=96)


def test_features_are_computed_once_and_read_from_disk_after(bundled, monkeypatch, tmp_path):
    base, pictures = pretrained.backbone("emotion_net"), images(70)
    once = pretrained.features(base, pictures)
    np.testing.assert_allclose(once, base.predict(pictures[..., None], verbose=0), atol=1e-5)
    folder = tmp_path / "runs" / "features"
    assert len(list(folder.iterdir())) == 1

    with monkeypatch.context() as patch:
        patch.setattr(cache, "compute", None)
        again = pretrained.backbone("emotion_net")  # other layer names, frozen: the same features
        again.trainable = False
        np.testing.assert_array_equal(pretrained.features(again, pictures), once)
        np.testing.assert_array_equal(pretrained.features(again, pictures[..., None]), once)
    pretrained.features(base, images(70, seed=1))
    weights = base.get_weights()
    base.set_weights([weights[0] * 1.5, *weights[1:]])
    assert not np.array_equal(pretrained.features(base, pictures), once)
    base.set_weights(weights)
    assert len(list(folder.iterdir())) == 3, "other pictures and other weights have features of their own"

    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    np.testing.assert_allclose(pretrained.features(base, pictures), once, atol=1e-6, err_msg="damaged: computed again")
    assert not list(folder.glob("*.writing"))


def test_features_say_what_they_take(bundled, monkeypatch, capsys):
    base = pretrained.backbone("emotion_net")
    for wrong in (
        np.zeros((2, 64, 64), np.uint8),
        np.zeros((2, 48, 48, 3), np.uint8),
        np.zeros((2, 48, 48), np.float32),
    ):
        with pytest.raises(ValueError, match=r"expected \(n, 48, 48\) uint8, found \(2, "):
            pretrained.features(base, wrong)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "keep", full)
    monkeypatch.setattr(cache, "QUIET", -1)
    assert pretrained.features(base, images(2)).shape[0] == 2
    told = capsys.readouterr().out
    assert "cannot be kept (No space left on device)" in told and "has looked at 2 pictures" in told
    assert pretrained.features(base, images(0)).shape == (0, *base.output_shape[1:])


@needs_bundled
def test_the_bundled_net_is_small_and_ready_at_once():
    start = time.process_time()
    net = pretrained.emotion_net()
    assert time.process_time() - start < 2, "processor seconds, so that other work on the machine does not count"
    assert emotion.BUNDLED.stat().st_size < 5e6 and net.count_params() <= 2_000_000
    found = net.predict(images()[..., None], verbose=0)
    assert np.isfinite(found).all()
