"""Faces keep their number from frame to frame, are followed between detections, and their labels do not flicker."""

import numpy as np
import pytest

import drawn_faces
import faceapp
from faceapp.boxes import Box, Face


class Known:
    """A detector that knows where the faces are, and counts its calls."""

    def __init__(self, boxes_by_frame):
        self.boxes, self.calls, self.frame = boxes_by_frame, 0, 0

    def __call__(self, image):
        self.calls += 1
        return [Box(*box) for box in self.boxes[self.frame]]


@pytest.fixture(scope="module")
def film():
    return drawn_faces.film(drawn_faces.clip([("happy", 1.0), ("fear", 1.0)], size=128, fps=12), seed=1)


def followed(film, every, boxes=None):
    """The boxes of every frame, and the detector."""
    truth = list(film.truth[["x", "y", "w", "h"]].itertuples(index=False, name=None))
    detector = Known([[box] for box in truth] if boxes is None else boxes)
    tracker, found = faceapp.Tracker(detector, every), []
    for detector.frame, image in enumerate(film):
        found.append(tracker(image))
    return found, detector, truth


@pytest.mark.parametrize("every", [1, 4, 8])
def test_a_face_is_followed_between_detections(film, every):
    found, detector, truth = followed(film, every)
    assert all(len(boxes) == 1 for boxes in found) and {boxes[0].person for boxes in found} == {0}
    shares = [faceapp.overlap(boxes[0], box) for boxes, box in zip(found, truth, strict=True)]
    assert np.mean(shares) > 0.85 and min(shares) > 0.6
    assert detector.calls <= -(-len(film) // every) + 3


def test_a_detector_that_misses_a_face_for_a_while_does_not_lose_it(film):
    truth = list(film.truth[["x", "y", "w", "h"]].itertuples(index=False, name=None))
    boxes = [[] if 5 <= k < 10 else [box] for k, box in enumerate(truth)]
    found, _, _ = followed(film, 4, boxes)
    assert all(len(boxes) == 1 and boxes[0].person == 0 for boxes in found)


def test_two_faces_keep_their_numbers_and_a_leaver_is_forgotten():
    rng = np.random.default_rng(0)
    one, two = (rng.integers(0, 256, (60, 60), dtype=np.uint8) for _ in range(2))
    boxes, images = [], []
    for k in range(24):
        image = np.full((200, 400), 120, np.uint8)
        here = [(20 + 6 * k, 30, 60, 60)] + ([(320 - 6 * k, 110, 60, 60)] if k < 14 else [])
        for (x, y, w, h), face in zip(here, (one, two), strict=False):
            image[y : y + h, x : x + w] = face
        boxes.append(here)
        images.append(image)
    detector = Known(boxes)
    tracker, people = faceapp.Tracker(detector, every=3), []
    for detector.frame, image in enumerate(images):
        people.append({box.person: tuple(box) for box in tracker(image)})
    assert set(people[0]) == {0, 1} and all(set(now) == {0, 1} for now in people[:14])
    first = min(people[0], key=lambda person: people[0][person][0])
    assert all(abs(now[first][0] - (20 + 6 * k)) <= 6 for k, now in enumerate(people))
    assert all(set(now) == {first} for now in people[15:]), "the face that left is gone at once: nothing looks like it"


def test_near_faces_are_looked_for_in_a_small_copy_and_far_or_missed_ones_in_the_frame():
    def looks(side, found_in_copies=True, frames=11):
        widths = []

        def detector(image):
            widths.append(image.shape[1])
            scale = image.shape[1] / 640
            seen = found_in_copies or scale == 1
            return [Box(*(round(scale * v) for v in (200, 120, side, side)), score=0.7)] if seen else []

        tracker, frame = faceapp.Tracker(detector, every=1), np.random.default_rng(0).integers(0, 256, (480, 640))
        for _ in range(frames):
            (box,) = tracker(frame.astype(np.uint8))
            assert box == (200, 120, side, side) and box.person == 0 and box.score == 0.7
        return widths

    assert looks(100) == [640, 320, 320, 320, 320, 640, 320, 320, 320, 320, 640]
    assert looks(70) == [640] * 11, "a far face is small in a copy"
    assert looks(100, found_in_copies=False, frames=4) == [640, 320, 640, 320, 640, 320, 640]


def test_another_size_of_frame_is_another_film(film):
    tracker = faceapp.Tracker(lambda image: [(10, 10, 40, 40)], every=5)
    assert [box.person for box in tracker(film[0])] == [0]
    assert [box.person for box in tracker(film[0][:200, :200])] == [1]
    assert tracker(np.zeros((200, 200), np.uint8))[0].person >= 1, (
        "a blank frame: lost, and found again by the detector"
    )
    for wrong in (0, 2.5, True):
        with pytest.raises(ValueError, match="whole number"):
            faceapp.Tracker(lambda image: [], every=wrong)


def test_after_a_half_life_the_old_counts_half():
    def face(p, person=0):
        row = np.zeros(7, np.float32)
        row[3], row[5] = p, 1 - p
        return [Face(Box(0, 0, 9, 9, person=person), row)]

    smooth = faceapp.Smoother(half_life=0.5)
    assert smooth(face(1.0), 0.0)[0].probabilities[3] == 1
    assert smooth(face(0.0), 0.5)[0].probabilities[3] == pytest.approx(0.5)
    assert smooth(face(0.0), 1.5)[0].probabilities[3] == pytest.approx(0.125), "two half-lives, whatever the frame rate"
    assert smooth(face(0.0, person=1), 1.5)[0].probabilities[3] == 0, "each person has a mean of its own"
    assert smooth(face(1.0), 0.2)[0].probabilities[3] == 1, "time that goes back: another film"
    plain = faceapp.Smoother(half_life=0)
    plain(face(1.0), 0)
    assert plain(face(0.0), 0.01)[0].probabilities[3] == 0
    with pytest.raises(ValueError, match="number of seconds"):
        faceapp.Smoother(-1)


def test_smoothing_does_not_grow_with_the_people_that_pass():
    smooth = faceapp.Smoother()
    for k in range(2_000):
        smooth([Face(Box(0, 0, 9, 9, person=k), np.full(7, 1 / 7))], k / 10)
    assert len(smooth.means) < 40
