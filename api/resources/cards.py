"""Member cards: shown, drawn for print, and issued anew."""

from __future__ import annotations

from api.calls import Ask, Image, call
from api.schemas.shared import Made, Reason
from api.schemas.shifts import CodeOut
from people import cards
from people.credential_models import Card
from qr import images

_WHO = "self, manager"


@call("GET", "/people/{person_id}/card", who=_WHO, answer=CodeOut, writes=True)
def show(ask: Ask) -> dict[str, str]:
    """The card in force; the trail keeps who asked."""
    token = _token(ask)
    return {"token": token, "url": images.url(ask.program.base_url, token)}


@call("GET", "/people/{person_id}/card.svg", who=_WHO, image="image/svg+xml", writes=True)
def svg(ask: Ask) -> Image:
    """The card's code for print."""
    text = images.svg(images.url(ask.program.base_url, _token(ask)))
    return Image(text.encode(), "image/svg+xml")


@call("GET", "/people/{person_id}/card.png", who=_WHO, image="image/png", writes=True)
def png(ask: Ask) -> Image:
    """The card's code for print."""
    return Image(images.png(images.url(ask.program.base_url, _token(ask))), "image/png")


@call("POST", "/people/{person_id}/cards", who="manager", body=Reason, answer=Made, status=201)
def issue(ask: Ask) -> Card:
    """Issue a new card; the one before is revoked."""
    return cards.issue(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        person_id=ask.ids["person_id"],
        reason=ask.body["reason"],
    )


def _token(ask: Ask) -> str:
    return cards.shown(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        person_id=ask.ids["person_id"],
    )
