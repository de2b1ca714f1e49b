"""Altering one shift before anybody can come: its time, captain, deputies, seats and title.

Invariant: the form sends all that it shows, so that what is not touched stays as it is.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from shifts.rota import altering, finding, leading, times
from shifts.tables.rota import Shift
from web import forms, names
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages("captain", "manager")


@pages.get("/desk/shifts/<uuid:shift_id>/change")
def form(visit: Visit, shift_id: UUID) -> Response:
    """What is this shift to be?"""

    def find(session: Session) -> dict[str, Any]:
        shift = finding.get(session, visit.community_id, shift_id)
        leading.require_lead(session, visit.actor, shift)
        return {
            "shift": shift,
            "deputies": leading.deputy_ids(session, shift),
            "captains": names.holding(session, visit.community_id, "captain", "manager"),
        }

    facts = visit.read(find)
    shift = facts["shift"]
    return visit.page(
        "desk_change.html",
        starts_value=forms.local_value(shift.starts_at, visit.zone),
        ends_value=forms.local_value(shift.ends_at, visit.zone),
        may_change=may_change(visit, shift),
        **facts,
    )


@pages.post("/desk/shifts/<uuid:shift_id>/change", again=form)
def change(visit: Visit, shift_id: UUID) -> Response:
    """Make it so; who has a place is told of another time."""
    fields = Fields(request.form)
    wanted: dict[str, Any] = {
        "title": fields.text("title", most=60),
        "starts_at": fields.instant("starts_at", visit.zone),
        "ends_at": fields.instant("ends_at", visit.zone),
        "captain_id": fields.id("captain_id"),
        "deputy_ids": fields.ids("deputy_ids"),
        "seats_min": fields.maybe_number("seats_min") or 0,
        "seats": fields.maybe_number("seats", least=1),
    }
    fields.done()
    visit.write(
        lambda session: altering.alter(
            session, actor=visit.actor, at=visit.at, shift_id=shift_id, **wanted
        )
    )
    return visit.go(f"/desk/shifts/{shift_id}", "shift_changed")


def may_change(visit: Visit, shift: Shift) -> bool:
    """Whether nobody could have come yet; the room judges again."""
    is_open = finding.status_at(shift, visit.at) in ("draft", "published")
    return is_open and visit.at < shift.starts_at - times.CHECK_IN_EARLY
