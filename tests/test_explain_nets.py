"""Every network of the series can be explained: grey or RGB, flat or nested, with softmax or logits, in half precision."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import softmax

import drawn_faces
from helpers import CLASSES, explain, models, pretrained
from helpers.explain import geometry, network
from helpers.pretrained import emotion

TINY = {  # settings that keep the architecture and little else
    **{name: {"pixels": 78} for name in models.TRIALS},
    "trial_6": {"filters": (4, 4, 6, 6)},
    "emotion_net": {"filters": (4, 6, 8)},
    "baseline": {},
    "vgg_style": {},
    "small": {},
    "big": {},
    "mini_xception": {},
}
MAPS = {
    "trial_1": "conv2d",
    "trial_6": "re_lu",
    "emotion_net": "re_lu",
    "baseline": "conv2d",
    "mini_xception": "conv2d",
}


def images(n: int = 2, shape: tuple = (48, 48)) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *shape), dtype=np.uint8)


def all_methods(model: keras.Model, pictures: np.ndarray, names=tuple(explain.METHODS)) -> dict[str, np.ndarray]:
    """A quick map of every method, each checked for shape and range."""
    options = {
        "smoothgrad": {"samples": 2},
        "integrated_gradients": {"steps": 2},
        "scorecam": {"maps": 2},
        "occlusion": {"window": 24, "stride": 12},
    }
    found = {}
    for name in names:
        maps = explain.METHODS[name](model, pictures, "happy", **options.get(name, {}))
        assert maps.shape == pictures.shape[:3] and maps.dtype == np.float32, name
        assert np.isfinite(maps).all() and maps.min() >= 0 and maps.max() <= 1, name
        found[name] = maps
    assert all(maps.max() == 1 for name, maps in found.items() if name in ("saliency", "integrated_gradients"))
    return found


def same_answers(model: keras.Model, pictures: np.ndarray) -> None:
    """The softmax of the logits is what the net itself says."""
    said = model.predict(pictures if pictures.ndim == 4 else pictures[..., None], verbose=0)
    np.testing.assert_allclose(softmax(explain.logits(model, pictures), axis=1), said, atol=1e-4)


def test_the_table_is_whole():
    assert set(TINY) == set(models.NETWORKS)


@pytest.mark.parametrize("name", TINY)
def test_every_network_of_the_series(name):
    model = models.build(name, seed=0, **TINY[name])
    same_answers(model, images())
    few = ("saliency", "gradcam", "occlusion") if name not in MAPS else tuple(explain.METHODS)
    all_methods(model, images(), few)
    if name in MAPS:
        assert geometry.map_layer(network.opened(model).model).name.startswith(MAPS[name])


def test_the_inner_part_is_not_stretched_over_the_picture():
    """Four pixels cut off at each side, then halved three times: five map pixels stand eight apart, the first at 7.5."""
    image = keras.Input((48, 48, 1))
    x = layers.Cropping2D(4)(image)
    for _ in range(3):
        x = layers.MaxPooling2D()(models.conv_bn(x, 4))
    x = layers.GlobalAveragePooling2D()(models.conv_bn(x, 4))
    net = network.opened(keras.Model(image, models.emotion(x, 7)))
    assert geometry.centres(net.model, geometry.map_layer(net.model)) == [(7.5, 8.0)] * 2


def head(base: keras.Model, wrap: bool) -> keras.Model:
    """A student's net on a frozen base, as the notebooks build it; or a Sequential around it."""
    base.trainable = False
    image = keras.Input((48, 48, 1))
    x = models.augmented(image)
    x = base(x, training=False)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    net = keras.Model(image, models.emotion(x, 7), name="student")
    return keras.Sequential([keras.Input((48, 48, 1)), net], name="wrapped") if wrap else net


@pytest.mark.parametrize("wrap", [False, True])
def test_a_nested_vgg16_is_explained_by_the_convolution_inside(wrap):
    base = pretrained.backbone("vgg16", pixels=64, weights="random")
    model = head(base, wrap)
    before = [len(layer._inbound_nodes) for layer in base.layers]
    same_answers(model, images())
    all_methods(model, images(1), explain.METHODS if not wrap else ("gradcam", "integrated_gradients"))
    assert [len(layer._inbound_nodes) for layer in base.layers] == before and not base.trainable_weights
    net = network.opened(model).model
    assert geometry.map_layer(net).name == "block5_conv3"
    assert not any(isinstance(layer, keras.Model) for layer in net.layers)
    other = explain.gradcam(model, images(1), "happy", layer="block3_conv2")
    assert other.shape == (1, 48, 48) and (other != explain.gradcam(model, images(1), "happy")).any()


def test_two_nested_nets_of_the_same_names_and_operations_without_layers():
    image = keras.Input((48, 48, 1))
    towers = []
    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        inner = keras.Input((48, 48, 1))
        towers.append(keras.Model(inner, layers.Conv2D(2, 3, name="conv")(inner), name=f"tower_{seed}"))
    x = keras.ops.relu(towers[0](image) - towers[1](image))
    model = keras.Model(image, models.emotion(layers.GlobalAveragePooling2D()(x), 7))
    same_answers(model, images())
    all_methods(model, images(), ("saliency", "gradcam"))
    net = network.opened(model).model
    assert {"conv", "conv_2"} <= {layer.name for layer in net.layers}


def test_rgb_pictures_and_another_number_of_classes():
    image = keras.Input((40, 32, 3))
    x = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1 / 255)(image))
    model = keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(x)), name="colour")
    pictures = images(2, (40, 32, 3))
    same_answers(model, pictures)
    for method in (
        explain.saliency,
        explain.integrated_gradients,
        explain.gradcam,
        explain.scorecam,
        explain.occlusion,
    ):
        maps = method(model, pictures, [0, 2])
        assert maps.shape == (2, 40, 32) and np.isfinite(maps).all()
    grey = pictures[..., 0]
    np.testing.assert_array_equal(
        explain.saliency(model, grey, 1), explain.saliency(model, np.stack([grey] * 3, axis=-1), 1)
    )
    with pytest.raises(ValueError, match="which have no names here"):
        explain.saliency(model, pictures, "happy")


def test_half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = models.build("baseline", seed=0)
    finally:
        keras.config.set_dtype_policy("float32")
    all_methods(model, images(1), ("saliency", "gradcam", "gradcam_plus_plus", "occlusion"))


@pytest.mark.skipif(not emotion.BUNDLED.exists(), reason="the net has not been trained yet")
def test_the_bundled_net():
    model = pretrained.emotion_net()
    maps = all_methods(model, images(1))
    assert len({array.tobytes() for array in maps.values()}) == len(maps)
    same_answers(model, images())
    pictures, gain = drawn_faces.faces(2, seed=1).images, CLASSES.index("fear")  # noise, blurred, has no contrast left
    raw = explain.integrated_gradients(model, pictures, "fear", steps=48, raw=True)
    exact = explain.logits(model, pictures) - explain.logits(model, explain.filled(pictures, "blur"))
    np.testing.assert_allclose(raw.sum(axis=(1, 2)), exact[:, gain], atol=0.05 * np.abs(exact).max())
