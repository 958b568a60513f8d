"""How good are the drawn faces? Judged by OpenCV's Haar cascade, two nets trained on real faces, and real photographs.

The seeds 1000 to 1009 guided the drawing. The seeds JUDGES guided nothing: each set was drawn once it was settled.
"""

import os
import time
from collections.abc import Iterator

import cv2
import numpy as np

import drawn_faces
from helpers import CLASSES, evaluation

JUDGES = (7001, 7002, 7003, 7004, 7005)
BORDER = 40  # pixels around a face that a finder gets, as it is made to find faces within a picture


def comparisons() -> Iterator[dict]:
    """One entry a goal; a line says what cannot be measured here, and is left out."""
    yield from speed()
    yield from haar()
    yield from nets()
    yield from transfer()


def entry(name: str, what: str, ours: float, goal, floor, other: float | None, other_is: str) -> dict:
    """One line of the report, judged by our own figure where there is a goal."""
    ratio = ours / other if other else None
    return dict(
        name=name, what=what, unit="share", ours=float(ours), other=other, other_is=other_is, ratio=ratio,
        goal=goal, floor=floor, judged="ours", met=None if goal is None else bool(ours >= goal),
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


def judged(n: int, **how) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels of n balanced faces of each of the seeds that judge."""
    sets = [drawn_faces.faces(n, seed=seed, balanced=True, **how) for seed in JUDGES]
    return np.concatenate([some.images for some in sets]), np.concatenate([some.labels for some in sets])


def haar(n: int = 70) -> Iterator[dict]:
    """How many frontal faces OpenCV's Haar cascade finds."""
    if not hasattr(cv2, "CascadeClassifier"):
        print(f"OpenCV {cv2.__version__} has no Haar cascades: their comparison is left out. OpenCV 4 has them.")
        return
    images, _ = judged(n, size=192, frontal=True)
    images = [cv2.copyMakeBorder(image, *[BORDER] * 4, cv2.BORDER_REPLICATE) for image in images]
    for name, goal, floor in (("default", 0.95, 0.90), ("alt2", 0.95, None)):
        finder = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_{name}.xml")
        found = sum(len(finder.detectMultiScale(image, 1.1, 3)) > 0 for image in images)
        what = f"{len(images)} frontal faces of 192 pixels with {BORDER} around: {evaluation.share(found, len(images))}"
        yield entry(f"Haar finds ({name})", what, found / len(images), goal, floor, 1, "every face")


def nets(n: int = 700) -> Iterator[dict]:
    """Whether nets trained on real faces recognise the expressions: `fer`'s and ours. Both guided the drawing, too."""
    from helpers import pretrained

    images, labels = judged(n)
    for name, load, goals, real in (
        ("mini-Xception", pretrained.mini_xception, (0.50, 0.25), 0.659),
        ("emotion_net", pretrained.emotion_net, (None, None), None),
    ):
        try:
            network = load()
        except pretrained.PretrainedError as problem:
            print(f"{name}'s comparison is left out (`make bench` installs what it needs). {problem}")
            continue
        right = network.predict(images[..., None], verbose=0, batch_size=64).argmax(1) == labels
        each = [right[labels == k] for k in range(len(CLASSES))]
        words = ", ".join(
            f"{c} {evaluation.share(hits.sum(), len(hits))}" for c, hits in zip(CLASSES, each, strict=True)
        )
        low, high = evaluation.bootstrap(np.mean, right)
        what = f"{len(labels)} balanced drawn faces, [{low:.3f}, {high:.3f}]: {words}"
        other = "the same net on real PrivateTest images"
        yield entry(f"{name} is right", what, right.mean(), goals[0], None, real, other)
        worst = min(hits.mean() for hits in each)
        yield entry(f"{name}'s worst class", words, worst, goals[1], None, 1 / 7, "chance")


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
    source = os.environ.get("COURSE_DATA", "").strip() or data.find()
    if source in (None, "drawn"):
        print("There is no real FER-2013 here (DATA=... says where): the comparison with real photographs is left out.")
        return
    real = data.load(source).validation
    each = recalls(real.labels, network.predict(real.images[..., None], verbose=0).argmax(1))
    words = ", ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, each, strict=True))
    what = f"the same net on the real PublicTest, mean recall: {words}"
    yield entry("drawn, tested on real", what, each.mean(), 0.28, 0.22, 1 / 7, "chance")
