"""How far the maps of the bundled net can be trusted on photographs: deletion, insertion, the sanity check. Numbers only."""

import os
import platform
import time

import keras
import numpy as np

from benchmarks.reference.common import command, photographs, stored_as, write_reference
from helpers import environment, evaluation, explain, pretrained, runs
from helpers.data import Part

PICTURES, CHECKED = 50, 5  # of each class at most; the sanity check re-initialises layer after layer, so it takes fewer
DEPTHS = 8
SETTINGS = {
    "saliency": {},
    "smoothgrad": {"samples": 25},
    "integrated_gradients": {"steps": 32},
    "gradcam": {},
    "gradcam_plus_plus": {},
    "scorecam": {},
    "occlusion": {"window": 8, "stride": 4},
}


def chosen(part: Part, net: keras.Model, seed: int) -> Part:
    """As many pictures of each class, at random, that the net has not seen, that are not blank, and that it answers as labelled."""
    part = part.take(~pretrained.was_trained_on("emotion_net", part) & (np.ptp(part.images, axis=(1, 2)) > 8))
    right = np.flatnonzero(net.predict(part.images[..., None], batch_size=256, verbose=0).argmax(axis=1) == part.labels)
    order = np.random.default_rng(seed).permutation(right)
    return part.take(np.concatenate([order[part.labels[order] == k][:PICTURES] for k in range(len(part.classes))]))


def interval(values: np.ndarray) -> list[float]:
    """A mean over pictures with its 95% interval."""
    return [round(float(number), 4) for number in (np.mean(values), *evaluation.bootstrap(np.mean, values))]


def faithful(net: explain.network.PreparedNet, part: Part, seed: int) -> dict:
    """Areas under the deletion and the insertion curve of each method's maps and of random ones; and how far from random."""
    maps = {name: explain.METHODS[name](net, part.images, part.labels, **options) for name, options in SETTINGS.items()}
    maps["random"] = np.random.default_rng(seed).random(part.images.shape)
    areas = {}
    for name, found in maps.items():
        curves = explain.deletion_insertion(net, part.images, part.labels, found, seed=seed)
        areas[name] = {"deletion": curves.deletion_auc, "insertion": curves.insertion_auc}
        print(
            f"{name}: deletion {curves.deletion_auc.mean():.3f}, insertion {curves.insertion_auc.mean():.3f}",
            flush=True,
        )
    return {
        name: {kind: interval(values) for kind, values in each.items()}
        | {f"{kind}_minus_random": interval(values - areas["random"][kind]) for kind, values in each.items()}
        for name, each in areas.items()
    }


def sane(net: explain.network.PreparedNet, part: Part, seed: int) -> dict:
    """For each method how similar its maps stay to those of the trained net while its layers are re-initialised, from the last down."""
    some = part.take(np.concatenate([np.flatnonzero(part.labels == k)[:CHECKED] for k in range(len(part.classes))]))
    found = {}
    for name, options in SETTINGS.items():
        table = explain.sanity_check(net, name, some.images, some.labels, depths=DEPTHS, seed=seed, **options)
        mean = table.groupby("depth", sort=True).agg(
            layer=("layer", "first"), share=("share", "first"), similarity=("similarity", "mean")
        )
        last = table[table["depth"] == table["depth"].max()]
        found[name] = mean.reset_index().round(4).to_dict("list") | {
            "all_reinitialised": interval(last["similarity"].to_numpy())
        }
        print(f"{name}: similarity {found[name]['all_reinitialised'][0]:.2f} once all is re-initialised", flush=True)
    return {"pictures": len(some), "methods": found}


def run(name: str, source: str, seed: int) -> None:
    """The bundled net on PrivateTest: no picture and no map is stored."""
    start = time.monotonic()
    net = pretrained.emotion_net()
    part = chosen(photographs(source, split="usual").test, net, seed)
    prepared = explain.prepare(net)
    record = {
        "name": name,
        "what": "How far maps of emotion_net can be trusted: deletion and insertion, and the sanity check.",
        "command": command(name, seed),
        "data": part.source,
        "protocol": f"PrivateTest, at most {PICTURES} pictures a class that the net answers as labelled, none that it has "
        "learned from; 24 steps, blurred where taken away, the probability of the label",
        "test": runs.digest(part.images, part.labels),
        "pictures": len(part),
        "by_class": part.counts(),
        "seed": seed,
        "settings": SETTINGS,
        "deletion_insertion": faithful(prepared, part, seed),
        "sanity": sane(prepared, part, seed),
        "minutes": round((time.monotonic() - start) / 60, 1),
        "hardware": f"{platform.machine()}, {os.cpu_count()} cores, {environment.gpus()} GPUs",
        "versions": environment.versions() | {"backend": keras.backend.backend()},
    }  # fmt: skip
    print(f"{len(part)} pictures -> {write_reference(stored_as(name, seed), record).name}")
