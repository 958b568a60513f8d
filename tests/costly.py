"""Makes picture files that cost far more than their size says, by code: what a stranger may send to keep a machine busy."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

from .hostile import encoded


def segment(mark: int, body: bytes) -> bytes:
    return b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def progressive(scans: int, width: int = 5000, height: int = 4990) -> bytes:
    """A JPEG with many more scans, in each of which nothing changes: 50 bytes that go over all its pixels."""
    whole = encoded(Image.new("L", (width, height), 128), "JPEG", progressive=True, quality=50)
    table = segment(0xC4, b"\x10\x01" + bytes(15) + b"\xe0")  # one code of one bit: so many blocks are as they were
    blocks, bits = -(-width // 8) * -(-height // 8), ""
    while blocks > 0:
        run = min(max(blocks, 1 << 14), (1 << 15) - 1)
        bits, blocks = bits + "0" + format(run - (1 << 14), "014b"), blocks - run
    bits += "1" * (-len(bits) % 8)
    scan = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + int(bits, 2).to_bytes(len(bits) // 8, "big").replace(
        b"\xff", b"\xff\0"
    )
    return whole[: whole.rindex(b"\xff\xd9")] + table + scan * scans + b"\xff\xd9"


def segments(count: int, size: int) -> bytes:
    """A JPEG whose EXIF comes in very many pieces."""
    small = encoded(Image.new("L", (64, 64), 9), "JPEG")
    return small[:2] + segment(0xE1, b"Exif\0\0" + bytes(size)) * count + small[2:]


def tiff(entries: list[tuple], body: bytes) -> bytes:
    """A TIFF by hand: its table stands behind its body, which begins at byte 8."""
    table = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + struct.pack("<H", len(entries)) + table + bytes(4)


def tiled(side: int, tile: int, kind: int = 4) -> bytes:
    """A TIFF of one black tile, of any size and the picture of any other."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(tile)) for _ in range(tile)) + packer.flush()
    sizes = [(256, 4, 1, side), (257, 4, 1, side), (322, kind, 1, tile), (323, kind, 1, tile)]
    rest = [(258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1), (324, 4, 1, 8), (325, 4, 1, len(body))]
    return tiff(sizes + rest, body)


def striped(rows: int, packed: int) -> bytes:
    """A TIFF of 16 columns in which each row is a strip of its own."""
    body = b"\x80\0\x40\x40" + struct.pack("<I", 8) * rows + struct.pack("<H", 4) * rows
    sizes = [(256, 4, 1, 16), (257, 4, 1, rows), (258, 3, 1, 8), (259, 3, 1, packed), (262, 3, 1, 1), (277, 3, 1, 1)]
    return tiff([*sizes, (278, 4, 1, 1), (273, 4, rows, 12), (279, 3, rows, 12 + 4 * rows)], body)


def icon(side: int) -> bytes:
    """An ICO of 16 pixels that holds a PNG of many more."""
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(png), 22) + png


def cut(image: Image.Image, kind: str, before: bytes, piece: bytes, count: int) -> bytes:
    """A picture with very many pieces of no use, at the first place of those bytes."""
    whole = encoded(image, kind)
    at = whole.index(before) - (4 if kind == "PNG" else 0)  # a PNG's chunks begin with their length
    return whole[:at] + piece * count + whole[at:]


SMALL, LARGE, HELD = (64, 64), (5000, 5000), Image.Exif()
HELD[0x0112] = 6  # the camera was turned
RUNS = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 1078, 40, 3000, 3000, 1, 8, 1, 0, 0, 0, 256, 0) + bytes(1024)
REFUSED = {  # name -> how it is made, and why it is set aside; each of 10 MB at most, and of minutes or gigabytes
    "progressive.jpg": (lambda: progressive(90_000), "too large"),
    "segments.jpg": (lambda: segments(700_000, 2), "too large"),
    "tiles.tif": (lambda: tiled(100, 9_000), "too large"),
    "tiles_of_another_kind.tif": (lambda: tiled(100, 3_000, kind=17), "damaged"),
    "strips.tif": (lambda: striped(1_500_000, packed=5), "too large"),
    "plain_strips.tif": (lambda: striped(1_500_000, packed=1), "too large"),
    "icon.ico": (lambda: icon(13_370), "not a picture"),
    "chunks.png": (
        lambda: cut(Image.new("L", SMALL), "PNG", b"IDAT", chunk(b"tIME", b""), 800_000),
        "too large",
    ),
    "comments.gif": (lambda: cut(Image.new("P", SMALL), "GIF", b"\x2c", b"\x21\xfe\x01c\0", 2_000_000), "too large"),
    "text.pgm": (lambda: b"P2\n2000 2000\n255\n" + b"#\n1 " * 2_500_000, "not a picture"),
    "odd.pgm": (lambda: b"P5\n3000 3000\n100\n" + b"\x20" * 9_000_000, "too large"),
    "runs.bmp": (lambda: RUNS + b"\1\5" * 5_000_000, "too large"),
}
TAKEN = {  # just within the bounds, and as costly as may be
    "photograph.jpg": lambda: encoded(photograph(), "JPEG", quality=80, progressive=True, subsampling=0, exif=HELD),
    "scans.jpg": lambda: progressive(14),
    "clear.png": lambda: encoded(Image.new("RGBA", LARGE), exif=HELD),
    "clear.webp": lambda: encoded(Image.new("RGBA", LARGE), "WEBP", lossless=True, exif=HELD),
    "float.tif": lambda: encoded(Image.new("F", LARGE, 7), "TIFF", compression="tiff_adobe_deflate"),
    "sixteen.png": lambda: encoded(Image.fromarray(np.full(LARGE, 777, np.uint16))),
    "tile.tif": lambda: tiled(5000, 5000),
    "exif.jpg": lambda: segments(150, 60_000),
    "moving.gif": lambda: encoded(Image.new("P", LARGE), "GIF"),
}


def photograph() -> Image.Image:
    """25 megapixels with something everywhere."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (625, 625, 3), dtype=np.uint8)).resize(LARGE)
