"""What goes wrong in a training is said in one sentence with its mend, and the last good checkpoint stays."""

import errno
import subprocess
import types

import filelock
import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import runs, training
from helpers.training import errors
from tests.training_world import plain, weights


def goes_on_after_failing(data, run_folder, match, epochs, capsys, cure):
    """The sentence comes, the checkpoint stays, and once the cause is gone the same call goes on from it."""
    net = plain()
    with pytest.raises(training.TrainingError, match=match) as problem:
        training.fit(net, data, "run", epochs=4, show=False)
    assert "\n" not in str(problem.value)
    cure()
    training.fit(net, data, "run", epochs=4, show=False)
    assert f"goes on after epoch {epochs}." in capsys.readouterr().out


def test_a_full_disk(data, run_folder, monkeypatch, capsys):
    save, calls = np.savez, []

    def full(file, **arrays):
        calls.append(1)
        if len(calls) == 3:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(file, **arrays)

    monkeypatch.setattr(np, "savez", full)
    goes_on_after_failing(data, run_folder, "disk is full.*COURSE_RUNS", 2, capsys, lambda: None)


def test_a_limit_on_the_size_of_files(data, run_folder, capsys):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(training.TrainingError, match="disk is full"):
            training.fit(plain(), data, "run", epochs=4, show=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(run_folder.glob("run/*.running/*"))


def test_a_small_disk_for_real(data, run_folder, capsys):
    """A memory disk that holds the checkpoints but not the finished run beside them; then more room."""
    run_folder.mkdir()
    small = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=180k", "tmpfs", run_folder], capture_output=True)
    if small.returncode:
        pytest.skip("mounting a disk is not allowed here")
    try:
        grow = ["mount", "-o", "remount,size=8m", run_folder]
        net = plain()
        with pytest.raises(training.TrainingError, match=r"disk is full.*MB left"):
            training.fit(net, data, "run", epochs=4, show=False)
        subprocess.run(grow, check=True)
        training.fit(net, data, "run", epochs=4, show=False)
        assert "goes on after epoch" in capsys.readouterr().out
    finally:
        subprocess.run(["umount", run_folder], check=True)


def test_a_loss_that_is_no_number(data, run_folder):
    net = plain(rate=1e30)
    with pytest.raises(training.TrainingError, match=r"no longer a number in epoch 1.*smaller learning rate.*1e\+30"):
        training.fit(net, data, "run", epochs=4, show=False)
    assert not list(run_folder.glob("run/*.running/*")) and np.isfinite(weights(net)).all()


@pytest.mark.parametrize(
    "problem",
    [
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[32,64]"),
        MemoryError("Unable to allocate 3 GiB"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"),
    ],
)
def test_out_of_memory(data, run_folder, monkeypatch, problem):
    def exhausted(*args, **options):
        raise problem

    monkeypatch.setattr(keras.Model, "fit", exhausted)
    with pytest.raises(training.TrainingError, match="do not fit into the memory: call fit with batch=16"):
        training.fit(plain(), data, "run", epochs=4, show=False)
    assert "smaller" in errors.diagnosis(problem, "run", 1, None)


def test_other_problems_are_left_as_they_are(data, monkeypatch):
    def failing(*args, **options):
        raise LookupError("a student's own")

    monkeypatch.setattr(keras.Model, "fit", failing)
    with pytest.raises(LookupError, match="own"):
        training.fit(plain(), data, "run", epochs=4, show=False)


def test_wrong_arguments(data, run_folder, monkeypatch):
    net = plain()
    nothing = types.SimpleNamespace(images=data.test.images[:0], labels=data.test.labels[:0], source="")
    for options, match in (
        ({"run": "a/b"}, "no slashes"),
        ({"run": "a\\b"}, "no slashes"),
        ({"run": ".."}, "names a folder"),
        ({"run": ""}, "names a folder"),
        ({"epochs": 0}, "from 1"),
        ({"batch": 0}, "from 1"),
        ({"precision": "float8"}, "mixed_bfloat16"),
        ({"devices": ["GPU:7"]}, "there is no GPU:7 here"),
        *(
            ({"data": types.SimpleNamespace(**(vars(data) | {name: nothing}))}, f"no {name} pictures")
            for name in vars(data)
        ),
    ):
        with pytest.raises(ValueError, match=match):
            training.fit(**{"model": net, "data": data, "run": "a", "epochs": 1, "show": False} | options)
    raw = keras.Model(net.input, net.output)
    with pytest.raises(training.TrainingError, match=r"model\.compile"):
        training.fit(raw, data, "a", epochs=1)
    (run_folder.parent / "file").write_text("")
    monkeypatch.setenv("COURSE_RUNS", str(run_folder.parent / "file" / "runs"))
    with pytest.raises(training.TrainingError, match=r"cannot be written.*COURSE_RUNS"):
        training.fit(net, data, "a", epochs=1)
    monkeypatch.setenv("COURSE_RUNS", "/proc/runs")
    with pytest.raises((training.TrainingError, FileNotFoundError)):
        training.fit(net, data, "a", epochs=1)


@pytest.mark.parametrize("problem", [NotImplementedError("no flock"), OSError(errno.ENOLCK, "No locks available")])
def test_a_disk_without_locks(data, monkeypatch, capsys, problem):
    def refused(*args, **options):
        raise problem

    monkeypatch.setattr(filelock.FileLock, "acquire", refused)
    assert training.fit(plain(), data, "run", epochs=1, show=False).record["epochs"] == 1
    assert "knows no locks" in capsys.readouterr().out


def test_a_finished_run_whose_network_is_damaged(data, run_folder):
    run = training.fit(plain(), data, "run", epochs=1, show=False)
    (run.folder / "model.keras").write_bytes(b"half")
    with pytest.raises(training.TrainingError, match="delete that folder"):
        training.fit(plain(), data, "run", epochs=1, show=False)


def test_the_networks_of_reference_runs_are_not_there():
    with pytest.raises(FileNotFoundError, match="its network does not"):
        training.load(runs.reference(runs.references()[-1] if "baseline" not in runs.references() else "baseline"))
