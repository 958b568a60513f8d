"""Scores against cases worked out by hand, counterfactual faces against redrawing, the sanity check against nets it must see through."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax
from scipy.stats import spearmanr

import drawn_faces
from drawn_faces import AUS, REGIONS
from helpers import CLASSES, explain, models
from helpers.files import CourseError

from .explain_world import SIDE, convolution, images, kernel, linear

RNG = np.random.default_rng(0)
HAND = np.array([[9, 5, 0], [1, 5, 0], [0, 0, 0.0]])
INSIDE = np.array([[0, 1, 1], [0, 1, 0], [0, 0, 0]], bool)


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.faces(21, seed=3, balanced=True, occluder="none", glasses=False)


@pytest.fixture(scope="module")
def model():
    """A small net on drawn faces: a convolution, the mean of each map."""
    keras.utils.set_random_seed(0)
    image = keras.Input((48, 48, 1))
    x = layers.Conv2D(4, 5, strides=3, activation="relu")(layers.Rescaling(1 / 255)(image))
    return keras.Model(image, models.emotion(layers.Flatten()(x), 7))


def test_scores_by_hand():
    table = explain.scores(HAND[None], INSIDE[None])
    assert table.to_dict("records") == [{"pointing": 0, "mass": 0.5, "rank": pytest.approx(2 / 3), "area": 3 / 9}]
    table = explain.scores(np.stack([HAND, 3 * HAND]), np.stack([~INSIDE, INSIDE]))
    assert list(table["pointing"]) == [1, 0] and list(table["mass"]) == [0.5, 0.5]
    expected = (2 + 2 * 2 / 5) / 6  # 9 and 1 lie inside, 5 and 5 do not; two of five zeros are drawn to make six
    assert explain.scores(HAND[None], ~INSIDE[None])["rank"][0] == pytest.approx((2 + 2 * 4 / 5) / 6) != expected


def test_ties_count_by_chance():
    """A map of few values: the scores are the means over maps whose ties are broken at random."""
    values = RNG.integers(0, 3, (6, 6)).astype(float)
    inside = RNG.random((6, 6)) < 0.3
    table = explain.scores(values[None], inside[None]).iloc[0]
    broken = np.array([values + 1e-6 * RNG.random((6, 6)) for _ in range(4000)])
    drawn = explain.scores(broken, np.repeat(inside[None], 4000, axis=0)).mean()
    np.testing.assert_allclose(
        table[["pointing", "rank"]].astype(float), drawn[["pointing", "rank"]].astype(float), atol=0.03
    )
    flat = explain.scores(np.zeros((1, 6, 6)), inside[None]).iloc[0]
    assert flat["pointing"] == flat["mass"] == flat["rank"] == flat["area"] == inside.mean()


def test_scores_of_drawn_faces(faces):
    truth = explain.region_masks(faces)
    table = explain.scores(truth.astype(float), faces)
    rest = ~truth.any(axis=(1, 2))
    assert rest.sum() >= 2 and set(np.array(CLASSES)[faces.labels[rest]]) <= {"neutral", "sad"}
    assert (table.loc[~rest, ["pointing", "mass", "rank"]] == 1).all().all()
    assert table.loc[rest, ["pointing", "mass", "rank"]].isna().all().all() and (table.loc[rest, "area"] == 0).all()
    noise = explain.scores(RNG.random(faces.images.shape), faces)[~rest]
    assert abs(noise["mass"].mean() - noise["area"].mean()) < 0.01


def test_bad_maps_and_truths_are_said(faces):
    maps = np.ones(faces.images.shape)
    for call, sentence in (
        (lambda: explain.scores(maps[:3], faces), "one for each picture"),
        (lambda: explain.scores(-maps, faces), "must not be negative"),
        (lambda: explain.scores(maps * np.nan, faces), "finite numbers"),
        (lambda: explain.scores(maps, faces.images), "drawn faces or masks"),
        (lambda: explain.region_masks(faces.images), "needs drawn faces"),
        (lambda: explain.region_masks(faces, "chin"), "no region 'chin'.*mouth"),
        (lambda: explain.region_masks(faces, ["mouth"]), "1 entries for 21 faces"),
        (lambda: explain.agreement(maps[0], maps[0]), r"Maps come as \(n, height, width\)"),
        (lambda: explain.agreement(maps, maps[:2]), "one for each picture"),
        (lambda: explain.counterfactual(None, faces.images), "needs drawn faces"),
    ):
        with pytest.raises(CourseError, match=sentence):
            call()


@pytest.mark.parametrize("unit", AUS)
def test_redrawing_shows_where_a_unit_moves(unit, faces):
    """Where a unit is added, most of what changes lies in its regions; for three units, half of that lies at the chin."""
    rest = faces.with_(**dict.fromkeys(AUS, 0.0) | ({"AU25": 1.0} if unit == "AU26" else {}))
    moved = rest.with_(**{unit: 1.0})
    change = np.abs(moved.images.astype(int) - rest.images)
    change[change <= 6] = 0
    inside = explain.region_masks(moved, [explain.UNIT_REGIONS[unit]] * 21)
    inside |= explain.region_masks(rest, [explain.UNIT_REGIONS[unit]] * 21)
    share = change[inside].sum() / change.sum()
    assert share > (0.28 if unit in ("AU17", "AU24", "AU26") else 0.6)
    assert share > 2.5 * inside.mean()


def test_region_masks(faces):
    np.testing.assert_array_equal(explain.region_masks(faces, "mouth"), faces.masks["mouth"])
    several = explain.region_masks(faces, [("mouth", "nose")] + [""] * 20)
    np.testing.assert_array_equal(several[0], faces.masks["mouth"][0] | faces.masks["nose"][0])
    assert not several[1:].any()
    assert not explain.region_masks(faces.with_(**dict.fromkeys(AUS, 0.0))).any()


def test_region_shares(faces):
    table = explain.region_shares(faces.masks["mouth"].astype(float), faces)
    assert list(table.columns) == [*REGIONS, "elsewhere"]
    np.testing.assert_allclose(table["mouth"], faces.masks["mouth"].any(axis=(1, 2)))
    even = explain.region_shares(np.ones(faces.images.shape), faces)
    np.testing.assert_allclose(even["nose"], faces.masks["nose"].mean(axis=(1, 2)))
    np.testing.assert_allclose(explain.region_shares(np.zeros(faces.images.shape), faces), 0)


def test_counterfactuals_are_what_redrawing_gives(model, faces):
    table = explain.counterfactual(model, faces, "happy")
    happy, rows = CLASSES.index("happy"), table[table["unit"] == "AU12"]
    active = np.flatnonzero(faces.truth["AU12"] >= explain.ACTIVE)
    before = explain.logits(model, faces.images)[active, happy]
    after = explain.logits(model, faces.with_(AU12=0.0).images)[active, happy]
    assert list(rows["face"]) == list(active) and set(table["class"]) == {"happy"} and len(active) > 2
    np.testing.assert_allclose(rows["before"], before, rtol=1e-5)
    np.testing.assert_allclose(rows["after"], after, rtol=1e-5)
    np.testing.assert_allclose(rows["effect"], before - after, atol=1e-5)
    assert len(table) == (faces.truth[list(AUS)] >= explain.ACTIVE).to_numpy().sum()


def test_counterfactuals_by_region_and_the_decisive_one(model, faces):
    table = explain.counterfactual(model, faces, by="region")
    said = explain.logits(model, faces.images).argmax(axis=1)
    assert all(table["class"] == np.array(CLASSES)[said[table["face"]]])
    best = explain.decisive(table, len(faces))
    for i in range(len(faces)):
        own = table[(table["face"] == i) & (table["effect"] > 0)]
        assert best[i] == (own.loc[own["effect"].idxmax(), "region"] if len(own) else "")
    brows = [unit for unit, regions in explain.UNIT_REGIONS.items() if regions[0] == "brows"]
    lost = explain.logits(model, faces.images) - explain.logits(model, idle(faces, brows).images)
    rows = table[table["region"] == "brows"]
    np.testing.assert_allclose(rows["effect"], lost[rows["face"], said[rows["face"]]], atol=1e-5)
    rest = faces[:2].with_(**dict.fromkeys(AUS, 0.0))
    nothing = explain.counterfactual(model, rest, by="region")
    assert len(nothing) == 0 and explain.decisive(nothing, 2) == ["", ""]
    with pytest.raises(CourseError, match=r"'muscle'.*'region'"):
        explain.counterfactual(model, faces[:2], by="muscle")
    with pytest.raises(CourseError, match="no class 9"):
        explain.counterfactual(model, faces[:2], 9)


def idle(faces, units):
    """The faces with those of the units taken back that are active; the idle twitch of the others stays."""
    kept = {unit: np.where(faces.truth[unit] >= explain.ACTIVE, 0.0, faces.truth[unit]) for unit in units}
    return faces.with_(**kept)


@pytest.mark.parametrize("steps", [1, 8, SIDE * SIDE])
def test_deletion_and_insertion_are_what_a_loop_finds(steps):
    net, pictures, label = explain.prepare(linear()), images(2), 1
    start = explain.baselines(pictures, "mean")
    gains = kernel(linear(), label) * (pictures - start)
    found = explain.deletion_insertion(net, pictures, label, gains, steps=steps, baseline="mean", batch=5)
    for step in {0, 1, steps // 2, steps}:
        count = round(step / steps * SIDE * SIDE)
        for i in range(2):
            first = np.zeros(SIDE * SIDE, bool)
            first[np.argsort(-gains[i].ravel())[:count]] = True
            first = first.reshape(SIDE, SIDE)
            for curve, a, b in ((found.deletion, start, pictures), (found.insertion, pictures, start)):
                expected = softmax(explain.logits(net, np.where(first, a[i], b[i])[None])[0])[label]
                assert curve[i, step] == pytest.approx(expected, abs=1e-5)
    area = ((found.deletion[:, 1:] + found.deletion[:, :-1]) / 2).mean(axis=1)
    np.testing.assert_allclose(found.deletion_auc, area)
    np.testing.assert_allclose(found.deletion[:, 0], found.insertion[:, -1], rtol=1e-6)
    with pytest.raises(CourseError, match="one for each picture"):
        explain.deletion_insertion(net, pictures, 1, np.ones((4, 5, 5)))


def test_agreement_is_the_rank_correlation():
    a, b = RNG.random((3, 6, 7)), RNG.integers(0, 4, (3, 6, 7))
    expected = [spearmanr(x.ravel(), y.ravel()).statistic for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(explain.agreement(a, b), expected, atol=1e-12)
    np.testing.assert_allclose(explain.agreement(a, a**3), 1)
    np.testing.assert_allclose(explain.agreement(a, -a), -1)
    assert list(explain.agreement(a, np.ones_like(a))) == [0, 0, 0]


def edges(net, images, classes=None):
    """A method that looks at the picture and not at the net."""
    assert images.ndim == 3 and images.dtype == np.uint8  # as they were given
    return np.abs(np.gradient(images.astype(float), axis=2))


def test_the_sanity_check_sees_through_a_method_that_ignores_the_net():
    net, pictures = convolution(), images(2, side=SIDE)
    before = net.get_weights()
    table = explain.sanity_check(net, edges, pictures)
    assert list(table["layer"].unique()) == ["none", net.layers[-1].name, "maps"]
    np.testing.assert_allclose(table["similarity"], 1)
    prepared = explain.prepare(net)
    found = explain.sanity_check(prepared, "saliency", pictures, 1)
    np.testing.assert_allclose(found[found["depth"] == 0]["similarity"], 1)
    assert found[found["depth"] == 2]["similarity"].max() < 0.9 and found["share"].max() == 1
    np.testing.assert_array_equal(explain.sanity_check(net, explain.saliency, pictures, 1), found)
    assert (explain.sanity_check(net, "saliency", pictures, 1, seed=1)["similarity"] != found["similarity"]).any()
    for now in (net.get_weights(), prepared.model.get_weights()):  # neither has forgotten anything
        assert all((a == b).all() for a, b in zip(before, now, strict=True))
    last = explain.sanity_check(net, "saliency", pictures, 1, depths=1)
    assert list(last["depth"].unique()) == [0, 2]
    np.testing.assert_allclose(last["similarity"], found[found["depth"] != 1]["similarity"])


def test_the_sanity_check_goes_layer_by_layer():
    net = explain.prepare(models.build("trial_6", seed=0, filters=(3, 4)))
    weighted = [layer.name for layer in net.model.layers if layer.weights][::-1]
    seen = []

    def watch(net, images, classes, note):
        seen.append(net.model.get_weights())
        return edges(net, images)

    table = explain.sanity_check(net, watch, images(2, side=48), note="an option of the method's own")
    assert list(table["layer"].unique()) == ["none", *weighted] and len(table) == 2 * len(seen)
    same = [[np.array_equal(a, b) for a, b in zip(seen[0], later, strict=True)] for later in seen]
    counts = [sum(each) for each in same]
    assert counts == sorted(counts, reverse=True) and counts[0] == len(seen[0]) > counts[-1]
    few = explain.sanity_check(net, edges, images(2, side=48), depths=2)
    assert list(few["depth"].unique()) == [0, 1, len(weighted)]
    with pytest.raises(CourseError, match=r"no method 'edges'.*saliency"):
        explain.sanity_check(net, "edges", images(2, side=48))
