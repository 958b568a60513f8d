"""Any picture decodes to what it shows, or is set aside with a reason and a sentence."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.data import NotAPicture, decode, images, jitter
from tests import hostile

FACE = hostile.face(3, 64)
BAD, ODD = hostile.bad_files(), hostile.odd_files(FACE)


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_their_reason(name, tmp_path):
    data, reason = BAD[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(NotAPicture) as caught:
        decode(path, 48)
    assert caught.value.kind == reason
    assert name in str(caught.value), "the sentence names the file"
    assert str(caught.value).endswith("."), "it is a sentence"


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_read_right(name):
    for grey, shape in ((True, (64, 64)), (False, (64, 64, 3))):
        image = decode(ODD[name], grey=grey)
        assert image.shape == shape and image.dtype == np.uint8
        shown = image if grey else image.mean(axis=2)
        assert np.abs(shown.astype(int) - FACE).mean() < 4, f"{name} does not show the picture that went in"
    assert decode(ODD[name], 48).shape == (48, 48)
    assert decode(ODD[name], (30, 50), grey=False).shape == (30, 50, 3)


def test_transparent_pixels_are_white():
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert (decode(hostile.encoded(clear)) == 255).all()
    palette = Image.new("P", (8, 8), 0)
    assert (decode(hostile.encoded(palette, transparency=0)) == 255).all()


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    got = decode(hostile.encoded(Image.fromarray(ramp)))
    assert np.abs(got.astype(int) - ramp / 257).max() <= 1


def test_opencv_reads_plain_grey_jpegs_and_gives_what_pillow_gives(monkeypatch):
    real, seen = images.cv2.imdecode, []
    monkeypatch.setattr(images.cv2, "imdecode", lambda *args: seen.append(args) or real(*args))
    for seed in range(20):
        data = hostile.encoded(hostile.face(seed), "JPEG", quality=60 + seed)
        assert (decode(data, 48) == np.asarray(Image.open(io.BytesIO(data)))).all()
    assert len(seen) == 20
    careful = [ODD[name] for name in ("colour.jpg", "rotated.jpg", "cmyk.jpg", "progressive.jpg")]
    for data in careful:
        decode(data)
    with pytest.raises(NotAPicture):
        decode(BAD["truncated.jpg"][0])
    assert len(seen) == 20, "turned, damaged and coloured ones are left to Pillow"


def test_paths_bytes_and_open_files_are_alike(tmp_path):
    data = ODD["plain.png"]
    (tmp_path / "é ü.png").write_bytes(data)
    views = (data, bytearray(data), memoryview(data), io.BytesIO(data), tmp_path / "é ü.png", str(tmp_path / "é ü.png"))
    assert all((decode(view) == FACE).all() for view in views)


def test_a_missing_file_and_a_folder_are_sentences(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(NotAPicture, match="cannot be read"):
            decode(path)


def test_too_many_bytes_are_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(images, "LIMIT_BYTES", 100)
    (tmp_path / "big.png").write_bytes(bytes(101))
    for source in (tmp_path / "big.png", bytes(101), io.BytesIO(bytes(1000))):
        with pytest.raises(NotAPicture) as caught:
            decode(source)
        assert caught.value.kind == "too large"


def test_a_bomb_is_refused_before_it_is_unfolded():
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(NotAPicture):
        decode(BAD["bomb.png"][0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_bytes_never_raise_anything_else(data):
    """Whatever happens to a picture's bytes, decode gives an array of the size asked for, or NotAPicture."""
    raw = bytearray(data.draw(st.sampled_from(sorted(ODD.values(), key=len)[:18])))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    try:
        image = decode(bytes(raw), 48)
    except NotAPicture as problem:
        assert problem.kind and str(problem)
    else:
        assert image.shape == (48, 48) and image.dtype == np.uint8


@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(data):
    try:
        assert decode(data, 16).shape == (16, 16)
    except NotAPicture as problem:
        assert problem.kind and str(problem)


@settings(max_examples=30, deadline=None)
@given(width=st.integers(1, 90), height=st.integers(1, 90), side=st.integers(1, 60), seed=st.integers(0, 99))
def test_lossless_round_trip_and_size(width, height, side, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    data = hostile.encoded(image)
    assert (decode(data) == image).all()
    assert decode(data, side).shape == (side, side)


def test_jitter_moves_every_picture_a_little_and_repeats_with_its_seed():
    stack = np.stack([hostile.face(i) for i in range(40)])
    moved, again, other = jitter(stack, 1), jitter(stack, 1), jitter(stack, 2)
    assert moved.shape == stack.shape and moved.dtype == np.uint8
    assert (moved == again).all() and (moved != other).any()
    assert all((a != b).any() for a, b in zip(stack, moved, strict=True))
    still = jitter(stack, 3, degrees=0, shift=0, zoom=0, flip=False)
    assert (still == stack).all(), "without any movement a picture is itself"
    mirrored = jitter(stack, 4, degrees=0, shift=0, zoom=0)
    same = [(a == b).all() for a, b in zip(stack, mirrored, strict=True)]
    turned = [(a[:, ::-1] == b).all() for a, b in zip(stack, mirrored, strict=True)]
    assert all(s or t for s, t in zip(same, turned, strict=True)) and 8 < sum(turned) < 32
    colour = jitter(np.repeat(stack[..., None], 3, axis=3), 1)
    assert (colour[..., 0] == moved).all(), "the three channels of a picture move together"


def test_jitter_moves_as_far_as_it_says():
    """A dot at a known place: a shift of a tenth moves it by at most a tenth of 100 pixels, and up to nearly that."""
    dots = np.zeros((300, 101, 101), np.uint8)
    dots[:, 48:53, 48:53] = 255
    moved = jitter(dots, 0, degrees=0, zoom=0, flip=False).astype(float)
    y, x = np.mgrid[:101, :101]
    cx = (moved * x).sum((1, 2)) / moved.sum((1, 2)) - 50
    cy = (moved * y).sum((1, 2)) / moved.sum((1, 2)) - 50
    assert 9 < np.abs(cx).max() <= 10.3 and 9 < np.abs(cy).max() <= 10.3
    assert abs(cx.mean()) < 1.2 and abs(np.corrcoef(cx, cy)[0, 1]) < 0.2
