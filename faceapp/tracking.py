"""`Tracker`: the same number for the same face from frame to frame. `Smoother`: labels that do not flicker."""

from __future__ import annotations

import cv2
import numpy as np

from helpers.files import CourseError

from .boxes import Box, Face, clip_box, match_boxes, picture, to_grey
from .detectors import boxes_within

TEMPLATE = 40  # pixels of the small copy of a face that is looked for in the next frame
REACH = 0.5  # how far a face may move from frame to frame, in parts of its side
ALIKE = 0.55  # correlation below which a face counts as lost
FLAT = 2.0  # grey levels; what varies less has nothing that could be followed
SMALL = 320  # pixels of the longer side of the copy in which near faces are looked for, at a third of the cost
NEAR = 40  # pixels of that copy that each face must have: drawn faces of this size were found as surely as in the frame
WHOLE = 5  # every so many detections look at the whole frame, so that newcomers far away are found, too
MISSES = 2  # detections in a row that may miss a face which is still followed
FORGET = 2.0  # seconds after which a face that is gone is forgotten


class Tracker:
    """Call it with one frame after the other: boxes with `person`, the same number for the same face.

    detector  from picture to boxes
    every     frames from one detection to the next. In between each face is looked for near its last place by template
              matching; a lost one brings the next detection forward

    Most detections see a small copy of the frame (`detect`).
    """

    def __init__(self, detector, every: int = 5):
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise CourseError(f"every={every!r} is no number of frames.", "Give a whole number of at least 1.")
        self.detector, self.every = detector, int(every)
        self.tracks: list[Track] = []
        self.since_detection, self.since_whole, self.people, self.shape = self.every, 0, 0, None

    def __call__(self, image) -> list[Box]:
        image = picture(image)
        grey = to_grey(image)
        if grey.shape != self.shape:  # another camera or another film: nothing of the old one holds
            self.tracks, self.shape, self.since_detection = [], grey.shape, self.every
        lost = [track for track in self.tracks if not track.follow(grey)]
        self.since_detection += 1
        wait = self.every if self.tracks else max(1, self.every // 2)
        if lost or self.since_detection >= wait:
            self.update(self.detect(image), grey, lost)
            self.since_detection = 0
        return sorted((track.box for track in self.tracks), key=lambda box: box.area, reverse=True)

    def detect(self, image) -> list[Box]:
        """The boxes of the faces, in a small copy of the frame while all faces are near and found in it."""
        scale = max(image.shape[:2]) / SMALL
        near = self.tracks and min(min(track.box[2:]) for track in self.tracks) >= NEAR * scale
        self.since_whole += 1
        if scale >= 1.5 and near and self.since_whole < WHOLE:
            size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
            copy = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            found = boxes_within(self.detector(copy), copy.shape)
            if len(found) >= len(self.tracks):
                return [clip_box(scale * np.asarray(box), box.score, image.shape) for box in found]
        self.since_whole = 0
        return boxes_within(self.detector(image), image.shape)

    def update(self, boxes: list[Box], grey: np.ndarray, lost: list[Track]) -> None:
        """Match the tracks with new detections: a pair goes on, a lone box is a new person, a lone track may end."""
        pairs = match_boxes([track.box for track in self.tracks], boxes)
        pairs += self.match_fast(lost, boxes, pairs)
        matched, known = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, track in enumerate(self.tracks):
            track.missed += i not in matched
        for i, j in pairs:
            self.tracks[i].restart(boxes[j], grey)
        self.tracks = [
            track
            for i, track in enumerate(self.tracks)
            if i in matched or (track not in lost and track.missed <= MISSES)
        ]
        for j, box in enumerate(boxes):
            if j not in known:
                self.tracks.append(Track(self.people, box, grey))
                self.people += 1

    def match_fast(self, lost: list[Track], boxes: list[Box], pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Pairs of a lost track and a lone box of about its size, no further away than its side: somebody moved fast."""
        found = []
        for i, track in enumerate(self.tracks):
            if track not in lost or i in {i for i, _ in pairs}:
                continue
            x, y, w, h = track.box
            taken = {j for _, j in pairs + found}
            for j, (a, b, c, d) in enumerate(boxes):
                distance = max(abs(a + c / 2 - x - w / 2) / w, abs(b + d / 2 - y - h / 2) / h)
                if j not in taken and distance < 1 and 0.6 < c / w < 1.7:
                    found.append((i, j))
                    break
        return found


class Track:
    """One face on its way through the frames."""

    def __init__(self, person: int, box: Box, grey: np.ndarray):
        self.person = person
        self.restart(box, grey)

    def restart(self, box: Box, grey: np.ndarray) -> None:
        """Go on from where a detector has found the face."""
        self.box, self.missed = Box(*box, box.score, self.person), 0
        self.template = resized(grey, box, (TEMPLATE, TEMPLATE))

    def follow(self, grey: np.ndarray) -> bool:
        """Move to where the face is now; False when nothing near looks like it any more."""
        x, y, w, h = self.box
        height, width = grey.shape
        left, top = max(0, x - round(REACH * w)), max(0, y - round(REACH * h))
        near_w, near_h = min(width, x + w + round(REACH * w)) - left, min(height, y + h + round(REACH * h)) - top
        size = max(TEMPLATE, round(near_w * TEMPLATE / w)), max(TEMPLATE, round(near_h * TEMPLATE / h))
        near = resized(grey, (left, top, near_w, near_h), size)
        if self.template.std() < FLAT:
            return True  # it stays where it is until a detector says more
        if near.std() < FLAT:
            return False
        _, best, _, (u, v) = cv2.minMaxLoc(cv2.matchTemplate(near, self.template, cv2.TM_CCOEFF_NORMED))
        if not best >= ALIKE:
            return False
        x, y = round(left + u * near_w / size[0]), round(top + v * near_h / size[1])
        self.box = Box(min(max(x, 0), width - w), min(max(y, 0), height - h), w, h, self.box.score, self.person)
        return True


def resized(grey: np.ndarray, box, size: tuple[int, int]) -> np.ndarray:
    """The part of the picture in a box, brought to a width and height."""
    x, y, w, h = box
    return cv2.resize(grey[y : y + h, x : x + w], size, interpolation=cv2.INTER_AREA)


class Smoother:
    """Probabilities over time: an exponential mean for each person, in which what is `half_life` seconds old counts half."""

    def __init__(self, half_life: float = 0.3):
        if not half_life >= 0:
            raise CourseError(f"half_life={half_life!r} is no time.", "Give a number of seconds, 0 for no smoothing.")
        self.half_life = half_life
        self.means: dict[int, tuple[float, np.ndarray]] = {}  # person -> when last seen, probabilities

    def __call__(self, faces: list[Face], time: float) -> list[Face]:
        smoothed = []
        for box, mean in faces:
            last, before = self.means.get(box.person, (time, mean))
            if self.half_life > 0 and time > last:
                keep = 0.5 ** ((time - last) / self.half_life)
                mean = keep * before + (1 - keep) * mean
            self.means[box.person] = (time, mean)
            smoothed.append(Face(box, mean))
        self.means = {person: (last, mean) for person, (last, mean) in self.means.items() if 0 <= time - last < FORGET}
        return smoothed
