"""A net is not scored on pictures that it has learned from: the course refuses, says why, and tests on others."""

import dataclasses

import numpy as np
import pytest

from benchmarks.reference import bundle
from helpers import data, pretrained
from helpers.pretrained import PretrainedError, leaks

from . import test_data_real as real
from .pretrained_world import own_folders

whole = real.whole  # the real set as one zip, made once for all tests
USAGES = ("Training", "PublicTest", "PrivateTest")
EACH = 12  # pictures of each class and Usage


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    own_folders(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A CSV like FER-2013's, of noise, with a twin of each kind in every class."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (3, 7, EACH, 48 * 48))
    images[1, :, 0], images[2, :, 1] = images[0, :, 0], images[0, :, 1]
    images[2, :, 2] = images[1, :, 2]
    path = tmp_path_factory.mktemp("fer") / "fer2013.csv"
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for usage, rows in zip(USAGES, images, strict=True):
            for label, several in enumerate(rows):
                file.writelines(f"{label},{' '.join(map(str, pixels))},{usage}\n" for pixels in several)
    return path


@pytest.fixture(autouse=True)
def bundled_list(table, tmp_path, monkeypatch):
    """The list of what the nets have seen: the Training rows of the made file."""
    path = tmp_path / "seen.npy"
    bundle.write_seen(data.load(table).train, path)
    monkeypatch.setattr(leaks, "SEEN", path)
    return path


def test_the_list_is_sorted_and_finds_its_pictures_and_their_twins(table, bundled_list):
    stored, usual = np.load(bundled_list, allow_pickle=False), data.load(table)
    assert stored.dtype == np.uint64 and (np.diff(stored.astype(object)) > 0).all() and len(stored) == 7 * EACH
    assert (
        pretrained.was_trained_on("emotion_net", usual.train).all()
        and pretrained.was_trained_on("mini_xception", usual.train).all()
    )
    for part in (usual.validation, usual.test):
        assert pretrained.was_trained_on("emotion_net", part).sum() == 7
    for name in ("vgg16", "vgg19", "vggface_resnet50", "vgg16_random", "emotion_net_random"):
        assert not pretrained.was_trained_on(name, usual.train).any()
    one = usual.train.take([3])
    one.images = one.images ^ np.uint8(1)
    assert not pretrained.was_trained_on("emotion_net", one).any(), "other pixels, another picture"


def test_a_test_cut_out_of_training_is_replaced(table, capsys):
    sets = data.load(table, split="report1")
    fair = pretrained.with_unseen_test(sets, "emotion_net", table)
    said = capsys.readouterr().out
    assert f"{len(sets.test)} of these {len(sets.test)} test pictures" in said and "PrivateTest" in said
    assert fair.train is sets.train and len(fair.test) == 7 * (EACH - 1) and len(fair.validation) == 7 * (EACH - 2)
    prints = {name: set(data.fingerprints(part.images)) for name, part in fair.parts.items()}
    whole = set(data.fingerprints(data.load(table).train.images))
    assert not prints["test"] & whole and not prints["validation"] & whole
    assert not prints["test"] & prints["validation"] and not prints["test"] & prints["train"]
    assert pretrained.with_unseen_test(fair, "emotion_net", table) is fair and "PrivateTest" in fair.source


def test_what_no_net_has_seen_stays_as_it_is(table, capsys):
    sets = data.load(table, split="report1")
    assert pretrained.with_unseen_test(sets, "vgg16", table) is sets and not capsys.readouterr().out
    drawn = dataclasses.replace(sets, drawn=True)
    assert pretrained.with_unseen_test(drawn, "emotion_net", "drawn") is drawn
    assert "domain adaptation with the same labels" in capsys.readouterr().out
    assert pretrained.with_unseen_test(drawn, "vgg16", "drawn") is drawn and not capsys.readouterr().out


def test_a_source_without_privatetest_is_refused_altogether(table, tmp_path):
    lines = [line for line in table.read_text().splitlines() if not line.endswith("PrivateTest")]
    lacking = tmp_path / "fer2013.csv"
    lacking.write_text("\n".join(lines) + "\n")
    sets = data.load(lacking, split="report1")
    with pytest.raises(PretrainedError, match=r"no PublicTest and PrivateTest .* msambare/fer2013"):
        pretrained.with_unseen_test(sets, "emotion_net", lacking)


def test_three_classes_stay_three(table, capsys):
    only = ("angry", "happy", "sad")
    sets = data.load(table, only=only)
    sets = dataclasses.replace(sets, test=sets.train.take(np.arange(6)))
    fair = pretrained.with_unseen_test(sets, "mini_xception", table)
    assert fair.classes == only and fair.test.classes == only and len(fair.test) == 3 * (EACH - 1)


def test_other_sizes_are_other_pixels(table):
    part = data.load(table, size=64).test
    with pytest.raises(ValueError, match=r"expected \(n, 48, 48\) uint8 .* found \(84, 64, 64\).*other pixels"):
        pretrained.was_trained_on("emotion_net", part)
    with pytest.raises(ValueError, match="no backbone named 'resnet'"):
        pretrained.was_trained_on("resnet", part)


def test_a_lacking_or_damaged_list_is_told(table, bundled_list):
    part = data.load(table).test
    bundled_list.write_bytes(bundled_list.read_bytes()[:100])
    with pytest.raises(PretrainedError, match="cannot be read"):
        pretrained.was_trained_on("emotion_net", part)
    np.save(bundled_list, np.zeros(3))
    with pytest.raises(PretrainedError, match="expected a list of uint64"):
        pretrained.was_trained_on("emotion_net", part)
    bundled_list.unlink()
    with pytest.raises(PretrainedError, match="cannot be read"):
        pretrained.was_trained_on("emotion_net", part)


@pytest.mark.real
@pytest.mark.skipif(not (real.REAL / "lay_out.py").exists(), reason="the real FER-2013 is not beside this repository")
def test_the_real_set_report_1s_test_images_are_refused(whole, tmp_path, monkeypatch, capsys):
    usual = data.load(whole)
    bundle.write_seen(usual.train, tmp_path / "real.npy")
    monkeypatch.setattr(leaks, "SEEN", tmp_path / "real.npy")
    assert pretrained.was_trained_on("emotion_net", usual.train).all()
    assert pretrained.was_trained_on("emotion_net", usual.validation).sum() == 280
    assert pretrained.was_trained_on("emotion_net", usual.test).sum() == 288
    sets = data.load(whole, split="report1", per_class=436)
    assert len(sets.test) == 306 and pretrained.was_trained_on("emotion_net", sets.test).all()
    fair = pretrained.with_unseen_test(sets, "emotion_net", whole)
    assert "306 of these 306 test pictures" in capsys.readouterr().out
    assert len(fair.test) == 3589 - 288 and 3589 - 280 - 46 <= len(fair.validation) <= 3589 - 280
    found = data.audit(fair, near=False).counts
    assert found["train_twins_in_test"] == found["train_twins_in_validation"] == found["validation_twins_in_test"] == 0
    shipped = leaks.ASSETS / "emotion_net_seen.npy"
    if shipped.exists():
        np.testing.assert_array_equal(np.load(shipped), np.load(leaks.SEEN), "the bundled list is FER-2013's Training")
