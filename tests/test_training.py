"""`training.fit` finds the same run again and no other; batches follow from seed and epoch."""

import types

import keras
import numpy as np
import pytest

from helpers import runs, training
from helpers.training import checkpoint
from helpers.training.devices import Devices
from helpers.training.fit import Batches
from tests.training_world import callbacks, plain, stateful, weights


def no_training(monkeypatch):
    def refused(*args, **options):
        raise AssertionError("trains again")

    monkeypatch.setattr(keras.Model, "fit", refused)


def brighter(images, seed):
    noise = np.random.default_rng(seed).integers(0, 20, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def test_a_finished_run_is_found_and_its_weights_are_those_of_the_model(data, monkeypatch, capsys):
    used = callbacks(patience=2)
    options = {"epochs": 3, "augment": brighter, "class_weight": {0: 2.0, 1: 0.5}}
    net = plain()
    optimizer = [np.asarray(variable) for variable in net.optimizer.variables]
    run = training.fit(net, data, "a", callbacks=used, **options)
    assert set(run.history) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert len(run.history["loss"]) == run.record["epochs"] and run.record["parameters"] == net.count_params()
    assert run.model is net and run.folder.parent.name == "a" and runs.find("a")[0].name == "a"
    np.testing.assert_array_equal(weights(training.load(run)), weights(net))
    predicted = net.predict(data.test.images[..., None], verbose=0)
    np.testing.assert_allclose(run.probabilities, predicted, atol=1e-6)
    np.testing.assert_array_equal(run.labels, data.test.labels)
    for variable, number in zip(net.optimizer.variables, optimizer, strict=False):
        np.testing.assert_array_equal(np.asarray(variable), number)

    no_training(monkeypatch)
    stateful()
    other = plain()  # built later: Keras gives its layers other names
    found = training.fit(
        other, data, "a", callbacks=used, **options
    )  # with callbacks that have been through a training
    assert found.folder == run.folder and found.record == run.record
    np.testing.assert_array_equal(weights(other), weights(net))
    loaded = training.load(run)
    loaded.compile_from_config(net.get_compile_config())
    capsys.readouterr()
    for trained in (net, other, loaded):  # a cell that is run twice, perhaps by another kernel
        assert training.fit(trained, data, "a", callbacks=callbacks(patience=2), **options).folder == run.folder
        assert "found finished" in capsys.readouterr().out
    for model, name, more in (
        (plain(), "a", {"again": True}),
        (net, "a", {"again": True}),
        (net, "a", {"seed": 1}),
        (net, "b", {}),  # the trained network goes on in a run of its own
    ):
        with pytest.raises(AssertionError, match="trains again"):
            training.fit(model, data, name, callbacks=callbacks(patience=2), **options, **more)
    assert sorted(path.name for path in run.folder.iterdir()) == ["model.keras", "predictions.npz", "record.json"]


def slower(epoch):
    return 0.1**epoch


def faster(epoch):
    return 0.2**epoch


def test_what_makes_another_run(data):
    def of(net=None, sets=data, callbacks=(), augment=None, **options):
        given = {"epochs": 2, "batch": 32, "class_weight": None, "precision": "auto"} | options
        return runs.digest(checkpoint.identity(net or plain(), sets, list(callbacks), augment, given))

    def altered(name):
        part = getattr(data, name)
        images = part.images.copy()
        images[0, 0, 0] ^= 1
        other = types.SimpleNamespace(images=images, labels=part.labels, source=part.source)
        return types.SimpleNamespace(**(vars(data) | {name: other}))

    stop, schedule = keras.callbacks.EarlyStopping, keras.callbacks.LearningRateScheduler
    sgd, focal, frozen = plain(), plain(), plain()
    sgd.compile("sgd", "sparse_categorical_crossentropy")
    focal.compile(focal.optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    frozen.layers[2].trainable = False
    others = [
        of(plain(seed=1)),
        of(plain(rate=1e-4)),
        of(plain(l2=0.02)),
        of(stateful()),
        of(sgd),
        of(focal),
        of(frozen),
        of(epochs=3),
        of(batch=16),
        of(class_weight={0: 2.0}),
        of(precision="mixed_bfloat16"),
        of(augment=brighter),
        of(augment=lambda images, seed: images),
        of(callbacks=[stop(patience=1)]),
        of(callbacks=[stop(patience=2)]),
        of(callbacks=[stop(patience=2, mode="max")]),
        of(callbacks=[stop(patience=2), keras.callbacks.ReduceLROnPlateau()]),
        of(callbacks=[schedule(slower)]),
        of(callbacks=[schedule(faster)]),
        *(of(sets=altered(name)) for name in ("train", "validation", "test")),
    ]
    assert len({of(), *others}) == 1 + len(others)
    assert of() == of() and of(stateful()) == others[3] and of(augment=brighter) == others[11]
    used = stop(patience=np.int64(1))
    used.best, used.wait, used.stopped_epoch, used.best_weights = 0.3, 2, 4, [np.zeros(3)]
    assert of(callbacks=[used]) == others[13]  # a callback that has been through a training
    assert runs.folder("a", "hash", 0) != runs.folder("a", "hash", 1)


def test_early_stopping_leaves_the_best_weights(data):
    net = plain(rate=0.03)
    run = training.fit(net, data, "best", epochs=12, callbacks=callbacks(patience=2)[:1], show=False)
    losses = run.history["val_loss"]
    assert 2 < len(losses) < 12 and losses.index(min(losses)) == len(losses) - 3
    loss, _ = net.evaluate(data.validation.images[..., None], data.validation.labels, verbose=0)
    assert loss == pytest.approx(min(losses), abs=1e-5)


def test_a_schedule_of_the_learning_rate_and_a_score_a_class(data):
    net = plain()
    rate = keras.optimizers.schedules.CosineDecay(1e-2, 6)
    net.compile(keras.optimizers.SGD(rate), keras.losses.SparseCategoricalCrossentropy(), metrics=[PerClass()])
    run = training.fit(net, data, "schedule", epochs=2, show=True)
    assert np.shape(run.history["per_class"]) == (2, 7)


class PerClass(keras.metrics.Metric):
    """The mean probability of each class: a metric with seven numbers."""

    def __init__(self, **options):
        super().__init__(**{"name": "per_class"} | options)
        self.total = self.add_weight(shape=(7,), initializer="zeros", name="total")

    def update_state(self, labels, probabilities, sample_weight=None):
        self.total.assign(keras.ops.mean(probabilities, axis=0))

    def result(self):
        return self.total + 0.0


def test_order_follows_from_seed_and_epoch(data):
    def epoch(number, **options):
        feed = Batches(data.train.images, data.train.labels, 32, **{"seed": 0} | options)
        start = (number - options.get("start", 0)) * feed.steps
        return np.concatenate([feed[start + step][0] for step in range(feed.steps)])

    np.testing.assert_array_equal(epoch(2), epoch(2, start=2))
    np.testing.assert_array_equal(epoch(3, augment=brighter), epoch(3, start=1, augment=brighter))
    assert not np.array_equal(epoch(0), epoch(1)) and not np.array_equal(epoch(0), epoch(0, seed=1))
    assert sorted(epoch(0).sum(axis=(1, 2, 3))) == sorted(data.train.images.sum(axis=(1, 2)))


@pytest.mark.parametrize("count", [1, 2, 3, 8, 100])
def test_a_batch_that_devices_share_has_the_mean_of_the_batch_alone(count):
    labels = np.arange(5)
    images = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((1, 48, 48), np.uint8)
    given = {0: 2.0, 4: 3.0}
    shares = []
    for host in range(count):
        devices = Devices(precision="float32")
        devices.host, devices.hosts, devices.count = host, count, count
        shares.append(Batches(images, labels, 5, 0, class_weight=given, devices=devices)[0])
    assert len({len(share[1]) for share in shares}) == 1
    found, factors = (np.concatenate([share[i] for share in shares]) for i in (1, 2))
    loss = labels**2 + 1.0
    wanted = np.mean([given.get(label, 1.0) * loss[label] for label in labels])
    assert np.mean(factors * loss[found]) == pytest.approx(wanted, rel=1e-6)


def test_an_augmentation_must_follow_from_its_seed(data):
    def restless(images, seed):
        return images ^ np.random.default_rng().integers(0, 255, dtype=np.uint8)

    with pytest.raises(training.TrainingError, match="default_rng"):
        training.fit(plain(), data, "a", epochs=1, augment=restless)
