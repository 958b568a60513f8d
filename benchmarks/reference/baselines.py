"""Report 2's baseline, and four ways of treating the imbalance of the classes with the same network."""

import dataclasses

import keras
import numpy as np

from benchmarks.reference.common import command, photographs, stored_as, training_of, write
from helpers import data, models, training
from helpers.data import Dataset, splits

EPOCHS = {  # at most, and the patience
    "baseline": (15, 4),
    "balance_none": (30, 3),
    "balance_undersampled": (80, 10),
    "balance_oversampled": (30, 3),
    "balance_weighted": (30, 3),
}
OVERSAMPLED = 5_000  # pictures of each class; the repeats are augmented


def baseline(source: str) -> tuple[Dataset, str]:
    """Report 2's protocol."""
    protocol = "Training trains, PrivateTest chooses the epoch, PublicTest tests (report 2's protocol)"
    return photographs(source, split="report2"), protocol


def balanced(treatment: str, source: str, seed: int) -> tuple[Dataset, str]:
    """Nine tenths of Training, treated; one tenth chooses the epoch, so that no treatment is chosen on the test."""
    sets = photographs(source, split="usual")
    order = np.random.default_rng(seed).permutation(len(sets.train))
    held, part = sets.train.take(order[: len(order) // 10]), sets.train.take(order[len(order) // 10 :])
    if treatment == "undersampled":
        part = part.take(splits.undersample(part.labels, seed=seed))
    if treatment == "oversampled":
        index = splits.oversample(part.labels, to=OVERSAMPLED, seed=seed)
        part, copied = part.take(index), splits.repeats(index)
        part.images[copied] = data.jitter(part.images[copied], seed)
    protocol = "nine tenths of Training train, one tenth chooses the epoch, PublicTest is scored"
    return dataclasses.replace(sets, train=part, validation=held, test=sets.validation), protocol


def run(name: str, source: str, seed: int) -> None:
    """One of these experiments, from the pictures to its record."""
    treatment = name.removeprefix("balance_")
    sets, protocol = baseline(source) if name == "baseline" else balanced(treatment, source, seed)
    net = models.build("baseline", seed=seed)
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    epochs, patience = EPOCHS[name]
    trained = training.fit(
        net,
        sets,
        f"reference_{name}",
        epochs,
        batch=64,
        callbacks=[keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)],
        augment=data.jitter if name == "baseline" else None,
        class_weight=splits.class_weights(sets.train.labels) if treatment == "weighted" else None,
        seed=seed,
    )
    what = "Report 2's baseline." if name == "baseline" else f"Balancing on the real set: {treatment}."
    details = {"what": what, "command": command(name, seed)} | training_of(trained)
    write(stored_as(name, seed), protocol, sets.test, trained.probabilities, details)
