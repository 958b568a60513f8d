"""Cached features beside a frozen backbone that is run in every epoch; and how fast our net answers beside mini-Xception.

Each comparison in one process, in turns; mini-Xception has the `fer` package's architecture, so its speed.
"""

from __future__ import annotations

import statistics

from benchmarks.training import TURNS, child, entry

EPOCHS, PICTURES = 10, 32
HEAD = f"""
from helpers import pretrained
from keras import layers
images = part({PICTURES}).images
labels = np.arange({PICTURES}) % 7
base = pretrained.backbone("vgg16", weights="random")
base.trainable = False

def head(x):
    x = layers.Dense(256, activation="relu")(layers.Flatten()(x))
    return layers.Dense(7, activation="softmax")(layers.Dropout(0.5)(x))

def compiled(image, x):
    net = keras.Model(image, head(x))
    net.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    return net

def every_epoch():
    image = keras.Input((48, 48, 1))
    net = compiled(image, base(image, training=False))
    net.fit(images[..., None], labels, batch_size=16, epochs={EPOCHS}, verbose=0)

def cached():
    maps = base.predict(images[..., None], batch_size=16, verbose=0)
    image = keras.Input(maps.shape[1:])
    compiled(image, image).fit(maps, labels, batch_size=16, epochs={EPOCHS}, verbose=0)

cached()  # tracing, for both
print(json.dumps([{{"ours": seconds(cached), "other": seconds(every_epoch)}} for _ in range(2)]))
"""
LATENCY = """
from helpers import pretrained

def ways(net):
    "The same net called three ways, each a function of a batch."
    compiled = tf.function(lambda batch: net(batch, training=False), reduce_retracing=True)
    light = tf.lite.Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(net).convert(), num_threads=2)
    light.allocate_tensors()
    into, out = light.get_input_details()[0]["index"], light.get_output_details()[0]["index"]
    def lite(batch):
        if tuple(light.get_input_details()[0]["shape"]) != batch.shape:
            light.resize_tensor_input(into, batch.shape)
            light.allocate_tensors()
        light.set_tensor(into, batch)
        light.invoke()
        return light.get_tensor(out)
    return {
        "predict": lambda batch: net.predict(batch, verbose=0),
        "compiled": lambda batch: compiled(tf.constant(batch)).numpy(),
        "LiteRT": lite,
    }

images = part(64).images[..., None].astype("float32")
sides = {"ours": ways(pretrained.emotion_net()), "other": ways(models.build("mini_xception", seed=0))}
found = {}
for batch in (1, 64):
    for way, times in (("predict", 10), ("compiled", 40), ("LiteRT", 40)):
        def repeated(call):
            return lambda: [call(images[:batch]) for _ in range(times // (1 if batch == 1 else 10))]
        rounds = turns({side: repeated(calls[way]) for side, calls in sides.items()}, 5)
        count = times // (1 if batch == 1 else 10)
        found[f"{way}, batch {batch}"] = [{side: 1000 * turn[side] / count for side in turn} for turn in rounds]
print(json.dumps(found))
"""


def comparisons():
    """Ten epochs of a head, and milliseconds to an answer."""
    rounds = child(TURNS + HEAD)
    ours, other = (statistics.median(turn[side] for turn in rounds) for side in ("ours", "other"))
    yield entry(
        "ten epochs of a head on VGG16",
        f"{PICTURES} pictures at 180 px, features computed once, that time included; random weights, which take as long",
        "s", ours, other, statistics.median(turn["other"] / turn["ours"] for turn in rounds), 8.0, 5.0, True,
        other_is="the frozen VGG16 run in every epoch",
    )  # fmt: skip
    for way, rounds in child(TURNS + LATENCY).items():
        ours, other = (statistics.median(turn[side] for turn in rounds) for side in ("ours", "other"))
        ratio = statistics.median(turn["other"] / turn["ours"] for turn in rounds)
        found = entry(f"emotion_net, {way}", "milliseconds a call", "ms", ours, other, ratio, 1.0, 0.05, True,
                      other_is="mini-Xception of the fer package, called the same way")  # fmt: skip
        yield found
