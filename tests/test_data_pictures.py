"""Bounds before decoding: a file that would cost more than pictures do is refused for next to nothing."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageOps

from helpers.data import NotAPicture, decode
from tests import costly, hostile


@pytest.mark.parametrize("name", costly.REFUSED)
def test_what_costs_too_much_is_refused_before_it_does(name):
    make, kind = costly.REFUSED[name]
    data = make()
    assert len(data) < 10 * 2**20
    begun = time.process_time()
    with pytest.raises(NotAPicture) as caught:
        decode(data, 48)
    assert time.process_time() - begun < 1 and caught.value.kind == kind, str(caught.value)


def test_bounds_grow_with_what_a_picture_is():
    """Many scans of a small picture, a photograph's EXIF in several pieces, rows as strips: ordinary files pass."""
    assert decode(costly.progressive(500, 200, 160)).shape == (160, 200)
    assert decode(costly.segments(150, 60_000)).shape == (64, 64)
    image = hostile.face(1, 96)
    rows = hostile.encoded(Image.fromarray(image), "TIFF", compression="tiff_lzw", strip_size=96)
    assert (decode(rows) == image).all()
    with pytest.raises(NotAPicture, match="9,216 pixels; 9,000 are the limit"):
        decode(rows, most_pixels=9_000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("held", range(1, 9))
def test_photographs_are_turned_as_pillow_turns_them(kind, held):
    exif = Image.Exif()
    exif[0x0112] = held
    exif[0x010F] = "a camera"
    image = Image.fromarray(np.dstack([hostile.face(2, 64)[:48]] * 3))
    data = hostile.encoded(image, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    assert (decode(data, grey=False) == expected).all()


def test_a_jpeg_ends_where_its_picture_ends():
    """What stands behind it, or is written about it, is not looked at: another picture, a film, a thumbnail."""
    data = hostile.encoded(hostile.face(4), "JPEG")
    film = data + b"\0\0\0\x20ftypmp42" + b"\xff\xda" * 100_000
    about = data[:2] + costly.segment(0xE2, b"MPF\0" + data) + costly.segment(0xFE, b"\xff\xda" * 9_000) + data[2:]
    for other in (film, about, data[:2] + b"\0junk" + data[2:], b"\xff\xd8" + b"\xff" * 99 + data[2:]):
        assert (decode(other) == decode(data)).all()


def test_damaged_exif_leaves_a_picture_as_it_is():
    image = Image.fromarray(hostile.face(5))
    for exif in (b"", b"MM", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\1\x12\0\3" * 9):
        assert (decode(hostile.encoded(image, exif=b"Exif\0\0" + exif)) == hostile.face(5)).all()
