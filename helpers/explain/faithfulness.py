"""Whether a map is about the net: deletion and insertion, which need no truth, and the sanity check by re-initialised weights."""

from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from scipy.special import softmax
from scipy.stats import rankdata

from helpers.files import CourseError

from .methods import METHODS, baselines
from .network import PreparedNet, check_inputs, prepare
from .validation import map_values


class Curves(NamedTuple):
    """One curve a picture, and the area under it: small is good for deletion, large for insertion."""

    share: np.ndarray  # (steps + 1,) of the pixels that are taken away or brought back, from 0 to 1
    deletion: np.ndarray  # (n, steps + 1) the class's probability meanwhile
    insertion: np.ndarray
    deletion_auc: np.ndarray  # (n,)
    insertion_auc: np.ndarray


def deletion_insertion(
    model, images, classes, maps, steps: int = 24, baseline: str | float = "blur", seed: int = 0, batch: int = 64
) -> Curves:
    """What becomes of the class when the pixels that a map ranks highest go first (deletion) or come first (insertion).

    What is away shows the `baseline`; pixels of equal rank go in random order. Half a picture is none that the net has
    learned from: compare maps on the same pictures, and with a map of random numbers, rather than read one value.
    """
    net, images, classes = check_inputs(model, images, classes)
    maps = map_values(maps, images.shape[:3])
    share = np.linspace(0, 1, steps + 1)
    found = np.zeros((2, len(images), steps + 1))
    for i, (image, start) in enumerate(zip(images, baselines(images, baseline), strict=True)):
        ties = np.random.default_rng([seed, i]).random(maps[i].size)
        place = np.empty(maps[i].size, int)
        place[np.lexsort((ties, -maps[i].ravel()))] = np.arange(maps[i].size)  # 0 where the map is highest
        first = place.reshape(maps[i].shape) < np.rint(share * maps[i].size)[:, None, None]
        shown = [np.where(first[..., None], *pair) for pair in ((start, image), (image, start))]
        answers = softmax(net.logits(np.concatenate(shown), batch).astype(float), axis=1)
        found[:, i] = answers[:, classes[i]].reshape(2, -1)
    areas = (found[..., 1:] + found[..., :-1]).mean(axis=-1) / 2  # trapezoids of equal width
    return Curves(share, *found, *areas)


def sanity_check(
    model, method, images, classes=None, depths: int | None = None, seed: int = 0, **options
) -> pd.DataFrame:
    """Re-initialise the weights from the last layer down, one layer more each time, and compare each map with the first.

    After Adebayo et al. (2018): a map that stays as it is while the net forgets what it has learned explains nothing. A
    row for each depth and picture: how many layers are re-initialised (0: none, a control), the `layer` reached, its
    `share` of all weights, and the `similarity` to the map of the trained net (rank correlation; near 1: the map does
    not care). The classes stay those of the trained net. To change is necessary, not sufficient.

    method  a name in METHODS, or a function of one's own of (net, images, classes): `net.model` is the keras.Model
    depths  how many depths are looked at (1: only the last, with all weights re-initialised); `options` are the method's
    """
    if isinstance(method, str) and method not in METHODS:
        raise CourseError(f"There is no method {method!r} here.", f"Those that work here: {', '.join(METHODS)}.")
    method = METHODS[method] if isinstance(method, str) else method
    net, _, classes = check_inputs(PreparedNet(prepare(model).model), images, classes)  # a copy that may be changed
    weighted = [layer for layer in net.model.layers if layer.weights][::-1]
    looked = range(len(weighted) + 1)
    if depths is not None:
        looked = {0, *np.rint(np.linspace(len(weighted), 1, depths)).astype(int).tolist()}
    first, done, tables = None, 0, []
    for depth, layer in enumerate([None, *weighted]):
        if layer is not None:
            reinitialise(layer, [seed, depth])
            done += layer.count_params()
        if depth in looked:
            maps = np.asarray(method(net, images, classes, **options))
            first = maps if first is None else first
            table = {"depth": depth, "layer": layer.name if layer is not None else "none", "picture": range(len(maps))}
            share = done / max(net.model.count_params(), 1)
            tables.append(pd.DataFrame(table | {"share": share, "similarity": agreement(first, maps)}))
    return pd.concat(tables, ignore_index=True)


def reinitialise(layer: keras.Layer, seed: list[int]) -> None:
    """Give a layer the weights that it would begin with, from its own initialisers under a seed."""
    settings, draw = layer.get_config(), np.random.default_rng(seed)
    for key, value in settings.items():
        if key.endswith("_initializer") and isinstance(value, dict) and "seed" in value.get("config", {}):
            value["config"]["seed"] = int(draw.integers(2**31))
    fresh = type(layer).from_config(settings)
    fresh.build_from_config(layer.get_build_config())
    layer.set_weights(fresh.get_weights())


def agreement(maps_a, maps_b) -> np.ndarray:
    """(n,) Spearman's rank correlation of two maps of each picture: 1 the same order of pixels, 0 none (or a map of one value)."""
    shape = np.shape(maps_a)
    if len(shape) != 3:
        raise CourseError(f"Maps come as (n, height, width); these have the shape {shape}.")
    ranks = [rankdata(map_values(maps, shape).reshape(len(maps), -1), axis=1) for maps in (maps_a, maps_b)]
    a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.divide((a * b).sum(axis=1), size, out=np.zeros(len(a)), where=size > 0)
