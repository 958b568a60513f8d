"""The command that makes the bundled net, from pictures to the card, on a small set of drawn faces that stands for the real one."""

import numpy as np
import pytest

from benchmarks.reference import bundle, card, emotion_net
from helpers import CLASSES, data, pretrained, runs
from helpers.pretrained import emotion
from tests.reference_world import own_places, table, votes

COUNTS = {"Training": 21, "PublicTest": 14, "PrivateTest": 14}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The small set; everything that the command writes goes to a folder of the test."""
    path = table(tmp_path / "fer2013.csv", COUNTS)
    own_places(tmp_path, monkeypatch, path)
    monkeypatch.setattr(card, "CARD", tmp_path / "emotion_net.md")
    monkeypatch.setattr(emotion, "BUNDLED", tmp_path / "emotion_net.npz")
    monkeypatch.setattr(emotion_net, "EPOCHS", 3)
    return path


@pytest.mark.slow
def test_the_command_bundles_a_net_and_tells_its_scores(source):
    emotion_net.run("emotion_net", str(source), 0)
    record, public = runs.record("emotion_net"), runs.record("emotion_net_publictest")
    private = data.load(str(source)).test
    assert record["scores"]["images"] == 14 and record["test"] == runs.digest(private.images, private.labels)
    assert record["twins_of_training"] == 1 and record["without_twins"]["images"] == 13
    net = pretrained.emotion_net()
    again = net.predict(private.images[..., None], verbose=0)
    np.testing.assert_allclose(again, runs.reference("emotion_net").probabilities, atol=1e-3)
    text = (source.parent / "emotion_net.md").read_text()
    accuracy = record["scores"]["accuracy"]
    assert f"| single view | 14 | {accuracy:.3f}" in text and all(f"| {name} |" in text for name in CLASSES)
    assert public["lite"]["images"] == 14 and bundle.marks(net).items() <= public["lite"].items()
    assert "| PublicTest, the LiteRT file | 14 |" in text and public["lite"]["arrays"] in text
    assert public["epochs"] == 3 and "{" not in text.replace("{n", "")


@pytest.mark.slow
def test_the_votes_are_learned_beside_the_labels_and_thrown_away(source):
    votes(source)
    sets = data.load(str(source), split="usual")
    wanted = emotion_net.targets(sets.train)
    assert wanted.shape == (21, 17) and wanted[0, 7:].sum() == 0  # one picture without votes
    np.testing.assert_allclose(wanted[1:].sum(axis=1), 2, rtol=1e-5)
    assert (wanted[1:, :7].argmax(axis=1) == wanted[1:, 7:].argmax(axis=1)).all()
    emotion_net.run("emotion_net", str(source), 0)
    assert pretrained.emotion_net().output_shape == (None, 7) and runs.record("emotion_net")["options"]["votes_learned"]
    assert runs.record("emotion_net")["parameters"] == pretrained.emotion_net().count_params()
    text = (source.parent / "emotion_net.md").read_text()
    assert "FER+'s votes" in text and "FER+'s majority labels | 14 |" in text


def test_the_loss_is_the_cross_entropy_of_the_label_and_of_the_votes():
    draw = np.random.default_rng(0)
    given = np.hstack([draw.dirichlet(np.ones(7), 5), draw.dirichlet(np.ones(10), 5)]).astype("float32")
    wanted = np.hstack([np.eye(7)[[0, 3, 6, 2, 2]], draw.dirichlet(np.ones(10), 5)]).astype("float32")
    labels = wanted[:, :7].argmax(axis=1)
    expected = -(wanted * np.log(given)).sum(axis=1)
    np.testing.assert_allclose(emotion_net.label_and_votes(wanted, given), expected, rtol=1e-4)
    plain = -np.log(given[np.arange(5), labels])
    for shape in ((5,), (5, 1)):  # validation has plain labels
        np.testing.assert_allclose(emotion_net.label_and_votes(labels.reshape(shape), given), plain, rtol=1e-4)
        hits = emotion_net.accuracy(labels.reshape(shape).astype("float32"), given)
        np.testing.assert_array_equal(hits, emotion_net.accuracy(wanted, given))
    np.testing.assert_array_equal(hits, given[:, :7].argmax(axis=1) == labels)


def test_the_majority_is_of_pictures_on_which_one_class_wins_outright():
    votes = np.zeros((4, 10), int)
    votes[0, 2], votes[1, [0, 1]], votes[2, 7], votes[3, [3, 6]] = 10, 5, 9, [6, 4]
    part = data.Part(
        np.zeros((4, 48, 48), np.uint8), np.array([2, 0, 1, 6]), np.array(list("abcd")), "x", CLASSES, votes
    )
    clear, labels = emotion_net.majority(part)
    assert clear.tolist() == [0, 3] and labels.tolist() == [2, 3]
