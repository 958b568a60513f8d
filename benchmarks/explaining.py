"""Occlusion and SmoothGrad as this course computes them beside a loop of `predict` and beside tf-keras-vis; and their memory.

Both sides of a comparison run in turns in one process, on the same net with the same windows.
"""

from __future__ import annotations

import statistics

from benchmarks.training import TURNS, child, entry

WINDOWS = """
from helpers import explain

def by_predict(net, images, label, window, stride):
    "The usual way: a window at a time, a call of predict each."
    height, width = images.shape[1:3]
    rows, columns = range(0, height - window + 1, stride), range(0, width - window + 1, stride)
    whole = net.predict(images, verbose=0)[0, label]
    drops = np.zeros((len(rows), len(columns)))
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            covered = images.copy()
            covered[:, top : top + window, left : left + window] = images.mean()
            drops[i, j] = whole - net.predict(covered, verbose=0)[0, label]
    return drops

def compare(net, images, window, stride, rounds):
    "Tracing apart: both have answered before."
    prepared = explain.prepare(net)
    explain.occlusion(prepared, images, 3, window=images.shape[1], stride=images.shape[1], baseline=0)
    net.predict(images, verbose=0)
    sides = {
        "ours": lambda: explain.occlusion(prepared, images, 3, window=window, stride=stride),
        "other": lambda: by_predict(net, images, 3, window, stride),
    }
    return [{name: seconds(side) for name, side in sides.items()} for _ in range(rounds)]
"""
SMALL = """
net = models.build("emotion_net", seed=0)
print(json.dumps(compare(net, part(1).images[..., None].astype("float32"), 8, 2, 2)))
"""
LARGE = """
image = keras.Input((197, 197, 3))
x = keras.layers.Rescaling(1.0, offset=-104.0)(image)
x = keras.applications.ResNet50(include_top=False, weights=None, input_tensor=x, pooling="avg").output
net = keras.Model(image, keras.layers.Dense(7, activation="softmax")(x))
images = np.random.default_rng(0).integers(0, 256, (1, 197, 197, 3)).astype("float32")
print(json.dumps(compare(net, images, 32, 16, 1)))
"""
SMOOTH = """
from helpers import explain
from tf_keras_vis.saliency import Saliency
net = models.build("emotion_net", seed=0)
images = part(4).images
prepared = explain.prepare(net)
plain = Saliency(prepared.model)
score = lambda outputs: outputs[:, 3]
print(json.dumps(turns({
    "ours": lambda: explain.smoothgrad(prepared, images, 3, samples=25),
    "other": lambda: plain(score, images[..., None].astype("float32"), smooth_samples=25, smooth_noise=0.15),
}, 3)))
"""
MEMORY = """
import resource
from helpers import explain
net = explain.prepare(models.build("emotion_net", seed=0))

def peak(count):
    "Megabytes that the process has held at most, once so many pictures are explained."
    explain.occlusion(net, part(count).images, 3, window=16, stride=8)
    explain.integrated_gradients(net, part(count).images, 3, steps=8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1024 ** (sys.platform == "darwin")

print(json.dumps([peak(8), peak(128)]))
"""


def comparisons():
    """Seconds for the windows of one face, small and large; for 25 noisy copies; and the memory of many pictures."""
    for name, what, code, floor in (
        ("occlusion of a 48 px face", "441 windows of 8x8, stride 2, emotion_net", SMALL, 10.0),
        ("occlusion at 197 px", "121 windows of 32x32, stride 16, ResNet50 at 197x197x3 as in report 2, random weights", LARGE, 1.0),
    ):  # fmt: skip
        rounds = child(TURNS + WINDOWS + code)
        ours, other = (statistics.median(turn[side] for turn in rounds) for side in ("ours", "other"))
        ratio = statistics.median(turn["other"] / turn["ours"] for turn in rounds)
        goal = 20.0 if code is SMALL else 1.5
        yield entry(name, what, "s", ours, other, ratio, goal, floor, True, other_is="a loop of model.predict, a window each")  # fmt: skip
    rounds = child(TURNS + SMOOTH)
    ours, other = (statistics.median(turn[side] for turn in rounds) for side in ("ours", "other"))
    yield entry(
        "SmoothGrad of 25 samples", "4 faces of 48 px, emotion_net", "s", ours, other,
        statistics.median(turn["other"] / turn["ours"] for turn in rounds), 1.2, 0.8, True,
        other_is="tf-keras-vis with smooth_samples=25, as it is",
    )  # fmt: skip
    few, many = child(TURNS + MEMORY)
    yield entry(
        "memory, 128 faces beside 8", "occlusion and integrated gradients of emotion_net; less is better", "MB",
        many, few, many / few, 1.1, 1.3, False, other_is="the same process after 8 faces",
    )  # fmt: skip
