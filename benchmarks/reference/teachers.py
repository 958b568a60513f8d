"""The teachers of the bundled net: three residual nets that differ in what they see. Training trains them, PublicTest watches.

    python -m benchmarks.reference.teachers teacher_48|teacher_crop|teacher_edges FER-2013

Their answers will teach the small net; they themselves are not part of the course. Each saves its state after every epoch
under runs/teachers/ and goes on from there; where there is none, from the interim state that lies beside this file.
"""

import pathlib
import sys
import time

import keras
import numpy as np
from keras import layers

from benchmarks.reference.common import photographs
from helpers import CLASSES, data, environment
from helpers.files import write_atomically
from helpers.models import SIDE

EPOCHS, BATCH, RATE, DECAY, MIXUP, ERASED = 34, 128, 0.1, 5e-3, 0.2, 0.5
SIDES = {"teacher_48": SIDE, "teacher_crop": 44, "teacher_edges": SIDE}
VOTES = 0.5  # the weight of FER+'s votes in the loss, beside the label's 1
INTERIM = pathlib.Path(__file__).parent / "interim"


def teacher(name: str) -> keras.Model:
    """32 maps, then 64, 128, 256, 512, halved each time, with shortcuts: 4.9 million parameters, 128 million multiplications."""
    image = keras.Input((SIDES[name], SIDES[name], 1))
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(image)
    if name == "teacher_edges":
        x = layers.Concatenate()([x, edges(x)])
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(32, 3, padding="same", use_bias=False)(x)))
    for filters in (64, 128, 256, 512):
        x = residual(x, filters)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    answers = [
        layers.Dense(units, "softmax", dtype="float32", name=what)(x) for what, units in (("emotion", 7), ("votes", 10))
    ]
    return keras.Model(image, layers.Concatenate(dtype="float32")(answers), name=name)


def residual(x, filters: int):
    """Two convolutions, the first of which halves the maps, and a shortcut."""
    y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, 2, "same", use_bias=False)(x)))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, 2, "same", use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, y]))


def edges(x):
    """Scharr's two derivatives, which are not learned."""
    kernel = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]], np.float32) / 16
    fixed = layers.Conv2D(2, 3, padding="same", use_bias=False, trainable=False, name="scharr")
    found = fixed(x)
    fixed.set_weights([np.stack([kernel, kernel.T], axis=-1)[:, :, None]])
    return found


def loss(wanted, given):
    """Cross-entropy of the label, and of the votes by a part."""
    terms = wanted * keras.ops.log(given + 1e-7)
    return -keras.ops.sum(terms[:, : len(CLASSES)], -1) - VOTES * keras.ops.sum(terms[:, len(CLASSES) :], -1)


def accuracy(wanted, given):
    """How often the label's class is the likeliest (among mixed pictures: the heavier one's)."""
    label, found = (keras.ops.argmax(rows[:, : len(CLASSES)], -1) for rows in (wanted, given))
    return keras.ops.cast(label == found, "float32")


def targets(part: data.Part) -> np.ndarray:
    """Each picture's label as a row, and beside it the shares of its votes."""
    if part.votes is None:
        raise SystemExit("The teachers learn FER+'s votes, too: put fer2013new.csv beside FER-2013.")
    shares = part.votes / np.maximum(part.votes.sum(axis=1, keepdims=True), 1)
    return np.hstack([np.eye(len(CLASSES))[part.labels], shares]).astype(np.float32)


def cut(images: np.ndarray, side: int, random: np.random.Generator | None = None) -> np.ndarray:
    """The middle of each picture, or a random part of that side."""
    if random is None:
        start = (SIDE - side) // 2
        return images[:, start : start + side, start : start + side]
    corners = random.integers(0, SIDE - side + 1, (len(images), 2))
    return np.stack([image[y : y + side, x : x + side] for image, (y, x) in zip(images, corners, strict=True)])


def augmented(images: np.ndarray, seed, side: int) -> np.ndarray:
    """Moved, of another contrast and light, half of them with a rectangle erased, cut to the net's side."""
    random = np.random.default_rng(seed)
    x = data.jitter(images, random, degrees=12, shift=0.1, zoom=0.15).astype(np.float32)
    contrast, light = random.uniform(0.7, 1.3, (len(x), 1, 1)), random.uniform(-20, 20, (len(x), 1, 1))
    mean = x.mean(axis=(1, 2), keepdims=True)
    x = np.clip((x - mean) * contrast + mean + light, 0, 255).astype(np.float32)
    for i in np.flatnonzero(random.random(len(x)) < ERASED):
        height, width = random.integers(6, 20, 2)
        top, left = random.integers(0, SIDE - height), random.integers(0, SIDE - width)
        x[i, top : top + height, left : left + width] = random.uniform(0, 255)
    return cut(x, side, random)


class Mixed(keras.utils.PyDataset):
    """An epoch's batches, each picture mixed with another of its batch; they follow from seed and epoch alone."""

    def __init__(self, part: data.Part, epoch: int, seed: int, side: int):
        super().__init__(workers=1)
        self.images, self.targets, self.key, self.side = part.images, targets(part), [seed, epoch], side
        self.order = np.random.default_rng(self.key).permutation(len(self.images))

    def __len__(self):
        return len(self.images) // BATCH

    def __getitem__(self, i):
        pick = self.order[i * BATCH : (i + 1) * BATCH]
        x, y = augmented(self.images[pick], [*self.key, i], self.side), self.targets[pick]
        random = np.random.default_rng([*self.key, i, 1])
        share = random.beta(MIXUP, MIXUP)
        share, other = max(share, 1 - share), random.permutation(len(x))
        mixed = share * x + (1 - share) * x[other]
        return mixed[..., None].astype(np.float32), share * y + (1 - share) * y[other]


def compiled(net: keras.Model, pictures: int) -> keras.Model:
    """Ready to learn: SGD with momentum, a twentieth of the time warming up, then a cosine down to nothing."""
    steps = pictures // BATCH * EPOCHS
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 100, int(0.95 * steps), warmup_target=RATE, warmup_steps=int(0.05 * steps)
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=DECAY)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    net.compile(optimizer, loss, metrics=[accuracy])
    optimizer.build(net.trainable_variables)
    return net


def restore(net: keras.Model, path: pathlib.Path, steps: int) -> int:
    """Take up a state; returns how many epochs it has behind it. An interim state has no momentum, which soon comes back."""
    found = next((place for place in (path, INTERIM / path.name) if place.is_file()), None)
    if found is None:
        return 0
    with np.load(found, allow_pickle=False) as kept:
        for i, variable in enumerate([*net.variables, *net.optimizer.variables]):
            if f"v{i}" in kept:
                variable.assign(kept[f"v{i}"].astype(variable.dtype))
        epochs = int(kept["epoch"])
    net.optimizer.iterations.assign(epochs * steps)
    print(f"{net.name} goes on after epoch {epochs} from {found.name}", flush=True)
    return epochs


def train(name: str, source: str) -> None:
    """Train a teacher, or go on with it."""
    sets, side = photographs(source, split="usual"), SIDES[name]
    seed = sum(map(ord, name))
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    keras.utils.set_random_seed(seed)
    net = compiled(teacher(name), len(sets.train))
    path = environment.folder("runs") / "teachers" / f"{name}.npz"
    watched = cut(sets.validation.images, side)[..., None].astype(np.float32)
    for epoch in range(restore(net, path, len(sets.train) // BATCH), EPOCHS):
        begun = time.monotonic()
        history = net.fit(Mixed(sets.train, epoch, seed, side), epochs=1, verbose=0).history
        single, mirrored = (
            net.predict(view, batch_size=256, verbose=0)[:, : len(CLASSES)] for view in (watched, watched[:, :, ::-1])
        )
        right = [(found.argmax(axis=1) == sets.validation.labels).mean() for found in (single, single + mirrored)]
        print(
            f"{name} epoch {epoch + 1}: loss {history['loss'][0]:.3f}, PublicTest {right[0]:.4f}, "
            f"flip-averaged {right[1]:.4f}, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        variables = [*net.variables, *net.optimizer.variables]
        with write_atomically(path) as draft:
            np.savez(draft, epoch=epoch + 1, **{f"v{i}": variable.numpy() for i, variable in enumerate(variables)})


if __name__ == "__main__":
    train(*sys.argv[1:])
