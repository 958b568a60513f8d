"""Trials 2 and 3 over five seeds: how far a score moves when only the first weights, the order and the augmentation change.

The pictures are enlarged to 80 pixels instead of 180, and the numbers are bfloat16 where a processor has them: five trainings
of each network then take the time of one.
"""

import itertools

import keras

from benchmarks.reference.common import command, main_scores, photographs, write_reference
from helpers import data, models, training
from helpers.training import devices

SEEDS, PIXELS, EPOCHS, PATIENCE = range(5), 80, 20, 5
TRIALS = ("trial_2", "trial_3")
PRECISION = "bfloat16" if devices.has_bfloat16() else "auto"


def run(name: str, source: str, seed: int) -> None:
    """Each trial with each seed, on report 1's split and then on PublicTest; scores alone are stored, after every training."""
    sets = photographs(source, split="report1")
    public = photographs(source, split="usual").validation
    public = data.without_twins(data.without_twins(public, sets.train), sets.validation)
    found = []
    for of_run, trial in itertools.product(SEEDS, TRIALS):
        net = models.build(trial, seed=of_run, pixels=PIXELS)
        net.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        stop = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
        trained = training.fit(
            net, sets, f"reference_{name}_{trial}", EPOCHS, callbacks=[stop], seed=of_run, precision=PRECISION
        )
        probabilities = net.predict(public.images[..., None], batch_size=128, verbose=0)
        details = {key: trained.record[key] for key in ("epochs", "minutes", "devices") if key in trained.record}
        test = main_scores(sets.test.labels, trained.probabilities)
        found.append(
            {"trial": trial, "seed": of_run, "test": test, "publictest": main_scores(public.labels, probabilities)}
        )
        found[-1] |= details
        record = {
            "name": name,
            "protocol": f"report 1's protocol: {sets.source}; at {PIXELS} pixels; five seeds, one split",
            "command": command(name, seed),
            "options": {"epochs": EPOCHS, "patience": PATIENCE, "pixels": PIXELS, "precision": PRECISION},
            "data": sets.test.source,
            "runs": found,
        }
        write_reference(name, record)
        print(
            f"{trial}, seed {of_run}: {test['accuracy']:.3f}, PublicTest {found[-1]['publictest']['accuracy']:.3f}",
            flush=True,
        )
