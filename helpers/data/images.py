"""Decodes any picture into an array, hostile ones too: one way for the loader, the web app and the camera alike."""

from __future__ import annotations

import io
import os

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

LIMIT_BYTES = 64 * 2**20  # a picture file larger than this is not opened
LIMIT_PIXELS = 50_000_000  # nor one that would unfold into more pixels than this (a 50 megapixel photograph)

# Formats that Pillow decodes by itself. The list keeps out those that would start another program (EPS starts Ghostscript).
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "TGA", "ICO")
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .webp .tif .tiff .ppm .pgm .pbm .pnm .tga .ico .apng .dib .mpo".split()
)


class NotAPicture(ValueError):
    """What could not be read as a picture, and why; `reason` is short, for counting, and the message a sentence."""

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason = reason


def decode(source, size: int | tuple[int, int] | None = None, grey: bool = True) -> np.ndarray:
    """A picture as uint8, (height, width) when grey, else (height, width, 3) in RGB order.

    `source` is a path, bytes, or anything with `read()`. With `size` (a side, or height and width) the picture is
    stretched to it. Animations give their first frame; photographs are turned upright as their EXIF says; transparent
    pixels are laid on white; 16-bit values are scaled to 8. Raises NotAPicture, with a sentence, for all else.
    """
    data, name = _bytes_of(source)
    shape = (size, size) if isinstance(size, (int, np.integer)) else size
    if grey and (plain := _plain_grey_jpeg(data)) and shape in (None, plain):
        fast = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if fast is not None and fast.shape == plain:
            return fast
    image = _open(data, name)
    try:
        image = _upright(_eight_bit(image))
        image = image.convert("L" if grey else "RGB")
        if shape is not None and image.size != shape[::-1]:
            image = image.resize(shape[::-1], Image.Resampling.BILINEAR, reducing_gap=3.0)
        return np.array(image)
    except (
        Exception
    ) as problem:  # decoders raise whatever they like on damaged data: OSError, SyntaxError, struct.error...
        raise _damaged(name, problem) from problem


def read_file(path) -> bytes:
    """A file's bytes, unless it is larger than any picture should be."""
    try:
        with open(path, "rb", buffering=0) as file:  # unbuffered: several times faster for thousands of small files
            if os.fstat(file.fileno()).st_size <= LIMIT_BYTES:
                return file.readall()
    except OSError as problem:
        raise NotAPicture("cannot be read", f"{path} cannot be read: {problem.strerror or problem}.") from problem
    raise NotAPicture("too large", f"{path} is over {LIMIT_BYTES >> 20} MB: save a smaller copy of it.")


def _bytes_of(source) -> tuple[bytes, str]:
    """The file's bytes and what to call it in messages; never reads more than the limit."""
    if isinstance(source, (str, os.PathLike)):
        name, data = os.fspath(source), read_file(source)
    elif hasattr(source, "read"):
        name, data = str(getattr(source, "filename", None) or getattr(source, "name", None) or "the file"), b""
        data = source.read(LIMIT_BYTES + 1)
    else:
        name, data = "the picture", source if isinstance(source, bytes) else bytes(source)
    if not data:
        raise NotAPicture("empty file", f"{name} is empty (0 bytes): copy or download it again.")
    if len(data) > LIMIT_BYTES:
        raise NotAPicture("too large", f"{name} is over {LIMIT_BYTES >> 20} MB: save a smaller copy of it.")
    return data, name


def _open(data: bytes, name: str) -> Image.Image:
    """The picture's header, checked: its format is one we decode and its size is sane. No pixel is unfolded yet."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as problem:
        hint = _what_it_looks_like(data)
        sentence = f"{name} is not a picture that can be read{hint}: use JPEG, PNG, GIF, BMP, WebP or TIFF."
        raise NotAPicture("not a picture", sentence) from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        sentence = f"{name} has far too many pixels (the limit is {LIMIT_PIXELS:,}): save a smaller copy of it."
        raise NotAPicture("too large", sentence) from problem
    except Exception as problem:
        raise _damaged(name, problem) from problem
    width, height = image.size
    if width * height > LIMIT_PIXELS:
        sentence = f"{name} is {width:,} x {height:,} pixels, over the limit of {LIMIT_PIXELS:,}: save a smaller copy."
        raise NotAPicture("too large", sentence)
    if width * height == 0:
        raise NotAPicture("damaged", f"{name} has no pixels ({width} x {height}): replace it, or leave it out.")
    return image


def _damaged(name: str, problem: Exception) -> NotAPicture:
    """What to say of a picture that broke its decoder."""
    reason = "truncated" if "truncated" in str(problem).lower() else "damaged"
    return NotAPicture(reason, f"{name} is {reason} ({problem}): replace it, or leave it out.")


def _what_it_looks_like(data: bytes) -> str:
    """A guess at what a file that is no picture is, for the message."""
    start = data[:512].lstrip().lower()
    if data[4:8] == b"ftyp":
        return " (it looks like HEIC, AVIF or a video)"
    if start.startswith((b"<!doctype html", b"<html")):
        return " (it is a web page, perhaps a failed download)"
    if start.startswith((b"<svg", b"<?xml")):
        return " (it is a drawing in XML, perhaps SVG)"
    if data.startswith(b"PK"):
        return " (it is a zip)"
    if data.startswith(b"%PDF"):
        return " (it is a PDF)"
    return ""


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in mode L or RGB, whatever it came in: 16-bit, float, palette, alpha, CMYK."""
    if image.mode.startswith("I") or image.mode == "F":
        exif, values = image.getexif(), np.nan_to_num(np.asarray(image).astype(np.float64))
        top = values.max(initial=0)
        if image.mode == "F" and top <= 1:
            values = values * 255
        elif image.mode.startswith("I;16") or (image.mode == "I" and 255 < top <= 65535):
            values = values / 257
        elif top > 255:
            values = values * (255 / top)
        image = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
        image.info["exif"] = exif.tobytes() if exif else b""
        return image
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        info, image = image.info, image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
        image.info = {key: value for key, value in info.items() if key == "exif"}
        return image
    if image.mode in ("L", "RGB"):
        image.load()
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera says it was held; a picture whose EXIF is damaged stays as it is."""
    try:
        return ImageOps.exif_transpose(image) if image.info.get("exif") or hasattr(image, "_getexif") else image
    except Exception:
        return image


def _plain_grey_jpeg(data: bytes) -> tuple[int, int] | None:
    """(height, width) of a complete, baseline, one-channel JPEG without EXIF, which OpenCV reads three times faster."""
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 10 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xC0:
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            return (height, width) if data[at + 9] == 1 and 0 < height * width <= LIMIT_PIXELS else None
        if marker not in (0xE0, 0xDB, 0xC4, 0xFE):  # JFIF, tables, comments; anything else takes the careful way
            return None
        at += 2 + length
    return None
