"""What `training.fit` costs and gains beside plain Keras and beside the report's way of reading pictures; and `predict`.

Both sides of a comparison run in turns on the same machine, the net of trial 1 on both; ratios are medians of the turns.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.loading import lay_out

ROOT = Path(__file__).resolve().parent.parent
STANDARD = 2_440  # training pictures at profile standard
PIXELS = 96

COMPILE = 'net.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])\n'
NOISE = """
import os, types
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
def part(n):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (n, 48, 48), dtype=np.uint8)
    return types.SimpleNamespace(images=images, labels=generator.integers(0, 7, n), source="noise")
"""
FIRST = """
class First(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        print("first", flush=True)
        os._exit(0)
"""
OURS = f"""
import keras
from helpers import models, training
{FIRST}
data = types.SimpleNamespace(train=part(320), validation=part(32), test=part(32))
net = models.build("trial_1", pixels={PIXELS}, seed=0)
{COMPILE}
training.fit(net, data, "first", epochs=1, callbacks=[First()])
"""
PLAIN = f"""
import keras
from keras import layers
{FIRST}
train = part(320)
image = keras.Input((48, 48, 1))
x = layers.Resizing({PIXELS}, {PIXELS})(image)
x = layers.Rescaling(1 / 255)(layers.Concatenate()([x, x, x]))
for i, filters in enumerate((32, 64, 128, 256, 256)):
    x = layers.Conv2D(filters, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x) if i < 4 else x
net = keras.Model(image, layers.Dense(7, activation="softmax")(layers.Flatten()(x)))
{COMPILE}
net.fit(train.images[..., None], train.labels, batch_size=32, callbacks=[First()], verbose=0)
"""
TURNS = """
import json, statistics, sys, tempfile, time
import keras, tensorflow as tf
from helpers import models
from helpers.progress import Line
from helpers.training.checkpoint import Checkpoint
from helpers.training.fit import Batches
from helpers.training.progress import Progress
from pathlib import Path

def network(pixels):
    net = models.build("trial_1", pixels=pixels, seed=0)
    COMPILE
    return net

def turns(sides, rounds):
    "Seconds of each side in each round; the first round, with tracing, does not count."
    return [{name: seconds(side) for name, side in sides.items()} for _ in range(rounds + 1)][1:]

def seconds(side):
    start = time.perf_counter()
    side()
    return time.perf_counter() - start
""".replace("    COMPILE\n", "    " + COMPILE)
THROUGHPUT = """
folder, steps = sys.argv[1], 8
from helpers import data
train = data.load(folder).train
ours = network(180)
first = next(i for i, layer in enumerate(ours.layers) if isinstance(layer, keras.layers.Rescaling)) + 1
image = x = keras.Input((180, 180, 3))
for layer in ours.layers[first:]:
    x = type(layer).from_config(layer.get_config())(x)
net = keras.Model(image, x)
COMPILE
generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255)
files = generator.flow_from_directory(folder + "/train", target_size=(180, 180), class_mode="sparse", batch_size=32)
feed = Batches(train.images, train.labels, 32, 0)
print(json.dumps(turns({
    "ours": lambda: ours.fit(feed, steps_per_epoch=steps, verbose=0, shuffle=False),
    "other": lambda: net.fit(files, steps_per_epoch=steps, verbose=0),
}, 3)))
""".replace("COMPILE\n", COMPILE)
OVERHEAD = f"""
steps = 20
train = part(steps * 32)
feed = Batches(train.images, train.labels, 32, 0)
with_checkpoints, without = network({PIXELS}), network({PIXELS})
place = Path(tempfile.mkdtemp())
checked = (train.images[:128, ..., None], train.labels[:128])
def fit(net, callbacks):
    net.fit(feed, steps_per_epoch=steps, validation_data=checked, validation_batch_size=128, callbacks=callbacks, verbose=0, shuffle=False)
print(json.dumps(turns({{
    "ours": lambda: fit(with_checkpoints, [Progress(Line(False), "run", steps, 1), Checkpoint(place, [])]),
    "other": lambda: fit(without, []),
}}, 5)))
"""
PREDICT = f"""
images = part(32).images[..., None]
net = network({PIXELS})
compiled = tf.function(net, reduce_retracing=True)
def repeated(call, batch, times):
    return lambda: [call(images[:batch]) for _ in range(times)]
found = {{}}
for batch, times in ((1, 40), (32, 10)):
    found[batch] = turns({{
        "ours": repeated(lambda batch: compiled(tf.constant(batch), training=False).numpy(), batch, times),
        "other": repeated(lambda batch: net.predict(batch, verbose=0), batch, times),
    }}, 5)
print(json.dumps(found))
"""


def printed(code: str, *arguments: str) -> str:
    """The last line that a script prints, run in a process and with a runs folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        environment = os.environ | {"COURSE_RUNS": place, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-c", NOISE + code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    if done.returncode:
        raise RuntimeError(f"A benchmark's process failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]


def child(code: str, *arguments: str):
    """What a script prints last, as JSON."""
    return json.loads(printed(code, *arguments))


def to_first_batch(code: str) -> float:
    """Seconds from the start of a process to the end of its first training step."""
    start = time.perf_counter()
    if printed(code) != "first":
        raise RuntimeError("A benchmark's process ended before its first batch.")
    return time.perf_counter() - start


def entry(name: str, what: str, unit: str, ours: float, other: float, ratio: float, goal, floor, more: bool, **said):
    """One comparison in the form of `make bench`."""
    return {
        "name": name,
        "what": what,
        "unit": unit,
        "ours": ours,
        "other": other,
        "ratio": ratio,
        "goal": goal,
        "floor": floor,
        "judged": "ratio",
        "met": ratio >= goal if more else ratio <= goal,
    } | said


def comparisons():
    """Throughput, start-up, what checkpoints cost, and prediction."""
    with tempfile.TemporaryDirectory() as place:
        folder, what = lay_out(Path(place))
        rounds = child(TURNS + THROUGHPUT, str(folder))
    speed = {side: 8 * 32 / statistics.median(turn[side] for turn in rounds) for side in ("ours", "other")}
    ratio = statistics.median(turn["other"] / turn["ours"] for turn in rounds)
    yield entry(
        "training trial 1 at 180 px", f"{what}, batches of 32, optimizer step included", "images/s",
        speed["ours"], speed["other"], ratio, 1.0, 0.9, True,
        other_is="files read in each epoch by ImageDataGenerator.flow_from_directory at 180x180x3, the report's way",
    )  # fmt: skip

    starts = [(to_first_batch(OURS), to_first_batch(PLAIN)) for _ in range(3)]
    ours, other = (statistics.median(side) for side in zip(*starts, strict=True))
    yield entry(
        "start to first batch", f"import, build, compile, first step of trial 1 at {PIXELS} px; less is better", "s",
        ours, other, statistics.median(a / b for a, b in starts), 1.2, 1.5, False,
        other_is="the same net written out, model.fit on arrays",
    )  # fmt: skip

    rounds = child(TURNS + OVERHEAD)
    lost = statistics.median(turn["ours"] - turn["other"] for turn in rounds)
    epoch = statistics.median(turn["other"] for turn in rounds) / 20 * -(-STANDARD // 32)
    yield entry(
        "checkpoints, share of an epoch",
        f"trial 1 at {PIXELS} px, an epoch of {STANDARD:,} pictures: {lost:.2f} s are added; less is better",
        "s", epoch + lost, epoch, lost / epoch, 0.03, 0.1, False,
        other_is="plain model.fit, which cannot go on after a kill",
    )  # fmt: skip

    for batch, rounds in child(TURNS + PREDICT).items():
        times = {"1": 40, "32": 10}[batch] * int(batch)
        speed = {side: times / statistics.median(turn[side] for turn in rounds) for side in ("ours", "other")}
        yield entry(
            f"prediction, batch {batch}", f"trial 1 at {PIXELS} px as a compiled function", "images/s",
            speed["ours"], speed["other"], statistics.median(turn["other"] / turn["ours"] for turn in rounds),
            *((3.0, 2.0) if batch == "1" else (1.0, 0.8)), True,
            other_is="model.predict on the same batches",
        )  # fmt: skip
