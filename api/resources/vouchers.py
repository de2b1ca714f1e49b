"""The voucher of an order, drawn."""

from __future__ import annotations

from api.calls import Ask, Image, call
from api.resources.orders import shown
from kit.errors import NotAllowed
from qr import images

_WHO = "self, clerk"


@call("GET", "/orders/{order_id}/voucher.svg", who=_WHO, image="image/svg+xml")
def svg(ask: Ask) -> Image:
    """The voucher's code for a screen."""
    return Image(images.svg(_address(ask), images.SCREEN).encode(), "image/svg+xml")


@call("GET", "/orders/{order_id}/voucher.png", who=_WHO, image="image/png")
def png(ask: Ask) -> Image:
    """The voucher's code for a screen."""
    return Image(images.png(_address(ask), images.SCREEN), "image/png")


def _address(ask: Ask) -> str:
    voucher = shown(ask, ask.ids["order_id"])["voucher"]
    if voucher is None:
        raise NotAllowed()
    return str(voucher["url"])
