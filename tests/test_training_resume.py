"""A training that is killed, at any moment, ends with the weights of one that was not."""

import json
import os
import re
import shutil

import keras
import numpy as np
import pytest

from helpers import training
from helpers.training import checkpoint
from helpers.training.fit import Batches
from tests.training_world import callbacks, plain, script, stateful, weights


@pytest.fixture
def broken_off(monkeypatch):
    """Makes the next fits stop after the checkpoint of an epoch, as an interrupted kernel does."""
    keep = checkpoint.Checkpoint.keep

    def arrange(after):
        def stopping(self):
            keep(self)
            if self.epochs == after:
                raise KeyboardInterrupt

        monkeypatch.setattr(checkpoint.Checkpoint, "keep", stopping)

    return arrange


def test_interrupted_and_gone_on_with_and_without_what_backup_and_restore_leaves_out(
    data, broken_off, tmp_path, capsys
):
    """Keras' BackupAndRestore goes on with other random numbers: its weights differ; ours do not."""
    collected = Collected()
    whole = stateful(rate=1e-3)
    run = training.fit(whole, data, "whole", epochs=4, callbacks=[*callbacks(3), collected], show=False)
    broken_off(2)
    net, used = stateful(rate=1e-3), Collected()
    before = weights(net)
    with pytest.raises(KeyboardInterrupt):
        training.fit(net, data, "broken", epochs=4, callbacks=[*callbacks(3), used], show=False)
    np.testing.assert_array_equal(weights(net), before)  # the cell may be run again with the same net
    other, gone_on = stateful(rate=1e-3), Collected()
    again = training.fit(other, data, "broken", epochs=4, callbacks=[*callbacks(3), gone_on], show=False)
    assert "broken: goes on after epoch 2." in capsys.readouterr().out
    assert abs(weights(other) - weights(whole)).max() <= 1e-6
    assert again.history == run.history and gone_on.losses == pytest.approx(collected.losses)
    assert not list(again.folder.parent.glob("*.running"))

    plainly = stateful(rate=1e-3)
    for epochs in (2, 4):
        resumed = stateful(rate=1e-3)
        feed = Batches(data.train.images, data.train.labels, 32, 0, start=epochs - 2)
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
        resumed.fit(feed, steps_per_epoch=3, epochs=epochs, callbacks=[backup], verbose=0, shuffle=False)
    feed = Batches(data.train.images, data.train.labels, 32, 0)
    plainly.fit(feed, steps_per_epoch=3, epochs=4, verbose=0, shuffle=False)
    assert abs(weights(plainly) - weights(resumed)).max() > 1e-4


class Collected(keras.callbacks.Callback):
    """A student's own callback, with a list."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(float(logs["loss"]))


def test_interrupted_after_the_last_epoch(data, broken_off):
    whole = plain()
    training.fit(whole, data, "whole", epochs=2, show=False)
    broken_off(2)
    for _ in range(2):
        net = plain()
        try:
            run = training.fit(net, data, "end", epochs=2, show=False)
        except KeyboardInterrupt:
            continue
    assert run.record["epochs"] == 2 and np.array_equal(weights(net), weights(whole))


def spoil(path, how):
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "empty": b"",
            "half": content[:middle],
            "changed": content[:middle]
            + bytes(byte ^ 255 for byte in content[middle : middle + 64])
            + content[middle + 64 :],
            "something else": b"hello",
        }[how]
    )


def whole_and_broken_off(whole, data, broken_off, run_folder):
    """Train `whole` to its end, and a net like it that is broken off after its second epoch; returns that one's working folder."""
    training.fit(whole, data, "whole", epochs=3, show=False)
    broken_off(2)
    with pytest.raises(KeyboardInterrupt):
        training.fit(plain(), data, "run", epochs=3, show=False)
    broken_off(None)
    (working,) = run_folder.glob("run/*.running")
    return working


def test_damaged_checkpoints_are_passed_over(data, broken_off, run_folder, tmp_path, capsys):
    whole = plain()
    working = whole_and_broken_off(whole, data, broken_off, run_folder)
    for how in ("empty", "half", "changed", "something else", "absent", "both"):
        copy = shutil.copytree(working, tmp_path / how)
        if how == "absent":  # killed between the two renames
            (copy / checkpoint.LATEST).rename(copy / ".state-123.npz")
        else:
            spoil(copy / checkpoint.LATEST, "half" if how == "both" else how)
        if how == "both":
            spoil(copy / checkpoint.PREVIOUS, "half")
        found = checkpoint.Checkpoint(copy, [])
        message = found.find()
        assert found.epochs == (0 if how == "both" else 1)
        assert ("damaged" in message) == (how != "absent")
        assert how != "both" or "starts again from the first epoch" in message
    spoil(working / checkpoint.LATEST, "half")
    net = plain()
    training.fit(net, data, "run", epochs=3, show=False)
    assert re.search(r"state\.npz in .* is damaged; training goes on after epoch 1\.", capsys.readouterr().out)
    np.testing.assert_array_equal(weights(net), weights(whole))


def changed(path, **changes):
    """A state with other values; a value None takes an array away."""
    with np.load(path) as stored:
        arrays = dict(stored)
    state = json.loads(str(arrays["state"])) | {key: value for key, value in changes.items() if key in STATE}
    arrays |= {key: value for key, value in changes.items() if key not in STATE}
    arrays = {key: value for key, value in arrays.items() if value is not None}
    np.savez(path, **arrays | {"state": np.array(json.dumps(state))})


STATE = ("epochs", "history", "stopped", "callbacks", "seconds")
WRONG = [
    {"epochs": 1e9}, {"epochs": 10**9}, {"epochs": -1}, {"epochs": None}, {"history": []}, {"history": {"loss": [1.0] * 9}},
    {"callbacks": [{}]}, {"callbacks": None}, {"seconds": "long"}, {"stopped": "yes"}, {"variable_0": np.zeros((3, 3))},
    {"variable_1": None}, {"variable_7": np.zeros(2)},
]  # fmt: skip


def test_states_of_other_values_and_shapes_are_set_aside(data, broken_off, run_folder, tmp_path, capsys):
    """None is taken for a finished run or ends in a traceback: the state before it takes its place."""
    whole, net = plain(), plain()
    working = whole_and_broken_off(whole, data, broken_off, run_folder)
    net.optimizer.build(net.trainable_variables)
    for k, wrong in enumerate(WRONG):
        copy = shutil.copytree(working, tmp_path / str(k))
        changed(copy / checkpoint.LATEST, **wrong)
        found = checkpoint.Checkpoint(copy, [])
        message = found.find(net, 3)
        assert found.epochs == 1 and "damaged" in message and (copy / "state.npz.damaged").exists(), wrong
    for name in (checkpoint.LATEST, checkpoint.PREVIOUS):
        changed(working / name, **wrong)
    net = plain()
    assert training.fit(net, data, "run", epochs=3, show=False).record["epochs"] == 3
    assert "starts again from the first epoch" in capsys.readouterr().out
    np.testing.assert_array_equal(weights(net), weights(whole))


KILLS = 20 if os.environ.get("SOAK") else 3

KILLED = """
import json, os, pathlib, random, signal, sys, time
import numpy as np, keras
from helpers import environment, runs, training
from tests.training_world import callbacks, stateful, weights, world

LONG = {"epochs": 14, "show": False}
place = environment.folder("runs")
dice = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else None)
data = world()

class Counted(keras.callbacks.Callback):
    "Writes down each epoch, whoever trains it."
    def on_epoch_end(self, epoch, logs=None):
        with open(place / "epochs.txt", "a") as file:
            file.write(f"{epoch} ")

def between_renames():
    "The second rename of the second checkpoint does not happen: the process is killed."
    replace, calls = os.replace, []
    def killed(source, target):
        calls.append(target)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)
    os.replace = killed

def start(name, prepare=None, **options):
    "A process that trains: a fork, which spares it the seconds of importing TensorFlow."
    child = os.fork()
    if not child:
        try:
            if prepare:
                prepare()
            net = stateful(rate=1e-3)
            before = weights(net)
            training.fit(net, data, name, **options or LONG | {"callbacks": callbacks(5)})
            assert abs(weights(net) - before).max() > 1e-3
            os._exit(0)
        finally:
            os._exit(1)
    return child

def waited(child, seconds):
    "How a process ended within some seconds, or None."
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            assert not os.WIFEXITED(status) or not os.WEXITSTATUS(status), "the training failed"
            return status
        time.sleep(0.002)

def stamp(name):
    "Changes with each checkpoint of a run."
    states = list((place / name).glob("*.running/state.npz"))
    return states[0].stat().st_mtime_ns if states else 0

def epochs(name):
    "How many epochs are kept."
    states = list((place / name).glob("*.running/state.npz"))
    return json.loads(str(np.load(states[0])["state"]))["epochs"] if states else 0

begin = time.monotonic()
waited(start("whole"), 600)
took = (time.monotonic() - begin) / 2
kills, finished, phases = KILLS, 0, []
while kills:
    finished += 1
    name = f"killed_{finished}"
    while True:
        child, more, status = start(name), dice.choice([0, 1, 1, 2, 3]), None
        if more == 0:  # while it starts, or soon after
            status = waited(child, dice.uniform(0, took))
        while more and status is None:  # some checkpoints later
            seen = stamp(name)
            while status is None and stamp(name) == seen:
                status = waited(child, 0.01)
            more -= 1
            if not more and status is None:
                status = waited(child, dice.uniform(0, 0.3))
        if status is None and kills:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills -= 1
            phases.append(epochs(name))
            continue
        if status is None:
            waited(child, 600)
        break

assert waited(start("renames", between_renames), 600) == signal.SIGKILL
assert epochs("renames") == 0 and list(place.glob("renames/*/state.previous.npz"))
waited(start("renames"), 600)

both = [start("both", epochs=3, callbacks=[Counted()], show=False) for _ in range(2)]
for child in both:
    waited(child, 600)
assert (place / "epochs.txt").read_text() == "0 1 2 ", "trained once, and found by the other"

# Networks are loaded last: a process in which TensorFlow has begun to compute must not be forked.
whole = runs.find("whole")[0]
wanted = weights(training.load(whole))
for name in ["renames", *(f"killed_{i + 1}" for i in range(finished))]:
    run = runs.find(name)[0]
    assert run.history == whole.history, (run.history, whole.history)
    np.testing.assert_array_equal(run.probabilities, whole.probabilities)
    difference = abs(weights(training.load(run)) - wanted).max()
    assert difference <= 1e-6, difference
    assert not list((place / name).glob("*.running")) and not list((place / name).glob("*.writing"))
stopped = len(whole.history["loss"])
rates = whole.history["learning_rate"]
assert rates[-1] < rates[0], "the plateau was met"
assert stopped < 14, "stopped early"
print(f"{KILLS} kills, after epochs {phases} of {stopped}, {finished} runs, difference {difference}")
"""


@pytest.mark.slow
def test_killed_at_random_moments_between_two_renames_and_two_at_once(tmp_path):
    printed = script(KILLED.replace("KILLS", str(KILLS)), tmp_path, limit=3600)
    print(printed)
    assert f"{KILLS} kills" in printed
