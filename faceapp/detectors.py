"""`detect`: where the faces of a picture are, by the best detector that this machine has, or by one that is named."""

from __future__ import annotations

import importlib.util
import pathlib
import threading

import cv2
import numpy as np

from .boxes import Box, grey, overlap, picture, shrunk
from .files import DetectorError, at_hand, ready

LONGEST = 800  # pixels; a detector looks at a copy whose longer side is at most that
SMALLEST = 30  # pixels of the smallest face in that copy
# The automatic choice takes the first of these that can be had. On 36 faces in 24 drawn scenes of 640x480 the SSD found
# 35 (59 ms of one core a scene), MTCNN 35 (371 ms), Haar 32 (50 ms), LBP 29 (125 ms), with one false alarm, LBP's, in all.
ORDER = ("yunet", "ssd", "haar", "lbp", "mtcnn")


class Detector:
    """Finds faces: call it with a picture (grey or RGB) and get boxes, the largest first. Safe to share between threads.

    `margin` and `lift` say how the square that is cut out differs from this detector's boxes, so that a face looks as in
    the training pictures. Where Haar finds a face in FER-2013's pictures, its box covers 0.95 of their side in the
    median, and lies in their middle: hence its margin. The others' follow from their boxes on the same drawn faces
    (YuNet's, not measured here, is MTCNN's: both learned the boxes of WIDER FACE).
    """

    name, margin, lift = "detector", 0.0, 0.0

    def __init__(self, longest: int = LONGEST):
        self.longest, self.lock, self.why = longest, threading.Lock(), "it was asked for"

    def __call__(self, image) -> list[Box]:
        image = picture(image)
        small, scale = shrunk(image, self.longest)
        with self.lock:
            found = self.look(small)
        boxes = [inside(scale * np.asarray(box), score, image.shape) for *box, score in found]
        return distinct([box for box in boxes if box[2] > 1 and box[3] > 1])

    def look(self, image: np.ndarray) -> list[tuple]:
        """(x, y, w, h, score) of each face in the small picture."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{self.name} ({self.about}): {self.why}"


class Haar(Detector):
    """OpenCV's cascade of Haar features. Its score follows from how many neighbouring windows agreed."""

    name, about, margin = "haar", "OpenCV's cascade alt2, frontal faces", 0.05

    def __init__(self, longest: int = LONGEST, step: float = 1.2, neighbours: int = 3):
        super().__init__(longest)
        self.step, self.neighbours = step, neighbours
        file = (
            pathlib.Path(getattr(getattr(cv2, "data", None), "haarcascades", "")) / "haarcascade_frontalface_alt2.xml"
        )
        if not hasattr(cv2, "CascadeClassifier") or not file.is_file():
            raise DetectorError(f"OpenCV {cv2.__version__} has no Haar cascades.", 'Take faceapp.detector("lbp").')
        self.cascade = cv2.CascadeClassifier(str(file))

    def look(self, image):
        boxes, votes = self.cascade.detectMultiScale2(
            grey(image), scaleFactor=self.step, minNeighbors=self.neighbours, minSize=(SMALLEST, SMALLEST)
        )
        return [(*box, n / (n + 3)) for box, n in zip(boxes, np.ravel(votes), strict=True)]


class Lbp(Detector):
    """scikit-image's cascade of local binary patterns, which it brings with it. It gives no score: each is 1."""

    name, about, margin = "lbp", "scikit-image's cascade, frontal faces", 0.02

    def __init__(self, longest: int = 400, step: float = 1.2, stride: float = 1.0, neighbours: int = 4):
        super().__init__(longest)
        try:
            from skimage.data import lbp_frontal_face_cascade_filename
            from skimage.feature import Cascade
        except ImportError as problem:
            raise DetectorError("scikit-image is not installed.", "pip install scikit-image") from problem
        self.cascade = Cascade(lbp_frontal_face_cascade_filename())
        self.step, self.stride, self.neighbours = step, stride, neighbours

    def look(self, image):
        side = min(image.shape[:2])
        if side < SMALLEST:
            return []
        found = self.cascade.detect_multi_scale(
            grey(image), self.step, self.stride, (SMALLEST, SMALLEST), (side, side), self.neighbours
        )
        return [(face["c"], face["r"], face["width"], face["height"], 1.0) for face in found]


class Ssd(Detector):
    """OpenCV's network of 2017 on 300x300 pixels, report 5's choice. Needs two files, and an OpenCV before 5."""

    name, about, margin = "ssd", "OpenCV's network of 2017, res10 300x300", -0.06

    def __init__(self, longest: int = LONGEST, files=None, least: float = 0.5):
        super().__init__(longest)
        self.least = least
        network, weights = ready("ssd", files)
        try:
            self.net = cv2.dnn.readNet(str(weights), str(network))
        except (cv2.error, AttributeError) as problem:
            raise DetectorError(f"OpenCV {cv2.__version__} cannot read {weights} ({brief(problem)}).") from problem

    def look(self, image):
        height, width = image.shape[:2]
        self.net.setInput(cv2.dnn.blobFromImage(bgr(image), 1.0, (300, 300), (104, 177, 123)))
        rows = self.net.forward().reshape(-1, 7)
        rows = rows[(rows[:, 2] >= self.least) & np.isfinite(rows).all(1)]
        size = np.array([width, height, width, height])
        corners = np.clip(rows[:, 3:], 0, 1) * size
        return [(a, b, c - a, d - b, p) for (a, b, c, d), p in zip(corners.tolist(), rows[:, 2].tolist(), strict=True)]


class YuNet(Detector):
    """OpenCV's small network of 2023. Needs one file of 0.2 MB; OpenCV 5 has it too."""

    name, about, margin = "yunet", "OpenCV's network of 2023", -0.05

    def __init__(self, longest: int = 640, files=None, least: float = 0.6):
        super().__init__(longest)
        (file,) = ready("yunet", files)
        if not hasattr(cv2, "FaceDetectorYN"):
            raise DetectorError(f"OpenCV {cv2.__version__} has no FaceDetectorYN.")
        try:
            self.net = cv2.FaceDetectorYN.create(str(file), "", (320, 320), least)
        except cv2.error as problem:
            raise DetectorError(f"OpenCV {cv2.__version__} cannot read {file} ({brief(problem)}).") from problem

    def look(self, image):
        self.net.setInputSize((image.shape[1], image.shape[0]))
        rows = self.net.detect(bgr(image))[1]
        return [] if rows is None else [(*row[:4], row[14]) for row in rows.tolist() if np.isfinite(row).all()]


class Mtcnn(Detector):
    """Three networks one after the other (report 5 tried them). Slow; needs the package mtcnn."""

    name, about, margin = "mtcnn", "the package mtcnn, three networks in a row", -0.05

    def __init__(self, longest: int = 640, least: float = 0.9):
        super().__init__(longest)
        if importlib.util.find_spec("mtcnn") is None:
            raise DetectorError("The package mtcnn is not installed.", "pip install mtcnn==1.0.0 lz4")
        try:
            from mtcnn import MTCNN

            self.net, self.least = MTCNN(device="CPU:0"), least
        except Exception as problem:  # it imports much, and what fails in it is not ours to know
            raise DetectorError(f"The package mtcnn cannot be used here ({brief(problem)}).") from problem

    def look(self, image):
        colour = image if image.ndim == 3 else np.dstack([image] * 3)
        try:
            found = self.net.detect_faces(colour)
        except ValueError:  # what it raises on some pictures without any face
            return []
        return [(*face["box"], face["confidence"]) for face in found or [] if face["confidence"] >= self.least]


KINDS = {kind.name: kind for kind in (YuNet, Haar, Lbp, Ssd, Mtcnn)}


def detect(image, detector=None) -> list[Box]:
    """The faces of a picture as boxes (x, y, w, h) of whole numbers, each with a `score`, the largest first.

    image     a path, bytes, or an array: grey or RGB, uint8
    detector  a name ("yunet", "haar", "lbp", "ssd", "mtcnn"), a Detector or any function from picture to boxes; left
              out, it is the best that can be had without a download
    """
    image = picture(image)
    return boxes_of(detector_of(detector)(image), image.shape)


def detector(name: str | None = None, files=None, **options) -> Detector:
    """The detector of that name, its files fetched where they are missing; without a name the best one at hand.

    `files` are the paths of a detector's own files: (network, weights) of "ssd", the .onnx of "yunet".
    """
    if name is None:
        return best()
    if name not in KINDS:
        raise ValueError(f"There is no detector named {name!r}. The course has: {', '.join(KINDS)}.")
    if files is not None:
        if name not in ("ssd", "yunet"):
            raise ValueError(f"The detector {name} needs no files.")
        options["files"] = files
    return KINDS[name](**options)


def best() -> Detector:
    """The first of ORDER that can be had without a download; `why` says why not those before it."""
    reasons = []
    for name in ORDER:
        try:
            options = {"files": at_hand(name)} if name in ("ssd", "yunet") else {}
            found = KINDS[name](**options)
        except DetectorError as problem:
            reasons.append(f"{name}: {problem.reason.rstrip('.')}")
            continue
        found.why = f"not {'; '.join(reasons)}" if reasons else "the best that the course knows"
        return found
    raise DetectorError(f"No face detector can be had here. {'; '.join(reasons)}.", "pip install scikit-image")


CHOSEN: dict = {}  # the detectors made so far by name: loading takes longer than looking
MAKING = threading.Lock()


def detector_of(wanted):
    """What a caller gave as `detector`, as something to call."""
    if wanted is not None and not isinstance(wanted, str):
        if not callable(wanted):
            raise ValueError(f"detector={wanted!r}; it must be a name ({', '.join(KINDS)}) or something to call.")
        return wanted
    with MAKING:
        if wanted not in CHOSEN:
            CHOSEN[wanted] = detector(wanted)
            if wanted is None:
                print(f"faces     {CHOSEN[None]!r}")
        return CHOSEN[wanted]


def available() -> dict[str, str]:
    """Every detector by name: '' where it can be had here without a download, else why not."""
    found = {}
    for name in KINDS:
        try:
            KINDS[name](**({"files": at_hand(name)} if name in ("ssd", "yunet") else {}))
            found[name] = ""
        except DetectorError as problem:
            found[name] = problem.reason
    return found


def boxes_of(found, shape: tuple[int, ...]) -> list[Box]:
    """What any detector gave as boxes within the picture; those of no size are left out."""
    boxes = [box if isinstance(box, Box) else inside(np.asarray(box[:4], float), 1.0, shape) for box in found]
    return [box for box in boxes if box[2] > 0 and box[3] > 0]


def inside(box: np.ndarray, score: float, shape: tuple[int, ...]) -> Box:
    """A box in whole numbers, cut off at the picture's borders."""
    x, y = (max(0, round(float(v))) for v in box[:2])
    right = min(shape[1], round(float(box[0] + box[2])))
    low = min(shape[0], round(float(box[1] + box[3])))
    return Box(x, y, right - x, low - y, min(max(float(score), 0.0), 1.0))


def distinct(boxes: list[Box]) -> list[Box]:
    """The boxes without those that mostly cover a better one; the largest first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: (box.score, box.area), reverse=True):
        if all(overlap(box, other) < 0.4 for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda box: box.area, reverse=True)


def bgr(image: np.ndarray) -> np.ndarray:
    """The channel order that OpenCV's networks learned with."""
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR if image.ndim == 2 else cv2.COLOR_RGB2BGR)


def brief(problem: Exception) -> str:
    """The first words of another library's message."""
    return " ".join(str(problem).split())[:120] or type(problem).__name__
