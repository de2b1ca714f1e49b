"""The home page: what is next for me, what have I, what is there to do.

Invariant: a stranger sees nothing of anybody here.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from redemption import queries as order_queries
from redemption import wallets
from shifts import queries
from shifts.rota import finding
from web import rota
from web.office import TABS
from web.pages import Pages
from web.shop import what
from web.visit import Visit

pages = Pages()


@pages.get("/", strangers=True)
def home(visit: Visit) -> Response:
    """Home, or a welcome."""
    if visit.signed_in is None:
        return visit.page("welcome.html")
    if visit.me.must_set_password:
        return visit.go("/me/password", "set_password")
    work = [
        (href, pic, key)
        for href, pic, key, roles in TABS
        if visit.holds(*roles) and key in ("desk", "approvals", "counter", "office", "books")
    ]
    return visit.page("home.html", work=work, **visit.read(lambda session: _facts(session, visit)))


def open_orders(session: Session, visit: Visit) -> list[dict[str, Any]]:
    """One's own orders that wait to be collected."""
    found = order_queries.listed(
        session,
        actor=visit.actor,
        keys=visit.program.keys,
        at=visit.at,
        limit=20,
        status="ready",
        person_id=visit.me.person_id,
    )
    return [
        {"id": one.id, "what": what(one), "lapses_at": one.lapses_at, "status": one.status}
        for one in found
    ]


def _facts(session: Session, visit: Visit) -> dict[str, Any]:
    here = queries.attendances(
        session,
        actor=visit.actor,
        at=visit.at,
        limit=1,
        status="open",
        person_id=visit.me.person_id,
    )
    shift = finding.get(session, visit.community_id, here[0].shift_id) if here else None
    return {
        "here_now": {"title": shift.title, "since": here[0].checked_in_at} if shift else None,
        "stay": here[0] if here else None,
        "pause": here[0].breaks[-1] if here and here[0].breaks else None,
        "coming": [one for one in rota.coming(session, visit) if one.mine == "confirmed"],
        "wallet": wallets.of(session, visit.community_id, visit.me.person_id, visit.at),
        "orders": open_orders(session, visit),
    }
