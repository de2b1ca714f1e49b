"""Why this number: the chain of one attendance, step by step (design D9).

Invariant: every sentence is made from stored facts by the same room that the API asks.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from reports import chain, sentences, sight
from reports.chain import Chain
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.get("/attendances/<uuid:attendance_id>")
def why(visit: Visit, attendance_id: UUID) -> Response:
    """Why this number?"""

    def find(session: Session) -> Chain:
        found = chain.explanation(session, visit.community_id, attendance_id, at=visit.at)
        sight.require_account(session, visit.actor, found.attendance.person_id)
        return found

    found = visit.read(find)
    stay = found.attendance
    mine = stay.person_id == visit.me.person_id
    told = visit.say("explain.why", n=stay.points) if stay.points is not None else ""
    return visit.page(
        "explain.html",
        title=told or visit.say("explain.not_yet"),
        subtitle=f"{found.occasion} · {found.shift.title}",
        points=stay.points,
        standing=stay.status,
        steps=sentences.of(found, visit.lang),
        spent=_spent(found) if mine else [],
        numbers=_numbers(visit, found),
        is_mine=mine,
        attendance_id=stay.id,
        back="/me" if mine else f"/desk/shifts/{found.shift.id}",
    )


def _spent(found: Chain) -> list[dict[str, Any]]:
    """The orders that these points went on."""
    return [
        {
            "href": f"/orders/{order.order_id}",
            "what": "，".join(f"{part.name} × {part.quantity}" for part in order.goods),
            "points": order.points,
        }
        for award in found.awards
        for lot in award.lots
        for order in lot.orders
        if order.points
    ]


def _numbers(visit: Visit, found: Chain) -> list[tuple[str, str]]:
    """The ids, for an auditor."""
    rows = [(visit.say("explain.attendance"), str(found.attendance.id))]
    for award in found.awards:
        rows.append((visit.say("explain.revision", n=award.revision), award.fund_name))
        if award.transfer_id is not None:
            rows.append((visit.say("books.number"), str(award.transfer_id)))
    return rows
