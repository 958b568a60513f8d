"""`decode` turns any picture into an array, damaged and hostile files too: for the loader, the web page and the camera alike."""

from __future__ import annotations

import os

import cv2
import numpy as np
from PIL import Image

from helpers.files import brief, open_regular, read_at_most

from .pictures import LIMIT_PIXELS, NotAPicture, damaged, opened, too_large

LIMIT_BYTES = 64 * 2**20  # no more than this is read of a picture file
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .webp .tif .tiff .ppm .pgm .pbm .pnm .tga .apng .dib .mpo".split()
)
TURNED = dict(enumerate(map(Image.Transpose, (0, 3, 1, 5, 4, 6, 2)), 2))  # what turns it upright, by EXIF's number
PLAIN = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "comment"}  # what an ordinary JPEG says of itself


def decode(
    source, size: int | tuple[int, int] | None = None, grey: bool = True, most_pixels: int = LIMIT_PIXELS
) -> np.ndarray:
    """A picture as uint8, (height, width) when grey, else (height, width, 3) in RGB order.

    `source` is a path, bytes, or anything with `read()`. With `size` (a side, or height and width) the picture is
    stretched to it. Animations give their first frame; photographs are turned upright as their EXIF says; transparent
    pixels are laid on white; 16-bit values are scaled to 8. Anything that is no picture, or costs more than pictures
    do (see `pictures`), raises NotAPicture.
    """
    data, name = _read(source)
    shape = (size, size) if isinstance(size, (int, np.integer)) else size
    image, held = opened(data, name, most_pixels)
    try:
        if grey and shape in (None, image.size[::-1]) and held == 1 and _is_plain_grey_jpeg(image):
            pixels = cv2.imdecode(
                np.frombuffer(image.fp.getvalue(), np.uint8), cv2.IMREAD_UNCHANGED
            )  # four times as fast
            if pixels is not None and pixels.shape == image.size[::-1]:
                return pixels
        image.load()
        image = _eight_bit(image if held == 1 else image.transpose(TURNED[held])).convert("L" if grey else "RGB")
        if shape is not None and image.size != shape[::-1]:
            image = image.resize(shape[::-1], Image.Resampling.BILINEAR, reducing_gap=3.0)
        return np.array(image)
    except NotAPicture:
        raise
    except MemoryError as problem:
        raise too_large(f"{name} takes more memory than there is.") from problem
    except Exception as problem:  # decoders raise whatever they like on damaged data: SyntaxError, struct.error ...
        raise damaged(name, problem) from problem


def _read(source) -> tuple[bytes, str]:
    """The file's bytes, never more than the limit, and what to call it in messages."""
    if isinstance(source, (str, os.PathLike)):
        try:
            with open_regular(source) as file:
                return _read(file)
        except NotAPicture:
            raise
        except (OSError, ValueError) as problem:
            reason = f"{brief(source)} cannot be read ({brief(problem)})."
            raise NotAPicture("cannot be read", reason, "Check its path and who may read it.") from problem
    if hasattr(source, "read"):
        name = str(getattr(source, "filename", None) or getattr(source, "name", None) or "the file")
        data = read_at_most(source, LIMIT_BYTES)
    else:
        name, data = "the picture", bytes(source)
    if not data:
        raise NotAPicture("empty file", f"{name} is empty (0 bytes).", "Copy or download it again.")
    if len(data) > LIMIT_BYTES:
        raise NotAPicture("too large", f"{name} is over {LIMIT_BYTES >> 20} MB.", "Save a smaller copy of it.")
    return data, name


def _is_plain_grey_jpeg(image: Image.Image) -> bool:
    """Whether OpenCV reads it just as Pillow does: one channel, complete, in one scan."""
    return (
        image.format == "JPEG"
        and image.mode == "L"
        and image.info.keys() <= PLAIN
        and image.fp.getvalue().endswith(b"\xff\xd9")
    )


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in eight bits a channel and without transparency."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.nan_to_num(np.array(image, np.float32), copy=False)  # in place: it may be 200 MB
        top = values.max(initial=0)
        if image.mode.startswith("I;16") or (image.mode == "I" and 255 < top <= 65535):
            values /= 257
        else:
            values *= 255 if image.mode == "F" and top <= 1 else 255 / max(top, 255)
        return Image.fromarray(np.clip(np.rint(values, out=values), 0, 255, out=values).astype(np.uint8))
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        return white
    return image
