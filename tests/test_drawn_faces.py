"""The promises of the drawn faces: the same bytes, truths that hold, counterfactuals that change one thing."""

import hashlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import drawn_faces
from drawn_faces import AGE_GROUPS, AUS, LANDMARKS, REGIONS, anatomy, conditions
from helpers import CLASSES

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


@pytest.fixture(scope="module")
def people():
    return drawn_faces.faces(56, seed=5, balanced=True)


def test_same_bytes_whatever_the_number_or_the_workers(people):
    assert digest(drawn_faces.faces(20, seed=5, balanced=True).images) == digest(people.images[:20])
    assert digest(drawn_faces.faces(56, seed=5, balanced=True, workers=2).images) == digest(people.images)
    assert digest(drawn_faces.faces(9, seed=5, balanced=True, start=30).images) == digest(people.images[30:39])
    assert digest(drawn_faces.faces(20, seed=6, balanced=True).images) != digest(people.images[:20])


def test_a_worker_that_cannot_start_is_done_without(people, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    again = drawn_faces.faces(56, seed=5, balanced=True, workers=2)
    assert digest(again.images) == digest(people.images)


@FEW
@given(
    n=st.integers(0, 3), size=st.integers(16, 256), seed=st.integers(0, 2**40), balanced=st.booleans(), data=st.data()
)
def test_promises_for_any_size_and_seed(n, size, seed, balanced, data):
    faces = drawn_faces.faces(n, size=size, seed=seed, balanced=balanced)
    assert faces.images.dtype == np.uint8 and faces.images.shape == (n, size, size)
    assert len(faces) == len(faces.truth) == len(faces.labels) == n
    assert faces.votes.shape == (n, 7) and (faces.votes.sum(1) == 10).all()
    assert (faces.votes[np.arange(n), faces.labels] == faces.votes.max(1, initial=0)).all()
    assert faces.landmarks.shape == (n, len(LANDMARKS), 2) and np.isfinite(faces.landmarks).all()
    if n:
        units = faces.truth[list(AUS)].to_numpy()
        assert ((units >= 0) & (units <= 1)).all()
        assert faces.truth["tone"].between(1, 10).all() and faces.truth["age_group"].isin(AGE_GROUPS).all()
        assert [CLASSES[label] for label in faces.labels] == list(faces.truth["emotion"])
        assert faces.images.std() > 1
    region = data.draw(st.sampled_from(REGIONS))
    assert faces.masks[region].shape == (n, size, size) and faces.masks[region].dtype == bool


def test_masks_lie_where_the_landmarks_say():
    faces = drawn_faces.faces(14, size=96, seed=3, balanced=True, frontal=True, occluder="none", shift_x=0, shift_y=0)
    rows, columns = np.mgrid[:96, :96] + 0.5
    names = list(LANDMARKS)
    inside = {"eyes": "left_pupil", "nose": "nose_tip", "mouth": "lower_lip_bottom", "brows": "right_brow_middle"}
    for region, name in inside.items():
        for mask, (x, y) in zip(faces.masks[region], faces.landmarks[:, names.index(name)], strict=True):
            assert mask.any() and mask[int(y - 0.5), int(x)], (region, name)
    covered = sum(faces.masks[region].astype(int) for region in REGIONS)
    assert 0.1 < (covered > 0).mean() < 0.8
    assert faces.masks["forehead"].argmax(1).max() < 96 and set(faces.masks) == set(REGIONS)
    chin = faces.landmarks[:, names.index("chin"), 1]
    for region in REGIONS:
        lowest = np.where(faces.masks[region], rows, 0).max((1, 2))
        assert (lowest <= np.minimum(chin, 96) + 1).all(), region
    left = np.where(faces.masks["eyes"], columns, 96).min((1, 2))
    assert (left < faces.landmarks[:, names.index("left_pupil"), 0]).all()


def test_something_in_the_way_is_cut_out_of_the_masks():
    bare = drawn_faces.faces(12, size=64, seed=8, frontal=True, occluder="none")
    hidden = bare.with_(occluder="hand")
    assert (hidden.images != bare.images).any()
    assert sum(hidden.masks[r].sum() for r in REGIONS) < sum(bare.masks[r].sum() for r in REGIONS)


def test_changing_nothing_changes_no_byte(people):
    assert digest(people.with_().images) == digest(people.images)
    same = people.with_(**{name: people.truth[name].to_numpy() for name in ("AU12", "tone", "light_level", "hair")})
    assert digest(same.images) == digest(people.images)
    changed = people.with_(AU12=0.123)
    back = changed.with_(AU12=people.truth["AU12"].to_numpy())
    assert digest(back.images) == digest(people.images) and (back.votes == people.votes).all()


def test_an_action_unit_moves_only_what_it_moves():
    faces = drawn_faces.faces(8, size=96, seed=2, frontal=True, occluder="none", shift_x=0.0, shift_y=0.0, scale=1.0)
    brows = np.abs(faces.with_(AU1=1.0, AU2=1.0, AU4=0.0).images.astype(int) - faces.with_(AU1=0.0, AU2=0.0).images)
    mouth = np.abs(faces.with_(AU26=1.0, AU25=1.0).images.astype(int) - faces.with_(AU26=0.0, AU25=0.0).images)
    assert brows[:, :48].mean() > 5 * brows[:, 60:].mean()
    assert mouth[:, 55:].mean() > 5 * mouth[:, :40].mean()
    smile = np.abs(faces.with_(AU12=1.0).images.astype(int) - faces.with_(AU12=0.0).images)
    around = faces.masks["mouth"] | faces.masks["cheeks"] | faces.masks["nose"]
    assert (smile * around).sum() > 0.3 * smile.sum() and smile[:, :20].max() <= 12


def test_person_and_shot_stay_when_one_thing_changes(people):
    other = people.with_(tone=9)
    left = people.truth.drop(columns="tone")
    assert left.equals(other.truth.drop(columns="tone"))
    assert (other.votes == people.votes).all() and (other.landmarks == people.landmarks).all()
    dark = people.with_(light_level=0.2)
    assert dark.images.mean() < people.with_(light_level=1.0).images.mean()
    assert dark.truth["underexposed"].all()
    lighter, darker = people.with_(tone=1).images.mean(), people.with_(tone=10).images.mean()
    assert darker < lighter
    assert (people.with_(glasses=True).images != people.with_(glasses=False).images).any((1, 2)).mean() > 0.9


def test_the_same_annotators_look_at_a_counterfactual():
    smiling = drawn_faces.faces(30, seed=1, labels=["happy"] * 30, intensity=1.0)
    assert (smiling.labels == CLASSES.index("happy")).all()
    flat = smiling.with_(AU12=0.0, AU6=0.0, AU25=0.0, AU26=0.0)
    assert flat.votes[:, CLASSES.index("happy")].mean() < smiling.votes[:, CLASSES.index("happy")].mean() - 4


def test_several_values_and_several_changes(people):
    tones = np.arange(len(people)) % 10 + 1
    changed = people.with_(tone=tones, AU12=0.5)
    assert list(changed.truth["tone"]) == list(tones) and (changed.truth["AU12"] == 0.5).all()
    assert (people.with_(emotion="sad").truth["intended"] == "sad").all()
    assert (people.with_(identity=3).truth["identity"] == 3).all()


def test_one_person_many_photographs():
    faces = drawn_faces.faces(6, seed=4, identity=7)
    assert faces.truth["face_width"].nunique() == 1 and faces.truth["yaw"].nunique() == 6
    pairs = drawn_faces.faces(6, seed=4, identity=[0, 0, 1, 1, 2, 2])
    assert pairs.truth.groupby("identity")["nose_width"].nunique().eq(1).all()


def test_classes_follow_fer_or_are_balanced():
    labels = [drawn_faces.dataset.draw_label(0, i, list(range(7)), False) for i in range(4000)]
    shares = np.bincount(labels, minlength=7) / 4000
    wanted = np.array(conditions.FER_COUNTS) / sum(conditions.FER_COUNTS)
    assert np.abs(shares - wanted).max() < 0.03
    assert (np.bincount(drawn_faces.faces(28, size=16, balanced=True).labels, minlength=7) == 4).all()
    two = drawn_faces.faces(20, size=16, emotions=["happy", "sad"])
    assert set(two.truth["emotion"]) == {"happy", "sad"}
    assert list(drawn_faces.faces(3, size=16, labels=["fear", 3, "sad"]).labels) == [2, 3, 5]


def test_labels_are_noisy_as_people_are():
    rows = [
        conditions.order_row({"seed": 2, "index": i, "label": i % 7, "identity": i, "fixed": {}}) for i in range(350)
    ]
    agree = np.mean([row["intended"] == row["emotion"] for row in rows])
    assert 0.75 < agree < 0.98
    votes = np.array([row["votes"] for row in rows])
    intended = np.array([CLASSES.index(row["intended"]) for row in rows])
    mean = np.array([votes[intended == k].mean(0) for k in range(7)])
    assert mean[2, 6] > mean[2, 3] and mean[5, 4] > mean[5, 3] and mean[1, 0] > mean[1, 3]


@given(units=st.lists(st.floats(0, 1), min_size=len(AUS), max_size=len(AUS)), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_votes_are_ten_for_any_face(units, seed):
    share = anatomy.perceive(np.array(units))
    assert np.isclose(share.sum(), 1, atol=0.01) and (share >= 0).all()
    votes = anatomy.vote(np.array(units), np.random.default_rng(seed).random(10))
    assert votes.sum() == 10 and len(votes) == 7


def test_ties_go_to_the_first_in_alphabetical_order():
    assert anatomy.plurality(np.array([[0, 0, 5, 0, 0, 0, 5], [1, 3, 3, 3, 0, 0, 0]])).tolist() == [2, 1]


def test_subsets_keep_everything_together(people):
    some = people[[3, 1, 8]]
    assert len(some) == 3 and digest(some.images) == digest(people.images[[3, 1, 8]])
    assert list(some.truth["yaw"]) == list(people.truth["yaw"].iloc[[3, 1, 8]])
    assert len(people[4]) == 1 and len(people[:10]) == 10 and len(people[people.labels == 0]) == 8
    assert digest(some.with_(AU12=1.0).images) == digest(people.with_(AU12=1.0)[[3, 1, 8]].images)
    assert "56 drawn faces of 48x48 pixels, seed 5" in repr(people)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: drawn_faces.faces(-1), "n is a whole number"),
        (lambda: drawn_faces.faces(2, size=8), "size is a whole number from 16 to 256"),
        (lambda: drawn_faces.faces(2, seed=-3), "seed is a whole number of at least 0"),
        (lambda: drawn_faces.faces(2, seed=0.5), "seed is a whole number"),
        (lambda: drawn_faces.faces(2, emotions=["joy"]), "'joy' is no emotion"),
        (lambda: drawn_faces.faces(2, emotions=[]), "empty list"),
        (lambda: drawn_faces.faces(2, labels=["happy"]), "1 entries for 2 faces"),
        (lambda: drawn_faces.faces(2, tone=11), "tone is a number from 1 to 10"),
        (lambda: drawn_faces.faces(2, tone=2.5), "tone is a whole number"),
        (lambda: drawn_faces.faces(2, AU12=[0.1, 0.2, 0.3]), "one for each of the 2 faces"),
        (lambda: drawn_faces.faces(2, AU12="much"), "AU12 is a number from 0 to 1"),
        (lambda: drawn_faces.faces(2, AU13=1), "no condition 'AU13'; those it has: identity, tone"),
        (lambda: drawn_faces.faces(2, size=16).with_(smile=1), "no condition 'smile'"),
        (lambda: drawn_faces.faces(2, size=16).with_(AU12=float("nan")), "AU12 is a number from 0 to 1"),
        (lambda: drawn_faces.faces(2, age_group="40"), "age_group cannot be '40'; it is one of: 1-2"),
        (lambda: drawn_faces.faces(2, identity=[1]), "identity is a whole number"),
        (lambda: drawn_faces.clip(script=["joy"]), "'joy' is no scene|is no scene"),
        (lambda: drawn_faces.clip(fps=0), "fps is a number"),
        (lambda: drawn_faces.clip(script=[]), "at least one scene"),
    ],
)
def test_wrong_orders_get_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_an_unknown_region_gets_a_sentence(people):
    with pytest.raises(KeyError, match="regions are: brows, eyes"):
        people.masks["ears"]


def test_contact_sheet_has_a_row_an_emotion():
    sheet = drawn_faces.contact_sheet(people=3, size=32)
    assert sheet.dtype == np.uint8 and sheet.shape == (7 * 32 + 4, 3 * 32 + 4)
