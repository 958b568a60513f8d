"""`opened`: a picture's file with its bounds checked before anything is unpacked. Every picture of the course comes through here.

What costs more than its size says is refused: pixels, progressive scans, tiles, and files cut into very many parts. Pillow
reads no EXIF: of a JPEG it gets the picture alone, and how the camera was held is read here.
"""

from __future__ import annotations

import io
import struct

from PIL import Image, UnidentifiedImageError

from helpers.files import CourseError

LIMIT_PIXELS = 50_000_000  # a photograph of 50 megapixels
LIMIT_WORK = 10 * LIMIT_PIXELS  # pixels times the scans of a JPEG: every scan goes over all of them, and ten are usual
LIMIT_TILE = 2**20  # pixels of a TIFF's tile, or as many as the picture has
LIMIT_TILES = 2**15
LIMIT_PARTS = 100_000  # reads of the file: decoders take each chunk, segment, block or row by itself

# Formats that Pillow decodes by itself. EPS is not among them: it would start another program, Ghostscript. Nor is ICO,
# which holds further files with sizes of their own.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "TGA")
ABOUT = {
    *range(0xE1, 0xEE),
    0xEF,
    0xFE,
}  # a JPEG's segments about the picture; JFIF (E0) and Adobe (EE) tell its colours
NOT_READ = (b"P1", b"P2", b"P3", b"II+", b"MM\0+", b"MM*", b"II\0*")  # pictures in plain text, TIFFs of many gigabytes
LOOKS_LIKE = {  # how files begin that are often taken for pictures
    b"<!doctype html": "a web page, perhaps a failed download",
    b"<html": "a web page, perhaps a failed download",
    b"<svg": "a drawing in XML, perhaps SVG",
    b"<?xml": "a drawing in XML, perhaps SVG",
    b"pk": "a zip",
    b"%pdf": "a PDF",
    b"\0\0\1\0": "an icon",
    b"p1": "a PPM in plain text",
    b"p2": "a PPM in plain text",
    b"p3": "a PPM in plain text",
}


class NotAPicture(CourseError):
    """A file that cannot be read as a picture; `kind` says why in a word or two, for counting."""

    def __init__(self, kind: str, reason: str, fix: str = ""):
        super().__init__(reason, fix)
        self.kind = kind


def too_large(reason: str) -> NotAPicture:
    """The error for a picture that would cost too much."""
    return NotAPicture("too large", reason, "Save a smaller, plain copy of it.")


def damaged(name: str, problem) -> NotAPicture:
    """The error for a picture that broke its decoder."""
    kind = "truncated" if "truncated" in str(problem).lower() else "damaged"
    return NotAPicture(kind, f"{name} is {kind} ({problem}).", "Replace it, or leave it out.")


class Parts(io.BytesIO):
    """A file in memory that allows so many reads and no more."""

    def __init__(self, data: bytes, name: str):
        super().__init__(data)
        self.name, self.left = name, LIMIT_PARTS

    def read(self, size=-1):
        self.left -= 1
        if self.left < 0:
            raise too_large(f"{self.name} is cut into too many parts.")
        return super().read(size)


def opened(data: bytes, name: str, most_pixels: int = LIMIT_PIXELS) -> tuple[Image.Image, int]:
    """The picture, of which no pixel is unpacked yet, and how it was held (1-8, as EXIF counts); NotAPicture where a bound is passed."""
    data, held, scans = plain_jpeg(data, name) if data.startswith(b"\xff\xd8") else (data, None, 1)
    try:
        if data.startswith(NOT_READ):
            raise UnidentifiedImageError
        if data.startswith((b"II*", b"MM\0*")):
            check_tiff(data, name)
        image = Image.open(Parts(data, name), formats=FORMATS)
        pixels = image.width * image.height
    except UnidentifiedImageError as problem:
        reason = f"{name} is not a picture that can be read{looks_like(data)}."
        raise NotAPicture("not a picture", reason, "Use JPEG, PNG, GIF, BMP, WebP or TIFF.") from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:  # Pillow's limit is above ours
        raise too_large(f"{name} has far more than {most_pixels:,} pixels.") from problem
    except NotAPicture:
        raise
    except Exception as problem:  # decoders raise whatever they like on damaged data: SyntaxError, struct.error ...
        raise damaged(name, problem) from problem
    if pixels > most_pixels:
        raise too_large(f"{name} has {pixels:,} pixels; {most_pixels:,} are the limit.")
    if pixels == 0:
        raise damaged(name, "it has no pixels")
    if pixels * scans > LIMIT_WORK:
        raise too_large(f"{name} has {scans:,} progressive scans.")
    return image, held or orientation(image.info.get("exif", b""))


def check_tiff(data: bytes, name: str) -> None:
    """Refuse a TIFF of too large or too many tiles or strips: its decoder unpacks each whole, whatever the picture's size."""
    table = first_table(data)
    sizes = {tag: entry for tag, entry in table.items() if tag in (256, 257, 278, 322, 323)}
    if sizes.keys() < {256, 257} or any(kind not in (3, 4) or not value for kind, _, value in sizes.values()):
        raise damaged(name, "its sizes are no whole numbers")
    columns, rows, strip, width, height = (sizes.get(tag, (0, 0, 0))[2] for tag in (256, 257, 278, 322, 323))
    width, height = width or columns, height or min(strip or rows, rows)
    count = -(-columns // width) * -(-rows // height)
    if width * height > max(columns * rows, LIMIT_TILE) or count > LIMIT_TILES:
        raise too_large(f"{name} has {count:,} tiles of {width:,} x {height:,} pixels.")
    if any(
        many > LIMIT_PARTS for kind, many, _ in table.values() if kind not in (1, 2, 6, 7)
    ):  # those are read as a whole
        raise too_large(f"{name} is cut into too many parts.")


def first_table(tiff: bytes) -> dict[int, tuple[int, int, int]]:
    """The first table of a TIFF, which EXIF is as well: tag -> (type, count, value); what is damaged is left out."""
    order, table = {b"II": "<", b"MM": ">"}.get(tiff[:2]), {}
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            tag, kind, many = struct.unpack_from(f"{order}HHI", tiff, entry)
            table.setdefault(tag, (kind, many, *struct.unpack_from(order + "HI"[kind != 3], tiff, entry + 8)))
    except struct.error:
        pass
    return table


def plain_jpeg(data: bytes, name: str) -> tuple[bytes, int | None, int]:
    """A JPEG's picture without what is written about it or stands behind it; how the camera was held; how many scans there are."""
    kept, held, at = [data[:2]], None, 2
    for _ in range(LIMIT_PARTS):
        at = data.find(b"\xff", at)
        mark = data[at + 1 : at + 2] if at >= 0 else b""
        if mark in (b"\xff", b"\0"):  # filling
            at += 1
        elif not mark or mark == b"\xda" or mark == b"\xd9" or len(data) < at + 4:
            break
        elif mark == b"\1" or 0xD0 <= mark[0] <= 0xD8:  # these stand alone
            at += 2
        else:
            segment = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
            if mark[0] not in ABOUT:
                kept.append(segment)
            elif segment[4:10] == b"Exif\0\0":
                held = held or orientation(segment[4:])
            at += max(len(segment), 2)
    else:
        raise too_large(f"{name} is cut into too many parts.")
    if at < 0:
        return b"".join(kept), held, 0
    end = data.find(b"\xff\xd9", at)
    rest = data[at:] if end < 0 else data[at : end + 2]
    return b"".join([*kept, rest]), held, rest.count(b"\xff\xda")


def orientation(exif: bytes) -> int:
    """How the camera was held, 1 to 8, by EXIF; 1 where it does not say."""
    kind, _, value = first_table(exif.removeprefix(b"Exif\0\0")).get(0x0112, (3, 1, 1))
    return value if kind == 3 and 1 <= value <= 8 else 1


def looks_like(data: bytes) -> str:
    """A guess at what a file that is no picture is, for the message."""
    start = data[:512].lstrip().lower()
    guess = "HEIC, AVIF or a video" if data[4:8] == b"ftyp" else ""
    guess = guess or next((what for mark, what in LOOKS_LIKE.items() if start.startswith(mark)), "")
    return f" (it looks like {guess})" if guess else ""
