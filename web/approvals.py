"""What needs a reviewer's eyes: rows with a question first, then those without one.

Invariant: what the reviewer may not decide is shown as such and never offered as approvable.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from reports import sight
from shifts import queries
from shifts.approval import approvals
from shifts.approval.approvals import Line
from shifts.presence import attendance
from shifts.review import corrections
from shifts.rota import finding, leading
from web import forms, names, reviewing, text
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("captain", "manager")
LIMIT = 200


@pages.get("/desk/approvals")
def waiting(visit: Visit) -> Response:
    """What waits for a decision?"""
    return _waiting(visit, [])


@pages.post("/desk/approvals", again=waiting)
def approve_chosen(visit: Visit) -> Response:
    """Approve what is ticked, each by itself; tell of those that were refused."""
    fields = Fields(request.form)
    chosen = fields.ids("attendance_id")
    if not chosen:
        fields.errors.setdefault("attendance_id", "nothing_chosen")
    fields.done()
    lines = visit.write(
        lambda session: approvals.approve_all(
            session, actor=visit.actor, at=visit.at, attendance_ids=chosen, mode="each"
        )
    )
    if all(line.code is None for line in lines):
        return visit.go("/desk/approvals", "approved")
    return _waiting(visit.noted("approved_some"), [line for line in lines if line.code])


@pages.get("/desk/attendances/<uuid:attendance_id>")
def one(visit: Visit, attendance_id: UUID) -> Response:
    """One attendance, to decide on or to correct."""

    def find(session: Session) -> dict[str, Any]:
        seen = queries.attendance(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id
        )
        row = attendance.get(session, visit.community_id, attendance_id)
        shift = finding.get(session, visit.community_id, seen.shift_id)
        leading.require_lead(session, visit.actor, shift)
        named = names.of(session, visit.community_id, [seen.person_id])
        return {
            "row": seen,
            "shift": shift,
            "name": named[seen.person_id],
            "expected": reviewing.expected(session, visit, seen, row, shift),
            "flags": [visit.say(f"flag.{flag}") for flag in reviewing.flags_of(seen)],
            "can_explain": _may_explain(session, visit, seen.person_id),
        }

    facts = visit.read(find)
    return visit.page(
        "desk_attendance.html",
        in_value=forms.local_value(facts["row"].checked_in_at, visit.zone),
        out_value=forms.local_value(facts["row"].checked_out_at, visit.zone),
        **facts,
    )


@pages.post("/desk/attendances/<uuid:attendance_id>/approve", again=one)
def approve(visit: Visit, attendance_id: UUID) -> Response:
    """Approve it."""
    row = visit.write(
        lambda session: approvals.approve(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id
        )
    )
    seen = visit.read(
        lambda session: queries.attendance(
            session, actor=visit.actor, at=visit.at, attendance_id=row.id
        )
    )
    note = "approved" if seen.status == "credited" else "approved_notice"
    if seen.amendment is not None or seen.points is None:
        note = "approved_first"
    return visit.go(f"/desk/attendances/{attendance_id}", note)


@pages.post("/desk/attendances/<uuid:attendance_id>/reject", again=one)
def reject(visit: Visit, attendance_id: UUID) -> Response:
    """Decline it, with a reason."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    row = visit.write(
        lambda session: approvals.reject(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id, reason=reason
        )
    )
    note = "rejected" if row.status == "rejected" else "rejected_amendment"
    return visit.go(f"/desk/attendances/{attendance_id}", note)


@pages.post("/desk/attendances/<uuid:attendance_id>/amend", again=one)
def amend(visit: Visit, attendance_id: UUID) -> Response:
    """Correct its times; somebody else then decides on it."""
    fields = Fields(request.form)
    checked_in_at = fields.instant("checked_in_at", visit.zone)
    checked_out_at = fields.maybe_instant("checked_out_at", visit.zone)
    reason = fields.text("reason", most=500)
    fields.done()

    def work(session: Session) -> str:
        row = attendance.get(session, visit.community_id, attendance_id)
        unchanged = forms.local_value(row.checked_in_at, visit.zone) == forms.local_value(
            checked_in_at, visit.zone
        )
        done = corrections.amend(
            session,
            actor=visit.actor,
            at=visit.at,
            attendance_id=attendance_id,
            reason=reason,
            # The field has no seconds: what was not changed keeps the ones it has.
            checked_in_at=None if unchanged else checked_in_at,
            checked_out_at=checked_out_at,
        )
        return "amended" if done.asked_revision is None else "amended_late"

    return visit.go(f"/desk/attendances/{attendance_id}", visit.write(work))


def _waiting(visit: Visit, refused: list[Line]) -> Response:
    def find(session: Session) -> tuple[list[reviewing.Row], list[tuple[str, str]]]:
        found = queries.attendances(
            session, actor=visit.actor, at=visit.at, limit=LIMIT, undecided=True
        )
        rows = reviewing.rows(session, visit, found)
        named = {row.id: row.name for row in rows}
        failed = [
            (named.get(line.id, "—"), text.say(visit.lang, f"refused.{line.code}"))
            for line in refused
        ]
        return rows, failed

    rows, failed = visit.read(find)
    rows.sort(key=lambda row: row.checked_in_at)
    clean = [row for row in rows if row.is_clean and row.status == "submitted"]
    chosen = {row.id for row in clean}
    return visit.page(
        "approvals.html",
        office_tabs=TABS,
        clean=clean,
        flagged=[row for row in rows if row.id not in chosen],
        failed=failed,
    )


def _may_explain(session: Session, visit: Visit, person_id: UUID) -> bool:
    try:
        sight.require_account(session, visit.actor, person_id)
    except NotAllowed:
        return False
    return True
