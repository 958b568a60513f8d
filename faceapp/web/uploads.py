"""Uploads: what may come in, and the one place where it is decoded. All else is refused with a status and a sentence."""

from __future__ import annotations

import io

import flask
import numpy as np
from PIL import Image

from helpers.data.images import decode
from helpers.data.pictures import FORMATS, NotAPicture

MOST_BYTES = 10 * 2**20  # of a picture's file
MOST_PIXELS = 25_000_000  # a decoded picture takes three bytes a pixel, several times over
OVER_MOST_BYTES = f"This picture is over {MOST_BYTES >> 20} MB: send a smaller copy of it."


class InMemory(flask.Request):
    """A request whose files stay in memory; by default those over half a megabyte are written to the disk."""

    max_content_length = MOST_BYTES + 2**16  # and of what is sent with the picture
    max_form_parts = 10

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        return io.BytesIO()


def uploaded(request: flask.Request) -> bytes:
    """The bytes of the one picture in the field `image`."""
    if request.mimetype != "multipart/form-data":
        flask.abort(415, "Send the picture as multipart/form-data, in the field named image.")
    files = [file for file in request.files.getlist("image") if file.filename]
    if len(files) != 1:
        flask.abort(
            400, f"{'More than one' if files else 'No'} picture came: send one, as a file in the field named image."
        )
    data = files[0].read()
    if len(data) > MOST_BYTES:
        flask.abort(413, OVER_MOST_BYTES)
    return data


def decoded(data: bytes) -> np.ndarray:
    """The picture as RGB (height, width, 3), upright."""
    pixels = promised_pixels(data)
    if pixels > MOST_PIXELS:
        flask.abort(
            413, f"This picture has {pixels:,} pixels; {MOST_PIXELS:,} are the limit: send a smaller copy of it."
        )
    file = io.BytesIO(data)
    file.name = "This file"  # in the sentences: what a visitor calls it is nobody's business
    try:
        return decode(file, grey=False)
    except NotAPicture as problem:
        flask.abort(413 if problem.kind == "too large" else 415, str(problem))


def promised_pixels(data: bytes) -> int:
    """How many pixels the header promises, before any is decoded; 0 where there is no header that can be read."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.width * image.height
    except Exception:  # whatever is wrong with it, `decode` says it in a sentence
        return 0
