"""`fit`: Keras' model.fit with a seed, one line of progress, a record, and a checkpoint after each epoch to go on from."""

import contextlib
import dataclasses
import datetime
import os
import pathlib
import platform
import shutil
import warnings

import filelock
import keras
import numpy as np

from helpers import environment, runs
from helpers.progress import Line

from .checkpoint import Checkpoint, assign, identity, values
from .devices import Devices, copy_state
from .progress import Progress, TrainingError, explained, scores

AT_ONCE = 128  # images in a batch where nothing is learned, at most


def fit(
    model: keras.Model,
    data,
    run: str,
    epochs: int,
    batch: int = 32,
    callbacks=(),
    augment=None,
    class_weight: dict | None = None,
    seed: int = 0,
    devices: list[str] | None = None,
    precision: str = "auto",
    again: bool = False,
    show: bool = True,
) -> runs.Run:
    """Train a compiled model on data.train, watch data.validation, predict data.test; the run is kept under the name `run`.

    callbacks  Keras' own, such as EarlyStopping, or yours
    augment    a function of (a uint8 batch, a seed) that changes training images; layers in the model need none
    devices    such as ['GPU:0', 'GPU:1']; all GPUs if not given
    precision  'auto' (float32 on a processor, so that laptops agree); 'bfloat16' for long runs, where that is faster;
               'float32', 'mixed_bfloat16' or 'mixed_float16' whatever the machine
    again      train even if the same run is finished
    show       False: no progress line

    The same call with the same network, first weights, compilation, data and options finds the finished run and trains
    nothing. So does a call with the model that came out of it: a cell may be run twice. What a function given to a
    callback computes is not compared, only its name; after editing it, train with again=True.

    An interrupted run goes on after its last finished epoch, to the same weights as one that was not interrupted. The
    model ends with the run's weights, its optimizer and seeds as they were; if the run breaks off, the weights are as
    they were, too.
    """
    refuse(model, data, epochs, batch)
    callbacks, places = list(callbacks), Devices(devices, precision)
    line = Line(show and places.host == 0)
    with contextlib.closing(line), explained(run, batch):
        line.log(f"{run}: starting ...")
        options = {"epochs": epochs, "batch": batch, "class_weight": class_weight, "precision": precision}
        configuration = identity(model, data, callbacks, augment, options)
        folder = folder_of(run, configuration, seed, again)
        lock = locked(folder, line) if places.host == 0 else contextlib.nullcontext()
        with lock, weights_back(model):
            if not again and (found := finished(folder, model, line)):
                return found
            working = folder.with_name(folder.name + ".running")
            trained = places.place(model)
            if places.host == 0:
                clear(run, folder, working, again, line)
            places.agree()
            kept = Checkpoint(working, callbacks, write=places.host == 0)
            if (message := kept.find(trained, epochs)) or kept.epochs:
                line.keep(f"{run}: {message or f'goes on after epoch {kept.epochs}.'}")
            places.agree(kept.epochs)
            images, labels = data.train.images, data.train.labels
            batches = Batches(images, labels, batch, seed, kept.epochs, augment, class_weight, places)
            watching = [*callbacks, Progress(line, run, batches.steps, epochs), kept]
            train(model, trained, data, batches, watching, epochs, places)
            record = recorded(run, configuration, seed, data, model, kept, places)
            with places.alone(model) as network:
                at_once = min(AT_ONCE, 4 * batch)
                probabilities = network.predict(data.test.images[..., None], batch_size=at_once, verbose=0)
                if places.host == 0:
                    runs.write(folder, record, data.test.labels, probabilities, network.save)
                    shutil.rmtree(working)
            places.agree()
            last = {key: curve[-1] for key, curve in kept.history.items()}
            line.log(f"{run}: {kept.epochs} epochs in {record['minutes']:.1f} min · {scores(last)}")
            return dataclasses.replace(runs.read(folder), model=model)


class Batches(keras.utils.PyDataset):
    """Endless batches in an order that follows from seed and epoch alone: from epoch `start` on, those that an uninterrupted run sees."""

    num_batches = None  # endless for Keras, which is given the steps of an epoch

    def __init__(
        self, images, labels, batch: int, seed: int, start: int = 0, augment=None, class_weight=None, devices=None
    ):
        super().__init__(workers=1)
        self.images, self.labels, self.batch, self.seed, self.start = images, labels, batch, seed, start
        self.augment, self.class_weight, self.devices = augment, class_weight or {}, devices
        self.steps = -(-len(labels) // batch)

    def __getitem__(self, i: int) -> tuple[np.ndarray, ...]:
        epoch, step = self.start + i // self.steps, i % self.steps
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.labels))
        index = order[step * self.batch : (step + 1) * self.batch]
        images, labels = self.images[index][..., None], self.labels[index]
        if self.augment is not None:
            images = self.augment(images, [self.seed, epoch, step])
        several = self.devices is not None and self.devices.count > 1
        if not several and not self.class_weight:
            return images, labels
        weights = np.array([self.class_weight.get(label, 1.0) for label in labels.tolist()], np.float32)
        return self.devices.share(images, labels, weights) if several else (images, labels, weights)


def train(model, trained, data, batches: Batches, callbacks: list, epochs: int, places: Devices) -> None:
    """trained.fit: the model itself, or its double on these devices; afterwards the model has the weights."""
    kept = callbacks[-1]
    weights = {id(variable) for variable in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights]  # of dropout and augmentation
    passing = [*seeds, *trained.optimizer.variables]
    before = values(passing)
    at_once = min(AT_ONCE, 4 * batches.batch, len(data.validation.labels))
    at_once = max(1, at_once // places.count) * places.count  # Keras wants the first batch as large on each device
    try:
        trained.fit(
            batches,
            steps_per_epoch=batches.steps,
            initial_epoch=kept.epochs,
            epochs=kept.epochs if kept.stopped else epochs,
            validation_data=(data.validation.images[..., None], data.validation.labels),
            validation_batch_size=at_once,
            callbacks=callbacks,
            verbose=0,
            shuffle=False,
        )
        copy_state(trained, model)
    finally:
        assign(passing, before)


@contextlib.contextmanager
def weights_back(model):
    """If a run breaks off, give the model its first weights back: then the same call goes on with the run."""
    first = values(model.weights)
    try:
        yield
    except BaseException:
        assign(model.weights, first)
        raise


def recorded(run: str, configuration: dict, seed: int, data, model, kept: Checkpoint, places: Devices) -> dict:
    """The record of a run: what was done, with what, and how it went."""
    gpus = environment.gpus()
    return {
        "name": run,
        "configuration": configuration,
        "seed": seed,
        "data": data.test.source,
        "test": runs.digest(data.test.images, data.test.labels),
        "pictures": len(data.train.labels),
        "parameters": model.count_params(),
        "last_weights": runs.digest(*model.get_weights()),
        "epochs": kept.epochs,
        "history": kept.history,
        "minutes": round(kept.seconds / 60, 2),
        "finished": datetime.datetime.now().isoformat(timespec="seconds"),
        "hardware": f"{platform.machine()}, {os.cpu_count()} cores, {gpus} GPU{'s' * (gpus != 1)}",
        "versions": environment.versions() | {"backend": keras.backend.backend(), "precision": places.policy},
    }


def load(run: runs.Run) -> keras.Model:
    """The trained network of a finished run."""
    if run.folder is None:
        fix = "Train one of your own with training.fit."
        raise TrainingError(
            f"{run.name} is a reference run: its numbers come with the course, its network does not.", fix
        )
    return keras.models.load_model(run.folder / "model.keras", compile=False)


def refuse(model, data, epochs: int, batch: int) -> None:
    """Refuse what cannot be trained."""
    if not model.compiled:
        raise TrainingError(
            "The model is not compiled.", "Call model.compile(optimizer, loss, ...) before training.fit."
        )
    if min(epochs, batch) < 1:
        raise TrainingError(f"epochs={epochs}, batch={batch}:", "Both must be whole numbers from 1.")
    for name in ("train", "validation", "test"):
        if not len(getattr(data, name).labels):
            raise TrainingError(f"The data has no {name} images.", "Load it with a split that fills all three parts.")


def folder_of(run: str, configuration: dict, seed: int, again: bool) -> pathlib.Path:
    """The run's folder; for a model that came out of this very run (a cell is run twice), again the folder of that one."""
    folder = runs.folder(run, runs.digest(configuration), seed)
    for other in () if again else runs.find(run):
        first = other.record.get("configuration", {}).get("first_weights")
        if first is None or other.record.get("last_weights") != configuration["first_weights"]:
            continue
        began = configuration | {"first_weights": first}
        if runs.folder(run, runs.digest(began), seed) == other.folder:
            return other.folder
    return folder


def finished(folder: pathlib.Path, model, line: Line) -> runs.Run | None:
    """The finished run in that folder with its weights in the model, or None."""
    found = runs.read(folder)
    if found is None:
        return None
    before, everything = values(model.weights), [*model.weights, *model.optimizer.variables]
    optimizer = values(model.optimizer.variables)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the optimizer's state is not taken from there
            model.load_weights(folder / "model.keras")
        assign(model.optimizer.variables, optimizer)
        when = f"{found.record['epochs']} epochs on {found.record['finished'][:10]}"
    except Exception:  # its network or its record is damaged: no finished run
        assign(everything, [*before, *optimizer])
        return None
    line.log(f"{found.name}: found finished ({when}); nothing is trained again.")
    return dataclasses.replace(found, model=model)


def clear(run: str, folder: pathlib.Path, working: pathlib.Path, again: bool, line: Line) -> None:
    """Make room for a run: a damaged one is set aside, and so is what lies in the place of its working folder."""
    stray = working.is_symlink() or not working.is_dir()
    for path in [folder] * (not again) + [working] * stray:
        if os.path.lexists(path):
            line.keep(f"{run}: {runs.set_aside(path)}, and the run is trained again.")
    working.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def locked(folder: pathlib.Path, line: Line):
    """Only one process at a time trains a run; another waits for it, and then finds it finished."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder.with_name(folder.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        line.keep(f"{folder.parent.name}: another notebook is training this very run; waiting for it ...")
        lock.acquire()
    except (NotImplementedError, OSError):
        line.keep(f"{folder.parent.name}: this disk knows no locks. Do not train this run in two notebooks at once.")
    try:
        yield
    finally:
        lock.release()
