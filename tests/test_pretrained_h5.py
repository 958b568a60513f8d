"""Old weight files are read by name and checked whole; hostile and damaged ones are refused before a weight changes."""

import os

import h5py
import keras
import numpy as np
import pytest

from helpers.pretrained import PretrainedError, h5

OUTSIDE = np.full((3, 3, 1, 4), 7.0, np.float32)  # what a hostile file would like to have read


@pytest.fixture
def wanted():
    """Two layers, by their names in the file."""
    convolution, norm = keras.layers.Conv2D(4, 3, name="conv1__a"), keras.layers.BatchNormalization(name="norm")
    norm(convolution(np.zeros((1, 8, 8, 1))))
    return {"conv1/a": convolution, "norm": norm}


def written(path, wanted, below=""):
    """A file as Keras 2 wrote it, with a layer that has no weights; `below`: the group of a whole saved model."""
    with h5py.File(path, "w") as file:
        root = file.create_group(below) if below else file
        root.attrs["layer_names"] = [b"conv1/a", b"pool", b"norm"]
        root.create_group("pool").attrs["weight_names"] = np.array([], "S1")
        for layer, made in wanted.items():
            names = [f"{layer}/{weight.name}:0" for weight in made.weights]
            root.create_group(layer).attrs["weight_names"] = [name.encode() for name in names]
            for k, (name, weight) in enumerate(zip(names, made.weights, strict=True)):
                root[layer][name] = np.full(weight.shape, k + 0.5, np.float32)
    return path


@pytest.mark.parametrize("below", ["", "model_weights"])
def test_every_layers_arrays_are_read(wanted, tmp_path, below):
    found = h5.read(written(tmp_path / "net.h5", wanted, below), wanted)
    assert list(found) == list(wanted) and [len(arrays) for arrays in found.values()] == [2, 4]
    for layer, arrays in found.items():
        for k, (array, weight) in enumerate(zip(arrays, wanted[layer].weights, strict=True)):
            np.testing.assert_array_equal(array, np.full(weight.shape, k + 0.5))


def soft_link(group, name, folder):
    group[name] = h5py.SoftLink("/norm/norm/gamma:0")


def external_link(group, name, folder):
    group[name] = h5py.ExternalLink(str(folder / "outside.h5"), "secret")


def external_data(group, name, folder):
    (folder / "secret.bin").write_bytes(OUTSIDE.tobytes())
    group.create_dataset(name, OUTSIDE.shape, "f4", external=[(str(folder / "secret.bin"), 0, h5py.h5f.UNLIMITED)])


def virtual_data(group, name, folder):
    layout = h5py.VirtualLayout(OUTSIDE.shape, "f4")
    layout[...] = h5py.VirtualSource(str(folder / "outside.h5"), "secret", OUTSIDE.shape)
    group.create_virtual_dataset(name, layout)


def terabytes(group, name, folder):
    group.create_dataset(name, (1 << 20, 1 << 20), "f4", chunks=(1024, 1024), compression="gzip")


def objects(group, name, folder):
    group.create_dataset(name, OUTSIDE.shape, h5py.string_dtype())


def whole_numbers(group, name, folder):
    group[name] = np.ones(OUTSIDE.shape, np.int64)


def not_a_number(group, name, folder):
    group[name] = OUTSIDE * np.nan


def other_shape(group, name, folder):
    group[name] = OUTSIDE[..., :3]


def a_loop(group, name, folder):
    group[name] = group.file


HOSTILE = {
    soft_link: "of its own", external_link: "of its own", external_data: "outside this file", virtual_data: "outside this file",
    terabytes: "kernel 1048576x1048576", objects: "kernel 3x3x1x4 of no numbers", whole_numbers: "kernel 3x3x1x4 of integers", not_a_number: "no numbers",
    other_shape: "kernel 3x3x1x4, bias 4; found kernel 3x3x1x3, bias 4", a_loop: "cannot be read",
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_hostile_data_is_refused(wanted, tmp_path, change):
    with h5py.File(tmp_path / "outside.h5", "w") as file:
        file["secret"] = OUTSIDE
    path = written(tmp_path / "net.h5", wanted)
    with h5py.File(path, "a") as file:
        del file["conv1/a/conv1/a/kernel:0"]
        change(file["conv1/a/conv1/a"], "kernel:0", tmp_path)
    with pytest.raises(PretrainedError, match=HOSTILE[change]) as caught:
        h5.read(path, wanted)
    assert str(path) in str(caught.value) and "Delete it" in str(caught.value)


def test_a_layer_that_is_a_link_to_another_file_is_refused(wanted, tmp_path):
    written(tmp_path / "other.h5", wanted)
    path = written(tmp_path / "net.h5", wanted)
    with h5py.File(path, "a") as file:
        del file["norm"]
        file["norm"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "norm")
    with pytest.raises(PretrainedError, match="norm of its own"):
        h5.read(path, wanted)


def test_another_network_is_named_by_a_layer(wanted, tmp_path):
    path = written(tmp_path / "net.h5", wanted)
    few = {"norm": wanted["norm"]}
    for layers, message in (
        (few, "expected 1 layers with weights, found 2"),
        (wanted | {"fc": wanted["norm"]}, "has fc"),
    ):
        with pytest.raises(PretrainedError, match=message):
            h5.read(path, layers)


def test_weights_in_another_order_are_not_mixed_up(wanted, tmp_path):
    path = written(tmp_path / "net.h5", wanted)
    with h5py.File(path, "a") as file:
        names = file["norm"].attrs["weight_names"]
        file["norm"].attrs["weight_names"] = names[::-1]
    with pytest.raises(PretrainedError, match=r"expected gamma 4, beta 4.*found moving_variance 4"):
        h5.read(path, wanted)


def test_files_that_are_cut_short_or_no_hdf5(wanted, tmp_path):
    path = written(tmp_path / "net.h5", wanted)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:8], b"", b"<html>Log in to this network first.</html>"):
        path.write_bytes(content)
        with pytest.raises(PretrainedError, match=r"cannot be read as weights.*Delete it"):
            h5.read(path, wanted)
    with h5py.File(path, "w") as file:
        file["data"] = np.zeros(3)
    with pytest.raises(PretrainedError, match="model_weights"):
        h5.read(path, wanted)


def test_a_pipe_and_links_beside_the_weights_are_refused(wanted, tmp_path):
    """Before Keras reads a published file, too: nothing in it may lie elsewhere."""
    path = written(tmp_path / "net.h5", wanted)
    with h5.opened(path):
        pass
    with h5py.File(path, "a") as file:
        file["elsewhere"] = h5py.ExternalLink("/etc/hostname", "x")
    with pytest.raises(PretrainedError, match="elsewhere of its own"), h5.opened(path):
        pass
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.h5")
        with pytest.raises(PretrainedError, match="pipe or a device"):
            h5.read(tmp_path / "pipe.h5", wanted)
