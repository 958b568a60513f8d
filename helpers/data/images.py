"""`decode` turns any picture into an array, damaged and hostile files too: for the loader, the web page and the camera alike."""

from __future__ import annotations

import io
import os

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.files import CourseError

LIMIT_BYTES = 64 * 2**20  # no more than this is read of a picture file
FIRST_BYTES = 2**16
LIMIT_PIXELS = 50_000_000  # nor is a picture unpacked that has more pixels than this (a 50 megapixel photograph)

# Formats that Pillow decodes by itself. EPS is not among them: it would start another program, Ghostscript.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "TGA", "ICO")
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .webp .tif .tiff .ppm .pgm .pbm .pnm .tga .ico .apng .dib .mpo".split()
)
PLAIN = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "comment"}  # what an ordinary JPEG says of itself
LOOKS_LIKE = {  # how files begin that are often taken for pictures
    b"<!doctype html": "a web page, perhaps a failed download",
    b"<html": "a web page, perhaps a failed download",
    b"<svg": "a drawing in XML, perhaps SVG",
    b"<?xml": "a drawing in XML, perhaps SVG",
    b"pk": "a zip",
    b"%pdf": "a PDF",
}


class NotAPicture(CourseError):
    """A file that cannot be read as a picture; `kind` says why in a word or two, for counting."""

    def __init__(self, kind: str, reason: str, fix: str = ""):
        super().__init__(reason, fix)
        self.kind = kind


def decode(source, size: int | tuple[int, int] | None = None, grey: bool = True) -> np.ndarray:
    """A picture as uint8, (height, width) when grey, else (height, width, 3) in RGB order.

    `source` is a path, bytes, or anything with `read()`. With `size` (a side, or height and width) the picture is
    stretched to it. Animations give their first frame; photographs are turned upright as their EXIF says; transparent
    pixels are laid on white; 16-bit values are scaled to 8. Anything that is no picture raises NotAPicture.
    """
    data, name = _read(source)
    shape = (size, size) if isinstance(size, (int, np.integer)) else size
    image = _open(data, name)
    try:
        if grey and shape in (None, image.size[::-1]) and _is_plain_grey_jpeg(image, data):
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)  # four times as fast as Pillow
            if pixels is not None and pixels.shape == image.size[::-1]:
                return pixels
        image.load()  # here and not inside _upright, which would hide that it is damaged
        image = _eight_bit(_upright(image)).convert("L" if grey else "RGB")
        if shape is not None and image.size != shape[::-1]:
            image = image.resize(shape[::-1], Image.Resampling.BILINEAR, reducing_gap=3.0)
        return np.array(image)
    except Exception as problem:  # decoders raise whatever they like on damaged data: SyntaxError, struct.error ...
        raise _damaged(name, problem) from problem


def _read(source) -> tuple[bytes, str]:
    """The file's bytes, never more than the limit, and what to call it in messages."""
    if isinstance(source, (str, os.PathLike)):
        try:
            with open(source, "rb") as file:
                return _read(file)
        except OSError as problem:
            reason = f"{source} cannot be read ({problem.strerror or problem})."
            raise NotAPicture("cannot be read", reason, "Check its path and who may read it.") from problem
    if hasattr(source, "read"):
        name = str(getattr(source, "filename", None) or getattr(source, "name", None) or "the file")
        data = source.read(FIRST_BYTES)  # at once, Python would reserve 64 MB for every small file
        data += source.read(LIMIT_BYTES + 1 - FIRST_BYTES) if len(data) == FIRST_BYTES else b""
    else:
        name, data = "the picture", bytes(source)
    if not data:
        raise NotAPicture("empty file", f"{name} is empty (0 bytes).", "Copy or download it again.")
    if len(data) > LIMIT_BYTES:
        raise NotAPicture("too large", f"{name} is over {LIMIT_BYTES >> 20} MB.", "Save a smaller copy of it.")
    return data, name


def _open(data: bytes, name: str) -> Image.Image:
    """The picture with its header checked: a format that we decode and a sane size. No pixel is unpacked yet."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
    except UnidentifiedImageError as problem:
        reason = f"{name} is not a picture that can be read{_looks_like(data)}."
        raise NotAPicture("not a picture", reason, "Use JPEG, PNG, GIF, BMP, WebP or TIFF.") from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = LIMIT_PIXELS  # Pillow's own limit is above ours
    except Exception as problem:
        raise _damaged(name, problem) from problem
    if width * height > LIMIT_PIXELS:
        reason = f"{name} has more than {LIMIT_PIXELS:,} pixels."
        raise NotAPicture("too large", reason, "Save a smaller copy of it.")
    if width * height == 0:
        raise _damaged(name, "it has no pixels")
    return image


def _damaged(name: str, problem) -> NotAPicture:
    """The error for a picture that broke its decoder."""
    kind = "truncated" if "truncated" in str(problem).lower() else "damaged"
    return NotAPicture(kind, f"{name} is {kind} ({problem}).", "Replace it, or leave it out.")


def _looks_like(data: bytes) -> str:
    """A guess at what a file that is no picture is, for the message."""
    start = data[:512].lstrip().lower()
    guess = "HEIC, AVIF or a video" if data[4:8] == b"ftyp" else ""
    guess = guess or next((what for mark, what in LOOKS_LIKE.items() if start.startswith(mark)), "")
    return f" (it looks like {guess})" if guess else ""


def _is_plain_grey_jpeg(image: Image.Image, data: bytes) -> bool:
    """Whether OpenCV reads it just as Pillow does: one channel, complete, and nothing that says how to turn it."""
    return image.format == "JPEG" and image.mode == "L" and image.info.keys() <= PLAIN and data.endswith(b"\xff\xd9")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera says it was held; a picture whose EXIF is damaged stays as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in eight bits a channel and without transparency."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.nan_to_num(np.asarray(image).astype(np.float64))
        top = values.max(initial=0)
        if image.mode.startswith("I;16") or (image.mode == "I" and 255 < top <= 65535):
            values /= 257
        else:
            values *= 255 if image.mode == "F" and top <= 1 else 255 / max(top, 255)
        return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image
