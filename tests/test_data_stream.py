"""Streams give what `load` gives, in any order, again and again, from memory and from files."""

import warnings

import numpy as np
import pytest

from helpers import CLASSES
from helpers.data import load, stream
from tests import hostile

pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return hostile.class_folders(tmp_path_factory.mktemp("stream"), hostile.whole(6))


def collected(batches):
    pairs = [(images.numpy(), labels.numpy()) for images, labels in batches]
    return np.concatenate([images for images, _ in pairs])[..., 0], np.concatenate([labels for _, labels in pairs])


def same_pictures(a, b):
    return sorted(image.tobytes() for image in a) == sorted(image.tobytes() for image in b)


def test_unshuffled_it_is_the_part_itself_from_memory_folder_and_zip(folder, tmp_path):
    data = load(folder)
    for source in (data, folder, hostile.zipped(folder, tmp_path / "set.zip")):
        images, labels = collected(stream(source, "train", batch=8, shuffle=False))
        assert images.dtype == np.uint8 and (images == data.train.images).all() and (labels == data.train.labels).all()
    images, _ = collected(stream(data.test, batch=5, shuffle=False))
    assert (images == data.test.images).all()
    assert stream(data, batch=10).cardinality().numpy() == 5


def test_shuffled_it_has_every_picture_once_with_its_own_label(folder):
    data = load(folder)
    label_of = {image.tobytes(): label for image, label in zip(data.train.images, data.train.labels, strict=True)}
    batches = stream(folder, batch=8, seed=1)
    epochs = [collected(batches) for _ in range(2)]
    for images, labels in epochs:
        assert same_pictures(images, data.train.images)
        assert [label_of[image.tobytes()] for image in images] == labels.tolist()
    assert (epochs[0][0] != epochs[1][0]).any(), "another order each epoch"
    again = collected(stream(folder, batch=8, seed=1))
    assert (again[0] == epochs[0][0]).all(), "the same seed, the same order"
    assert (collected(stream(folder, batch=8, seed=2))[0] != epochs[0][0]).any()


def test_augmentation_differs_each_epoch_and_repeats_with_the_seed(folder):
    batches = stream(folder, batch=8, shuffle=False, augment=True, seed=4)
    one, two = collected(batches)[0], collected(batches)[0]
    assert (one != two).any() and (
        one == collected(stream(load(folder), batch=8, shuffle=False, augment=True, seed=4))[0]
    ).all()
    inverted = collected(stream(folder, batch=8, shuffle=False, augment=lambda images, seed: 255 - images))[0]
    assert (inverted == 255 - load(folder).train.images).all()


def test_files_that_are_no_pictures_are_left_out_with_a_warning(tmp_path):
    source = hostile.class_folders(tmp_path, hostile.whole(3))
    for name, (data, _) in hostile.bad_files().items():
        (source / "train" / "angry" / name).write_bytes(data)
    with pytest.warns(UserWarning, match="left out of the stream"):
        images, labels = collected(stream(source, batch=20, shuffle=False))
    whole = load(source).train
    assert (images == whole.images).all() and (labels == whole.labels).all()
    with pytest.warns(UserWarning):
        batches = stream(source, batch=2, shuffle=False)
        seen = [images.shape[0] for images, _ in batches]
    assert len(seen) == batches.cardinality().numpy() and min(seen) == 1, "every batch comes, none is empty"


def test_report_3_streams_what_it_loads(tmp_path):
    counts = {"angry": 8, "happy": 20, "sad": 12}
    source = hostile.class_folders(tmp_path, {"train": counts, "test": counts})
    data = load(source, "report3", seed=2)
    images, labels = collected(stream(source, split="report3", seed=2, shuffle=False))
    assert (labels == data.train.labels).all()
    plain = ~data.train.copies
    assert (images[plain] == data.train.images[plain]).all() and (images[~plain] != 0).any()


def test_it_feeds_a_model(folder):
    import keras

    inputs = keras.Input((48, 48, 1))
    outputs = keras.layers.Dense(7, activation="softmax")(
        keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    )
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "sparse_categorical_crossentropy")
    warnings.filterwarnings("error", message=".*ran out of data")
    history = model.fit(stream(folder, batch=16, augment=True), validation_data=stream(folder, "validation"), verbose=0)
    assert np.isfinite(history.history["val_loss"][0]) and model.output_shape[1] == len(CLASSES)


def test_memory_stays_bounded(folder):
    """A set a hundred times larger is streamed with few pictures in memory at a time."""
    from helpers.data import loading

    opened, alive = [], []
    original = loading.picture

    def watched(listing, i, size):
        opened.append(i)
        return original(listing, i, size)

    loading.picture = watched
    try:
        for _ in stream(folder, batch=4, shuffle=False):
            alive.append(len(opened))
            if len(alive) == 2:
                break
    finally:
        loading.picture = original
    assert alive[-1] <= 4 * 8, "only a few batches are read ahead"


def test_wrong_arguments_are_sentences(folder):
    data = load(folder)
    with pytest.raises(ValueError, match="size=48"):
        stream(data, size=96)
    with pytest.raises(ValueError, match="train, validation, test"):
        stream(data, "training")
    with pytest.raises(TypeError, match="say True"):
        stream(data, augment="yes")
