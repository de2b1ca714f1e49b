"""Draw a code: the address it opens, as SVG and as PNG.

Invariant: what is drawn is an address in capitals, so that it fits the denser alphanumeric mode;
printed codes can lose a quarter of their face (level Q), those on a screen less (M).
"""

from __future__ import annotations

from io import BytesIO, StringIO

import qrcode
import segno
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

#: Modules of white around the code; scanners need them.
QUIET = 4
PRINT, SCREEN = "Q", "M"

_LEVELS = {PRINT: ERROR_CORRECT_Q, SCREEN: ERROR_CORRECT_M}


def url(base_url: str, token: str) -> str:
    """The address in the code: ``HTTPS://HOST/S/TOKEN``; ``base_url`` has no slash at its end."""
    return f"{base_url}/S/{token}".upper()


def svg(text: str, level: str = PRINT) -> str:
    """The code as an SVG document that scales to where it is put."""
    code = qrcode.QRCode(error_correction=_LEVELS[level], border=QUIET)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="100%" height="100%" shape-rendering="crispEdges" role="img">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{dark}"/></svg>'
    )


def png(text: str, level: str = PRINT, pixels_per_module: int = 10) -> bytes:
    """The code as a PNG file."""
    code = segno.make_qr(text, error=level, boost_error=False)
    image = BytesIO()
    code.save(image, kind="png", scale=pixels_per_module, border=QUIET)
    return image.getvalue()


def terminal(text: str) -> str:
    """The code in half blocks, for a terminal that shows light on dark."""
    drawn = StringIO()
    segno.make_qr(text, error=SCREEN, boost_error=False).terminal(drawn, compact=True)
    return drawn.getvalue()
