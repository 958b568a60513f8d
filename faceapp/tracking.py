"""`Tracker`: faces found every few frames, followed in between, each with a number; and labels that do not flicker."""

from __future__ import annotations

import cv2
import numpy as np

from .boxes import Box, Face, grey, paired, picture
from .detectors import boxes_of

TEMPLATE = 40  # pixels of the small copy of a face that is looked for in the next frame
REACH = 0.5  # how far a face may move from frame to frame, in parts of its side
ALIKE = 0.55  # correlation below which a face counts as lost
FLAT = 2.0  # grey levels; what varies less has nothing that could be followed


class Tracker:
    """Call it with one frame after the other: boxes with `person`, the same number for the same face.

    detector   from picture to boxes
    every      frames from one detection to the next; in between each face is looked for near its last place by template
               matching, and a lost one brings the next detection forward
    patience   detections in a row that may miss a face which is still followed before it is dropped
    """

    def __init__(self, detector, every: int = 5, patience: int = 2):
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise ValueError(f"every={every!r}; it must be a whole number of at least 1.")
        self.detector, self.every, self.patience = detector, int(every), patience
        self.followed: list[Followed] = []
        self.since, self.count, self.shape = self.every, 0, None

    def __call__(self, image) -> list[Box]:
        image = picture(image)
        light = grey(image)
        if light.shape != self.shape:  # another camera or another film: nothing of the old one holds
            self.followed, self.shape, self.since = [], light.shape, self.every
        lost = [face for face in self.followed if not face.follow(light)]
        self.since += 1
        pause = self.every if self.followed else max(1, self.every // 2)
        if lost or self.since >= pause:
            self.renew(boxes_of(self.detector(image), image.shape), light, lost)
            self.since = 0
        return [Box(*face.box, face.score, face.person) for face in sorted(self.followed, key=lambda f: -f.box.area)]

    def renew(self, boxes: list[Box], light: np.ndarray, lost: list[Followed]) -> None:
        """Bring faces and fresh detections together: a pair goes on, a lone box is somebody new."""
        pairs = paired([face.box for face in self.followed], boxes)
        pairs += self.near([i for i, face in enumerate(self.followed) if face in lost], boxes, pairs)
        known, seen = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, j in pairs:
            self.followed[i].found(boxes[j], light)
        for i, face in enumerate(self.followed):
            face.missed += i not in known
        gone = [f for i, f in enumerate(self.followed) if i not in known and (f in lost or f.missed > self.patience)]
        self.followed = [face for face in self.followed if face not in gone]
        for j, box in enumerate(boxes):
            if j not in seen:
                self.followed.append(Followed(self.count, box, light))
                self.count += 1

    def near(self, lost: list[int], boxes: list[Box], pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Lost faces and the lone boxes of about their size, within their own side: somebody moved fast."""
        found = []
        for i in lost:
            if any(i == known for known, _ in pairs):
                continue
            x, y, w, h = self.followed[i].box
            taken = {j for _, j in pairs + found}
            for j, (a, b, c, d) in enumerate(boxes):
                away = max(abs(a + c / 2 - x - w / 2) / w, abs(b + d / 2 - y - h / 2) / h)
                if j not in taken and away < 1 and 0.6 < c / w < 1.7:
                    found.append((i, j))
                    break
        return found


class Followed:
    """One face on its way through the frames."""

    def __init__(self, person: int, box: Box, light: np.ndarray):
        self.person = person
        self.found(box, light)

    def found(self, box: Box, light: np.ndarray) -> None:
        """A detector says that the face is here."""
        self.box, self.score, self.missed = box, box.score, 0
        self.template = small(light, box, TEMPLATE, TEMPLATE)

    def follow(self, light: np.ndarray) -> bool:
        """Move to where the face is now; False when nothing near looks like it any more."""
        x, y, w, h = self.box
        dx, dy = round(REACH * w), round(REACH * h)
        height, width = light.shape
        left, top = max(0, x - dx), max(0, y - dy)
        right, low = min(width, x + w + dx), min(height, y + h + dy)
        across, down = TEMPLATE / w, TEMPLATE / h
        size = max(TEMPLATE, round((right - left) * across)), max(TEMPLATE, round((low - top) * down))
        near = small(light, (left, top, right - left, low - top), *size)
        if self.template.std() < FLAT:
            return True  # it stays where it is until a detector says more
        if near.std() < FLAT:
            return False
        _, best, _, (u, v) = cv2.minMaxLoc(cv2.matchTemplate(near, self.template, cv2.TM_CCOEFF_NORMED))
        if not best >= ALIKE:
            return False
        x, y = round(left + u * (right - left) / size[0]), round(top + v * (low - top) / size[1])
        self.box = Box(min(max(x, 0), width - w), min(max(y, 0), height - h), w, h, self.score, self.person)
        return True


def small(light: np.ndarray, box, width: int, height: int) -> np.ndarray:
    """A part of the picture at a small size."""
    x, y, w, h = box
    return cv2.resize(light[y : y + h, x : x + w], (width, height), interpolation=cv2.INTER_AREA)


class Smoother:
    """Probabilities over time: an exponential mean for each person, in which what is `half_life` seconds old counts half."""

    def __init__(self, half_life: float = 0.3):
        if not half_life >= 0:
            raise ValueError(f"half_life={half_life!r}; it must be a number of seconds, 0 for no smoothing.")
        self.half_life, self.known = half_life, {}

    def __call__(self, faces: list[Face], time: float) -> list[Face]:
        smoothed = []
        for face in faces:
            before = self.known.get(face.person)
            mean = face.probabilities
            if before is not None and self.half_life > 0 and time >= before[0]:
                keep = 0.5 ** ((time - before[0]) / self.half_life)
                mean = keep * before[1] + (1 - keep) * mean
            self.known[face.person] = (time, mean)
            smoothed.append(Face(face.box, mean))
        present = {face.person for face in faces}
        forgotten = [p for p, (last, _) in self.known.items() if p not in present and not 0 <= time - last < 2]
        for person in forgotten:
            del self.known[person]
        return smoothed
