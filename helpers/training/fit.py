"""`fit`: model.fit with seeds, a progress line, a record, and a checkpoint after each epoch to go on from."""

import contextlib
import dataclasses
import datetime
import os
import pathlib
import platform
import shutil
import warnings
import weakref

import filelock
import keras

from helpers import environment, runs

from . import devices as places
from .batches import Batches
from .checkpoint import Checkpoint, assign, values
from .errors import TrainingError, explained
from .identity import augmenting, configured, weights
from .progress import Line, Progress, scores

AT_ONCE = 128  # pictures in a batch where nothing is learned, at most
OUTCOMES = weakref.WeakKeyDictionary()  # model -> (its weights after its run, before it), as digests


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
    interrupted goes on after its last finished epoch, to the same weights as one that was not. The model ends with
    the run's weights, its optimizer and seeds as they came; where the run breaks off, the weights are as they came, too.
    """
    refuse(model, data, epochs, batch)
    callbacks = list(callbacks)
    if patience is not None:
        callbacks.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    if plateau is not None:
        callbacks.append(keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=plateau))
    policy, scope = places.precision(precision), places.strategy(devices)
    host, hosts = places.share()
    line = Line(show and host == 0)
    with contextlib.closing(line), explained(run, batch):
        line.log(f"{run}: starting ...")
        options = {"epochs": epochs, "batch": batch, "class_weight": class_weight}
        options["augment"] = augmenting(augment, data.train.images)
        options |= {"precision": precision} if precision != "auto" else {}
        configuration = configured(model, data, callbacks, options)
        place = place_of(model, run, configuration, seed, again)
        if not again and (found := finished(place, model, line)):
            return found
        working = place.with_name(place.name + ".running")
        lock = locked(place, line) if host == 0 else contextlib.nullcontext()
        with lock, explained(run, batch, working), weights_back(model):
            if not again and (found := finished(place, model, line)):
                return found
            working.mkdir(parents=True, exist_ok=True)
            places.agree()
            kept = Checkpoint(working, callbacks, write=host == 0)
            if (remark := kept.find()) or kept.epochs:
                line.keep(f"{run}: {remark or f'goes on after epoch {kept.epochs}.'}")
            places.agree(kept.epochs)
            feed = Batches(
                data.train.images, data.train.labels, batch, seed, kept.epochs, augment, class_weight,
                devices=scope.num_replicas_in_sync if scope else hosts, share=(host, hosts),
            )  # fmt: skip
            watched = [*callbacks, Progress(line, run, feed.steps, epochs), kept]
            train(model, data, feed, watched, epochs, policy, scope)
            at_once = min(AT_ONCE, 4 * batch)
            record = recorded(run, configuration, seed, data, model, kept, policy)
            with places.alone(model) as network:
                probabilities = network.predict(data.test.images[..., None], batch_size=at_once, verbose=0)
                if host == 0:
                    runs.write(place, record, data.test.labels, probabilities, network.save)
                    shutil.rmtree(working)
            places.agree()
            OUTCOMES[model] = (weights(model), configuration["first_weights"])
            last = {key: curve[-1] for key, curve in kept.history.items()}
            line.log(f"{run}: {kept.epochs} epochs in {record['minutes']:.1f} min · {scores(last)}")
            return dataclasses.replace(runs.read(place), model=model)


def train(model, data, feed: Batches, callbacks: list, epochs: int, policy: str, scope) -> None:
    """model.fit, on the devices and with the precision asked for; afterwards the model has the weights."""
    kept = callbacks[-1]
    trained = places.placed(model, policy, scope)
    passing = [*seeds(model), *trained.optimizer.variables]
    came = values(passing)
    at_once = min(AT_ONCE, 4 * feed.batch, len(data.validation.labels))
    at_once = max(1, at_once // feed.devices) * feed.devices  # Keras wants the first batch as large on each device
    try:
        trained.fit(
            feed,
            steps_per_epoch=feed.steps,
            initial_epoch=kept.epochs,
            epochs=kept.epochs if kept.stopped else epochs,
            validation_data=(data.validation.images[..., None], data.validation.labels),
            validation_batch_size=at_once,
            callbacks=callbacks,
            verbose=0,
            shuffle=False,
        )
        places.copy_state(trained, model)
    finally:
        assign(passing, came)


@contextlib.contextmanager
def weights_back(model):
    """Where a run breaks off, the model has its weights as they came: then the same call goes on with the run."""
    first = values(model.weights)
    try:
        yield
    except BaseException:
        assign(model.weights, first)
        raise


def recorded(run: str, configuration: dict, seed: int, data, model, kept: Checkpoint, policy: str) -> dict:
    """The record of a run: what was done, with what, and how it went."""
    return {
        "name": run,
        "configuration": configuration,
        "seed": seed,
        "data": data.test.source,
        "test": runs.digest(data.test.images, data.test.labels),
        "pictures": len(data.train.labels),
        "parameters": model.count_params(),
        "epochs": kept.epochs,
        "history": kept.history,
        "minutes": round(kept.seconds / 60, 2),
        "finished": datetime.datetime.now().isoformat(timespec="seconds"),
        "hardware": hardware(),
        "versions": environment.versions() | {"backend": keras.backend.backend(), "precision": policy},
    }


def seeds(model) -> list:
    """The seed generators of dropout and augmentation layers; they count draws and are no weights."""
    kept = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in kept]


def load(run: runs.Run) -> keras.Model:
    """The trained network of a finished run."""
    if run.folder is None:
        raise FileNotFoundError(
            f"{run.name} is a reference run: its numbers come with the course, its network does not."
        )
    return keras.models.load_model(run.folder / "model.keras", compile=False)


def refuse(model, data, epochs: int, batch: int) -> None:
    """Wrong arguments, each in a sentence."""
    if not model.compiled:
        raise TrainingError("The model is not compiled: call model.compile(optimizer, loss, ...) before training.fit.")
    if min(epochs, batch) < 1:
        raise ValueError(f"epochs={epochs} and batch={batch} must be whole numbers from 1.")
    for name in ("train", "validation", "test"):
        if not len(getattr(data, name).labels):
            raise ValueError(f"The data has no {name} pictures: load it with a split that fills all three parts.")


def place_of(model, run: str, configuration: dict, seed: int, again: bool) -> pathlib.Path:
    """The folder of the run; for a model that came out of this very run (a cell is run twice), it is that one again."""
    place = runs.folder(run, runs.digest(configuration), seed)
    after, before = OUTCOMES.get(model, ("", ""))
    if again or after != configuration["first_weights"]:
        return place
    same = runs.folder(run, runs.digest(configuration | {"first_weights": before}), seed)
    return same if runs.read(same) else place


def finished(place: pathlib.Path, model, line: Line) -> runs.Run | None:
    """The finished run in that folder with its weights in the model, or None."""
    found = runs.read(place)
    if found is None:
        return None
    before, optimizer = weights(model), values(model.optimizer.variables)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the optimizer's state is not taken from there
            model.load_weights(place / "model.keras")
        assign(model.optimizer.variables, optimizer)
    except Exception as problem:
        raise TrainingError(
            f"The network in {place} cannot be read: delete that folder, then train again."
        ) from problem
    if OUTCOMES.get(model, ("", ""))[0] != before:
        OUTCOMES[model] = (weights(model), before)
    told = f"{found.name}: found finished ({found.record['epochs']} epochs on {found.record['finished'][:10]})"
    line.log(f"{told}; nothing is trained again.")
    return dataclasses.replace(found, model=model)


@contextlib.contextmanager
def locked(place: pathlib.Path, line: Line):
    """Only one process at a time trains a run; another waits for it, and then finds it finished."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(place.with_name(place.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        line.keep(f"{place.parent.name}: another notebook is training this very run; waiting for it ...")
        lock.acquire()
    except (NotImplementedError, OSError):
        line.keep(f"{place.parent.name}: this disk knows no locks. Do not train this run in two notebooks at once.")
    try:
        yield
    finally:
        lock.release()


def hardware() -> str:
    """What this runs on, in words."""
    count = environment.gpus()
    return f"{platform.machine()}, {os.cpu_count()} cores, {count} GPU{'s' * (count != 1)}"
