"""Read the code in a photo: for who has no camera in the browser, and for frames of one that has.

Invariant: nothing of a picture is kept; one that is too large, or is none, is refused before it
is unpacked.
"""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image, ImageOps

from kit.errors import Invalid

#: of the file, and of what it unpacks to: phones make 12 to 50 million pixels
BYTES_MAX = 12 << 20
PIXELS_MAX = 64_000_000
#: a code that fills a fifth of the picture still has four pixels a module at this size
_SIDES = (1600, 3200)
_FORMATS = ("JPEG", "PNG", "WEBP")


def read(content: bytes) -> str | None:
    """What the code in a picture says; none where there is no code, or several.

    Raises Invalid ``photo`` where it is no picture that can be read, or too large a one.
    """
    if len(content) > BYTES_MAX:
        raise Invalid(photo="is too large a picture")
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for side in _SIDES:
        found = zxingcpp.read_barcodes(_grey(content, side), formats=wanted)
        told = {one.text for one in found}
        if told:
            return told.pop() if len(told) == 1 else None
    return None


def _grey(content: bytes, side: int) -> Image.Image:
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                raise Invalid(photo="is too large a picture")
            # A JPEG is unpacked at a fraction of its size, which is most of the work.
            picture.draft("L", (side, side))
            upright = ImageOps.exif_transpose(picture).convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise Invalid(photo="is no picture that can be read") from problem
    upright.thumbnail((side, side))
    return upright
