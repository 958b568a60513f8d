"""Report 1's extraction and fine-tuning on the real balanced set, on whichever pretrained base can be had here.

The head learns from 436 pictures a class of Training. A base that has seen those pictures may not be judged on others of
them, so PublicTest chooses and PrivateTest tests, without twins (`pretrained.with_unseen_test`). A base that knows
ImageNet has seen none: it is judged as in report 1, and on PrivateTest without twins as well. Its control is the same net
with random weights and the same head.
"""

import keras
import numpy as np
from keras import layers

from benchmarks.reference.common import command, photographs, stored_as, training_of, write, write_reference
from helpers import CLASSES, data, evaluation, models, pretrained, runs, training
from helpers.pretrained.leaks import learned_fer

BASES = ("efficientnet_lite0", "efficientnet_lite0_random", "emotion_net", "mini_xception", "vgg16")
NAMES = tuple(f"{step}_{name}" for name in BASES for step in ("extraction", "fine_tuning"))
EPOCHS = {"extraction": 15, "fine_tuning": 12}
RATES = {  # report 1 publishes none
    "efficientnet_lite0": {"extraction": 1e-3, "fine_tuning": 1e-4},
    "emotion_net": {"extraction": 1e-3, "fine_tuning": 1e-4},
    "mini_xception": {"extraction": 1e-3, "fine_tuning": 1e-4},
    "vgg16": {"extraction": 1e-3, "fine_tuning": 1e-5},
}
DRAWN = 436  # drawn faces a class for the question what is forgotten


def base_of(name: str, seed: int) -> keras.Model:
    """The backbone of that name; one that ends in "_random" is the same net untrained."""
    if not name.endswith("_random"):
        return pretrained.backbone(name)
    keras.utils.set_random_seed(seed)
    return pretrained.backbone(name.removesuffix("_random"), weights="random")


def rate(name: str, step: str) -> float:
    """The learning rate of one of the two steps; an untrained base gets that of the trained one."""
    return RATES[name.removesuffix("_random")][step]


def head(base: keras.Model, seed: int) -> keras.Model:
    """Report 1's head behind a frozen base, with its augmentation; the dropout rate is not published."""
    base.trainable = False
    keras.utils.set_random_seed(seed)
    image = keras.Input((models.SIDE, models.SIDE, 1))
    x = base(models.augmented(image), training=False)
    if base.name.startswith(
        "efficientnet"
    ):  # averaged as in its own head, and normalised: a head right on the untrained
        x = layers.BatchNormalization()(layers.GlobalAveragePooling2D()(x))  # net's features stays at chance
    else:
        x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(layers.Dense(256, activation="relu")(x))
    return keras.Model(image, models.emotion(x, len(CLASSES)))


def last_block(base: keras.Model) -> list[keras.layers.Layer]:
    """The convolutions after the last pooling that has any behind it (EfficientNet has none: its last inverted residual and
    what follows); batch normalisation stays at rest."""
    if base.name.startswith("efficientnet"):
        return [base.get_layer(f"block_15_{part}_conv") for part in ("expand", "depthwise", "project")] + [
            base.get_layer("conv_head")
        ]
    pools = [i for i, x in enumerate(base.layers) if isinstance(x, layers.MaxPooling2D) and x.pool_size != (1, 1)]
    for start in reversed(pools):
        found = [x for x in base.layers[start:] if x.weights and not isinstance(x, layers.BatchNormalization)]
        if found:
            return found
    raise ValueError(f"{base.name} has no pooling with a convolution behind it.")


def fit(net: keras.Model, sets: data.Dataset, run: str, rate: float, step: str, seed: int) -> runs.Run:
    """One of the two steps, stopped when validation has not improved for five epochs; kept under the name `run`."""
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    return training.fit(net, sets, run=run, epochs=EPOCHS[step], seed=seed, callbacks=[stop])


def extraction(name: str, sets: data.Dataset, run: str, seed: int) -> runs.Run:
    """A new head on the frozen base."""
    return fit(head(base_of(name, seed), seed), sets, run, rate(name, "extraction"), "extraction", seed)


def fine_tuning(name: str, before: runs.Run, sets: data.Dataset, run: str, seed: int) -> runs.Run:
    """The same net, its last block learning with small steps."""
    keras.utils.set_random_seed(seed)
    net = training.load(before)
    base = net.get_layer(name)
    learning = last_block(base)
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer in learning
    return fit(net, sets, run, rate(name, "fine_tuning"), "fine_tuning", seed)


def hits(net: keras.Model, part: data.Part) -> np.ndarray:
    """Which pictures a net names as they are labelled."""
    return net.predict(part.images[..., None], batch_size=128, verbose=0).argmax(axis=1) == part.labels


def forgetting(photographs: data.Part, seed: int) -> dict:
    """What the course's net still knows of photographs after it has learned drawn faces: before, head only, last block too."""
    drawn = data.load("drawn", split="report1", per_class=DRAWN, seed=seed)
    first = extraction("emotion_net", drawn, "reference_drawn_extraction", seed)
    fine = fine_tuning("emotion_net", first, drawn, "reference_drawn_fine_tuning", seed)
    nets = {"before": pretrained.emotion_net(), "head_only": training.load(first), "after": training.load(fine)}
    on_drawn = {name: float(hits(net, drawn.test).mean()) for name, net in nets.items()}
    nets["old_head_after"] = with_old_head(nets["after"].get_layer("emotion_net"))
    known = {name: hits(net, photographs) for name, net in nets.items()}
    lost = evaluation.bootstrap(np.mean, known["after"].astype(float) - known["before"], seed=seed)
    return {
        "photographs": len(photographs),
        "drawn_faces_of_a_class": DRAWN,
        **{name: float(found.mean()) for name, found in known.items()},
        "lost_95": [float(-lost[1]), float(-lost[0])],
        "drawn_accuracy": on_drawn,
    }


def with_old_head(base: keras.Model) -> keras.Model:
    """The bundled net with the convolutions of a base that went on learning: only what lies below its head has changed."""
    net = pretrained.emotion_net()
    *below, _ = [layer for layer in net.layers if layer.weights]
    for old, new in zip(below, [layer for layer in base.layers if layer.weights], strict=True):
        old.set_weights(new.get_weights())
    return net


def run(name: str, source: str, seed: int) -> None:
    """One of NAMES; where the base's weights cannot be had, the record says so and holds no number."""
    step = next(step for step in EPOCHS if name.startswith(step))
    base = name.removeprefix(f"{step}_")
    details = {"backbone": base, "command": command(name, seed)}
    try:
        base_of(base, seed)
    except pretrained.PretrainedError as absent:
        write_reference(stored_as(name, seed), {"name": name} | details | {"not_run": f"not run here: {absent.reason}"})
        print(f"{name}: not run here. {absent}")
        return
    known = base.removesuffix("_random")
    sets = pretrained.with_unseen_test(photographs(source, split="report1"), known, source or None)
    found = extraction(base, sets, f"reference_extraction_{base}", seed)
    if step == "fine_tuning":
        found = fine_tuning(base, found, sets, f"reference_{name}", seed)
    details = training_of(found) | details
    if base == "emotion_net":
        details["as_it_is"] = float(hits(pretrained.emotion_net(), sets.test).mean())
    if name == "fine_tuning_emotion_net":
        details["forgetting"] = forgetting(sets.test, seed)
    other = ", its maps averaged and normalised instead of flattened" if known.startswith("efficientnet") else ""
    protocol = f"report 1's {step.replace('_', '-')}{other}, on {sets.source}"
    write(stored_as(name, seed), protocol, sets.test, found.probabilities, details)
    if not learned_fer(known):
        private = data.without_twins(photographs(source, split="usual").test, sets.train)
        said = training.load(found).predict(private.images[..., None], batch_size=128, verbose=0)
        write(
            f"{stored_as(name, seed)}_privatetest",
            f"{protocol}; the same net on PrivateTest without twins",
            private,
            said,
            details,
        )
