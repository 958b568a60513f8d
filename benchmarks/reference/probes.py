"""Linear probes on the real balanced set: logistic regression on a frozen net's features, by stage; notebook 08's section 4.

Validation chooses the stage. Report 1's 306 test pictures and PublicTest are scored once; PrivateTest is not used.
"""

import keras
import numpy as np
from keras import layers
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.reference.common import command, photographs, stored_as, write
from benchmarks.reference.transfer import base_of
from helpers import data, pretrained

NAMES = ("probe_efficientnet_lite0", "probe_efficientnet_lite0_random")
STAGES = [*(f"block_{i}" for i in range(0, 16, 2)), "bn1_relu6"]
STRENGTH = 0.01  # scikit-learn's C, as in the notebook


def means(base: keras.Model) -> tuple[keras.Model, dict[str, slice]]:
    """The mean of each map after each stage, all in one vector, and where each stage's part of it lies."""
    maps = [base.get_layer(stage).output for stage in STAGES]
    ends = np.cumsum([x.shape[-1] for x in maps])
    pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x) for x in maps])
    slices = dict(zip(STAGES, map(slice, [0, *ends[:-1]], ends), strict=True))
    return keras.Model(base.input, pooled, name=base.name), slices


def probe(x: np.ndarray, labels: np.ndarray):
    """One Dense layer with a softmax and a penalty, trained to the end."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=300)).fit(x, labels)


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES."""
    sets = photographs(source, split="report1")
    public = data.without_twins(photographs(source, split="usual").validation, sets.train)
    public = data.without_twins(public, sets.validation)  # the pictures on which the trials are scored
    base = base_of(name.removeprefix("probe_"), seed)
    net, slices = means(base)
    x, held, asked, wide = (
        pretrained.features(net, part.images) for part in (sets.train, sets.validation, sets.test, public)
    )
    by_stage, heads = {}, {}
    for stage, part in slices.items():
        heads[stage] = probe(x[:, part], sets.train.labels)
        by_stage[stage] = int((heads[stage].predict(held[:, part]) == sets.validation.labels).sum())
    best = max(STAGES, key=by_stage.get)
    head = heads[best][-1].coef_.size + heads[best][-1].intercept_.size
    details = {
        "seed": seed, "parameters": keras.Model(base.input, base.get_layer(best).output).count_params() + head,
        "parameters_of_the_head": head, "stage": best,
        "validation": {"images": len(held), "right": by_stage}, "command": command(name, seed),
    }  # fmt: skip
    protocol = f"logistic regression on {net.name}'s mean maps at 112 px, C {STRENGTH}; {sets.source}; stage chosen on validation"
    said = [heads[best].predict_proba(part[:, slices[best]]) for part in (asked, wide)]
    write(stored_as(name, seed), protocol, sets.test, said[0], details)
    protocol += "; the same on PublicTest, pixel twins of its training and validation images left out"
    write(f"{stored_as(name, seed)}_publictest", protocol, public, said[1], details)
