"""A captain chose the wrong shift: everybody is moved to the right one, after a look at it.

Invariant: the page shows for each stay what a move would make of it before anything is moved.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from shifts import queries
from shifts.review import moving
from shifts.review.move_plans import Target
from shifts.rota import finding, leading
from web import names, text
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages("captain", "manager")
#: the right shift is not far away
NEAR = timedelta(days=8)
MOST = 200


@pages.get("/desk/shifts/<uuid:shift_id>/move")
def look(visit: Visit, shift_id: UUID) -> Response:
    """Where should they have been, and what would change?"""
    to_shift_id = Fields(request.args).maybe_id("to_shift_id")
    along = request.args.get("along") == "yes"

    def find(session: Session) -> dict[str, Any]:
        shift = finding.get(session, visit.community_id, shift_id)
        leading.require_lead(session, visit.actor, shift)
        near = queries.shifts(
            session,
            actor=visit.actor,
            at=visit.at,
            limit=MOST,
            since=shift.starts_at - NEAR,
            until=shift.starts_at + NEAR,
        )
        others = [
            one
            for one in near
            if one.id != shift_id
            and one.status in ("published", "closed")
            and leading.may_lead(
                session, visit.actor, finding.get(session, visit.community_id, one.id)
            )
        ]
        return {"shift": shift, "others": others, "lines": _lines(session, visit, shift_id)}

    facts = visit.read(find)
    return visit.page("desk_move.html", to_shift_id=to_shift_id or "", along=along, **facts)


def _lines(session: Session, visit: Visit, shift_id: UUID) -> list[dict[str, Any]]:
    """Each stay as a move to the chosen shift would make it; none before one is chosen."""
    to_shift_id = Fields(request.args).maybe_id("to_shift_id")
    if to_shift_id is None:
        return []
    seen = moving.preview(
        session,
        actor=visit.actor,
        at=visit.at,
        shift_id=shift_id,
        target=Target(to_shift_id),
        along=request.args.get("along") == "yes",
    )
    named = names.of(session, visit.community_id, [one.person_id for one in seen.lines])
    return [
        {
            "name": named[one.person_id],
            "before": one.minutes_before,
            "after": one.minutes_after,
            "outcome": one.outcome,
            "why": text.say(visit.lang, f"refused.{one.code}") if one.code else "",
        }
        for one in seen.lines
    ]


@pages.post("/desk/shifts/<uuid:shift_id>/move", again=look)
def move(visit: Visit, shift_id: UUID) -> Response:
    """Move everybody."""
    fields = Fields(request.form)
    to_shift_id = fields.id("to_shift_id")
    along = fields.raw("along") == "yes"
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: moving.move(
            session,
            actor=visit.actor,
            at=visit.at,
            shift_id=shift_id,
            target=Target(to_shift_id),
            along=along,
            reason=reason,
        )
    )
    return visit.go(f"/desk/shifts/{to_shift_id}", "moved")
