"""Report 2's networks on the real set, trained longer, and what the report wished for: each beside the same without it.

Training trains for a fixed number of epochs; no epoch is chosen, so PublicTest (the report's test) and PrivateTest both test.
"""

import dataclasses

import cv2
import keras
import numpy as np

from benchmarks.reference.common import command, photographs, stored_as, training_of, write
from faceapp.detectors import local_detector
from helpers import data, evaluation, models, pretrained, training
from helpers.training import devices


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A network of helpers.models, how long it learns, and whether its pictures are augmented as in the report."""

    net: str
    epochs: int
    augmented: bool = True
    options: dict = dataclasses.field(default_factory=dict)
    remark: str = ""


SMALL = (32, 64, 128)
PRECISION = "bfloat16" if devices.has_bfloat16() else "auto"
TRAINED = {
    "report_2_baseline": Recipe("baseline", 30),
    "report_2_baseline_unaugmented": Recipe("baseline", 16, augmented=False),
    "report_2_vgg_style": Recipe(
        "vgg_style", 4, remark="; one takes six minutes of two cores, so they are far fewer than the report's"
    ),
    "report_2_residual": Recipe("residual_net", 8, options={"filters": SMALL}),
    "report_2_attention": Recipe("residual_net", 8, options={"filters": SMALL, "attention": True}),
}
ALTERED = ("report_2_mirrored", "report_2_aligned")
NAMES = (*TRAINED, *ALTERED)
ENLARGED, BORDER = 4, 12  # for the detector: so many times, with so many pixels of repeated edge on each side
CROPS = [(down, right) for down in (-2, 0, 2) for right in (-2, 0, 2)]


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES."""
    if name in TRAINED:
        train(name, photographs(source, split="report2"), seed)
    elif name == "report_2_mirrored":
        mirrored(name, photographs(source, split="report2"), seed)
    else:
        with_level_eyes(name, photographs(source, split="report2"), seed)


def train(name: str, sets: data.Dataset, seed: int) -> None:
    """A network of TRAINED, scored on PublicTest and on PrivateTest."""
    recipe = TRAINED[name]
    net = models.build(recipe.net, seed=seed, **recipe.options)
    net.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    augment = data.jitter if recipe.augmented else None
    found = training.fit(
        net, sets, f"reference_{name}", recipe.epochs, 64, augment=augment, seed=seed, precision=PRECISION
    )
    protocol = f"Training trains for {recipe.epochs} epochs, none is chosen{recipe.remark}"
    details = training_of(found) | {"command": command(name, seed), "augmented": recipe.augmented}
    private = net.predict(sets.validation.images[..., None], batch_size=128, verbose=0)
    write(stored_as(name, seed), f"{protocol}; PublicTest", sets.test, found.probabilities, details)
    write(f"{stored_as(name, seed)}_privatetest", f"{protocol}; PrivateTest", sets.validation, private, details)


def write_parts(name: str, protocol: str, parts: dict, say, details: dict) -> None:
    """What a function says of the pictures of several parts, each stored under its own ending."""
    for ending, part in parts.items():
        write(f"{name}{ending}", protocol, part, say(part.images), details)


def asked(net: keras.Model, images: np.ndarray) -> np.ndarray:
    """The net's probabilities."""
    return net.predict(images[..., None], batch_size=128, verbose=0)


def moved(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """The pictures moved by whole pixels; what comes into view repeats the edge."""
    edge = max(abs(down), abs(right))
    wide, side = np.pad(images, ((0, 0), (edge, edge), (edge, edge)), mode="edge"), models.SIDE
    return wide[:, edge - down : edge - down + side, edge - right : edge - right + side]


def mirrored(name: str, sets: data.Dataset, seed: int) -> None:
    """The bundled net on the pictures as they are; averaged with their mirror images; and over nine shifts of both."""
    net, parts = pretrained.emotion_net(), {"": sets.test, "_privatetest": sets.validation}

    def mirror(images):
        return (asked(net, images) + asked(net, images[:, :, ::-1])) / 2

    ways = {
        "report_2_single": ("each picture once", lambda images: asked(net, images), 1),
        name: ("the mean of picture and mirror image", mirror, 2),
        "report_2_crops": (
            "the mean of nine shifts of picture and mirror image",
            lambda images: np.mean([mirror(moved(images, *shift)) for shift in CROPS], axis=0),
            18,
        ),
    }
    for way, (what, say, passes) in ways.items():
        details = {"net": "emotion_net", "passes": passes, "command": command(name, seed)}
        write_parts(stored_as(way, seed), f"the course's bundled net, {what}", parts, say, details)


def eyes(detector, image: np.ndarray) -> np.ndarray | None:
    """Where YuNet sees the two eyes, in the picture's pixels, the left one of the picture first; None if it finds no face."""
    wide = cv2.copyMakeBorder(image, *[BORDER] * 4, cv2.BORDER_REPLICATE)
    wide = cv2.cvtColor(cv2.resize(wide, None, fx=ENLARGED, fy=ENLARGED), cv2.COLOR_GRAY2BGR)
    detector.net.setInputSize(wide.shape[1::-1])
    rows = detector.net.detect(wide)[1]
    if rows is None or not np.isfinite(rows).all():
        return None
    best = rows[np.argmax(rows[:, 14])]
    two = (best[4:8].reshape(2, 2) + 0.5) / ENLARGED - 0.5 - BORDER
    return two[np.argsort(two[:, 0])]


def level(image: np.ndarray, two: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Turn, enlarge and move a picture so that its two eyes come to lie where `target` says."""
    (a, b), (c, d) = (complex(*point) for point in two), (complex(*point) for point in target)
    turn = (d - c) / (b - a)  # a complex number turns and enlarges
    move = c - turn * a
    matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def with_level_eyes(name: str, sets: data.Dataset, seed: int) -> None:
    """The bundled net on the pictures in which YuNet sees eyes: as they are, and with the eyes at their usual places."""
    detector, net = local_detector("yunet"), pretrained.emotion_net()
    some = np.random.default_rng(seed).permutation(len(sets.train))[:1000]
    usual = [two for two in (eyes(detector, image) for image in sets.train.images[some]) if two is not None]
    target = np.median(usual, axis=0)
    for ending, part in {"": sets.test, "_privatetest": sets.validation}.items():
        found = [eyes(detector, image) for image in part.images]
        seen = np.array([two is not None and np.hypot(*(two[1] - two[0])) > 4 for two in found])
        kept = part.take(seen)
        turned = [two for two, there in zip(found, seen, strict=True) if there]
        images = np.stack([level(image, two, target) for image, two in zip(kept.images, turned, strict=True)])
        before, after = asked(net, kept.images), asked(net, images)
        tilt = np.degrees([np.arctan2(*(two[1] - two[0])[::-1]) for two in turned])
        pair = (before.argmax(axis=1) == kept.labels), (after.argmax(axis=1) == kept.labels)
        details = {
            "net": "emotion_net",
            "command": command(name, seed),
            "eyes_seen_in": f"{len(kept):,} of {len(part):,}",
            "tilt_degrees_median": float(np.median(np.abs(tilt))),
            "p": evaluation.mcnemar(int((pair[0] & ~pair[1]).sum()), int((~pair[0] & pair[1]).sum())),
        }
        protocol = "the course's bundled net on the pictures in which YuNet sees eyes"
        write(f"{stored_as('report_2_unaligned', seed)}{ending}", f"{protocol}, as they are", kept, before, details)
        write(f"{stored_as(name, seed)}{ending}", f"{protocol}, turned so that they lie level", kept, after, details)
