"""Report 2's baseline, and ways of treating the imbalance of the classes."""

import os
import platform
import time

import keras
import numpy as np

from benchmarks.reference.common import SEED, refuse_drawn, scores, write_reference
from helpers import data, environment, evaluation, models
from helpers.data import jitter, splits
from helpers.training.fit import Batches


def train(part, held_out, epochs, patience, class_weight=None, augment=False):
    """Report 2's baseline, stopped by the loss on the held-out images; returns the net of the best epoch and its history."""
    keras.utils.set_random_seed(SEED)
    net = models.build("baseline")
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    batches = Batches(part.images, part.labels, 64, SEED, augment=jitter if augment else None, class_weight=class_weight)
    checked = held_out.images[..., None], held_out.labels
    history = net.fit(
        batches,
        validation_data=checked,
        steps_per_epoch=batches.steps,
        epochs=epochs,
        callbacks=[stop],
        verbose=2,
        shuffle=False,
    )
    rounded = {key: [round(float(value), 5) for value in values] for key, values in history.history.items()}
    return net, {"pictures": len(part), "epochs": len(rounded["loss"]), "history": rounded}


def baseline(source):
    """Report 2's baseline under report 2's protocol: PrivateTest chooses the epoch, PublicTest is the test."""
    sets = data.load(source, split="report2")
    net, training = train(sets.train, sets.validation, epochs=15, patience=4, augment=True)
    return (
        net,
        training,
        sets.test,
        "Training trains, PrivateTest chooses the epoch, PublicTest tests (report 2's protocol)",
    )


def balance(treatment):
    """One way of treating the imbalance: same net, same optimiser, a tenth of Training chooses the epoch, PublicTest is scored."""

    def experiment(source):
        sets = data.load(source, split="usual")
        generator = np.random.default_rng(SEED)
        order = generator.permutation(len(sets.train.labels))
        held, rest = order[: len(order) // 10], order[len(order) // 10 :]
        held_out, part = sets.train.take(held), sets.train.take(rest)
        weights = None
        if treatment == "undersampled":
            part = part.take(splits.undersample(part.labels, seed=SEED))
        if treatment == "weighted":
            weights = splits.class_weights(part.labels)
        if treatment == "oversampled":
            index = splits.oversample(part.labels, to=5_000, seed=SEED)
            part, copied = part.take(index), splits.repeats(index)
            part.images[copied] = jitter(part.images[copied], SEED)
        epochs, patience = (80, 10) if treatment == "undersampled" else (30, 3)
        net, training = train(part, held_out, epochs, patience, class_weight=weights)
        return (
            net,
            training,
            sets.validation,
            "nine tenths of Training train, one tenth chooses the epoch, PublicTest is scored",
        )

    experiment.__doc__ = f"Balancing on the real set: {treatment}."
    return experiment


EXPERIMENTS = {"baseline": baseline} | {
    f"balance_{treatment}": balance(treatment) for treatment in ("none", "undersampled", "oversampled", "weighted")
}


def run(name: str, source: str) -> None:
    """One of these experiments, from the pictures to its record."""
    start = time.monotonic()
    net, training, test, protocol = EXPERIMENTS[name](source or None)
    refuse_drawn(test.source, source)
    probabilities = net.predict(test.images[..., None], batch_size=256, verbose=0)
    record = {
        "name": name,
        "what": EXPERIMENTS[name].__doc__,
        "command": f"make reference NAME={name} DATA=<FER-2013>",
        "data": test.source,
        "protocol": protocol,
        "seed": SEED,
        "parameters": net.count_params(),
        "scores": scores(test.labels, probabilities),
        **training,
        "minutes": round((time.monotonic() - start) / 60, 1),
        "hardware": f"{platform.machine()}, {os.cpu_count()} cores, {environment.gpus()} GPUs",
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
        },
    }
    path = write_reference(name, record, test.labels, probabilities)
    print(
        f"{name}: accuracy {evaluation.share(round(record['scores']['accuracy'] * len(test.labels)), len(test.labels))} -> {path.name}"
    )
