"""Mutated files, thousands of them: no reader raises anything but the course's own errors, and no process dies.

Some hundred examples in `make test`; with SOAK=1 many thousands, with FUZZ=n n times as many. Each kind of file starts from whole ones and has bytes set,
put in, taken out, repeated or cut off, so that headers, sizes and checksums lie.
"""

import io
import os
import pathlib
import zipfile

import h5py
import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers

from helpers import CLASSES, files, runs
from helpers.data import DataError, NotAPicture, audit, decode, load
from helpers.pretrained import PretrainedError, h5
from helpers.training import checkpoint
from tests import hostile
from tests.test_data_sources import row

MORE = int(os.environ.get("FUZZ", 60 if os.environ.get("SOAK") else 1))
FACE = hostile.face(1)
PICTURES = [
    *(hostile.encoded(FACE, kind) for kind in ("JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP")),
    hostile.encoded(FACE, "JPEG", progressive=True),
    *(hostile.encoded(FACE, "TIFF", compression=how) for how in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")),
]
EXTREMES = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\0\x80",
    b"9" * 30,
    b'"',
    b"\n",
    b",",
    b"[" * 99,
]


def some(n: int):
    return settings(max_examples=n * MORE, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw, sources: list[bytes]) -> bytes:
    """One of these files with one to six places changed."""
    data = bytearray(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 6))):
        near_the_start = draw(st.booleans())  # most headers are there
        at = draw(st.integers(0, min(len(data), 64) if near_the_start else len(data)))
        new = draw(st.one_of(st.sampled_from(EXTREMES), st.binary(min_size=1, max_size=8)))
        how = draw(st.sampled_from(("set", "set", "set", "insert", "remove", "repeat", "cut")))
        if how == "set":
            data[at : at + len(new)] = new
        elif how == "insert":
            data[at:at] = new
        elif how == "remove":
            del data[at : at + draw(st.integers(1, 64))]
        elif how == "repeat":
            data[at:at] = data[at : at + 200] * draw(st.integers(1, 20))
        else:
            del data[at:]
    return bytes(data)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("fuzz")


@some(250)
@given(data=mutated(PICTURES))
def test_pictures(data):
    for options in ({"size": 48}, {"grey": False}):
        try:
            image = decode(data, **options)
            assert image.dtype == np.uint8 and image.ndim == (2 if "size" in options else 3)
        except NotAPicture as problem:
            assert "\n" not in str(problem) and problem.kind


def loaded(path: pathlib.Path) -> None:
    """Load and audit it, or be refused in a sentence with the path."""
    try:
        data = load(path)
    except DataError as problem:
        assert str(path.parent) in str(problem)
        return
    assert not data.drawn and set(audit(data).counts) and len(data) <= 100


def packed(compression: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for k in range(42):
            split = ("train", "train", "test")[k // 14]
            archive.writestr(f"{split}/{CLASSES[k % 7]}/{k}.png", hostile.encoded(hostile.face(k)[::4, ::4]))
        archive.writestr("about.json", '{"drawing": 3, "seal": "x"}')
    return out.getvalue()


TABLE = "\n".join(["emotion,pixels,Usage", *(row(k % 7, "Training", k) for k in range(42))]).encode()
VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
VOTES = (VOTES + "".join(f"Training,fer{k:07d}.png" + ",1" * 10 + "\n" for k in range(42))).encode()


@some(40)
@given(data=mutated([packed(zipfile.ZIP_STORED), packed(zipfile.ZIP_DEFLATED)]))
def test_zips(place, data):
    (place / "set.zip").write_bytes(data)
    loaded(place / "set.zip")


@some(30)
@given(table=st.one_of(st.just(TABLE), mutated([TABLE])), votes=mutated([VOTES]))
def test_tables(place, table, votes):
    (place / "fer2013.csv").write_bytes(table)
    (place / "fer2013new.csv").write_bytes(votes)
    loaded(place / "fer2013.csv")


def arrays(**several) -> bytes:
    out = io.BytesIO()
    np.savez(out, **several)
    return out.getvalue()


RECORD = b'{"name": "x", "history": {"loss": [1.0, 0.5]}, "test": "abc", "epochs": 2, "finished": "2026-11-25"}'
PREDICTIONS = arrays(labels=np.arange(7, dtype=np.uint8), probabilities=np.eye(7, dtype=np.float16))
STATE = b'{"epochs": 2, "stopped": false, "history": {"loss": [1.0, 0.5]}, "seconds": 3.5, "callbacks": []}'
STATE = arrays(state=np.array(STATE.decode()), variable_0=np.ones((3, 3), np.float32))


@some(150)
@given(record=st.one_of(st.just(RECORD), mutated([RECORD])), predictions=mutated([PREDICTIONS]), state=mutated([STATE]))
def test_runs_and_their_states(place, record, predictions, state):
    for name, data in (("record.json", record), ("predictions.npz", predictions), (checkpoint.LATEST, state)):
        (place / name).write_bytes(data)
    run = runs.read(place)
    assert run is None or (len(run.predicted) == len(run.labels) and list(run.history) is not None)
    kept = checkpoint.Checkpoint(place, [], write=False)
    assert ("damaged" in kept.find()) == (kept.epochs == 0)


@pytest.fixture(scope="module")
def weights():
    """(layers, the bytes of a file that fills them)."""
    image = keras.Input((8, 8, 1))
    net = keras.Model(image, layers.BatchNormalization(name="b")(layers.Conv2D(4, 3, name="a")(image)))
    out, made = io.BytesIO(), {layer.name: layer for layer in net.layers if layer.weights}
    with h5py.File(out, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in made]
        for name, layer in made.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{weight.name}:0".encode() for weight in layer.weights]
            for weight, array in zip(layer.weights, layer.get_weights(), strict=True):
                group[f"{weight.name}:0"] = array
    return made, out.getvalue()


@some(150)
@given(choice=st.data())
def test_weight_files(place, weights, choice):
    wanted, whole = weights
    (place / "net.h5").write_bytes(choice.draw(mutated([whole])))
    try:
        found = h5.read(place / "net.h5", wanted)
        assert [array.shape for array in found["a"]] == [(3, 3, 1, 4), (4,)]
    except PretrainedError as problem:
        assert str(place) in str(problem)


@some(100)
@given(st.lists(st.text(), max_size=5), st.text())
def test_names_and_numbers(names, text):
    assert len(sorted(names, key=files.natural)) == len(names)
    assert files.whole_number(text, 9) in (*range(10), None) and len(files.brief(text)) <= 404
