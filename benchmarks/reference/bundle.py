"""What is bundled with the course: the weights of its net, twice, and the list of the pictures that they have learned from.

python -m benchmarks.reference.bundle FER-2013          the LiteRT file anew from the arrays, its scores and the card
"""

import contextlib
import dataclasses
import io
import pathlib
import sys

import keras
import numpy as np

from benchmarks.reference import card
from benchmarks.reference.common import main_scores, photographs, write_reference
from helpers import environment, evaluation, files, pretrained, runs
from helpers.data import Part
from helpers.pretrained import emotion, leaks


def store(net: keras.Model, path: pathlib.Path, temperature: float = 1.0) -> None:
    """Write a net's weights as named arrays: half precision for the large ones, single for those of one axis.

    `temperature` (chosen on PublicTest) is built into the last layer, so that the stored net is calibrated.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature={temperature}; it must be a number above 0, such as 1.3.")
    last = [id(weight) for weight in [layer for layer in net.layers if layer.weights][-1].weights]
    arrays = {}
    for name, weight in emotion.named(net).items():
        value = keras.ops.convert_to_numpy(weight) / np.float32(temperature if id(weight) in last else 1)
        with np.errstate(over="ignore"):  # what half precision cannot hold becomes infinite
            arrays[name] = value.astype(np.float16 if value.ndim > 1 else np.float32)
        if not np.isfinite(arrays[name]).all():
            raise ValueError(
                f"{name} of {net.name} has values that half precision cannot hold, or that are no numbers."
            )
    with files.write_atomically(path) as draft:
        np.savez_compressed(draft, **arrays)


def write_seen(part: Part, path: pathlib.Path) -> None:
    """Write the list of the pictures that a net learns from: the sorted hashes of the part that trains it."""
    with files.write_atomically(path) as draft:
        np.save(draft, np.unique(leaks.pixel_hashes(part.images)))


def store_lite(net: keras.Model) -> None:
    """Write the bundled net for LiteRT, beside its arrays: in eight bits, as is what goes into a layer ("dynamic range")."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(net)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with environment.hushed(), contextlib.redirect_stdout(io.StringIO()):  # it lists every weight
        content = converter.convert()
    with files.write_atomically(emotion.BUNDLED.with_suffix(".tflite")) as draft:
        draft.write_bytes(content)


def lite_scores(net: keras.Model, part: Part, single: np.ndarray) -> dict:
    """What the LiteRT file says of pictures beside what the arrays say of the same ones, and what marks both files."""
    found = emotion.interpreted(emotion.BUNDLED.with_suffix(".tflite").read_bytes())(part.images[..., None])
    sides = {"arrays": single, "LiteRT file": found}
    compared = evaluation.compare(*(runs.Run(name, {}, part.labels, rows) for name, rows in sides.items()))
    return main_scores(part.labels, found) | {
        "same_class": float((found.argmax(axis=1) == single.argmax(axis=1)).mean()),
        "difference": float(np.abs(found - single).max()),
        "compared": dataclasses.asdict(compared),
        **marks(net),
    }


def marks(net: keras.Model) -> dict:
    """The digests that say which arrays the LiteRT file was made from, and which file that is."""
    content = emotion.BUNDLED.with_suffix(".tflite").read_bytes()
    return {
        "arrays": runs.digest(*net.get_weights()),
        "file": runs.digest(np.frombuffer(content, np.uint8)),
        "bytes": len(content),
    }


def main(source: str) -> None:
    """Make the LiteRT file anew from the bundled arrays, score both on PublicTest, and write record and card."""
    part, net = photographs(source, "usual").validation, pretrained.emotion_net()
    store_lite(net)
    public = runs.record("emotion_net_publictest")
    if public["test"] != runs.digest(part.images, part.labels):
        raise SystemExit("These are other pictures than those of the record emotion_net_publictest.")
    public["lite"] = lite_scores(net, part, net.predict(part.images[..., None], batch_size=128, verbose=0))
    write_reference("emotion_net_publictest", public)
    print(f"PublicTest {public['lite']['accuracy']:.4f}, its arrays {public['scores']['accuracy']:.4f}")
    print(f"The card: {card.write(runs.record('emotion_net'), public).name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
