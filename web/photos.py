"""A code from a photo, or from a frame of the camera: the way for phones whose browser reads none.

Invariant: reading a picture acts on nothing; it leads to the page of the code, which asks.
"""

from __future__ import annotations

from flask import Response, request

from kit.errors import Invalid
from qr import codes, photos
from web import scan
from web.pages import Pages
from web.visit import Visit

pages = Pages()
#: the picture, and what the form adds
BODY_MAX = photos.BYTES_MAX + (64 << 10)


@pages.post("/scan/photo", again=scan.type_code, body_max=BODY_MAX)
def photo(visit: Visit) -> Response:
    """On to the page of the code in a photo."""
    content = _sent()
    if not content:
        raise Invalid(photo="needed")
    token = _token(content)
    if token is None:
        raise Invalid(photo="no_code_seen")
    return scan.onward(visit, token)


@pages.post("/scan/frame", body_max=BODY_MAX)
def frame(visit: Visit) -> Response:
    """The code in a frame as text; nothing where there is none yet."""
    try:
        token = _token(_sent())
    except Invalid:
        token = None
    return Response(token or "", 200 if token else 204, mimetype="text/plain")


def _sent() -> bytes:
    chosen = request.files.get("photo")
    return chosen.stream.read(photos.BYTES_MAX + 1) if chosen is not None else b""


def _token(content: bytes) -> str | None:
    """Ours alone: whatever else a code in a picture says is no code."""
    told = photos.read(content) if content else None
    parsed = codes.parse(told) if told else None
    return parsed.token if parsed is not None else None
