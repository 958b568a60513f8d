"""How fast pictures reach a network, and in how much memory: arrays with `data.jitter`, and the same of files, beside Keras' ImageDataGenerator.

Each side runs in a process of its own, on the same folder of 48x48 pictures, with the same augmentation (turn 10 degrees,
shifts 0.1, zoom 0.1, mirror) and the same result (batches of 64, float32 from 0 to 1); in turns, the median of three.
The files have just been written, so they are in the system's cache for everybody; ten batches go before the clock starts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "fer2013"
ROUNDS = 3

HEAD = """
import json, os, resource, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
folder = sys.argv[1]

def epoch(batches, n):
    start, seen = time.perf_counter(), 0
    for images, labels in batches:
        seen += len(labels)
        if seen >= n:
            break
    return seen / (time.perf_counter() - start)

def report(**found):
    print(json.dumps(found | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
GENERATOR = """
import tensorflow as tf
generator = tf.keras.preprocessing.image.ImageDataGenerator(
    rescale=1 / 255, rotation_range=10, width_shift_range=0.1, height_shift_range=0.1, zoom_range=0.1, horizontal_flip=True)
batches = generator.flow_from_directory(
    folder + "/train", target_size=(48, 48), color_mode="grayscale", class_mode="sparse", batch_size=64)
epoch(batches, 640)
report(speed=epoch(batches, 3_000))
"""
FROM_MEMORY = """
from helpers import data
from helpers.training.fit import Batches
start = time.perf_counter()
train = data.load(folder).train
loaded = time.perf_counter() - start
batches = Batches(train.images, train.labels, 64, 0, augment=data.jitter)
scaled = ((images.astype("float32") / 255, labels) for images, labels in map(batches.__getitem__, range(10 + batches.steps)))
epoch(scaled, 640)
report(speed=epoch(scaled, 1e9), loaded=loaded)
"""
FROM_FILES = """
import keras, tensorflow as tf
from helpers import CLASSES, data
files = keras.utils.image_dataset_from_directory(
    folder + "/train", class_names=list(CLASSES), color_mode="grayscale", image_size=(48, 48), batch_size=64, seed=0)

def augmented(batch, seed):
    moved = tf.numpy_function(lambda images, seed: data.jitter(images.astype("uint8"), seed), (batch[0], seed), tf.uint8)
    return tf.cast(tf.ensure_shape(moved, batch[0].shape), tf.float32) / 255, batch[1]

batches = tf.data.Dataset.zip(files, tf.data.Dataset.random(seed=0)).map(augmented).prefetch(2)
epoch(batches, 640)
report(speed=epoch(batches, 1e9))
"""
IMPORTS = "import tensorflow\nreport()\n"
AUDIT = """
from helpers import data
clock, busy = time.perf_counter(), time.process_time()
found = data.audit(data.load(folder))
report(seconds=time.perf_counter() - clock, processor=time.process_time() - busy, images=found.counts["images"])
"""


def child(code: str, folder: Path) -> dict:
    """What a script reports, run in a process started by a small one: a large parent's memory would count as its own."""
    between = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    command = [sys.executable, "-c", between, sys.executable, "-c", HEAD + code, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"A benchmark's process failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def lay_out(place: Path) -> tuple[Path, str]:
    """The real pictures in Kaggle's folders where they are at hand, else drawn ones; and what they are."""
    folder = place / "faces"
    if (REAL / "lay_out.py").exists():
        subprocess.run([sys.executable, REAL / "lay_out.py", "kaggle", folder], check=True, capture_output=True)
        return folder, "FER-2013's Training images"
    import drawn_faces

    drawn_faces.write(folder, 6_000, 0)
    return folder, "the training part of 6,000 drawn faces"


def comparisons():
    """Images a second from memory and from files, peak memory, and the audit's time and memory."""
    with tempfile.TemporaryDirectory() as place:
        folder, what = lay_out(Path(place))
        sides = {"other": GENERATOR, "memory": FROM_MEMORY, "files": FROM_FILES}
        rounds = [{name: child(code, folder) for name, code in sides.items()} for _ in range(ROUNDS)]
        yield from speeds(rounds, what)
        yield from memories(rounds, child(IMPORTS, folder)["memory"], what)
        yield from audits([child(AUDIT, folder) for _ in range(ROUNDS)])


def speeds(rounds: list[dict], what: str):
    """Both ways of ours beside the generator; the ratio is the median of the rounds' ratios."""
    loaded = statistics.median(turn["memory"]["loaded"] for turn in rounds)
    texts = {
        "memory": f"{what}, augmented at 48 px, an epoch from memory (loading the set before the first: {loaded:.1f} s)",
        "files": f"{what}, augmented at 48 px, read and decoded again in every epoch, as the generator does",
    }
    other_is = "Keras' ImageDataGenerator.flow_from_directory, one worker (its default)"
    for name, goal, floor in (("memory", 10, 5), ("files", 3, 2)):
        ratio = statistics.median(turn[name]["speed"] / turn["other"]["speed"] for turn in rounds)
        ours, other = (statistics.median(turn[side]["speed"] for turn in rounds) for side in (name, "other"))
        found = {"ours": ours, "other": other, "other_is": other_is, "ratio": ratio, "met": ratio >= goal}
        goals = {"goal": goal, "floor": floor, "judged": "ratio"}
        yield {"name": f"loading from {name}", "what": texts[name], "unit": "images/s"} | found | goals


def memories(rounds: list[dict], bare: float, what: str):
    """Peak memory of the same processes; both include TensorFlow itself."""
    what = f"{what}; of both sides {bare:.0f} MB are TensorFlow, imported and idle; less is better"
    for name, goal in (("memory", 1.5), ("files", 1.1)):
        ours, other = (statistics.median(turn[side]["memory"] for turn in rounds) for side in (name, "other"))
        found = {"ours": ours, "other": other, "other_is": "the generator's process", "ratio": ours / other}
        goals = {"goal": goal, "floor": None, "judged": "ratio", "met": ours / other <= goal}
        yield {"name": f"peak memory from {name}", "what": what, "unit": "MB"} | found | goals


def audits(runs: list[dict]):
    """The whole set loaded and audited, nearly identical pictures included."""
    images = runs[0]["images"]
    whole = images == 35_887
    processor = min(run["processor"] for run in runs)
    note = "" if whole else f" (the goal is meant for 35,887 images; here are {images:,})"
    what = f"{images:,} images from folders, best time of {len(runs)}; {processor:.1f} processor seconds; less is better{note}"
    for name, unit, ours, goal in (
        ("time", "s", min(run["seconds"] for run in runs), 30),
        ("memory", "MB", max(run["memory"] for run in runs), 500),
    ):
        found = {"ours": ours, "other": None, "other_is": "none: an absolute goal", "ratio": None}
        goals = {"goal": goal, "floor": None, "judged": "ours", "met": ours <= goal if whole else None}
        yield {"name": f"load and audit, {name}", "what": what, "unit": unit} | found | goals
