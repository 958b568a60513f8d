"""Notebook 17: what its cells define does what they say, and the counts of agreement are right and as stored."""

import itertools

import numpy as np
import pytest

import drawn_faces
from benchmarks.reference import agreement
from helpers import CLASSES, data, evaluation, models, runs
from helpers.checks import RIGHT, WRONG, notebook_17
from tests.answers.nb_17 import CARD
from tools.notebooks import FOLDER, code_cells, read

NOTEBOOK = FOLDER / "17_fairness_and_ethics.ipynb"


@pytest.fixture(scope="module")
def cells() -> list[str]:
    return [cell.source for cell in code_cells(read(NOTEBOOK))]


def defined(cells: list[str], name: str, **known):
    """What the notebook defines under that name, made from its imports and the cell that defines it."""
    world = dict(known)
    exec(next(source for source in cells if source.startswith("import")).split("quick =")[0], world)
    exec(next(source for source in cells if f"def {name}(" in source).split("\n\nplots")[0], world)
    return world[name]


def test_a_tone_changes_the_skin_and_neither_person_nor_votes(cells):
    in_tone = defined(cells, "in_tone")
    faces = drawn_faces.faces(14, seed=5, balanced=True, tone=2, light_level=0.8)
    one, own = (in_tone(faces, 9, made_up) for made_up in (0, 1))
    middle = [each.images[:, 14:34, 14:34].mean() for each in (faces, one, own)]
    assert middle[1] < 0.6 * middle[0] and middle[2] == pytest.approx(middle[0], rel=0.2)
    for other in (one, own):
        assert (other.votes == faces.votes).all() and (other.truth["tone"] == 9).all()
        changed = [name for name in faces.truth if (faces.truth[name] != other.truth[name]).any()]
        assert set(changed) <= {"tone", "exposure"}
    assert (in_tone(faces, 2, 1).images == faces.images).all()


def test_the_augmentation_changes_light_and_returns_pictures(cells):
    change = defined(cells, "other_light")
    images = drawn_faces.faces(7, seed=6, balanced=True).images[..., None]
    before = images.copy()
    once, again, other = change(images, [0, 1, 2]), change(images, [0, 1, 2]), change(images, [0, 1, 3])
    assert once.dtype == np.uint8 and once.shape == images.shape and (images == before).all()
    assert (once == again).all() and (once != other).any()


def test_the_interval_over_seeds_and_persons_covers_the_mean(cells):
    over_both = defined(cells, "over_both", TEST={}, trainings={}, M=0)
    chance = np.random.default_rng(0)
    found = [over_both(0.1 + chance.normal(0, 0.5, (3, 80))) for _ in range(60)]
    assert np.mean([low <= 0.1 <= high for _, low, high in found]) > 0.85
    assert all(low <= mean <= high for mean, low, high in found)


def test_the_network_is_report_4s_plan(cells):
    """Convolution, batch norm, ReLU, pooling, four times, then a hidden layer: as in the big network, but narrower."""
    ours, theirs = defined(cells, "network")(), models.build("big", rescale=False)

    def kinds(net):
        return [type(layer).__name__ for layer in net.layers if type(layer).__name__ != "Dropout"]

    assert kinds(ours)[:18] == kinds(theirs)[:18] and ours.count_params() < theirs.count_params() / 10
    assert ours.output_shape == (None, len(CLASSES))


def test_the_notebooks_difference_is_the_checks(cells):
    difference = defined(cells, "difference")
    these, others = np.arange(60) < 31, np.arange(140) < 98
    assert difference(these, others) == pytest.approx(notebook_17.newcombe(these, others), abs=1e-12)
    gap, low, high = difference(these, others)
    assert gap == pytest.approx(98 / 140 - 31 / 60) and low < gap < high and low > -1
    swapped = difference(others, these)
    assert swapped == pytest.approx((-gap, -high, -low))


@pytest.mark.parametrize("part", CARD)
def test_a_card_without_a_part_is_refused_and_the_part_is_named(part, capsys):
    def text(left_out: str = "") -> str:
        return "# Card\n" + "\n".join(f"## {name}\n{words}" for name, words in CARD.items() if name != left_out)

    notebook_17.exercise_3(text())
    assert capsys.readouterr().out.startswith(RIGHT)
    notebook_17.exercise_3(text(part))
    said = capsys.readouterr().out
    wanted = {"Results": "metrics", "Results by group": "by group"}.get(part, part.lower())
    assert said.startswith(WRONG) and f"*{wanted}*" in said


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Intended uses", "intended use"), ("Purpose", "intended use"), ("Training data", "data"),
        ("Dataset and labels", "data"), ("Evaluation", "metrics"), ("Performance by skin tone", "by group"),
        ("Fairness", "by group"), ("Known limitations", "limits"), ("Limitations of the data", "limits"),
        ("Out-of-scope uses", "not for"), ("What it must not be used for", "not for"), ("License", "licence"),
        ("Terms of use", "licence"), ("Who to ask", "contact"), ("Maintainers", "contact"),
    ],
)  # fmt: skip
def test_sensible_headings_are_understood(heading, part):
    assert list(notebook_17.parts_of(f"# {heading}\nSome words.")) == [part]


VOTES = np.array([[6, 4, 0, 0], [5, 5, 0, 0], [0, 1, 9, 0], [0, 0, 0, 10], [3, 2, 0, 0]])


def test_who_wins_a_vote():
    assert agreement.winners(VOTES).tolist() == [0, -1, 2, 3, 0]


def test_one_annotator_against_the_others_counts_every_word():
    hits = words = 0
    for row in VOTES:
        said = np.repeat(np.arange(4), row)
        for k, word in enumerate(said):
            rest = agreement.winners(np.bincount(np.delete(said, k), minlength=4)[None])[0]
            hits, words = hits + int(rest == word), words + int(rest >= 0)
    assert agreement.one_against_the_others(VOTES) == [hits, words]


def test_the_record_of_agreement(tmp_path, monkeypatch):
    """The command on a few drawn faces that stand for the real set, with FER+'s ten columns."""
    faces = drawn_faces.faces(60, seed=9)
    votes = np.pad(faces.votes, ((0, 0), (0, 3)))
    part = data.Part(faces.images, faces.labels, np.arange(60).astype(str), "photographs", votes=votes)
    sets = data.Dataset(part.take(range(20)), part.take(range(20, 40)), part.take(range(40, 60)), "photographs")
    net = runs.Run(
        "emotion_net",
        {"test": runs.digest(sets.test.images, sets.test.labels), "finished": "today"},
        sets.test.labels,
        np.eye(7)[sets.test.labels],
    )
    monkeypatch.setattr(agreement, "photographs", lambda source, split: sets)
    monkeypatch.setattr(runs, "reference", lambda name: net)
    monkeypatch.setattr(runs, "REFERENCE", tmp_path)
    agreement.run("label_agreement", "", 0)
    record = runs.record("label_agreement")
    assert (
        record["images"] == 60 and record["labels_agree"][0] == record["labels_agree"][1]
    )  # drawn: the label is theirs
    assert all(found["net_label"][0] == found["net_label"][1] for found in record["privatetest"].values())
    assert not list(tmp_path.glob("*.npz"))


def test_the_stored_agreement_is_the_known_one():
    record = runs.record("label_agreement")
    assert record["labels_agree"] == [22013, 33500] and record["images"] == 35887
    assert [sum(pair) for pair in zip(*record["by_label"].values(), strict=True)] == record["labels_agree"]
    levels = list(record["privatetest"].values())
    for lower, higher in itertools.pairwise(levels):  # the more annotators agree, the more the net agrees with them
        assert evaluation.wilson(*lower["net_winner"])[1] < evaluation.wilson(*higher["net_winner"])[0]
