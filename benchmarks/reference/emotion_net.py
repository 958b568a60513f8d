"""The course's own net, trained on FER-2013's Training and bundled with its card.

Training trains, PublicTest chooses (the settings, the temperature), PrivateTest is looked at once, at the end.
"""

import dataclasses

import keras

from helpers import CLASSES, data, models, runs, training

EPOCHS, BATCH, RATE = 60, 128, 0.1
SMOOTHING = 0.1  # of the labels: a third of FER-2013's contradict what ten annotators of FER+ say


@keras.saving.register_keras_serializable("course")
def smoothed(labels, probabilities):
    """Cross-entropy against labels that give a tenth of their certainty to all classes alike."""
    one_hot = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32"), len(CLASSES))
    return keras.losses.categorical_crossentropy(one_hot, probabilities, label_smoothing=SMOOTHING)


def compiled(pictures: int, epochs: int, seed: int) -> keras.Model:
    """The net, ready to learn: SGD with momentum, two epochs of warming up, then a cosine down to nothing."""
    net = models.build("emotion_net", seed=seed)
    steps = -(-pictures // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 100, steps * (epochs - 2), warmup_target=RATE, warmup_steps=2 * steps
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    net.compile(optimizer, smoothed, metrics=["accuracy"])
    return net


def train(sets: data.Dataset, seed: int, epochs: int = EPOCHS) -> runs.Run:
    """Train on Training, watch PublicTest; the run knows nothing of PrivateTest."""
    watched = dataclasses.replace(sets, test=sets.validation)
    net = compiled(len(sets.train), epochs, seed)
    return training.fit(net, watched, "reference_emotion_net", epochs=epochs, batch=BATCH, seed=seed)
