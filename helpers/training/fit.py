"""`fit`: model.fit with seeds, a progress line, a record, and a checkpoint after each epoch to go on from."""

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import time

import filelock
import keras
import numpy as np

from helpers import course, runs

from . import devices as places
from .batches import Batches
from .checkpoint import FULL, Checkpoint, TrainingError, full, memory
from .progress import Progress

AT_ONCE = 128  # pictures in a batch where nothing is learned


def fit(
    model: keras.Model,
    data,
    run: str,
    epochs: int,
    batch: int = 32,
    patience: int | None = None,
    plateau: int | None = None,
    callbacks=(),
    augment=None,
    class_weight: dict | None = None,
    seed: int = 0,
    devices=None,
    precision: str = "auto",
    again: bool = False,
    show: bool = True,
) -> runs.Run:
    """Train a compiled model on data.train, watch data.validation, predict data.test; the run is kept under the name `run`.

    patience   stop when the validation loss has not improved for so many epochs, and take the best epoch's weights
    plateau    halve the learning rate when it has not improved for so many epochs
    callbacks  any of Keras' own
    augment    a function of (a uint8 batch, a seed) that changes training pictures; layers in the model need none
    devices    such as ['GPU:0', 'GPU:1']; all GPUs unless said      precision  'auto', 'float32' or a mixed policy
    again      train even where the same run is finished             show       False: no progress line

    The same call with the same model, data and options finds the finished run and trains nothing. A run that was
    interrupted goes on after its last finished epoch, to the same weights as one that was not.
    """
    if not model.compiled:
        raise TrainingError("The model is not compiled: call model.compile(optimizer, loss, ...) before training.fit.")
    callbacks = list(callbacks)
    if patience is not None:
        callbacks.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    if plateau is not None:
        callbacks.append(keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=plateau))
    options = {"epochs": epochs, "batch": batch, "class_weight": class_weight, "augment": augment and augment.__name__}
    configuration = configured(model, data, callbacks, options)
    place = runs.folder(run, runs.digest(configuration), seed)
    working = place.with_name(place.name + ".running")
    with locked(working):
        found = None if again else runs.read(place)
        if found is not None:
            model.load_weights(place / "model.keras")
            told = f"{run}: found finished ({found.record['epochs']} epochs on {found.record['finished'][:10]})"
            print(f"{told}; nothing is trained again." if show else "", end="\n" if show else "")
            return dataclasses.replace(found, model=model)
        policy, scope = places.precision(precision), places.strategy(devices)
        trained = places.placed(model, policy, scope)
        kept = Checkpoint(working, callbacks, write=places.share()[0] == 0)
        if (remark := kept.find()) or kept.epochs:
            print(remark or f"{run}: goes on after epoch {kept.epochs}.")
        began = time.monotonic() - kept.seconds
        feed = Batches(
            data.train.images, data.train.labels, batch, seed, kept.epochs, augment,
            divisor=scope.num_replicas_in_sync if scope else places.share()[1], share=places.share(),
        )  # fmt: skip
        trained.optimizer.build(trained.trainable_variables)
        with explained(run, batch):
            trained.fit(
                feed,
                steps_per_epoch=feed.steps,
                initial_epoch=kept.epochs,
                epochs=kept.epochs if kept.stopped else epochs,
                validation_data=(data.validation.images[..., None], data.validation.labels),
                validation_batch_size=AT_ONCE,
                class_weight=class_weight,
                callbacks=[*callbacks, Progress(run, feed.steps, epochs, show), kept],
                verbose=0,
                shuffle=False,
            )
        places.copy_state(trained, model)
        probabilities = model.predict(data.test.images[..., None], batch_size=AT_ONCE, verbose=0)
        record = {
            "name": run,
            "configuration": configuration,
            "seed": seed,
            "data": data.test.source,
            "test": runs.digest(data.test.images, data.test.labels),
            "pictures": len(data.train.labels),
            "parameters": model.count_params(),
            "epochs": kept.epochs,
            "history": kept.history,
            "minutes": round((time.monotonic() - began) / 60, 2),
            "finished": datetime.datetime.now().isoformat(timespec="seconds"),
            "hardware": hardware(),
            "versions": course.versions() | {"backend": keras.backend.backend(), "precision": policy},
        }
        if not kept.write:
            return runs.Run(run, record, data.test.labels, probabilities, model=model)
        try:
            finished = runs.write(place, record, data.test.labels, probabilities, model.save)
        except OSError as problem:
            if problem.errno in FULL:
                raise TrainingError(full(working, 4 * model.count_params())) from problem
            raise
        shutil.rmtree(working)
    return dataclasses.replace(finished, model=model)


def load(run: runs.Run) -> keras.Model:
    """The trained network of a finished run."""
    if run.folder is None:
        raise FileNotFoundError(
            f"{run.name} is a reference run: its numbers come with the course, its network does not."
        )
    return keras.models.load_model(run.folder / "model.keras", compile=False)


def configured(model, data, callbacks: list, options: dict) -> dict:
    """What a run follows from, the seed aside: network, first weights, how it is compiled, data, callbacks, options."""
    parts = [data.train, data.validation, data.test]
    return {
        "network": runs.digest(architecture(model)),
        "first_weights": runs.digest(*(np.asarray(variable) for variable in model.variables)),
        "compiled": nameless(model.get_compile_config()),
        "images": [runs.digest(part.images, part.labels) for part in parts],
        "callbacks": [[type(callback).__name__, *map(str, memory(callback))] for callback in callbacks],
        **options,
    }


def architecture(model) -> str:
    """The network as text, without the numbers that Keras gives to names in the order in which layers were made."""
    text = model.to_json()
    for i, layer in enumerate(model._flatten_layers(include_self=False)):
        text = text.replace(f'"{layer.name}"', f'"layer {i}"')
    return json.dumps(
        {key: value for key, value in json.loads(text)["config"].items() if key != "name"}, sort_keys=True
    )


def nameless(config):
    """A configuration without names, which Keras numbers in the order in which things were made."""
    if isinstance(config, dict):
        return {key: nameless(value) for key, value in config.items() if key != "name"}
    return [nameless(value) for value in config] if isinstance(config, (list, tuple)) else config


@contextlib.contextmanager
def locked(working: pathlib.Path):
    """Only one process at a time trains a run; another waits for it, and then finds it finished."""
    working.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(working.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0.1)
    except filelock.Timeout:
        print(f"{working.parent.name}: another notebook is training this very run; waiting for it ...", flush=True)
        lock.acquire()
    with lock:
        working.mkdir(exist_ok=True)
        yield
    lock.release(force=True)


@contextlib.contextmanager
def explained(run: str, batch: int):
    """Out of memory, in any of the ways in which frameworks say it, becomes a sentence with its mend."""
    try:
        yield
    except TrainingError:
        raise
    except Exception as problem:
        text = f"{type(problem).__name__} {problem}"
        if isinstance(problem, MemoryError) or any(
            word in text for word in ("RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM")
        ):
            raise TrainingError(
                f"Batches of {batch} pictures of {run} do not fit into the memory: call fit with batch={max(1, batch // 2)}. "
                "The last good checkpoint stays."
            ) from problem
        raise


def hardware() -> str:
    """What this runs on, in words."""
    count = course.gpus()
    return f"{platform.machine()}, {os.cpu_count()} cores, {count} GPU{'s' * (count != 1)}"
