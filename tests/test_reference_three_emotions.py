"""The commands that make the references of report 3's task, on a small set of drawn faces that stands for the real one."""

import keras
import numpy as np
import pytest
from keras import layers

from benchmarks.reference import three_emotions
from helpers import data, evaluation, runs
from tests.reference_world import own_places, table, votes

COUNTS = {"Training": 120, "PublicTest": 30, "PrivateTest": 30}
ANGRY = "0,"  # how a row of the CSV begins


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set, with fewer angry faces than happy ones, so that some are copied; its labels are FER+'s winners."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    first, *rows = path.read_text().splitlines()
    angry = [i for i, row in enumerate(rows) if row.startswith(ANGRY) and row.endswith("Training")][::2]
    path.write_text("\n".join([first, *(row for i, row in enumerate(rows) if i not in angry)]) + "\n")
    votes(path)
    own_places(tmp_path, monkeypatch, path)
    for sizes in (three_emotions.SIZES, three_emotions.SEEDS):
        for key in sizes:
            monkeypatch.setitem(sizes, key, 1)
    monkeypatch.setattr(three_emotions, "RATES", (1e-3,))
    return str(path)


def tiny_halves(seed, doubled=False):
    """Two halves that learn in no time."""
    keras.utils.set_random_seed(seed)
    image, maps = keras.Input((48, 48, 1)), keras.Input((6, 6, 4))
    lower = keras.Model(image, layers.Conv2D(4, 8, 8)(image), name="lower")
    upper = keras.Model(maps, three_emotions.head(layers.Flatten()(maps)))
    return lower, three_emotions.compiled(upper, "adam")


def test_the_four_criteria_come_to_numbers(source):
    three_emotions.run("three_emotions_data", source, seed=0)
    record = runs.record("three_emotions_data")
    happy = record["ferplus"]["happy"]
    assert happy["agree"] == happy["with_a_winner"] in (happy["images"], happy["images"] - 1)  # one has no votes
    assert record["cut_after"]["by_origin"] > 0 == record["cut_before"]["by_origin"]
    assert record["copies"] > 0 and len(set(record["balanced"]["train"].values())) == 1
    assert record["balanced"]["test"] == {
        name: record["counts"]["validation"][name] + record["counts"]["test"][name] for name in record["classes"]
    }


def test_a_net_is_scored_on_reports_3_test_and_on_the_two_sets_in_it(source, monkeypatch):
    monkeypatch.setattr(three_emotions, "halves", tiny_halves)
    three_emotions.run("three_emotions_efficientnet_lite0", source, seed=0)
    found = runs.reference("three_emotions_efficientnet_lite0")
    whole, public, private, fresh = found.record["by_set"].values()
    assert whole == found.record["scores"] and whole["images"] == public["images"] + private["images"] == len(
        found.labels
    )
    assert fresh["images"] <= whole["images"] and found.probabilities.shape == (len(found.labels), 3)
    sets = data.load(source, split="report3")
    assert found.record["test"] == runs.digest(sets.test.images, sets.test.labels)
    assert found.record["classes"] == ["angry", "happy", "sad"]


def test_both_cuts_are_scored_on_the_same_images_after_equally_many(source, monkeypatch):
    monkeypatch.setattr(three_emotions, "halves", tiny_halves)
    three_emotions.run("three_emotions_cut", source, seed=0)
    one, other = runs.record("three_emotions_cut")["trials"]
    assert (one["copies"], other["copies"]) == ("with", "without")
    assert one["related_images"] == other["related_images"] > 0 and one["images"] == other["images"]


def test_as_many_others_are_left_out_as_relatives_class_by_class():
    labels = np.repeat([0, 1, 2], [20, 10, 15])
    relatives = np.zeros(45, bool)
    relatives[[0, 3, 5, 30]] = True
    kept, without = three_emotions.with_and_without(labels, relatives, seed=1)
    assert kept[relatives].all() and not without[relatives].any() and (kept | without).all()
    assert np.bincount(labels[kept]).tolist() == np.bincount(labels[without]).tolist() == [17, 10, 14]


def test_the_optimisers_share_their_first_weights(source, monkeypatch):
    monkeypatch.setattr(
        three_emotions, "pooled", lambda images: images[:, ::8, ::8].reshape(len(images), -1) / np.float32(255)
    )
    three_emotions.run("three_emotions_optimisers", source, seed=0)
    trials = runs.record("three_emotions_optimisers")["trials"]
    assert [trial["optimiser"] for trial in trials] == list(three_emotions.OPTIMISERS)
    one, other = (three_emotions.head_alone(36, kind, 3) for kind in ("sgd", "adam"))
    assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


@pytest.mark.slow
def test_the_small_network_has_three_outputs(source):
    three_emotions.run("three_emotions_small", source, seed=0)
    found = runs.reference("three_emotions_small")
    assert found.probabilities.shape[1] == 3 and found.record["parameters"] == 2_864_903 - 4 * 257


@pytest.mark.slow
def test_the_last_block_learns_and_its_normalisation_rests():
    lower, upper = three_emotions.halves(seed=0)
    assert lower.output_shape == (None, 4, 4, 192) and upper.output_shape == (None, 3)
    assert not any(
        layer.trainable for layer in upper.get_layer("last_block").layers if "bn" in layer.name and layer.weights
    )


def test_skill_is_what_is_left_above_the_most_frequent_class():
    labels = np.repeat([0, 1, 2], [1, 2, 1])
    found = np.eye(3)[[0, 1, 1, 1]]
    assert three_emotions.scores(labels, found)["skill"] == pytest.approx((0.75 - 0.5) / 0.5)
    assert three_emotions.scores(labels, found)["accuracy_95"] == evaluation.wilson(3, 4)


@pytest.mark.slow
def test_a_second_preprocessing_leaves_a_255th_of_the_contrast():
    ends = np.stack([np.zeros((48, 48, 1)), np.full((48, 48, 1), 255)]).astype("float32")
    plain, doubled = three_emotions.halves(seed=0)[0], three_emotions.halves(seed=0, doubled=True)[0]
    inner = doubled.get_layer("efficientnet_lite0_lower")
    inside = keras.Model(plain.input, plain.get_layer("scaled").output)
    before = keras.Model(doubled.input, doubled.layers[1].output)
    black, white = np.asarray(inside(before(ends)))[:, 0, 0, 0]
    assert (
        inner.name == plain.name
        and black == pytest.approx(-127 / 128 / 255, abs=1e-5)
        and white == pytest.approx(128 / 128 / 255, abs=1e-5)
    )
