"""`features`: what a frozen base makes of pictures, computed once and read from disk ever after."""

import hashlib
import json
import os
import pathlib
import time

import keras
import numpy as np

from helpers import environment
from helpers.models import SIDE

BATCH = 64
QUIET = 2.0  # seconds before a word is said


def features(base: keras.Model, images: np.ndarray) -> np.ndarray:
    """The base's maps of (n, 48, 48) grey pictures, as at inference: batch norm at rest, nothing dropped or augmented.

    They are kept in the runs folder under a digest of the base's layers and weights and of the pictures, so a changed
    base or another picture is computed anew. Augmentation must not come before: one picture has one set of maps.
    """
    images = pictures(images)
    place = environment.folder("runs") / "features" / f"{digest(base, images)}.npy"
    shape = (len(images), *base.output_shape[1:])
    if (known := read(place, shape)) is not None:
        return known
    maps = compute(base, images, shape)
    try:
        keep(place, maps)
    except OSError as problem:
        print(f"{base.name}: the features cannot be kept ({problem.strerror}); they will be computed again next time.")
    return maps


def pictures(images) -> np.ndarray:
    """The pictures as the bases take them, (n, 48, 48, 1) uint8, or a sentence that says what they are instead."""
    images = np.asarray(images)
    if images.shape[1:] == (SIDE, SIDE):
        images = images[..., None]
    if images.shape[1:] != (SIDE, SIDE, 1) or images.dtype != np.uint8:
        raise ValueError(
            f"features() takes grey pictures as the course loads them: expected (n, {SIDE}, {SIDE}) uint8, found "
            f"{images.shape} {images.dtype}."
        )
    return images


def compute(base: keras.Model, images: np.ndarray, shape: tuple) -> np.ndarray:
    """Batch by batch, with a line of progress when it takes long."""
    maps, begun, said = np.empty(shape, np.float32), time.monotonic(), time.monotonic()
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH]
        filled = np.concatenate([batch, np.zeros((BATCH - len(batch), *batch.shape[1:]), batch.dtype)])
        maps[start : start + len(batch)] = base.predict_on_batch(filled)[: len(batch)]
        if time.monotonic() - said > QUIET:
            said = time.monotonic()
            print(
                f"{base.name} looks at the pictures, once: {start + len(batch):,} of {len(images):,}",
                end="\r",
                flush=True,
            )
    if (took := time.monotonic() - begun) > QUIET:
        say(
            f"{base.name} has looked at {len(images):,} pictures, once: {took:.0f} s. Next time they are read from disk."
        )
    return maps


def say(text: str, end: str = "\n") -> None:
    """A line that covers the one that it is written over."""
    print(f"{text:<79}", end=end, flush=True)


def read(place: pathlib.Path, shape: tuple) -> np.ndarray | None:
    """The kept features, or None; a damaged file is none."""
    try:
        known = np.load(place, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return known if known.shape == shape and known.dtype == np.float32 else None


def keep(place: pathlib.Path, maps: np.ndarray) -> None:
    """Write beside the place and rename: all of it or nothing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f"{place.stem}.{os.getpid()}.writing")
    try:
        with open(draft, "wb") as file:
            np.save(file, maps)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def digest(base: keras.Model, images: np.ndarray) -> str:
    """A hash of all that the features follow from."""
    seen = hashlib.sha256(architecture(base).encode())
    for array in [*base.get_weights(), images]:
        seen.update(f"{array.dtype.str}{array.shape}".encode())
        seen.update(np.ascontiguousarray(array).data)
    return seen.hexdigest()[:16]


def architecture(base: keras.Model) -> str:
    """The network as text, without what changes no feature: the numbers in layers' names, and what is frozen."""
    config = base.to_json()
    for i, layer in enumerate(base.layers):
        config = config.replace(f'"{layer.name}"', f'"layer {i}"')
    config = json.loads(config)["config"]
    config.pop("name", None)
    config.pop("trainable", None)
    for layer in config["layers"]:
        layer["config"].pop("trainable", None)
    return json.dumps(config, sort_keys=True)
