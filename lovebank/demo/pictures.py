"""Reads a QR code back from its picture, as a phone would, with a decoder that is not ours.

Invariant: where the decoder is installed (it comes with the tools for developers), no token is used
that was not read from its PNG first.
"""

from __future__ import annotations

import io
from importlib.util import find_spec

import click

from lovebank.demo.calls import Caller
from lovebank.demo.telling import expect


def can_read() -> bool:
    """Whether the decoder and the pictures' library are here."""
    return find_spec("zxingcpp") is not None and find_spec("PIL") is not None


def read(png: bytes) -> str:
    """The text of the one QR code in a picture."""
    # Both come with the developers' tools alone.
    import zxingcpp
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    expect(len(found), 1, "codes in the picture")
    return str(found[0].text)


def scanned(caller: Caller, path: str, said: str) -> str:
    """What the camera sees at a ``.png`` address; it must be what the API says it is."""
    if not can_read():
        return said
    seen = read(caller.picture(path))
    expect(seen, said, f"the code in {path}")
    click.secho(f"   ▣ zxing: {seen[:60]}", dim=True)
    return seen
