"""The commands that make the references of extraction and fine-tuning, on a small set of drawn faces that stands for the real one."""

import keras
import numpy as np
import pytest

from benchmarks.reference import transfer
from helpers import data, pretrained, runs
from tests.reference_world import own_places, table

COUNTS = {"Training": 70, "PublicTest": 14, "PrivateTest": 14}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the commands write goes to a folder of the test."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setattr(transfer, "EPOCHS", {"extraction": 1, "fine_tuning": 1})
    monkeypatch.setattr(transfer, "DRAWN", 10)
    return str(path)


@pytest.mark.slow
def test_fine_tuning_is_judged_on_privatetest_and_records_what_was_forgotten(source, capsys):
    transfer.run("fine_tuning_emotion_net", source, seed=0)
    record = runs.record("fine_tuning_emotion_net")
    assert record["scores"]["images"] == 13 and record["backbone"] == "emotion_net"  # without the one in Training
    assert "has learned from FER-2013's Training images" in capsys.readouterr().out
    private = data.load(source).test
    assert record["test"] == runs.digest(private.images[:-1], private.labels[:-1])
    forgetting = record["forgetting"]
    assert forgetting["photographs"] == 13
    assert all(0 <= forgetting[key] <= 1 for key in ("before", "head_only", "after", "old_head_after"))
    assert set(forgetting["drawn_accuracy"]) == {"before", "head_only", "after"}


@pytest.mark.slow
def test_a_base_that_knows_imagenet_is_judged_twice_and_has_a_control(source, monkeypatch):
    monkeypatch.setattr(transfer, "base_of", lambda name, seed, plain=transfer.base_of: small(plain(name, seed)))
    for name in ("extraction_efficientnet_lite0", "extraction_efficientnet_lite0_random"):
        transfer.run(name, source, seed=0)
        assert runs.record(name)["scores"]["images"] == 7, "a tenth of what was balanced, as in report 1"
        private = runs.record(f"{name}_privatetest")
        assert private["scores"]["images"] in (13, 14) and private["backbone"] == name.removeprefix("extraction_")


def small(base):
    """The base's early blocks alone: fast enough for a test."""
    return keras.Model(base.input, base.get_layer("block_2").output, name=base.name)


def test_a_base_that_cannot_be_had_leaves_a_reason_and_no_number(source, monkeypatch):
    def absent(name, *_, **__):
        raise pretrained.PretrainedError(f"{name} must be downloaded and there is no network.", "Two ways out: ...")

    monkeypatch.setattr(transfer.pretrained, "backbone", absent)
    transfer.run("extraction_vgg16", source, seed=0)
    record = runs.record("extraction_vgg16")
    assert record["not_run"].startswith("not run here: vgg16 must be") and "scores" not in record
    assert not (runs.REFERENCE / "extraction_vgg16.npz").exists()


@pytest.mark.parametrize(
    ("name", "convolutions"), [("efficientnet_lite0", 4), ("emotion_net", 2), ("mini_xception", 3), ("vgg16", 3)]
)
def test_the_last_block_is_its_convolutions(name, convolutions):
    base = pretrained.backbone(name, weights="random")
    found = transfer.last_block(base)
    assert len(found) == convolutions and not any("normalization" in layer.name for layer in found)
    if name == "vgg16":
        assert [layer.name for layer in found] == ["block5_conv1", "block5_conv2", "block5_conv3"]


def test_the_old_head_answers_as_before_on_a_base_that_has_not_moved():
    net, pictures = pretrained.emotion_net(), np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), np.uint8)
    again = transfer.with_old_head(pretrained.backbone("emotion_net"))
    np.testing.assert_allclose(again.predict(pictures, verbose=0), net.predict(pictures, verbose=0), atol=1e-6)
