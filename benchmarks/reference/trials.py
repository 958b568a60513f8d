"""Report 1's five trials from scratch, and the course's sixth, under report 1's protocol."""

import keras

from benchmarks.reference.common import command, photographs, stored_as, training_of, write
from helpers import data, environment, models, training

TRIALS = {  # what `full` adds to the networks of report 1, whose epochs and rates are not published
    "trial_1": {"epochs": 15},
    "trial_2": {"epochs": 20, "patience": 5},
    "trial_3": {"epochs": 20, "patience": 5},
    "trial_4": {"epochs": 20, "patience": 5},
    "trial_5": {"epochs": 20, "patience": 5},
    "trial_6": {"epochs": 50},
}


def run(name: str, source: str, seed: int) -> None:
    """One trial: trained and tested on 3,052 balanced images, 306 of them for test; then PublicTest, which is larger."""
    sets = photographs(source, split="report1")
    ours, size = name == "trial_6", environment.profile()
    options = TRIALS[name] | {"epochs": min(size.epochs, TRIALS[name]["epochs"])}
    net = models.build(name, seed=seed, **({} if ours else {"pixels": size.pixels}))
    steps = -(-len(sets.train) // 32)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps * options["epochs"]) if ours else 1e-3
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = []
    if "patience" in options:
        callbacks.append(keras.callbacks.EarlyStopping(patience=options["patience"], restore_best_weights=True))
    trained = training.fit(net, sets, f"reference_{name}", options["epochs"], callbacks=callbacks, seed=seed)
    details = training_of(trained) | {
        "command": command(name, seed, size.name),
        "options": options | {"profile": size.name, "pixels": models.SIDE if ours else size.pixels},
    }
    stored = stored_as(name, seed)
    write(stored, f"report 1's protocol: {sets.source}", sets.test, trained.probabilities, details)
    public = photographs(source, split="usual").validation
    public = data.without_twins(data.without_twins(public, sets.train), sets.validation)
    probabilities = net.predict(public.images[..., None], batch_size=128, verbose=0)
    beyond = "the same net on PublicTest, pixel twins of its training images left out"
    write(f"{stored}_publictest", beyond, public, probabilities, details)
