"""How report 4's validation score could rise: its net on a random re-split, and leaks imitated on photographs, one at a time.

The published script is github.com/sangitcruze/CMP-304-AI-UNIT2, TrainModel.py and main.py, as of commit 9ab778f.
"""

import dataclasses

import keras
import numpy as np

from benchmarks.reference.common import command, photographs, scores, stored_as, training_of, write, write_reference
from helpers import data, evaluation, models, runs, training
from helpers.data import Dataset, Part

VALIDATION = 7_066 / 35_887  # report 4's copy of the data: 28,821 to learn from, 7,066 to validate, at random
POOL = 4_000  # photographs of Training for each leak
SHRINK = {"leak": 2, "batch_sizes": 4}  # so many times fewer filters and units than report 4 has: minutes on two cores
RUNS = ("first_run", "new_weights", "same_split", "new_split", "validation_inside")
NAMES = ("report_4", *(f"leak_{name}" for name in RUNS), "batch_sizes")
EPOCHS = {"report_4": 6, "leak": 25, "batch_sizes": 10}
FIRST, SECOND = {"dropout": 0.25, "patience": 3}, {"dropout": 0.4, "patience": 2}  # the report's two runs
SIZES, RATES = (16, 32, 64, 128), (0.1, 0.25, 0.4)
PRECISION = "mixed_bfloat16"


def together(*parts: Part) -> Part:
    """The pictures of several parts as one."""
    fields = {key: np.concatenate([getattr(part, key) for part in parts]) for key in ("images", "labels", "names")}
    return dataclasses.replace(parts[0], **fields, votes=None, truth=None, copies=None)


def resplit(pool: Part, seed: int) -> tuple[Part, Part]:
    """To learn from and to validate, at random and without a look at twins: as report 4's copy of the data was made."""
    order = np.random.default_rng(seed).permutation(len(pool))
    held = round(VALIDATION * len(pool))
    return pool.take(order[held:]), pool.take(order[:held])


def fit(net: keras.Model, sets: Dataset, run: str, epochs: int, seed: int, patience: int, batch: int = 32) -> runs.Run:
    """Report 4's training: Adam 1e-3, a fifth of the rate where the validation loss stands still."""
    net.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    slower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=patience, min_delta=1e-4)
    return training.fit(net, sets, run, epochs, batch=batch, callbacks=[slower], seed=seed, precision=PRECISION)


def whole_net(name: str, source: str, seed: int) -> None:
    """Report 4's own net and sizes, shortened; scored on its validation pictures, with and without their twins in train."""
    sets = photographs(source, split="usual")
    train, held = resplit(together(*sets.parts.values()), seed)
    net = models.build("big", seed=seed, dropout=FIRST["dropout"], rescale=False)
    sets = Dataset(train, held, held, sets.source)
    trained = fit(net, sets, "reference_report_4", EPOCHS["report_4"], seed, FIRST["patience"], batch=128)
    alone = np.isin(held.names, data.without_twins(held, train).names)
    details = training_of(trained) | {
        "what": "Report 4's net on a random re-split of FER-2013, its first run shortened from 25 epochs.",
        "command": command(name, seed),
        "twins_of_train": int((~alone).sum()),
        "without_twins": scores(held.labels[alone], trained.probabilities[alone]),
    }
    if not alone.all():
        details["twins_alone"] = scores(held.labels[~alone], trained.probabilities[~alone])
    protocol = "all 35,887 pictures split at random, 28,821 to 7,066; the last epoch, scored on the validation pictures"
    write(stored_as(name, seed), protocol, held, trained.probabilities, details)


def leak(which: str, pool: Part, fresh: Part, seed: int, epochs: int) -> tuple[runs.Run, Dataset, np.ndarray]:
    """One of RUNS: the run, its sets, and which of its validation pictures its weights have learned from."""
    first, other = resplit(pool, seed), resplit(pool, seed + 1)
    began = SECOND if which != "first_run" else FIRST
    net = models.build("big", seed=seed, dropout=began["dropout"], rescale=False, shrink=SHRINK["leak"])
    train, held = other if which == "new_split" else first
    learned = [train]
    if which in ("same_split", "new_split"):
        before = leak("first_run", pool, fresh, seed, epochs)[0]
        net.set_weights(before.model.get_weights())
        learned.append(first[0])
    if which == "validation_inside":
        train = together(train, held)
        learned = [train]
    sets = Dataset(train, held, fresh, pool.source)
    run = fit(net, sets, f"reference_leak_{which}", epochs, seed, began["patience"])
    seen = ~np.isin(held.names, data.without_twins(held, together(*learned)).names)
    return run, sets, seen


def one_leak(name: str, source: str, seed: int) -> None:
    """One of the leaks on photographs, its validation score beside the score on photographs that nothing has learned from."""
    sets = photographs(source, split="usual")
    pool = sets.train.take(np.random.default_rng(seed).permutation(len(sets.train))[:POOL])
    fresh = data.without_twins(sets.test, sets.train)
    run, sets, seen = leak(name.removeprefix("leak_"), pool, fresh, seed, EPOCHS["leak"])
    said = run.model.predict(sets.validation.images[..., None], batch_size=128, verbose=0)
    details = training_of(run) | {
        "what": "A leak imitated: report 4's net with half of its filters, 4,000 photographs of Training.",
        "command": command(name, seed),
        "options": {"shrink": SHRINK["leak"], "batch": 32, "epochs": EPOCHS["leak"]},
        "seen": int(seen.sum()),
        "seen_accuracy": hit_rate(sets.validation.labels, said, seen),
        "unseen_accuracy": hit_rate(sets.validation.labels, said, ~seen),
        "fresh": scores(fresh.labels, run.probabilities),
    }
    protocol = "the validation pictures of a random split of 4,000; fresh: PrivateTest without twins of Training"
    write(stored_as(name, seed), protocol, sets.validation, said, details)


def hit_rate(labels: np.ndarray, said: np.ndarray, where: np.ndarray) -> float | None:
    """The accuracy on some of the pictures, None where there are none."""
    return float((said.argmax(axis=1) == labels)[where].mean()) if where.any() else None


def sweep(name: str, source: str, seed: int) -> None:
    """Batch sizes at equal epochs and at equal steps, and dropout rates at equal epochs: accuracy and seconds of each."""
    sets = photographs(source, split="usual")
    pool = sets.train.take(np.random.default_rng(seed).permutation(len(sets.train))[:POOL])
    train, held = resplit(pool, seed)
    sets = Dataset(train, held, data.without_twins(sets.test, sets.train), sets.source)
    epochs, rows = EPOCHS["batch_sizes"], []
    trials = [("equal epochs", batch, epochs, FIRST["dropout"]) for batch in SIZES]
    trials += [("equal steps", batch, max(1, round(epochs * batch / max(SIZES))), FIRST["dropout"]) for batch in SIZES]
    trials += [("dropout", 32, epochs, rate) for rate in RATES]
    for fair, batch, several, rate in trials:
        net = models.build("big", seed=seed, dropout=rate, rescale=False, shrink=SHRINK["batch_sizes"])
        run = fit(net, sets, f"reference_batch_{batch}_{several}_{rate}", several, seed, 1_000, batch)
        hits, n = int((run.predicted == run.labels).sum()), len(run.labels)
        row = {
            "fair": fair,
            "batch": batch,
            "epochs": several,
            "steps": several * -(-len(train) // batch),
            "dropout": rate,
        }
        row |= {"train_accuracy": run.history["accuracy"][-1], "accuracy": hits / n}
        rows.append(row | {"accuracy_95": evaluation.wilson(hits, n), "minutes": run.record["minutes"]})
        print(rows[-1], flush=True)
    record = {"name": name, "what": sweep.__doc__, "command": command(name, seed), "data": sets.source, "seed": seed}
    protocol = f"{len(train):,} photographs of Training, a quarter of report 4's filters, no schedule; PrivateTest without twins"
    write_reference(stored_as(name, seed), record | {"protocol": protocol, "images": len(sets.test), "rows": rows})


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES."""
    {"report_4": whole_net, "batch_sizes": sweep}.get(name, one_leak)(name, source, seed)
