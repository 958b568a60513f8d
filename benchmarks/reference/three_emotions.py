"""Report 3's task on the real set: joy, anger and sadness, 5,000 a class, copies included; tested on PublicTest and PrivateTest together.

three_emotions_data                what its four criteria come to, in numbers; nothing is trained
three_emotions_efficientnet_lite0  the last block of EfficientNet-Lite0 and report 3's head
..._efficientnet_lite0_doubled     the same behind a second preprocessing, in the order of report 3's generator
three_emotions_small               report 5's small network with three outputs, a shortened training
three_emotions_optimisers          SGD, Adagrad, Adam and RMSprop on the head alone, by learning rate, several seeds
three_emotions_cut                 validation images whose face is also in train: trained with those copies and without
"""

import dataclasses

import keras
import numpy as np
from keras import layers, regularizers
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score

from benchmarks.reference.common import command, photographs, stored_as, training_of, write_reference
from helpers import CLASSES, data, evaluation, models, pretrained, runs, training

NETS = ("efficientnet_lite0", "efficientnet_lite0_doubled")
NAMES = tuple(f"three_emotions_{task}" for task in ("data", *NETS, "small", "optimisers", "cut"))
SIZES = {"last_block": 12, "small": 6, "head": 10, "cut": 8}  # epochs, at most
SEEDS = {"optimisers": 3, "cut": 3}
RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
OPTIMISERS = ("SGD", "Adagrad", "Adam", "RMSprop")
DROPOUT, PENALTY = 0.3, 1e-3  # not published; ours


def head(x):
    """Report 3's head: two hidden layers of 128 with dropout and a penalty, and a probability for each of three classes."""
    for _ in range(2):
        x = layers.Dense(128, activation="relu", kernel_regularizer=regularizers.L2(PENALTY))(x)
        x = layers.Dropout(DROPOUT)(x)
    return models.emotion(x, 3)


def halves(seed: int, doubled: bool = False) -> tuple[keras.Model, keras.Model]:
    """EfficientNet-Lite0 cut before its last block: what stays frozen, and last block and head, which learn from its maps.

    Its own preprocessing is (x - 127) / 128, inside it. `doubled`: that is divided by 255 once more, as report 3's
    generator does with what VGG19's own preprocessing gives.
    """
    base = pretrained.backbone("efficientnet_lite0")
    lower = keras.Model(base.input, base.get_layer("block_14").output, name="efficientnet_lite0_lower")
    frozen = lower
    if doubled:
        image = keras.Input((models.SIDE, models.SIDE, 1))
        frozen = keras.Model(image, lower(layers.Rescaling(1 / 255, 127 - 127 / 255)(image)), name="doubled_lower")
    last = keras.Model(lower.output, base.output, name="last_block")
    for layer in last.layers:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    keras.utils.set_random_seed(seed)
    maps = keras.Input(lower.output.shape[1:])
    x = layers.GlobalAveragePooling2D()(last(maps, training=False))
    return frozen, compiled(keras.Model(maps, head(x)), keras.optimizers.Adam(1e-4))


def compiled(net: keras.Model, optimizer) -> keras.Model:
    """The network, ready to learn from labels that are numbers."""
    net.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return net


def fit(net: keras.Model, x, y, epochs: int, validation=None, batch: int = 64) -> dict:
    """Train, stopped early where there is something to watch; the curves."""
    stop = [keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)] if validation else []
    kept = net.fit(x, y, batch, epochs, validation_data=validation, callbacks=stop, verbose=2)
    return kept.history


def probabilities(net: keras.Model, x) -> np.ndarray:
    """What a network says."""
    return net.predict(x, batch_size=128, verbose=0)


def scores(labels: np.ndarray, found: np.ndarray) -> dict:
    """The scores of three classes, with what always naming the most frequent one would get."""
    said, n = found.argmax(axis=1), len(labels)
    hits, most = int((said == labels).sum()), float(np.bincount(labels).max() / n)
    recall = recall_score(labels, said, labels=range(3), average=None, zero_division=0)
    return {
        "images": n,
        "accuracy": hits / n,
        "accuracy_95": evaluation.wilson(hits, n),
        "majority": most,
        "skill": (hits / n - most) / (1 - most),
        "balanced_accuracy": balanced_accuracy_score(labels, said),
        "macro_f1": f1_score(labels, said, average="macro"),
        "recall": recall.tolist(),
    }


def write(name: str, protocol: str, sets: data.Dataset, found: np.ndarray, source: str, details: dict) -> None:
    """A trained net on report 3's test images, on the two sets that make them up, and without those that are also in train."""
    test, usual = sets.test, photographs(source, split="usual")
    fresh = data.without_twins(data.without_twins(test, sets.train), sets.validation)
    named = {
        "report 3's test, PublicTest and PrivateTest": np.ones(len(test), bool),
        "PublicTest": np.isin(test.names, usual.validation.names),
        "PrivateTest": np.isin(test.names, usual.test.names),
        "report 3's test without twins": np.isin(test.names, fresh.names),
    }
    record = {
        "name": name,
        "protocol": protocol,
        "classes": list(sets.classes),
        "data": test.source,
        "test": runs.digest(test.images, test.labels),
        "scores": scores(test.labels, found),
        "by_set": {key: scores(test.labels[part], found[part]) for key, part in named.items()},
    }
    write_reference(name, record | details, test.labels, found)
    print(f"{name}: {record['scores']}", flush=True)


def ballot(part: data.Part) -> dict:
    """How far FER+'s annotators agree with the labels: of the pictures where one of seven expressions wins outright."""
    votes = part.votes
    best = votes.argmax(axis=1)
    outright = ((votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 1) & (best < len(CLASSES))
    own = np.array([CLASSES.index(name) for name in part.classes])
    found = {}
    for k, name in enumerate(part.classes):
        winners = best[outright & (part.labels == k)]
        counted = np.bincount(winners, minlength=len(CLASSES))
        found[name] = {
            "images": int((part.labels == k).sum()),
            "with_a_winner": len(winners),
            "agree": int(counted[own[k]]),
            "another_of_the_three": int(counted[own].sum() - counted[own[k]]),
            "winners": dict(zip(CLASSES, counted.tolist(), strict=True)),
        }
    return found


def crossing(sets: data.Dataset) -> dict:
    """Validation images whose face is also in train: by origin, and by identical pixels."""
    train, validation = sets.train, sets.validation
    also = np.isin(validation.names, train.names)
    seen = set(data.fingerprints(train.images))
    return {
        "images": len(validation),
        "by_origin": int(also.sum()),
        "by_origin_by_class": np.bincount(validation.labels[also], minlength=3).tolist(),
        "by_pixels": sum(mark in seen for mark in data.fingerprints(validation.images)),
    }


def data_in_numbers(name: str, source: str, seed: int) -> None:
    """The four criteria, measured."""
    usual = data.load(source, only=("angry", "happy", "sad"), seed=seed)
    after, before = (data.load(source, split="report3", seed=seed, leak=leak) for leak in (True, False))
    parts = usual.parts.values()
    pictures = np.concatenate([part.labels for part in parts])
    whole = dataclasses.replace(
        usual.train, labels=pictures, votes=np.concatenate([part.votes for part in parts])
    )  # the pictures themselves are not asked for
    record = {
        "name": name,
        "what": __doc__.split("\n")[0],
        "command": command(name, seed),
        "data": after.test.source,
        "classes": list(after.classes),
        "counts": {part: of.counts() for part, of in usual.parts.items()},
        "balanced": {part: of.counts() for part, of in after.parts.items()},
        "copies": int(after.train.copies.sum() + after.validation.copies.sum()),
        "audit": {key: int(value) for key, value in data.audit(usual).counts.items()},
        "ferplus": ballot(whole),
        "cut_after": crossing(after),
        "cut_before": crossing(before),
    }
    write_reference(stored_as(name, seed), record)
    print(record, flush=True)


def efficientnet(name: str, source: str, seed: int) -> None:
    """Last block and head, from maps that are computed once."""
    sets = photographs(source, split="report3")
    lower, upper = halves(seed, doubled=name.endswith("doubled"))
    x, held, asked = (pretrained.features(lower, part.images) for part in sets.parts.values())
    history = fit(upper, x, sets.train.labels, SIZES["last_block"], (held, sets.validation.labels))
    protocol = (
        f"{sets.source}; EfficientNet-Lite0 at 112 px, last block and head together, Adam 1e-4, at most 12 epochs"
    )
    if name.endswith("doubled"):
        protocol += "; behind its own preprocessing everything is divided by 255 once more"
    details = {"command": command(name, seed), "seed": seed, "epochs": len(history["loss"]), "history": history}
    write(stored_as(name, seed), protocol, sets, probabilities(upper, asked), source, details)


def small(name: str, source: str, seed: int) -> None:
    """Report 5's small network with three outputs instead of seven, shortened."""
    sets = photographs(source, split="report3")
    seven = models.build("small", seed=seed)
    net = compiled(keras.Model(seven.input, models.emotion(seven.layers[-2].output, 3)), keras.optimizers.Adam(5e-4))
    stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    options = {"batch": 64, "callbacks": [stop], "precision": "mixed_bfloat16", "seed": seed}
    trained = training.fit(net, sets, f"reference_{name}", SIZES["small"], **options)
    protocol = f"{sets.source}; report 5's small network, Adam 5e-4, at most 6 epochs (the report trains 30)"
    details = training_of(trained) | {"command": command(name, seed)}
    write(stored_as(name, seed), protocol, sets, trained.probabilities, source, details)


def pooled(images: np.ndarray) -> np.ndarray:
    """The whole frozen net's features, the mean of each map."""
    base = pretrained.backbone("efficientnet_lite0")
    means = keras.Model(base.input, layers.GlobalAveragePooling2D()(base.output), name="efficientnet_lite0_pooled")
    return pretrained.features(means, images)


def head_alone(size: int, optimizer, seed: int) -> keras.Model:
    """The head behind kept features, with its first weights from the seed."""
    keras.utils.set_random_seed(seed)
    features = keras.Input((size,))
    return compiled(keras.Model(features, head(features)), optimizer)


def optimisers(name: str, source: str, seed: int) -> None:
    """Each optimiser at each rate, from the same first weights; scored on validation, and the best rate of each on the test."""
    sets = photographs(source, split="report3")
    x, held, asked = (pooled(part.images) for part in sets.parts.values())
    table = []
    for kind in OPTIMISERS:
        for rate in RATES:
            for one in range(seed, seed + SEEDS["optimisers"]):
                net = head_alone(x.shape[1], getattr(keras.optimizers, kind)(rate), one)
                net.fit(x, sets.train.labels, 128, SIZES["head"], verbose=0)
                on = {"validation": (held, sets.validation.labels), "test": (asked, sets.test.labels)}
                right = {key: float((probabilities(net, a).argmax(1) == b).mean()) for key, (a, b) in on.items()}
                table.append({"optimiser": kind, "rate": rate, "seed": one} | right)
                print(table[-1], flush=True)
    record = {
        "name": name,
        "protocol": f"{sets.source}; the head alone on EfficientNet-Lite0's frozen features, {SIZES['head']} epochs of "
        "128; test is PublicTest and PrivateTest together; choose a rate on validation",
        "command": command(name, seed),
        "images": {part: len(of) for part, of in sets.parts.items()},
        "trials": table,
    }
    write_reference(stored_as(name, seed), record)


def with_and_without(labels: np.ndarray, relatives: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two training sets of the same size and classes: all but as many others as there are relatives, and all but the relatives."""
    random, dropped = np.random.default_rng(seed), np.zeros(len(labels), bool)
    for k in np.unique(labels):
        others = np.flatnonzero(~relatives & (labels == k))
        dropped[random.choice(others, (relatives & (labels == k)).sum(), replace=False)] = True
    return ~dropped, ~relatives


def cut(name: str, source: str, seed: int) -> None:
    """The same validation images, scored by a net that has trained on copies of their faces and by one that has not."""
    table = []
    for one in range(seed, seed + SEEDS["cut"]):
        sets = data.load(source, split="report3", seed=one)
        y, held = sets.train.labels, sets.validation
        also = np.isin(held.names, sets.train.names)
        chosen = with_and_without(y, np.isin(sets.train.names, held.names[also]), one)
        for way, keep in zip(("with", "without"), chosen, strict=True):
            lower, upper = halves(one)
            x, x_held, asked = (pretrained.features(lower, part.images) for part in sets.parts.values())
            fit(upper, x[keep], y[keep], SIZES["cut"])
            right = probabilities(upper, x_held).argmax(axis=1) == held.labels
            tested = probabilities(upper, asked).argmax(axis=1)
            table.append(
                {"copies": way, "seed": one, "validation": float(right.mean()), "images": len(held)}
                | {"related": float(right[also].mean()), "related_images": int(also.sum())}
                | {"others": float(right[~also].mean()), "test": float((tested == sets.test.labels).mean())}
                | {"test_balanced": float(balanced_accuracy_score(sets.test.labels, tested))}
            )
            print(table[-1], flush=True)
    record = {
        "name": name,
        "protocol": "report 3's 5,000 a class, validation cut off after the copies were made; EfficientNet-Lite0's last block "
        f"and head, Adam 1e-4, {SIZES['cut']} epochs; trained with the copies of validation faces, and without them but "
        "with as many others of their classes; the same validation images",
        "command": command(name, seed),
        "trials": table,
    }
    write_reference(stored_as(name, seed), record)


TASKS = dict(zip(NAMES, (data_in_numbers, efficientnet, efficientnet, small, optimisers, cut), strict=True))


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES."""
    TASKS[name](name, source, seed)
