"""Several devices, several hosts and half precision against one device; and Keras on JAX without TensorFlow."""

import json
import os
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest

from helpers import training
from helpers.training import devices
from tests.training_world import ROOT, WITHOUT_TENSORFLOW, plain, script, weights

MIRRORED = """
import numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from helpers import training
from helpers.training import checkpoint, devices
from tests.training_world import callbacks, plain, stateful, weights, world

both = {"devices": ["CPU:0", "CPU:1"], "show": False}
weighted = {"epochs": 4, "class_weight": {0: 2.0, 3: 0.5}}
data = world(65)  # the last batch of an epoch has one picture, fewer than there are devices
alone, together = plain(), plain()
one = training.fit(alone, data, "one", show=False, callbacks=callbacks(2), **weighted)
two = training.fit(together, data, "two", callbacks=callbacks(2), **both, **weighted)
difference = abs(weights(alone) - weights(together)).max()
print("mirrored", difference)
assert difference < 1e-5
np.testing.assert_allclose(one.history["val_loss"], two.history["val_loss"], atol=1e-4)
np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-4)
found = training.fit(plain(), data, "two", show=False, callbacks=callbacks(2), **weighted)
assert found.folder == two.folder  # found on one device

keep = checkpoint.Checkpoint.keep
def stopping(self):
    keep(self)
    if self.epochs == 2:
        raise KeyboardInterrupt
whole, resumed = stateful(), stateful()
training.fit(whole, data, "whole", epochs=3, **both)
checkpoint.Checkpoint.keep = stopping
try:
    training.fit(stateful(), data, "resumed", epochs=3, **both)
except KeyboardInterrupt:
    print("interrupted")
checkpoint.Checkpoint.keep = keep
training.fit(resumed, data, "resumed", epochs=3, **both)
print("resumed", abs(weights(whole) - weights(resumed)).max())
assert abs(weights(whole) - weights(resumed)).max() <= 1e-6

double = devices.Devices(precision="mixed_float16").place(plain())
kinds = [layer.compute_dtype for layer in double.layers[1:]]
assert kinds == ["float16"] * (len(kinds) - 1) + ["float32"], kinds
assert isinstance(double.optimizer, keras.optimizers.LossScaleOptimizer)

seen = []
def stopping(self):
    keep(self)
    seen.append(float(self.model.optimizer.dynamic_scale.numpy()))
    if self.epochs == 1 and len(seen) == 1:
        self.model.optimizer.dynamic_scale.assign(1024.0)
        keep(self)
        raise KeyboardInterrupt
checkpoint.Checkpoint.keep = stopping
for _ in range(2):
    try:
        net = plain()
        training.fit(net, data, "scaled", epochs=2, precision="mixed_float16", show=False)
    except KeyboardInterrupt:
        print("interrupted in float16")
print("scale", seen)
assert seen[0] != 1024.0 and seen[1] == 1024.0 and np.isfinite(weights(net)).all()
"""


@pytest.mark.slow
def test_two_devices_and_half_precision(tmp_path):
    printed = script(MIRRORED, tmp_path)
    print(printed)
    assert printed.count("interrupted") == 2


def test_half_precision_on_a_cpu(data):
    net, whole = plain(), plain()
    start = weights(net)
    run = training.fit(net, data, "half", epochs=2, precision="mixed_bfloat16", show=False)
    training.fit(whole, data, "half", epochs=2, precision="float32", show=False)
    assert run.record["versions"]["precision"] == run.record["configuration"]["precision"] == "mixed_bfloat16"
    moved, apart = abs(weights(net) - start).max(), abs(weights(net) - weights(whole)).max()
    assert moved > 1e-3 and 0 < apart < moved / 2  # it learned the same, a little less exactly
    assert net.layers[2].compute_dtype == "float32" and weights(net).dtype == np.float32
    np.testing.assert_array_equal(weights(net), weights(training.load(run)))


def test_bfloat16_for_long_runs_only_where_it_is_faster(data, monkeypatch, tmp_path):
    processor = tmp_path / "cpuinfo"
    for flags, known in (("fma avx512_bf16 avx2", True), ("Features: fp bf16 sve", True), ("fma avx512f", False)):
        processor.write_text(flags)
        assert devices.has_bfloat16(processor) == (known and keras.backend.backend() == "tensorflow")
    assert not devices.has_bfloat16(tmp_path / "none")
    monkeypatch.setattr(devices, "abilities", lambda: [(9, 0), (7, 5)])
    assert not devices.has_bfloat16() and devices.policy("auto") != "mixed_bfloat16"
    monkeypatch.setattr(devices, "abilities", list)
    assert devices.policy("auto") == "float32", "on a processor the lessons train alike, whatever it can do"

    monkeypatch.setattr(devices, "has_bfloat16", lambda: True)
    run = training.fit(plain(), data, "long", epochs=1, precision="bfloat16", show=False)
    assert run.record["versions"]["precision"] == "mixed_bfloat16"
    monkeypatch.setattr(devices, "has_bfloat16", lambda: False)
    net = plain()
    before = weights(net)
    with pytest.raises(training.TrainingError, match=r"bfloat16.*Leave precision out"):
        training.fit(net, data, "refused", epochs=1, precision="bfloat16", show=False)
    np.testing.assert_array_equal(weights(net), before)


JAX = """
import os
import numpy as np, keras
from helpers import models, training
from helpers.training import checkpoint
from tests.training_world import callbacks, plain, stateful, weights, world

assert keras.backend.backend() == "jax"
data = world()
for name in ("trial_5", "trial_6", "baseline", "small", "mini_xception"):
    net = models.build(name, seed=0, **({"pixels": 96} if name in models.TRIALS else {}))
    assert net.output_shape == (None, 7)
    if name in ("trial_5", "mini_xception"):
        found = net.predict(data.test.images[:2, ..., None], verbose=0)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
options = {"epochs": 3, "show": False}
whole = stateful()
run = training.fit(whole, data, "whole", callbacks=callbacks(3), **options)
assert run.record["versions"]["backend"] == "jax"
keep = checkpoint.Checkpoint.keep
def stopping(self):
    keep(self)
    if self.epochs == 2:
        raise KeyboardInterrupt
checkpoint.Checkpoint.keep = stopping
net = stateful()
try:
    training.fit(net, data, "resumed", callbacks=callbacks(3), **options)
except KeyboardInterrupt:
    print("interrupted")
checkpoint.Checkpoint.keep = keep
training.fit(net, data, "resumed", callbacks=callbacks(3), **options)  # the same net: its weights were given back
print("resumed", abs(weights(whole) - weights(net)).max())
assert abs(weights(whole) - weights(net)).max() <= 1e-6
found = training.fit(stateful(), data, "whole", callbacks=callbacks(3), **options)
assert found.folder == run.folder
one = plain()
run = training.fit(one, data, "hosts_one", epochs=3, callbacks=callbacks(2), show=False)
np.savez(os.environ["COURSE_RUNS"] + "/one.npz", weights=weights(one), probabilities=run.probabilities)
"""

HOST = """
import os
import numpy as np, keras
from helpers import training
from helpers.training import checkpoint
training.join_hosts(sys.argv[1], 2, int(sys.argv[2]))
from tests.training_world import callbacks, plain, weights, world

data = world()
keep, end = checkpoint.Checkpoint.keep, checkpoint.Checkpoint.on_epoch_end
def stopping(self, epoch, logs=None):
    end(self, epoch, logs)
    if self.epochs == 2:
        raise KeyboardInterrupt
checkpoint.Checkpoint.on_epoch_end = stopping
try:
    training.fit(plain(), data, "hosts_two", epochs=3, callbacks=callbacks(2))
except KeyboardInterrupt:
    pass
checkpoint.Checkpoint.on_epoch_end = end
net = plain()
run = training.fit(net, data, "hosts_two", epochs=3, callbacks=callbacks(2))
one = np.load(os.environ["COURSE_RUNS"] + "/one.npz")
print("difference", abs(weights(net) - one["weights"]).max())
assert abs(weights(net) - one["weights"]).max() < 1e-5
np.testing.assert_allclose(run.probabilities, one["probabilities"], atol=1e-4)
assert run.name == "hosts_two" and run.folder.exists() and run.model is net
assert training.fit(plain(), data, "hosts_two", epochs=3, callbacks=callbacks(2)).folder == run.folder
"""


@pytest.mark.slow
def test_jax_without_tensorflow_and_two_hosts(tmp_path):
    printed = script(WITHOUT_TENSORFLOW + JAX, tmp_path, KERAS_BACKEND="jax")
    assert "interrupted" in printed
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", WITHOUT_TENSORFLOW + HOST, address, str(index)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"KERAS_BACKEND": "jax", "COURSE_RUNS": str(tmp_path), "JAX_PLATFORMS": "cpu"},
        )
        for index in range(2)
    ]
    try:
        outputs = [host.communicate(timeout=900) for host in hosts]
    finally:
        for host in hosts:
            host.kill()
    assert not any(host.returncode for host in hosts), "".join(map(str, outputs))[-6000:]
    print(printed, *outputs)
    assert "epoch 3/3" in outputs[0][0] and "epoch" not in outputs[1][0].replace("goes on after epoch", "")
    (record,) = tmp_path.glob("hosts_two/*/record.json")
    assert json.loads(record.read_text())["epochs"] == 3


def test_hosts_need_jax():
    if keras.backend.backend() == "jax":
        pytest.skip("this is JAX")
    with pytest.raises(training.TrainingError, match="KERAS_BACKEND=jax"):
        training.join_hosts("127.0.0.1:1", 2, 0)
