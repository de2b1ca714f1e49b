"""Codes of presence: a shift's rotating code and a red post's poster."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, Image, call
from api.schemas.shifts import ShiftCodeOut
from people import roles
from qr import codes, images
from shifts.rota import finding, leading, occasions

_WHO = "captain of the shift, manager"
_POSTER_WHO = "captain, manager"


@call("GET", "/shifts/{shift_id}/code", who=_WHO, answer=ShiftCodeOut)
def show(ask: Ask) -> dict[str, Any]:
    """The rotating code of this moment, accepted until `expires_at`."""
    code = _code(ask)
    address = images.url(ask.program.base_url, code.token)
    return {"token": code.token, "url": address, "expires_at": code.expires_at}


@call("GET", "/shifts/{shift_id}/code.svg", who=_WHO, image="image/svg+xml")
def svg(ask: Ask) -> Image:
    """The rotating code of this moment for a screen."""
    text = images.svg(images.url(ask.program.base_url, _code(ask).token), images.SCREEN)
    return Image(text.encode(), "image/svg+xml")


@call("GET", "/shifts/{shift_id}/code.png", who=_WHO, image="image/png")
def png(ask: Ask) -> Image:
    """The rotating code of this moment for a screen."""
    address = images.url(ask.program.base_url, _code(ask).token)
    return Image(images.png(address, images.SCREEN), "image/png")


@call("GET", "/red-posts/{red_post_id}/poster.svg", who=_POSTER_WHO, image="image/svg+xml")
def poster_svg(ask: Ask) -> Image:
    """The printed poster's code."""
    return Image(images.svg(_poster(ask)).encode(), "image/svg+xml")


@call("GET", "/red-posts/{red_post_id}/poster.png", who=_POSTER_WHO, image="image/png")
def poster_png(ask: Ask) -> Image:
    """The printed poster's code."""
    return Image(images.png(_poster(ask)), "image/png")


def _code(ask: Ask) -> codes.Code:
    shift = finding.get(ask.session, ask.community_id, ask.ids["shift_id"])
    leading.require_lead(ask.session, ask.actor, shift)
    return codes.shift_code(ask.program.keys, shift, ask.at)


def _poster(ask: Ask) -> str:
    red_post = occasions.red_post(ask.session, ask.community_id, ask.ids["red_post_id"])
    roles.require(ask.session, ask.actor, "captain", unit_id=roles.ANYWHERE)
    return images.url(ask.program.base_url, codes.poster_token(red_post))
