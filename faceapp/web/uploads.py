"""Uploads: what may come in, what it becomes, and with which status and sentence everything else is refused."""

from __future__ import annotations

import io
import threading

import numpy as np
from flask import Request
from PIL import Image

from helpers.data.images import FORMATS, NotAPicture, decode

LIMIT_BYTES = 10 * 2**20  # of a picture's file
LIMIT_REQUEST = LIMIT_BYTES + 2**16  # of all that is sent with it
LIMIT_PIXELS = 25_000_000  # a picture unfolds to three bytes a pixel, several times over
unfolding = threading.BoundedSemaphore(2)  # held while a picture is in memory: a bound on how many are


class Refusal(Exception):
    """An answer that is not what was asked for: a status of HTTP and a sentence that says what to do."""

    def __init__(self, status: int, sentence: str, **headers: str):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers


class InMemory(Request):
    """A request whose files stay in memory: by default those over half a megabyte are written to the disk."""

    max_content_length = LIMIT_REQUEST
    max_form_parts = 10

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        return io.BytesIO()


def too_large() -> Refusal:
    """For a file over the limit."""
    return Refusal(413, f"This picture is over {LIMIT_BYTES >> 20} MB: send a smaller copy of it.")


def sent(request: Request) -> bytes:
    """The bytes of the one picture in the field `image`."""
    if request.mimetype != "multipart/form-data":
        raise Refusal(415, "Send the picture as multipart/form-data, in the field named image.")
    files = request.files.getlist("image")
    if len(files) != 1 or not files[0].filename:
        why = "No picture came" if not files or not files[0].filename else "More than one picture came"
        raise Refusal(400, f"{why}: send one picture, as a file in the field named image.")
    data = files[0].stream.getvalue()
    if len(data) > LIMIT_BYTES:
        raise too_large()
    return data


def unfolded(data: bytes) -> np.ndarray:
    """The picture as RGB (height, width, 3), upright; a Refusal with 413 or 415 for what is too large or no picture."""
    pixels = promised(data)
    if pixels > LIMIT_PIXELS:
        raise Refusal(
            413,
            f"This picture has {pixels:,} pixels; {LIMIT_PIXELS:,} are the limit: send a smaller copy of it.",
        )
    file = io.BytesIO(data)
    file.name = "This file"  # in the sentences: what a visitor calls it stays with the visitor
    try:
        return decode(file, grey=False)
    except NotAPicture as problem:
        raise Refusal(413 if problem.reason == "too large" else 415, str(problem)) from problem


def promised(data: bytes) -> int:
    """How many pixels the header tells, before any is unfolded; 0 where there is no header that can be read."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.width * image.height
    except Exception:  # whatever is wrong with it, the decoder says it in a sentence
        return 0
