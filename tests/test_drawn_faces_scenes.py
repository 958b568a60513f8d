"""Drawn clips, scenes and films: they follow their script, and the boxes of their truth are where the faces are."""

import numpy as np
import pytest

import drawn_faces


def test_a_clip_follows_its_script():
    clip = drawn_faces.clip(script=["neutral", ("happy", 2.0), "surprise"], size=48, fps=6, seed=1, seconds=1.5)
    assert clip.frames.shape == (30, 48, 48) and clip.frames.dtype == np.uint8 and len(clip.truth) == len(clip) == 30
    assert list(dict.fromkeys(clip.truth["emotion"])) == ["neutral", "happy", "surprise"]
    happy = clip.truth[clip.truth["emotion"] == "happy"]
    assert happy["AU12"].max() > 0.7 and happy["AU12"].iloc[0] < 0.1 and happy["AU12"].iloc[-1] < 0.3
    assert (clip.truth["AU12"].diff().abs().dropna() < 0.6).all()
    assert (clip.truth[["w", "h"]] > 15).all().all() and (clip.truth["x"] + clip.truth["w"] <= 48).all()
    assert clip.truth["time"].is_monotonic_increasing and "happy" in repr(clip)


def test_a_clip_is_the_same_each_time_and_one_person():
    one, two = (drawn_faces.clip(script=["fear"], size=48, fps=4, seed=2, seconds=1) for _ in range(2))
    assert (one.frames == two.frames).all() and one.truth.equals(two.truth)
    assert (drawn_faces.clip(script=["fear"], size=48, fps=4, seed=3, seconds=1).frames != one.frames).any()
    dark = drawn_faces.clip(script=["fear"], size=48, fps=4, seed=2, seconds=1, light_level=0.2)
    assert dark.frames.mean() < one.frames.mean()
    other = drawn_faces.clip(script=["fear"], size=48, fps=4, seed=2, seconds=1, identity=9)
    assert (other.truth[["w", "h"]] != one.truth[["w", "h"]]).any(axis=None)


@pytest.mark.parametrize(
    ("wrong", "says"), [({"script": ["joy"]}, "'joy'.* angry"), ({"script": []}, "at least one"), ({"fps": 0}, "fps")]
)
def test_a_clip_that_cannot_be_drawn_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        drawn_faces.clip(**wrong)


def test_a_scene_has_its_faces_apart_and_within():
    scene = drawn_faces.scene(3, seed=1)
    assert scene.image.shape == (480, 640) and scene.image.dtype == np.uint8 and len(scene) == len(scene.boxes) == 3
    for x, y, w, h in scene.boxes:
        assert x >= 0 and y >= 0 and x + w <= 640 and y + h <= 480 and 30 < w < h
    taken = np.zeros((480, 640), int)
    for x, y, w, h in scene.boxes:
        taken[y : y + h, x : x + w] += 1
    assert taken.max() == 1
    again = drawn_faces.scene(3, seed=1)
    assert np.array_equal(scene.image, again.image) and again.boxes == scene.boxes
    assert "3 faces" in repr(scene) and set(scene.truth["emotion"]) <= set(drawn_faces.CLASSES)


def test_the_box_is_where_the_face_was_pasted():
    """The scene differs from the same scene without faces around the boxes, and nowhere far from them."""
    scene, empty = drawn_faces.scene(1, seed=4), drawn_faces.scene(0, seed=4)
    changed = np.abs(scene.image.astype(int) - empty.image) > 12
    assert len(empty) == 0 and empty.boxes == []
    ((x, y, w, h),) = scene.boxes
    assert changed[y : y + h, x : x + w].mean() > 0.5
    changed[max(0, y - h) : y + 2 * h, max(0, x - h) : x + w + h] = False
    assert changed.mean() < 0.01


def test_conditions_reach_the_faces():
    dark = drawn_faces.scene(2, seed=0, light_level=0.15)
    light = drawn_faces.scene(2, seed=0, light_level=1.0)
    assert dark.boxes == light.boxes and list(dark.truth["light_level"]) == [0.15, 0.15]
    (x, y, w, h) = dark.boxes[0]
    assert dark.image[y : y + h, x : x + w].mean() < light.image[y : y + h, x : x + w].mean() - 20
    turned = drawn_faces.scene(2, seed=0, yaw=[0, 30])
    assert list(turned.truth["yaw"]) == [0, 30] and (turned.truth["occluder"] == "none").all()


@pytest.mark.parametrize("wrong", [{"n": 9, "sizes": (200, 200)}, {"width": 3}, {"sizes": (90, 300)}, {"smile": 1}])
def test_a_scene_that_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match=r"room|whole number|no condition"):
        drawn_faces.scene(**wrong)


def test_a_film_moves_its_face_and_knows_where():
    clip = drawn_faces.clip([("happy", 0.5), ("sad", 0.5)], size=96, fps=6)
    film = drawn_faces.film(clip, width=320, height=240, seed=2)
    frames = list(film)
    assert len(frames) == len(film) == len(clip) and frames[0].shape == (240, 320) and film.fps == 6
    assert list(film.truth["emotion"]) == list(clip.truth["emotion"])
    place = film.truth[["x", "y"]].to_numpy()
    assert (np.abs(np.diff(place, axis=0)).sum(1) > 0).any() and (place >= 0).all()
    still = drawn_faces.film(clip, width=320, height=240, speed=0)
    side = (320 - 96) // 2
    inner = still[0][72 + 24 : 72 + 72, side + 24 : side + 72]
    assert np.abs(inner.astype(int) - clip.frames[0][24:72, 24:72]).max() <= 1
    with pytest.raises(ValueError, match="no room"):
        drawn_faces.film(clip, width=64, height=240)
