"""Uploads: who may send something, and what. All else is refused with a status and a sentence."""

from __future__ import annotations

import io
import ipaddress
import re
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import RequestEntityTooLarge

MOST_BYTES = 10 * 2**20  # of a picture's file
MOST_FIELDS = 10
EVERYWHERE = frozenset({"0.0.0.0", "[::]"})  # hosts of servers that listen on all addresses of their machine
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
OVER_MOST_BYTES = f"This picture is over {MOST_BYTES >> 20} MB: send a smaller copy of it."


class InMemory(flask.Request):
    """A request whose files stay in memory; by default those over half a megabyte are written to the disk."""

    max_content_length = MOST_BYTES + 2**16  # and of what is sent with the picture
    max_form_parts = MOST_FIELDS

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        return io.BytesIO()


def uploaded(request: flask.Request) -> bytes:
    """The bytes of the one picture in the field `image`."""
    if request.mimetype != "multipart/form-data":
        flask.abort(415, "Send the picture as multipart/form-data, in the field named image.")
    try:
        files = [file for file in request.files.getlist("image") if file.filename]
    except RequestEntityTooLarge:
        if request.content_length > request.max_content_length:
            raise
        flask.abort(
            413,
            f"This form has over {MOST_FIELDS} fields, or one over 500 kB: send the picture as a file, and few words.",
        )
    if len(files) != 1:
        flask.abort(
            400, f"{'More than one' if files else 'No'} picture came: send one, as a file in the field named image."
        )
    data = files[0].read()
    if len(data) > MOST_BYTES:
        flask.abort(413, OVER_MOST_BYTES)
    return data


def check_sender(request: flask.Request, hosts: frozenset[str] | None) -> None:
    """Refuse what another site's page sends, and names that this page was not given (None: any).

    Somebody who reads a hostile page may have this one open on the same machine; neither may use the other.
    """
    name = re.sub(r":\d*$", "", request.host).lower()
    if hosts is not None and name not in hosts and not (hosts & EVERYWHERE and is_address(name)):
        flask.abort(403, "This page does not answer to that name: open the address that its server printed.")
    site = request.headers.get("Sec-Fetch-Site")
    followed = (request.method, request.headers.get("Sec-Fetch-Dest")) == ("GET", "document")  # a link to the page
    origin = request.headers.get("Origin")
    foreign = (
        site not in ("same-origin", "none") if site else origin is not None and urlsplit(origin).netloc != request.host
    )
    if foreign and not followed:
        flask.abort(403, "This page answers its own pages only: open it in a tab of its own.")


def is_address(name: str) -> bool:
    """Whether a host is named by its number: then nobody can have bent a name towards it."""
    try:
        return bool(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return False
