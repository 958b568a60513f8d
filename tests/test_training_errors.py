"""What goes wrong in a training is a TrainingError that names the fix, and the last good checkpoint stays."""

import errno
import os
import shutil
import types

import filelock
import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import files, runs, training
from helpers.training import progress
from tests.training_world import plain, weights


def test_a_full_disk(data, run_folder, monkeypatch, capsys):
    """The checkpoint before stays, and once there is room the same call goes on from it."""
    save, calls = np.savez, []

    def full(path, **arrays):
        calls.append(1)
        if len(calls) == 3:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(path, **arrays)

    monkeypatch.setattr(np, "savez", full)
    net = plain()
    with pytest.raises(training.TrainingError, match="COURSE_RUNS") as problem:
        training.fit(net, data, "run", epochs=4, show=False)
    assert "disk is full" in problem.value.reason and "\n" not in str(problem.value)
    (working,) = run_folder.glob("run/*.running")
    assert sorted(path.name for path in working.iterdir()) == ["state.npz", "state.previous.npz"]
    training.fit(net, data, "run", epochs=4, show=False)
    assert "goes on after epoch 2." in capsys.readouterr().out


def test_a_limit_on_the_size_of_files(data, run_folder):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(training.TrainingError, match="disk is full"):
            training.fit(plain(), data, "run", epochs=4, show=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(run_folder.glob("run/*.running/*"))


def test_a_loss_that_is_no_number(data, run_folder):
    net = plain(rate=1e30)
    with pytest.raises(training.TrainingError, match=r"epoch 1\b.*learning rate.*1e\+30"):
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
def test_out_of_memory(data, monkeypatch, problem):
    def exhausted(*args, **options):
        raise problem

    monkeypatch.setattr(keras.Model, "fit", exhausted)
    with pytest.raises(training.TrainingError, match=r"memory.*batch=16"):
        training.fit(plain(), data, "run", epochs=4, show=False)
    assert "smaller" in str(progress.diagnosis(problem, "run", 1))


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
        ({"epochs": 0}, "from 1"),
        ({"batch": 0}, "from 1"),
        ({"precision": "float8"}, "mixed_bfloat16"),
        ({"devices": ["GPU:7"]}, "GPU:7.*CPU:0"),
        ({"model": keras.Model(net.input, net.output)}, r"model\.compile"),
        *(
            ({"data": types.SimpleNamespace(**(vars(data) | {name: nothing}))}, f"no {name} images")
            for name in vars(data)
        ),
    ):
        with pytest.raises(files.CourseError, match=match):
            training.fit(**{"model": net, "data": data, "run": "a", "epochs": 1, "show": False} | options)
    (run_folder.parent / "file").write_text("")
    monkeypatch.setenv("COURSE_RUNS", str(run_folder.parent / "file" / "runs"))
    with pytest.raises(files.CourseError, match=r"cannot be written.*COURSE_RUNS"):
        training.fit(net, data, "a", epochs=1)


@pytest.mark.parametrize("problem", [NotImplementedError("no flock"), OSError(errno.ENOLCK, "No locks available")])
def test_a_disk_without_locks(data, monkeypatch, capsys, problem):
    def refused(*args, **options):
        raise problem

    monkeypatch.setattr(filelock.FileLock, "acquire", refused)
    assert training.fit(plain(), data, "run", epochs=1, show=False).record["epochs"] == 1
    assert "knows no locks" in capsys.readouterr().out


def spoiled_record(text):
    return lambda folder: (folder / "record.json").write_text(text)


def spoiled_predictions(content):
    return lambda folder: (folder / "predictions.npz").write_bytes(content)


def other_predictions(folder):
    np.savez(folder / "predictions.npz", labels=np.zeros(3, np.uint8), probabilities=np.zeros((2, 7)))


def pipe(folder):
    (folder / "predictions.npz").unlink()
    os.mkfifo(folder / "predictions.npz")


def link(folder):
    elsewhere = folder.rename(folder.parent.parent / "elsewhere")
    (elsewhere / "record.json").unlink()
    folder.symlink_to(elsewhere)


SPOILS = [
    *map(spoiled_record, ("", "[]", '{"history": {}, "test": ""}')), spoiled_predictions(b""), other_predictions, pipe, link,
    lambda folder: (folder / "model.keras").write_bytes(b"half"),
]  # fmt: skip


def test_a_damaged_run_is_set_aside_and_trained_again(data, run_folder, capsys):
    """Which files are none of a run's, tests/test_runs.py says in full."""
    run = training.fit(plain(), data, "run", epochs=1, show=False)
    for spoil in SPOILS:
        spoil(run.folder)
        repeated = training.fit(plain(), data, "run", epochs=1, show=False)
        assert f"{run.folder} is damaged; it was set aside" in capsys.readouterr().out
        assert np.array_equal(repeated.probabilities, run.probabilities) and repeated.folder == run.folder
        assert not run.folder.is_symlink() and os.path.lexists(run.folder.with_name(run.folder.name + ".damaged"))
        assert [found.folder for found in runs.find("run")] == [run.folder]
    assert training.fit(plain(), data, "run", epochs=1, show=False).record == repeated.record


def test_what_lies_in_the_place_of_the_working_folder(data, run_folder, tmp_path, capsys):
    place = training.fit(plain(), data, "run", epochs=1, show=False).folder
    shutil.rmtree(place)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("mine")
    working = place.with_name(place.name + ".running")
    for make in (
        lambda: working.symlink_to(tmp_path / "precious"),
        lambda: working.write_text("x"),
        lambda: working.symlink_to("x"),
    ):
        make()
        assert training.fit(plain(), data, "run", epochs=1, show=False).record["epochs"] == 1
        assert "set aside" in capsys.readouterr().out and not os.path.lexists(working)
        shutil.rmtree(place)
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "mine"


def test_a_network_of_a_reference_is_not_there():
    with pytest.raises(training.TrainingError, match=r"baseline.*network"):
        training.load(runs.reference("baseline"))
