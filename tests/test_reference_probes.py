"""Linear probes: each stage's features are where their slice says, and the stored pairs belong together."""

import keras
import numpy as np
from keras import layers

from benchmarks.reference import probes
from helpers import evaluation, pretrained, runs


def test_each_stage_has_its_own_slice_of_the_means():
    base = pretrained.backbone("efficientnet_lite0", pixels=96, weights="random")
    net, slices = probes.means(base)
    picture = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1)).astype("float32")
    found = net.predict(picture, verbose=0)
    for stage in ("block_0", "block_10", "bn1_relu6"):
        one = keras.Model(base.input, layers.GlobalAveragePooling2D()(base.get_layer(stage).output))
        np.testing.assert_allclose(found[:, slices[stage]], one.predict(picture, verbose=0), atol=1e-5)
    assert list(slices) == probes.STAGES and slices["bn1_relu6"].stop == found.shape[1]


def test_the_stored_pairs_answered_the_same_pictures():
    for end in ("", "_publictest"):
        trained, untrained, scratch = (runs.reference(f"{name}{end}") for name in (*probes.NAMES, "trial_1"))
        assert trained.record["stage"] in probes.STAGES
        assert evaluation.compare(untrained, trained).low > 0.1, "pretraining is worth more than chance"
        assert evaluation.compare(scratch, trained).n == len(trained.labels)
