"""Images: what is drawn is read back by a decoder that is not ours."""

import io
import re

import pytest
import zxingcpp
from PIL import Image

from qr import images

HOST = "https://love.example"
#: a token's length → (level, the version that trust.md promises for it)
TOKENS = {
    "poster": ("E" + "7" * 16, images.PRINT, 3),
    "shift": ("R" + "7" * 31, images.SCREEN, 3),
    "card": ("C" + "7" * 28, images.PRINT, 4),
    "voucher": ("V" + "7" * 28, images.SCREEN, 3),
}


def _read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1, f"{len(found)} codes found"
    return str(found[0].text)


def _rastered(svg: str, scale: int = 8) -> Image.Image:
    """The squares of our SVG's dark path, drawn by a few lines that know nothing else of it."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))  # type: ignore[union-attr] # ours has one
    image = Image.new("L", (size, size), 255)
    dark = re.search(r'fill="#000" d="([^"]*)"', svg)
    assert dark is not None
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", dark.group(1)):
        image.putpixel((int(x), int(y)), 0)
    return image.resize((size * scale, size * scale), Image.Resampling.NEAREST)


@pytest.mark.parametrize("kind", TOKENS)
def test_png_and_svg_say_the_address(kind: str) -> None:
    token, level, _version = TOKENS[kind]
    address = images.url(HOST, token)
    assert address == f"HTTPS://LOVE.EXAMPLE/S/{token}"
    png = Image.open(io.BytesIO(images.png(address, level)))
    assert _read(png.convert("L")) == address
    assert _read(_rastered(images.svg(address, level))) == address


@pytest.mark.parametrize("kind", TOKENS)
def test_a_code_is_no_denser_than_promised(kind: str) -> None:
    token, level, version = TOKENS[kind]
    svg = images.svg(images.url(HOST, token), level)
    png = Image.open(io.BytesIO(images.png(images.url(HOST, token), level, 1)))
    size = 17 + 4 * version + 2 * images.QUIET
    assert f'viewBox="0 0 {size} {size}"' in svg
    assert png.size == (size, size)


def test_an_address_with_a_port_is_drawn_too() -> None:
    address = images.url("http://127.0.0.1:8000", "E" + "A" * 16)
    assert _read(Image.open(io.BytesIO(images.png(address))).convert("L")) == address
