"""What the tests of the web page share: a page whose network is a ruler of brightness, pictures to send, and bad uploads."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from faceapp import web
from faceapp.web import app as room
from faceapp.web.decoding import Decoders

from . import hostile
from .faceapp_world import middle, predictor

GOOD, REFUSED = 200, (400, 413, 415, 422)


class Kept(Decoders):
    """The same two processes for every page that a test makes: to start them takes longer than the test."""

    def start(self) -> None:
        """The first picture starts them."""

    def stop(self) -> None:
        """They end with the tests."""


DECODERS = Kept(2)
room.Decoders = lambda count: DECODERS


def seen(image) -> list:
    """A detector of sorts: a face in the middle of every picture that is not black."""
    return middle(image) if image.max() > 10 else []


def ramp(predictor, crop, code) -> np.ndarray:
    """A heatmap of sorts."""
    return np.linspace(0, 1, 48)[None].repeat(48, 0) * (code + 1) / 7


def client(**options):
    """A client of the page; options are the predictor's."""
    return web.create_app(predictor(**{"detector": seen} | options)).test_client()


def picture(light: int = 200, width: int = 120, height: int = 90, kind: str = "PNG", **options) -> bytes:
    """A picture of one grey, with a lighter corner at its top left."""
    image = np.full((height, width, 3), light, np.uint8)
    image[: height // 4, : width // 4] = 255
    return hostile.encoded(image, kind, **options)


def form(data: bytes | None, name: str = "face.png", **fields) -> dict:
    """What a browser sends."""
    fields = {key: str(value) for key, value in fields.items()}
    return {"data": fields | ({} if data is None else {"image": (io.BytesIO(data), name)})}


NAMES = (
    "face.jpg",
    "../../etc/passwd",
    "a" * 300 + ".png",
    "лицо.png",
    "x.php",
    "con",
    '"><script>.png',
    ".",
    "nul\x01.png",
)


def bad_upload(seed: int) -> tuple[bytes, str]:
    """Bytes that somebody may send as a picture, and a file name."""
    rng = np.random.default_rng(seed)
    name = str(rng.choice(NAMES))
    bad = [data for data, _ in hostile.bad_files().values()]
    if seed % 5 == 0:
        return bad[(seed // 5) % len(bad)], name
    good = list(hostile.odd_files(hostile.face(seed, int(rng.integers(8, 90)))).values())
    data = bytearray(good[int(rng.integers(len(good)))])
    if seed % 5 == 1:
        return bytes(data[: int(rng.integers(1, len(data)))]), name
    if seed % 5 == 2:
        for at in rng.integers(0, len(data), max(1, len(data) // 30)).tolist():
            data[at] = int(rng.integers(256))
        return bytes(data), name
    if seed % 5 == 3:
        head = int(rng.integers(2, 40))
        return bytes(data[:head]) + rng.bytes(int(rng.integers(1, 5_000))), name
    kinds = [
        lambda: rng.bytes(int(rng.integers(1, 20_000))),
        lambda: hostile.png(int(rng.integers(1, 200_000)), int(rng.integers(1, 200_000))),
        lambda: hostile.encoded(Image.new("L", (1, 1))),
        lambda: hostile.encoded(Image.new("L", (6_000, 1), 99)),
        lambda: hostile.encoded(Image.new("1", (5_000, 4_900))),
        lambda: hostile.encoded(Image.new("RGB", (64, 64)), "JPEG", exif=b"Exif\0\0MM\0*" + rng.bytes(200)),
        lambda: b"\xff\xd8\xff\xe1\xff\xff" + rng.bytes(70_000),
        lambda: b"II*\0" + rng.bytes(400),
        lambda: b"RIFF" + rng.bytes(4) + b"WEBPVP8 " + rng.bytes(300),
    ]
    return kinds[(seed // 5) % len(kinds)](), name
