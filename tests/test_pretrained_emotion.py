"""The course's own net comes from plain arrays, and only where every one fits; its features are computed once."""

import time

import keras
import numpy as np
import pytest

import drawn_faces
from benchmarks.reference import bundle
from helpers import CLASSES, models, pretrained, runs
from helpers.pretrained import PretrainedError, cache, emotion

from .pretrained_world import own_folders


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)


def build(seed: int = 0, **options) -> keras.Model:
    """The net with random weights, its batch norm included."""
    net = models.build("emotion_net", seed=seed, **options)
    generator = np.random.default_rng(seed)
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 1.5, weight.shape) for weight in layer.weights])
    return net


def images(n: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def net():
    return build()


@pytest.fixture
def stored(net, tmp_path):
    bundle.store(net, tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_what_is_stored_comes_back(net, stored):
    again = emotion.load(build(seed=1), stored)
    for before, after in zip(net.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-6)
    with np.load(stored, allow_pickle=False) as arrays:
        assert len(arrays.files) == len(net.weights)
        assert all(arrays[key].dtype == (np.float16 if arrays[key].ndim > 1 else np.float32) for key in arrays.files)


def test_the_temperature_is_built_in(net, tmp_path):
    bundle.store(net, tmp_path / "net.npz", temperature=2.0)
    again = emotion.load(build(seed=1), tmp_path / "net.npz")
    raw, calibrated = (np.log(model.predict(images()[..., None], verbose=0)) for model in (net, again))
    centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (raw, calibrated)]
    np.testing.assert_allclose(centred[1], centred[0] / 2, atol=0.02)
    for wrong in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            bundle.store(net, tmp_path / "net.npz", temperature=wrong)


def test_values_that_half_precision_cannot_hold_are_not_stored(tmp_path):
    net = build()
    weights = net.get_weights()
    weights[0][...] = 1e6
    net.set_weights(weights)
    with pytest.raises(ValueError, match="half precision"):
        bundle.store(net, tmp_path / "net.npz")
    assert not list(tmp_path.glob("*.npz"))


def test_damaged_and_hostile_files_change_no_weight(net, stored, tmp_path):
    whole, path, before = stored.read_bytes(), tmp_path / "bad.npz", net.get_weights()
    with np.load(stored) as found:
        arrays = dict(found)
    last = list(arrays)[-1]

    def refused(message: str):
        with pytest.raises(PretrainedError, match=message):
            emotion.load(net, path)

    refused("cannot be read")  # it is not there
    for content in (whole[: len(whole) // 2], b"", b"no zip at all", whole[:-3000] + bytes(3000)):
        path.write_bytes(content)
        refused("cannot be read")
    np.savez(path, **arrays | {last: np.array([{"a": 1}], dtype=object)})  # would have to be unpickled
    refused("cannot be read")
    np.savez(path, **{name: array for name, array in arrays.items() if name != last})
    refused(f"found {len(arrays) - 1}; .* {last}")
    np.savez(path, **arrays, more=np.zeros(2))
    refused("has more")
    for wrong in (np.full(7, np.nan), np.array(["a"] * 7), np.zeros(7, int)):
        np.savez(path, **arrays | {last: wrong})
        refused("no numbers")
    np.savez(path, **arrays | {last: np.zeros(3)})
    refused(r"expected the shape \(7,\), found \(3,\)")
    bundle.store(models.build("baseline"), path)
    refused("another network than emotion_net")
    for now, then in zip(net.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_bundled_net_is_small_the_same_each_time_and_ready_at_once():
    start = time.process_time()
    net = pretrained.emotion_net()
    assert time.process_time() - start < 2, "processor seconds, so that other work on the machine does not count"
    assert emotion.BUNDLED.stat().st_size < 5e6 and net.count_params() <= 2_000_000
    assert net.name == "emotion_net" and net.input_shape == (None, 48, 48, 1)
    again = pretrained.emotion_net()
    assert len(net.variables) > len(net.weights), "the seeds of dropout are among them"
    for one, other in zip(net.variables, again.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    found = net.predict(images()[..., None], verbose=0)
    assert found.shape == (4, len(CLASSES))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    for shape in ((2, 48, 48, 3), (2, 64, 64, 1), (2, 64, 64)):
        with pytest.raises(ValueError, match=r"expected (shape=\(None, 48, 48, 1\)|ndim=4), found"):
            net(np.zeros(shape, np.uint8))


def test_the_litert_file_belongs_to_the_arrays():
    net, faces = pretrained.emotion_net(), drawn_faces.faces(64, seed=13, workers=1).images
    recorded = runs.record("emotion_net_publictest")["lite"]
    assert bundle.marks(net).items() <= recorded.items(), "python -m benchmarks.reference.bundle FER-2013"
    assert recorded["images"] == 3589 and recorded["bytes"] < 2e6 and recorded["difference"] < 0.05
    if (light := pretrained.lite()) is None:
        pytest.skip("no interpreter of LiteRT here, or another backend")
    found = light(faces[..., None])
    np.testing.assert_allclose(found, net.predict(faces[..., None], verbose=0), atol=0.05)
    assert light(faces[:0, ..., None]).shape == (0, len(CLASSES))


def test_the_litert_file_serves_its_own_net_only_and_a_damaged_one_serves_none(monkeypatch, tmp_path):
    if pretrained.lite() is None:
        pytest.skip("no interpreter of LiteRT here, or another backend")
    net = pretrained.emotion_net()
    reordered = keras.Model(net.input, net.output[:, ::-1])
    assert pretrained.lite(net) is not None and pretrained.lite(reordered) is None
    assert pretrained.lite(build()) is None and pretrained.lite(models.build("baseline")) is None
    bias = net.layers[-1].bias
    bias.assign(bias + 0.1)
    assert pretrained.lite(net) is None, "trained on"
    copy = tmp_path / "emotion_net.npz"
    copy.write_bytes(emotion.BUNDLED.read_bytes())
    whole = emotion.BUNDLED.with_suffix(".tflite").read_bytes()
    monkeypatch.setattr(emotion, "BUNDLED", copy)
    assert pretrained.lite() is None, "absent"
    for content in (b"", b"no net", whole[: len(whole) // 2]):
        copy.with_suffix(".tflite").write_bytes(content)
        assert pretrained.lite() is None


def test_the_backbone_is_the_net_before_its_global_pooling():
    base, net = pretrained.backbone("emotion_net"), pretrained.emotion_net()
    assert base.name == "emotion_net" and any(isinstance(layer, keras.layers.Conv2D) for layer in base.layers), "flat"
    maps = base.predict(images()[..., None], verbose=0)
    logits = maps.mean(axis=(1, 2)) @ net.layers[-1].get_weights()[0] + net.layers[-1].get_weights()[1]
    by_hand = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(by_hand, net.predict(images()[..., None], verbose=0), atol=1e-5)


def test_features_are_computed_once_and_read_from_disk_after(monkeypatch, tmp_path):
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
    assert len(list(folder.iterdir())) == 3


def test_features_without_room_slow_ones_and_of_wrong_pictures(monkeypatch, tmp_path, capsys):
    base = pretrained.backbone("emotion_net")
    for wrong in (np.zeros((2, 64, 64), np.uint8), np.zeros((2, 48, 48, 3), np.uint8), np.zeros((2, 48, 48))):
        with pytest.raises(ValueError, match=r"expected \(n, 48, 48\) uint8, found \(2, "):
            pretrained.features(base, wrong)
    assert pretrained.features(base, images(0)).shape == (0, *base.output_shape[1:])
    (tmp_path / "runs" / "features").rename(tmp_path / "elsewhere")
    (tmp_path / "runs" / "features").write_text("a file in the way")
    monkeypatch.setattr(cache, "QUIET", -1)
    assert pretrained.features(base, images(2)).shape[0] == 2
    said = capsys.readouterr().out
    assert "cannot be kept" in said and "features of 2 pictures" in said
