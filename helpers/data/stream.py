"""`stream`: batches for Keras out of memory or straight from files, with bounded memory. Needs TensorFlow (tf.data)."""

from __future__ import annotations

import warnings

import numpy as np

from . import loading
from .archives import DataError
from .augment import jitter
from .dataset import PARTS, Dataset, Part
from .images import NotAPicture

SHUFFLE_SEED = 7919  # keeps the order of pictures and their augmentation independent of each other


def stream(
    source,
    part: str = "train",
    batch: int = 64,
    size: int = 48,
    shuffle: bool = True,
    seed: int = 0,
    augment=None,
    split: str = "usual",
    **options,
):
    """A tf.data.Dataset of (images, labels) batches: images (batch, size, size, 1) uint8, labels int64.

    source   a Dataset or Part that is in memory, or anything that `load` takes: then no more than a few batches are
             ever in memory, pictures are decoded as they are needed, and files that are no pictures are left out.
    augment  True: report 2's (turn 10 degrees, shift and zoom a tenth, mirror), as one resampling of each picture; or
             a function of a uint8 array (batch, size, size, 1) and a number, its seed, that returns such an array.
    split    and what else `load` takes, for a source that is not in memory.

    The order and the augmentation follow from `seed`, and differ in each epoch.
    """
    import tensorflow as tf

    augment = None if augment is False else augment
    if augment is not None and augment is not True and not callable(augment):
        raise TypeError(f"augment={augment!r}: say True, or give a function of a batch of images and a seed.")
    if part not in PARTS:
        raise ValueError(f"part={part!r} is not known: use one of {', '.join(PARTS)}.")
    if isinstance(source, (Dataset, Part)):
        fetch, labels = _in_memory(source, part, size)
    else:
        fetch, labels = _on_disk(source, part, size, split, seed, options)
    augment = jitter if augment is True else augment

    def make(index: np.ndarray, number: np.int64) -> tuple[np.ndarray, np.ndarray]:
        images, kept = fetch(index)
        images = images[..., None]
        if augment is not None:
            images = augment(images, int(number)).reshape(images.shape)
        return images, labels[kept]

    def batch_of(index, number):
        images, answers = tf.numpy_function(make, (index, number), (tf.uint8, tf.int64))
        return tf.ensure_shape(images, (None, size, size, 1)), tf.ensure_shape(answers, (None,))

    order = tf.data.Dataset.range(len(labels))
    if shuffle:
        order = order.shuffle(len(labels), seed=seed + SHUFFLE_SEED, reshuffle_each_iteration=True)
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    batches = tf.data.Dataset.zip((order.batch(batch), numbers))
    batches = batches.map(batch_of)  # one at a time: threads only wait for each other here (Python's lock)
    return batches.prefetch(2)


def _in_memory(source: Dataset | Part, part: str, size: int):
    """How to fetch pictures by index from arrays, and their labels."""
    chosen = getattr(source, part) if isinstance(source, Dataset) else source
    if chosen.images.shape[1:] != (size, size):
        have = chosen.images.shape[1]
        raise ValueError(
            f"The images in memory have {have} pixels a side: stream(..., size={have}), and resize in the model."
        )
    return lambda index: (chosen.images[index], index), chosen.labels


def _on_disk(source, part: str, size: int, split: str, seed: int, options: dict):
    """How to fetch pictures by index from files, and their labels; what is no picture is left out, with one warning."""
    listing, plan, labels, _ = loading.planned(source, split, seed, **options)
    index_of, copies, warned = getattr(plan, part), plan.copies.get(part), []

    def read(k: int) -> np.ndarray | None:
        try:
            image = loading.picture(listing, int(index_of[k]), size)
        except NotAPicture as problem:
            if not warned:
                warned.append(problem)
                warnings.warn(f"{problem} It and any like it are left out of the stream.", stacklevel=2)
            return None
        return jitter(image[None], [seed, int(k)])[0] if copies is not None and copies[k] else image

    def fetch(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [(k, image) for k in index if (image := read(k)) is not None]
        after = 1
        while not found and after < len(index_of):  # Keras expects every batch to come: the next readable picture is it
            k = (index[-1] + after) % len(index_of)
            found, after = [(k, image)] if (image := read(k)) is not None else [], after + 1
        if not found:
            raise DataError(f"{listing.where} has no picture for {part} that can be read: download it again.")
        return np.stack([image for _, image in found]), np.array([k for k, _ in found], np.int64)

    return fetch, labels[index_of]
