"""`features`: what a frozen base makes of pictures, computed once and read from disk ever after."""

import time

import keras
import numpy as np

from helpers import environment, files, models, runs
from helpers.models import SIDE
from helpers.progress import Line

BATCH = 64
QUIET = 2.0  # seconds before progress is shown


def features(base: keras.Model, images: np.ndarray) -> np.ndarray:
    """The base's maps of (n, 48, 48) grey pictures, as at inference: batch norm at rest, nothing dropped or augmented.

    They are kept in the runs folder under a hash of the base's layers and weights and of the pictures: for a changed base
    or another picture they are computed again. Augmentation must not come before: one picture has one set of maps.
    """
    if images.shape[1:] == (SIDE, SIDE):
        images = images[..., None]
    if images.shape[1:] != (SIDE, SIDE, 1) or images.dtype != np.uint8:
        raise files.CourseError(
            f"features() expected (n, {SIDE}, {SIDE}) uint8, found {images.shape} {images.dtype}.",
            "Give it grey pictures as data.load returns them.",
        )
    name = runs.digest(models.architecture_hash(base), *base.get_weights(), images)
    path = environment.folder("runs") / "features" / f"{name}.npy"
    try:
        with files.open_regular(path) as file:
            kept = np.load(file, allow_pickle=False)
        if (kept.dtype, kept.shape) == (np.float32, (len(images), *base.output_shape[1:])):
            return kept
    except Exception:  # not there, or damaged in any way
        pass
    maps = compute(base, images)
    try:
        with files.write_atomically(path) as draft:
            np.save(draft, maps)
    except OSError as problem:
        print(f"{base.name}: the features cannot be kept ({problem.strerror}); they will be computed again next time.")
    return maps


def compute(base: keras.Model, images: np.ndarray) -> np.ndarray:
    """Batch by batch, with a line of progress where it takes long."""
    maps = np.empty((len(images), *base.output_shape[1:]), np.float32)
    line, begun = None, time.monotonic()
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH]
        maps[start : start + len(batch)] = base.predict_on_batch(batch)
        if time.monotonic() - begun > QUIET:
            line = line or Line()
            line.show(f"{base.name}: features of {start + len(batch):,} of {len(images):,} pictures ...")
    if line:
        line.keep(f"{base.name}: features of {len(images):,} pictures in {time.monotonic() - begun:.0f} s")
    return maps
