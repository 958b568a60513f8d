"""Epochs made equal: the sixth trial with no more than report 1's trials had, and trial 3 with as many as the sixth had.

Trial 3 sees its pictures enlarged to 80 pixels instead of 180, in bfloat16 where a processor has it, as in `trial_seeds`.
"""

import keras

from benchmarks.reference import seeds
from benchmarks.reference.common import command, photographs, stored_as, training_of, write
from helpers import data, models, training

LENGTHS = {"trial_6_short": ("trial_6", 20), "trial_3_long": ("trial_3", 50)}  # the network, and all of its epochs


def run(name: str, source: str, seed: int) -> None:
    """One network trained for so many epochs, none left out, the last one kept; on report 1's split, then on PublicTest."""
    (network, epochs), sets = LENGTHS[name], photographs(source, split="report1")
    ours = network == "trial_6"
    net = models.build(network, seed=seed, **({} if ours else {"pixels": seeds.PIXELS}))
    rate = keras.optimizers.schedules.CosineDecay(1e-3, epochs * -(-len(sets.train) // 32)) if ours else 1e-3
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    precision = "auto" if ours else seeds.PRECISION
    trained = training.fit(net, sets, f"reference_{name}", epochs, seed=seed, precision=precision)
    options = {"epochs": epochs, "pixels": models.SIDE if ours else seeds.PIXELS, "precision": precision}
    details = training_of(trained) | {"command": command(name, seed), "options": options}
    stored = stored_as(name, seed)
    write(stored, f"report 1's protocol: {sets.source}", sets.test, trained.probabilities, details)
    public = photographs(source, split="usual").validation
    public = data.without_twins(data.without_twins(public, sets.train), sets.validation)
    beyond = "the same net on PublicTest, pixel twins of its training images left out"
    probabilities = net.predict(public.images[..., None], batch_size=128, verbose=0)
    write(f"{stored}_publictest", beyond, public, probabilities, details)
