"""`make reference NAME=... DATA=...`: one experiment on a real data set, its record and predictions into helpers/assets/reference.

    python -m benchmarks.reference baseline ../data/fer2013        python -m benchmarks.reference balance_weighted ...

Only numbers are stored: labels, probabilities, scores, versions; never a picture.
"""

import os
import platform
import sys
import time

import keras
import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, log_loss, recall_score

from helpers import CLASSES, course, data, evaluation, models, runs, training
from helpers.data import splits
from helpers.data.augment import jitter

SEED = 0


def train(part, held_out, epochs, patience, class_weight=None, augment=False):
    """Report 2's baseline, stopped by the loss on the held-out images; returns the net of the best epoch and its history."""
    keras.utils.set_random_seed(SEED)
    net = models.build("baseline")
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    batches = data.stream(part, batch=64, augment=augment or None, seed=SEED)
    checked = held_out.images[..., None], held_out.labels
    history = net.fit(
        batches,
        validation_data=checked,
        epochs=epochs,
        callbacks=[stop],
        class_weight=class_weight,
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


def scores(labels: np.ndarray, probabilities: np.ndarray) -> dict:
    """The scores of a record."""
    predicted = probabilities.argmax(axis=1)
    hits = int((predicted == labels).sum())
    return {
        "images": len(labels),
        "accuracy": accuracy_score(labels, predicted),
        "accuracy_95": evaluation.wilson(hits, len(labels)),
        "loss": log_loss(labels, probabilities.astype(float), labels=range(len(CLASSES))),
        "macro_f1": f1_score(labels, predicted, average="macro"),
        "balanced_accuracy": balanced_accuracy_score(labels, predicted),
        "recall": dict(zip(CLASSES, recall_score(labels, predicted, average=None).tolist(), strict=True)),
        "confusion": confusion_matrix(labels, predicted).tolist(),
    }


TRIALS = {  # what `full` adds to the networks of report 1, whose epochs and rates are not published
    "trial_1": {"epochs": 15},
    "trial_2": {"epochs": 20, "patience": 5},
    "trial_3": {"epochs": 20, "patience": 5},
    "trial_4": {"epochs": 20, "patience": 5},
    "trial_5": {"epochs": 20, "patience": 5},
    "trial_6": {"epochs": 50},
}


def trial(name: str, source: str, seed: int) -> None:
    """One trial under report 1's protocol: 3,052 balanced images, 306 of them for test; then PublicTest, which is larger."""
    sets = data.load(source or None, split="report1", seed=SEED)
    refuse_drawn(sets.test.source, source)
    ours, size = name == "trial_6", course.profile()
    options = TRIALS[name] | {"epochs": min(size.epochs, TRIALS[name]["epochs"])}
    net = models.build(name, seed=seed, **({} if ours else {"pixels": size.pixels}))
    steps = -(-len(sets.train.labels) // 32)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps * options["epochs"]) if ours else 1e-3
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    run = training.fit(net, sets, run=f"reference_{name}", seed=seed, **options)
    public = data.load(source or None, split="usual").validation
    public = data.without_twins(data.without_twins(public, sets.train), sets.validation)
    wide = net.predict(public.images[..., None], batch_size=128, verbose=0)
    stored = name if seed == SEED else f"{name}_s{seed}"
    common = {
        key: value for key, value in run.record.items() if key not in ("name", "configuration", "test", "data")
    } | {
        "command": ("" if size.name == "full" else f"COURSE_PROFILE={size.name} ")
        + f"make reference NAME={name} DATA=<FER-2013>"
        + (f" SEED={seed}" if seed != SEED else ""),
        "options": options | {"profile": size.name, "pixels": models.SIDE if ours else size.pixels},
    }
    report1 = f"report 1's protocol: {sets.source}"
    write(stored, report1, sets.test, run.probabilities, common)
    beyond = "the same net on PublicTest, pixel twins of its training images left out"
    write(f"{stored}_publictest", beyond, public, wide, common)


def write(name: str, protocol: str, part, probabilities: np.ndarray, common: dict) -> None:
    """One trained net on one set of images, as a reference."""
    test, found = runs.digest(part.images, part.labels), scores(part.labels, probabilities)
    record = {"name": name, "protocol": protocol, "data": part.source, "test": test, "scores": found} | common
    runs.write_reference(name, record, part.labels, probabilities)
    hits = int((probabilities.argmax(axis=1) == part.labels).sum())
    print(f"{name}: accuracy {evaluation.share(hits, len(part.labels))}", flush=True)


def refuse_drawn(found: str, source: str) -> None:
    """A reference run is a run on photographs."""
    if "drawn" in found.lower():
        raise SystemExit(f"{source or 'What was found'} holds drawn faces; a reference run needs DATA=, a real set.")


def audit_fer2013(source: str, start: float) -> None:
    """The audit of the real set, in numbers."""
    report = data.audit(sets := data.load(source or None))
    record = {
        "name": "audit_fer2013",
        "what": audit_fer2013.__doc__,
        "command": "make reference NAME=audit_fer2013 DATA=<FER-2013>",
        "data": sets.source,
        "counts": {key: int(value) for key, value in report.counts.items()},
        "classes": {name: part.counts() for name, part in sets.parts.items()},
        "minutes": round((time.monotonic() - start) / 60, 1),
    }
    print(record["counts"], "->", runs.write_reference("audit_fer2013", record).name)


def main(name: str, source: str, seed: str) -> None:
    if name not in EXPERIMENTS and name not in TRIALS and name != "audit_fer2013":
        raise SystemExit(f"NAME is {name!r}; it must be one of: audit_fer2013, {', '.join([*EXPERIMENTS, *TRIALS])}.")
    if name in TRIALS:
        trial(name, source, int(seed or SEED))
        return
    start = time.monotonic()
    if name == "audit_fer2013":
        audit_fer2013(source, start)
        return
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
        "hardware": f"{platform.machine()}, {os.cpu_count()} cores, {course.gpus()} GPUs",
        "versions": {
            "python": platform.python_version(),
            "keras": keras.__version__,
            "backend": keras.backend.backend(),
        },
    }
    path = runs.write_reference(name, record, test.labels, probabilities)
    print(
        f"{name}: accuracy {evaluation.share(round(record['scores']['accuracy'] * len(test.labels)), len(test.labels))} -> {path.name}"
    )


if __name__ == "__main__":
    main(*[*sys.argv[1:], "", "", ""][:3])
