"""What the board may say of oneself: given and withdrawn by one tap, and nothing depends on it.

Invariant: to withdraw is as easy as to give; what is not asked for here is shown nowhere.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from people import consents
from people.models import Consent
from reports.public_account import BOARD, NAME
from web.pages import Pages
from web.visit import Visit

pages = Pages()
#: of the sentence that stands on the page; another sentence is another version
TEXT_VERSION = "board-name-1"


@pages.get("/me/consents")
def mine(visit: Visit) -> Response:
    """May the board say my name?"""

    def find(session: Session) -> dict[str, Any]:
        given = consents.of(session, visit.community_id, visit.me.person_id)
        return {"given": next((one for one in given if _is_open(one)), None)}

    return visit.page("consents.html", **visit.read(find))


@pages.post("/me/consents/name", again=mine)
def give(visit: Visit) -> Response:
    """Yes, my name may stand there."""
    visit.write(
        lambda session: consents.give(
            session,
            actor=visit.actor,
            at=visit.at,
            person_id=visit.me.person_id,
            purpose=BOARD,
            field=NAME,
            text_version=TEXT_VERSION,
        )
    )
    return visit.go("/me/consents", "consent_given")


@pages.post("/me/consents/name/withdraw", again=mine)
def withdraw(visit: Visit) -> Response:
    """My name goes from the board, at once."""

    def work(session: Session) -> None:
        for one in consents.of(session, visit.community_id, visit.me.person_id):
            if _is_open(one):
                consents.withdraw(session, actor=visit.actor, at=visit.at, consent_id=one.id)

    visit.write(work)
    return visit.go("/me/consents", "consent_withdrawn")


def _is_open(one: Consent) -> bool:
    return (one.purpose, one.field) == (BOARD, NAME) and one.withdrawn_at is None
