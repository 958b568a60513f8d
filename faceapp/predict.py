"""`Predictor`: from a picture to its faces with seven probabilities. `VideoPredictor`: the same for one frame after the other."""

from __future__ import annotations

import functools
import sys
import threading

import numpy as np

from helpers import CLASSES
from helpers.files import CourseError

from .boxes import SIDE, Box, Face, crop, picture, to_grey
from .detectors import best_detector, boxes_within
from .tracking import Smoother, Tracker

BATCH = 64  # faces that the network gets at once, at most


class Predictor:
    """Call it with a picture: decode -> detect -> crop to grey 48x48 -> network -> a `Face` for each, the largest first.

    model     a Keras model (n, 48, 48, 1) grey 0-255 -> (n, 7) in the order of CLASSES, or any such function; left out,
              pretrained.emotion_net(). That one is served by its LiteRT file where an interpreter is at hand
    detector  any function from picture to boxes; left out, the best that is here
    margin    by how much the square that is cut out exceeds a face's box; left out, what suits the detector

    Threads may share it. Nothing is divided by 255: every network of the course does that inside.
    """

    def __init__(self, model=None, detector=None, margin: float | None = None):
        self.model, self._detector, self._margin = model, detector, margin
        self.runs_on = "nothing yet"  # in words; known when the network is first needed
        self._network, self._lock = None, threading.Lock()

    def __call__(self, image) -> list[Face]:
        image = picture(image)
        return self.faces(image, self.detect(image))

    @property
    def detector(self):
        """What finds the faces; the best detector here is chosen when one is first needed."""
        with self._lock:
            if self._detector is None:
                self._detector = best_detector()
                print(f"faces     {self._detector}")
            return self._detector

    @property
    def margin(self) -> float:
        """By how much the square that is cut out exceeds a box."""
        return getattr(self.detector, "margin", 0.0) if self._margin is None else self._margin

    def detect(self, image) -> list[Box]:
        """The boxes of the faces."""
        image = picture(image)
        return boxes_within(self.detector(image), image.shape)

    def faces(self, image, boxes) -> list[Face]:
        """What the network says of the faces in given boxes."""
        image = picture(image)
        boxes = boxes_within(boxes, image.shape)
        return [Face(box, row) for box, row in zip(boxes, self.probabilities(self.crops(image, boxes)), strict=True)]

    def crops(self, image, boxes) -> np.ndarray:
        """(n, 48, 48) uint8: the faces in grey, as in training."""
        grey = to_grey(picture(image))
        crops = [crop(grey, box, self.margin) for box in boxes]
        return np.stack(crops) if crops else np.empty((0, SIDE, SIDE), np.uint8)

    def probabilities(self, crops: np.ndarray) -> np.ndarray:
        """(n, 7) probabilities in the order of CLASSES for (n, 48, 48) grey pictures."""
        if crops.shape[1:] != (SIDE, SIDE):
            raise CourseError(f"Found pictures of shape {crops.shape}.", f"Give grey ones, (n, {SIDE}, {SIDE}).")
        found = [np.empty((0, len(CLASSES)), np.float32)]
        for start in range(0, len(crops), BATCH):
            batch = crops[start : start + BATCH, ..., None].astype(np.float32)
            found.append(np.asarray(self.network()(batch), np.float32))
            if found[-1].shape != (len(batch), len(CLASSES)):
                raise CourseError(
                    f"The model's output has the shape {found[-1].shape}.",
                    f"Give one with {len(CLASSES)} probabilities a face.",
                )
        return np.concatenate(found)

    def network(self):
        """The network, a function from a batch to probabilities; made once, when it is first needed, as it is then."""
        with self._lock:
            if self._network is None:
                self._network, self.runs_on = serving(self.model)
            return self._network

    @functools.cached_property
    def prepared(self):
        """The network as heatmaps need it, without its softmax; made when the first is asked for."""
        from helpers import explain, pretrained

        return explain.prepare(pretrained.emotion_net() if self.model is None else self.model)

    def warm_up(self) -> Predictor:
        """Load and compile before the first picture comes, so that it does not wait."""
        self.probabilities(np.zeros((1, SIDE, SIDE), np.uint8))
        self.detect(np.zeros((120, 160), np.uint8))
        return self


def serving(model=None) -> tuple:
    """The fastest function from a batch to probabilities for a model (left out, the bundled net), and what it is in words."""
    keras = sys.modules.get("keras")  # whoever made a model has imported it; a plain function needs none of it
    if model is not None and (keras is None or not isinstance(model, keras.Model)):
        return model, "a function"
    from helpers import pretrained

    network, words = pretrained.lite(model), "emotion_net, its LiteRT file on one thread"
    if network is None:
        model = model or pretrained.emotion_net()
        network, words = compiled(model), f"{model.name}, compiled by Keras"
    print(f"network   {words}")
    return network, words


def compiled(model):
    """A function from a batch to an array: a Keras model compiled once, for batches of every size.

    `model.predict` sets up a loop over data at each call, which takes longer than the network itself does.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return model.predict_on_batch
    import tensorflow as tf

    any_size = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    program = tf.function(lambda batch: model(batch, training=False), input_signature=[any_size], autograph=False)
    return lambda batch: program(batch).numpy()


class VideoPredictor:
    """Call it with one frame after the other, and its time in seconds: gives each `Face` with its `person`.

    Faces are detected every few frames and followed in between; the network gets all of them at once; their
    probabilities are smoothed over time.

    predictor  a Predictor, or a model for one; left out, the course's own net
    every      frames from one detection to the next
    half_life  seconds after which an older answer counts half; 0 takes each frame alone
    """

    def __init__(self, predictor=None, every: int = 5, half_life: float = 0.3):
        self.predictor = predictor if isinstance(predictor, Predictor) else Predictor(predictor)
        self.track = Tracker(self.predictor.detect, every)
        self.smooth = Smoother(half_life)

    def __call__(self, frame, time: float) -> list[Face]:
        frame = picture(frame)
        return self.smooth(self.predictor.faces(frame, self.track(frame)), time)
