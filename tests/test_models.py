"""Every network has the published size; report 1's have the published layers; all take 48x48 pictures as they are."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import CLASSES, models

PARAMETERS = {  # as published; of trial_6 and emotion_net, which are ours, as they are in their reference runs
    "trial_1": 1_066_311,
    "trial_2": 1_066_311,
    "trial_3": 1_066_311,
    "trial_4": 1_066_311,
    "trial_5": 7_405_127,
    "trial_6": 464_551,
    "emotion_net": 1_176_359,
    "baseline": 1_199_495,
    "vgg_style": 23_599_047,
    "residual_net": 121_751,
    "small": 2_864_903,
    "big": 4_478_727,
    "mini_xception": 58_423,
}
PUBLISHED = (  # report 1's summaries from Rescaling on: layer, output shape, parameters
    ("Rescaling", (180, 180, 3), 0),
    ("Conv2D", (178, 178, 32), 896),
    ("MaxPooling2D", (89, 89, 32), 0),
    ("Conv2D", (87, 87, 64), 18_496),
    ("MaxPooling2D", (43, 43, 64), 0),
    ("Conv2D", (41, 41, 128), 73_856),
    ("MaxPooling2D", (20, 20, 128), 0),
    ("Conv2D", (18, 18, 256), 295_168),
    ("MaxPooling2D", (9, 9, 256), 0),
    ("Conv2D", (7, 7, 256), 590_080),
    ("Flatten", (12_544,), 0),
)
LAST = ("Dense", (7,), 87_815)
DROPPED = ("Dropout", (12_544,), 0)


def with_dropout_after_convolutions():
    for kind, shape, parameters in PUBLISHED:
        yield kind, shape, parameters
        if kind == "Conv2D":
            yield "Dropout", shape, 0


SUMMARIES = {
    "trial_1": [*PUBLISHED, LAST],
    "trial_2": [*PUBLISHED, LAST],
    "trial_3": [*PUBLISHED, LAST],
    "trial_4": [*PUBLISHED, DROPPED, LAST],
    "trial_5": [
        *with_dropout_after_convolutions(),
        DROPPED,
        ("Dense", (512,), 6_423_040),
        ("Dense", (7,), 3_591),
    ],
}


def summary(net) -> list:
    return [(type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params()) for layer in net.layers]


@pytest.mark.parametrize("name", SUMMARIES)
def test_trials_are_the_published_ones_layer_by_layer(name):
    net = models.build(name)
    found = summary(net)
    start = [kind for kind, *_ in found].index("Rescaling")
    assert found[start:] == SUMMARIES[name]
    assert net.count_params() == PARAMETERS[name]
    assert not sum(parameters for *_, parameters in found[:start])
    before = [kind for kind, *_ in found[:start] if kind.startswith("Random")]
    assert before == ([] if name in ("trial_1", "trial_2") else ["RandomFlip", "RandomRotation", "RandomZoom"])


def test_rates_of_the_trials_are_the_published_ones():
    rates = {name: [layer.rate for layer in models.build(name).layers if hasattr(layer, "rate")] for name in SUMMARIES}
    assert rates["trial_4"] == [0.5] and rates["trial_5"] == [0.2] * 5 + [0.5] and not rates["trial_3"]
    hidden = models.build("trial_5").layers[-2]
    assert hidden.kernel_regularizer.l2 == pytest.approx(0.01) and hidden.activation.__name__ == "relu"
    flip, turn, zoom = [layer for layer in models.build("trial_3").layers if type(layer).__name__.startswith("Random")]
    assert flip.mode == "horizontal" and turn.get_config()["factor"] in (0.1, (-0.1, 0.1), [-0.1, 0.1])
    assert zoom.get_config()["height_factor"] in (0.2, (-0.2, 0.2), [-0.2, 0.2])


@pytest.mark.parametrize("name", models.NETWORKS)
def test_size_input_output_and_determinism(name):
    small = {"pixels": 96} if name in models.TRIALS else {}
    net = models.build(name, seed=1, **small)
    if not small:
        assert net.count_params() == PARAMETERS[name]
    assert type(net).__name__ == "Functional" and net.input_shape == (None, 48, 48, 1)
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    once, twice = (keras.ops.convert_to_numpy(net(images, training=False)) for _ in range(2))
    np.testing.assert_array_equal(once, twice)
    assert once.shape == (3, len(CLASSES)) and once.dtype == np.float32
    np.testing.assert_allclose(once.sum(axis=1), 1, atol=1e-5)
    assert not any(isinstance(layer, layers.Lambda) for layer in net.layers)
    again, other = models.build(name, seed=1, **small), models.build(name, seed=2, **small)
    for first, second in zip(net.variables, again.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(first), np.asarray(second))
    assert any(not np.array_equal(a, b) for a, b in zip(net.get_weights(), other.get_weights(), strict=True))


def published(name) -> list:
    """Convolutions and dense layers: filters or units, kernel, padding."""
    found = []
    for layer in models.build(name).layers:
        if isinstance(layer, layers.Conv2D):
            found.append((layer.filters, layer.kernel_size[0], layer.padding))
        elif isinstance(layer, layers.Dense):
            found.append(layer.units)
    return found


@pytest.mark.parametrize("name, trainable", [("small", 2_863_495), ("big", 4_474_759)])
def test_trainable_parameters_of_report_5(name, trainable):
    assert sum(np.prod(weight.shape) for weight in models.build(name).trainable_weights) == trainable


def test_the_other_reports_networks_layer_by_layer():
    same = "same"
    assert published("baseline") == [(32, 3, same), (64, 3, same), 128, 7]
    assert published("vgg_style") == [(f, 3, same) for f in (64, 64, 128, 128, 256, 256, 512, 512)] + [4096, 7]
    assert published("small") == [(64, 3, same), (128, 5, same), (256, 3, same), 256, 7]
    assert published("big") == [(64, 3, same), (128, 5, same), (512, 3, same), (512, 3, same), 256, 512, 7]
    kinds = [type(layer).__name__ for layer in models.build("mini_xception").layers]
    assert kinds.count("SeparableConv2D") == 8 and kinds.count("Add") == 4 and kinds.count("BatchNormalization") == 14


def test_dropout_and_scaling_of_report_4_and_5s_networks():
    def rates(net):
        return [layer.rate for layer in net.layers if isinstance(layer, layers.Dropout)]

    assert not rates(models.build("small")) and rates(models.build("big", dropout=0.4)) == [0.4] * 6
    assert not any(isinstance(layer, layers.Rescaling) for layer in models.build("big", rescale=False).layers)


def test_augmentation_acts_while_training_only():
    net = models.build("trial_3", pixels=96, seed=0)
    turned = keras.Model(net.input, net.layers[3].output)
    images = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), dtype=np.uint8)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(turned(images, training=False)), images)
    assert not np.array_equal(keras.ops.convert_to_numpy(turned(images, training=True)), images)


def test_an_unknown_network_names_those_that_exist():
    with pytest.raises(ValueError, match=r"trial_1.*mini_xception"):
        models.build("trial_7")


def network(filters=4, activation="relu", names=("first", "second"), crossed=False):
    """Two convolutions of one picture, subtracted: their order matters."""
    image = keras.Input((48, 48, 1))
    one, two = (
        layers.Conv2D(filters, size, padding="same", name=name) for size, name in zip((3, 5), names, strict=True)
    )
    a, b = one(image), two(image)
    x = layers.Activation(activation)(layers.Subtract()([b, a] if crossed else [a, b]))
    inner = keras.Input(x.shape[1:])
    x = keras.Model(inner, layers.Dense(2, name=names[0])(inner))(x)
    return keras.Model(image, models.emotion(layers.GlobalAveragePooling2D()(x)))


def test_the_architecture_hash_knows_the_layers_but_not_their_names():
    known = models.architecture_hash(network())
    frozen, compiled = network(), network(names=("conv", "another"))
    frozen.layers[1].trainable = False
    compiled.compile("adam", "mse")
    assert known == models.architecture_hash(frozen) == models.architecture_hash(compiled)
    others = [network(filters=5), network(activation="tanh"), network(crossed=True), models.build("baseline")]
    assert len({known, *map(models.architecture_hash, others)}) == 5
