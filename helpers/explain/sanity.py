"""The sanity check of Adebayo et al. (2018): a map that stays as it is while the net forgets what it learned explains nothing."""

import inspect
import weakref

import keras
import numpy as np
import pandas as pd

from .asked import whole
from .cams import gradcam, gradcam_plus_plus, scorecam
from .gradients import integrated_gradients, saliency, smoothgrad
from .network import asked, flat, refresh
from .occluding import occlusion
from .scoring import agreement

METHODS = {
    method.__name__: method
    for method in (saliency, smoothgrad, integrated_gradients, gradcam, gradcam_plus_plus, scorecam, occlusion)
}

COPIES: "weakref.WeakKeyDictionary[keras.Model, tuple]" = weakref.WeakKeyDictionary()


def sanity_check(
    model, method, images, classes=None, depths: int | None = None, seed: int = 0, batch: int = 32, **options
) -> pd.DataFrame:
    """Draw the weights anew from the last layer down, one layer more each time, and compare each map with the first.

    A row for each depth and picture: `depth` layers drawn anew (0: none, a control), the `layer` reached, `share` of the
    weights drawn anew, `similarity` (rank correlation with the map of the trained net; near 1: the map does not care).
    `method` is one of METHODS or its name, or a function of one's own of (model, images, classes, batch=); `options` are
    its own; `depths` limits how many depths are looked at (1: only the last, with all weights drawn anew).
    The classes stay those of the trained net. To change is necessary, not sufficient: a map may change and still be wrong.
    """
    method = METHODS.get(method, method) if isinstance(method, str) else method
    if not callable(method):
        raise ValueError(f"There is no method {method!r}; those there are: {', '.join(METHODS)}.")
    _, checked, classes = asked(model, images, classes, batch)
    if "seed" in inspect.signature(method).parameters:
        options = {"seed": seed} | options
    net = another(model)
    weighted = [layer for layer in net.layers if layer.weights][::-1]
    looked = set(range(len(weighted) + 1))
    if depths is not None:
        looked = {0} | set(np.rint(np.linspace(len(weighted), 1, whole("depths", depths))).astype(int).tolist())
    first, total, drawn, tables = None, max(net.count_params(), 1), 0, []
    for depth in range(len(weighted) + 1):
        if depth:
            draw_anew(weighted[depth - 1], [seed, depth])
            drawn += weighted[depth - 1].count_params()
        if depth not in looked:
            continue
        maps = np.asarray(method(net, images, classes, batch=batch, **options))
        first = maps if first is None else first
        name = weighted[depth - 1].name if depth else "none"
        table = {"depth": depth, "layer": name, "share": drawn / total, "picture": np.arange(len(checked))}
        tables.append(pd.DataFrame(table | {"similarity": agreement(first, maps)}))
    return pd.concat(tables, ignore_index=True)


def another(model: keras.Model) -> keras.Model:
    """A copy to draw anew: made for the first check of a net, for each later one brought back to the net's weights."""
    if model not in COPIES:
        pairs: list[tuple] = []
        COPIES[model] = flat(model, pairs), pairs
    copy, pairs = COPIES[model]
    refresh(pairs)
    return copy


def draw_anew(layer: keras.Layer, seed: list[int]) -> None:
    """Give a layer the weights that it would begin with, from its own initialisers under a seed."""
    settings, draw = layer.get_config(), np.random.default_rng(seed)
    for key, value in settings.items():
        if key.endswith("_initializer") and isinstance(value, dict) and "seed" in value.get("config", {}):
            value["config"]["seed"] = int(draw.integers(2**31))
    fresh = type(layer).from_config(settings)
    fresh.build_from_config(layer.get_build_config())
    layer.set_weights(fresh.get_weights())
