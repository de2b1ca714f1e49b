"""Stand-ins: a volunteer asks somebody near them, who accepts; a captain puts somebody in.

Invariant: a volunteer is offered only who lives with them or belongs to their own team, and the
latter by masked names; the rooms decide everything else.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from shifts.rota import sign_ups, stand_ins
from web import companions, names, rota
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.get("/sign-ups/<uuid:sign_up_id>/stand-in")
def whom(visit: Visit, sign_up_id: UUID) -> Response:
    """Who could take my place?"""

    def find(session: Session) -> dict[str, Any]:
        row = sign_ups.get(session, visit.community_id, sign_up_id)
        if row.person_id != visit.me.person_id:
            # Another's place is no business of theirs, nor is whether there is one.
            return {"shift": None}
        there = [one for one in rota.coming(session, visit) if one.sign_up_id == sign_up_id]
        asked = names.of(session, visit.community_id, [row.stand_in_id])
        return {
            "shift": there[0] if there else None,
            "asked": asked.get(row.stand_in_id) if row.stand_in_id else None,
            "near": companions.of(session, visit.community_id, visit.me.person_id),
        }

    return visit.page("stand_in.html", sign_up_id=sign_up_id, **visit.read(find))


@pages.post("/sign-ups/<uuid:sign_up_id>/stand-in", again=whom)
def ask(visit: Visit, sign_up_id: UUID) -> Response:
    """Ask somebody; until they accept, the place is one's own."""
    fields = Fields(request.form)
    person_id = fields.id("person_id")
    fields.done()
    visit.write(
        lambda session: stand_ins.ask(
            session,
            actor=visit.actor,
            at=visit.at,
            sign_up_id=sign_up_id,
            person_id=person_id,
        )
    )
    return visit.go("/shifts", "stand_in_asked")


@pages.post("/sign-ups/<uuid:sign_up_id>/accept", again=rota.shifts_again)
def accept(visit: Visit, sign_up_id: UUID) -> Response:
    """Take the place that one was asked to take."""
    visit.write(
        lambda session: stand_ins.accept(
            session, actor=visit.actor, at=visit.at, sign_up_id=sign_up_id
        )
    )
    return visit.go("/shifts", "stand_in_taken")


@pages.post("/desk/sign-ups/<uuid:sign_up_id>/stand-in", roles=("captain", "manager"))
def put_in(visit: Visit, sign_up_id: UUID) -> Response:
    """Put somebody in the place of who cannot come."""
    fields = Fields(request.form)
    person_id = fields.id("person_id")
    fields.done()
    row = visit.write(
        lambda session: stand_ins.ask(
            session,
            actor=visit.actor,
            at=visit.at,
            sign_up_id=sign_up_id,
            person_id=person_id,
        )
    )
    return visit.go(f"/desk/shifts/{row.shift_id}", "stand_in_put")
