"""The voucher of an order: drawn, frozen and freed, or replaced by another."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, Image, call
from api.resources.orders import REMADE, shown
from api.schemas.goods import OrderOut
from api.schemas.shared import Reason
from kit.errors import NotAllowed
from qr import images
from redemption import freezing

_WHO = "self, clerk"


@call("GET", "/orders/{order_id}/voucher.svg", who=_WHO, image="image/svg+xml")
def svg(ask: Ask) -> Image:
    """The voucher's code for a screen."""
    return Image(images.svg(_address(ask), images.SCREEN).encode(), "image/svg+xml")


@call("GET", "/orders/{order_id}/voucher.png", who=_WHO, image="image/png")
def png(ask: Ask) -> Image:
    """The voucher's code for a screen."""
    return Image(images.png(_address(ask), images.SCREEN), "image/png")


@call("POST", "/orders/{order_id}/voucher/freeze", who=_WHO, answer=OrderOut, remade=REMADE)
def freeze(ask: Ask) -> dict[str, Any]:
    """Let nobody collect with it, until it is freed or replaced."""
    done = freezing.freeze(ask.session, actor=ask.actor, at=ask.at, order_id=ask.ids["order_id"])
    return shown(ask, done.id)


@call("POST", "/orders/{order_id}/voucher/free", who=_WHO, answer=OrderOut, remade=REMADE)
def free(ask: Ask) -> dict[str, Any]:
    """Let a frozen voucher collect again."""
    done = freezing.free(ask.session, actor=ask.actor, at=ask.at, order_id=ask.ids["order_id"])
    return shown(ask, done.id)


@call(
    "POST",
    "/orders/{order_id}/voucher/reissue",
    who="clerk, not for themself or their household",
    body=Reason,
    answer=OrderOut,
    remade=REMADE,
)
def reissue(ask: Ask) -> dict[str, Any]:
    """Put another voucher in its place; the one before is void."""
    done = freezing.reissue(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        order_id=ask.ids["order_id"],
        reason=ask.body["reason"],
    )
    return shown(ask, done.id)


def _address(ask: Ask) -> str:
    voucher = shown(ask, ask.ids["order_id"])["voucher"]
    if voucher is None:
        raise NotAllowed()
    return str(voucher["url"])
