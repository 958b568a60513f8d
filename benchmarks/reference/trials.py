"""Trials 1-6 under report 1's protocol."""

import keras

from benchmarks.reference.common import SEED, refuse_drawn, write
from helpers import data, environment, models, training

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
    ours, size = name == "trial_6", environment.profile()
    options = TRIALS[name] | {"epochs": min(size.epochs, TRIALS[name]["epochs"])}
    net = models.build(name, seed=seed, **({} if ours else {"pixels": size.pixels}))
    steps = -(-len(sets.train.labels) // 32)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps * options["epochs"]) if ours else 1e-3
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = []
    if "patience" in options:
        callbacks.append(keras.callbacks.EarlyStopping(patience=options["patience"], restore_best_weights=True))
    run = training.fit(net, sets, f"reference_{name}", options["epochs"], callbacks=callbacks, seed=seed)
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
