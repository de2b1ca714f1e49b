"""The desk of a shift's captain: today, who is missing, here, gone; the rotating code.

Invariant: the one tap approves clean rows alone; a code on the wall is never a stale one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from people import queries as people_queries
from qr import codes, images
from shifts import queries, rosters
from shifts.approval import clean_rows
from shifts.presence import cancelling, head_counts
from shifts.review import corrections
from shifts.rota import finding, leading, times
from shifts.tables.rota import Shift
from web import altering, forms, reviewing
from web.forms import Fields
from web.pages import Pages
from web.prints import drawn, grouped
from web.visit import Visit

pages = Pages("captain", "manager")
LIMIT = 100
EVERYBODY = 200


@pages.get("/desk")
def today(visit: Visit) -> Response:
    """Which shifts do I run around now?"""
    starts, ends = times.day_bounds(local_date(visit.at, visit.zone), visit.zone)

    def find(session: Session) -> list[Any]:
        found = queries.shifts(
            session,
            actor=visit.actor,
            at=visit.at,
            limit=LIMIT,
            since=starts - timedelta(days=1),
            until=ends + timedelta(days=1),
        )
        return [one for one in found if _leads(session, visit, one.id)]

    shifts = sorted(visit.read(find), key=lambda one: (one.starts_at, one.id))
    return visit.page("desk.html", shifts=shifts)


@pages.get("/desk/shifts/<uuid:shift_id>")
def one_shift(visit: Visit, shift_id: UUID) -> Response:
    """Who is missing, here, gone?"""
    for_person = Fields(request.args).maybe_id("person")

    def find(session: Session) -> dict[str, Any]:
        shift = _led(session, visit, shift_id)
        roster = rosters.of_shift(session, actor=visit.actor, at=visit.at, shift_id=shift_id)
        lines = roster.lines
        stays = [line.attendance for line in lines if line.attendance is not None]
        rows = reviewing.rows(session, visit, stays)
        found = people_queries.search(
            session, actor=visit.actor, keys=visit.program.keys, limit=EVERYBODY
        )
        people = {line.person_id: line.name for line in lines} | {
            one.id: one.name for one in found if one.active
        }
        return {
            "shift": shift,
            "missing": [
                {
                    "name": one.name,
                    "person_id": one.person_id,
                    "status": one.sign_up_status,
                    "sign_up_id": one.sign_up_id,
                    "is_me": one.person_id == visit.me.person_id,
                }
                for one in lines
                if one.standing in ("expected", "no_show", "waitlisted")
            ],
            "here_now": [row for row in rows if row.status == "open"],
            "gone": [row for row in rows if row.status != "open"],
            "head_counts": roster.head_counts,
            "may_change": altering.may_change(visit, shift),
            "clean": [row for row in rows if row.status == "submitted" and row.is_clean],
            "people": sorted(people.items(), key=lambda one: one[1]),
        }

    facts = visit.read(find)
    shift = facts["shift"]
    return visit.page(
        "desk_shift.html",
        for_person=for_person or "",
        open_hand=for_person is not None or "checked_in_at" in request.form,
        in_value=forms.local_value(shift.starts_at, visit.zone),
        out_value=forms.local_value(min(shift.ends_at, visit.at), visit.zone),
        **facts,
    )


@pages.post("/desk/shifts/<uuid:shift_id>/by-hand", again=one_shift)
def by_hand(visit: Visit, shift_id: UUID) -> Response:
    """Enter somebody who could not scan; it stays marked for ever."""
    fields = Fields(request.form)
    person_id = fields.id("person_id")
    checked_in_at = fields.instant("checked_in_at", visit.zone)
    checked_out_at = fields.instant("checked_out_at", visit.zone)
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: corrections.by_hand(
            session,
            actor=visit.actor,
            at=visit.at,
            shift_id=shift_id,
            person_id=person_id,
            checked_in_at=checked_in_at,
            checked_out_at=checked_out_at,
            reason=reason,
        )
    )
    return visit.go(f"/desk/shifts/{shift_id}", "entered")


@pages.post("/desk/shifts/<uuid:shift_id>/code-typed", again=one_shift)
def code_typed(visit: Visit, shift_id: UUID) -> Response:
    """A card's code was typed: on to the page that asks before it acts."""
    fields = Fields(request.form)
    typed = fields.text("code", most=300)
    parsed = codes.parse(typed)
    if parsed is None and "code" not in fields.errors:
        fields.errors["code"] = "no_code"
    fields.done()
    assert parsed is not None, "what is no code was refused above"
    return visit.go(f"/s/{parsed.token}?shift={shift_id}")


@pages.post("/desk/shifts/<uuid:shift_id>/heads", again=one_shift)
def count_heads(visit: Visit, shift_id: UUID) -> Response:
    """Keep how many people are there now."""
    fields = Fields(request.form)
    counted = fields.number("counted", most=head_counts.MOST)
    fields.done()
    visit.write(
        lambda session: head_counts.add(
            session, actor=visit.actor, at=visit.at, shift_id=shift_id, counted=counted
        )
    )
    return visit.go(f"/desk/shifts/{shift_id}", "heads_counted")


@pages.post("/desk/shifts/<uuid:shift_id>/approve", again=one_shift)
def approve_clean(visit: Visit, shift_id: UUID) -> Response:
    """Approve those of the rows that the page showed as clean which are so still."""
    fields = Fields(request.form)
    chosen = fields.ids("attendance_id")
    fields.done()
    visit.write(
        lambda session: clean_rows.approve(
            session, actor=visit.actor, at=visit.at, shift_id=shift_id, among=chosen
        )
    )
    return visit.go(f"/desk/shifts/{shift_id}", "approved")


@pages.post("/desk/shifts/<uuid:shift_id>/cancel", again=one_shift)
def cancel(visit: Visit, shift_id: UUID) -> Response:
    """Cancel the shift; who is there already keeps the attendance."""
    fields = Fields(request.form)
    reason = fields.text("cancel_reason", most=500)
    fields.done()
    visit.write(
        lambda session: cancelling.cancel(
            session, actor=visit.actor, at=visit.at, shift_id=shift_id, reason=reason
        )
    )
    return visit.go(f"/desk/shifts/{shift_id}", "shift_cancelled")


@pages.get("/desk/shifts/<uuid:shift_id>/code")
def code(visit: Visit, shift_id: UUID) -> Response:
    """The rotating code, full screen."""

    def find(session: Session) -> dict[str, Any]:
        shift = _led(session, visit, shift_id)
        lines = rosters.of_shift(session, actor=visit.actor, at=visit.at, shift_id=shift_id).lines
        return {
            "shift": shift,
            "checked_in": sum(line.attendance is not None for line in lines),
            "signed_up": sum(line.sign_up_status == "confirmed" for line in lines),
        }

    facts = visit.read(find)
    return visit.page("code.html", **facts, **_code(visit, facts["shift"]))


@pages.get("/desk/shifts/<uuid:shift_id>/code/part")
def code_part(visit: Visit, shift_id: UUID) -> Response:
    """The code alone, for the page that keeps itself fresh."""
    shift = visit.read(lambda session: _led(session, visit, shift_id))
    return visit.page("code_part.html", shift=shift, **_code(visit, shift))


def _code(visit: Visit, shift: Shift) -> dict[str, Any]:
    made = codes.shift_code(visit.program.keys, shift, visit.at)
    left = -(-(made.next_at - visit.at) // timedelta(seconds=1))
    return {
        "picture": drawn(visit, made.token, images.SCREEN),
        "typed_code": grouped(made.token),
        "seconds": left,
        "step": codes.STEP_SECONDS,
    }


def _led(session: Session, visit: Visit, shift_id: UUID) -> Shift:
    shift = finding.get(session, visit.community_id, shift_id)
    leading.require_lead(session, visit.actor, shift)
    return shift


def _leads(session: Session, visit: Visit, shift_id: UUID) -> bool:
    shift = finding.get(session, visit.community_id, shift_id)
    return leading.may_lead(session, visit.actor, shift)
