"""Attendances: entered by hand, looked at, decided on, explained."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api import cursors, problems
from api.calls import Ask, Page, call
from api.schemas.attendances import (
    AmendIn,
    AttendanceIn,
    AttendanceOut,
    AttendancesQuery,
    ExplanationOut,
)
from api.schemas.shared import Reason
from reports import chain, sentences, sight
from shifts import queries
from shifts.approval import approvals
from shifts.presence import attendance, breaks, going_on, undoing
from shifts.review import corrections
from shifts.views import AttendanceView

_LEADS = "captain of the shift, manager"
_WANTED = ("status", "shift_id", "person_id", "amendment")


def shown(ask: Ask, attendance_id: UUID) -> AttendanceView:
    """The attendance with this id, as the caller may see it."""
    return queries.attendance(ask.session, actor=ask.actor, at=ask.at, attendance_id=attendance_id)


@call("POST", "/attendances", who=_LEADS, body=AttendanceIn, answer=AttendanceOut, status=201)
def enter(ask: Ask) -> AttendanceView:
    """Enter a stay by hand; it is marked so for ever."""
    made = corrections.by_hand(ask.session, actor=ask.actor, at=ask.at, **ask.body)
    return shown(ask, made.id)


@call(
    "GET",
    "/attendances",
    who=f"self, {_LEADS}, auditor",
    query=AttendancesQuery,
    answer=AttendanceOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """The attendances that the caller may see, newest first."""
    wanted: dict[str, Any] = {name: ask.query.get(name) for name in _WANTED}
    return cursors.page(
        ask,
        lambda limit, before: queries.attendances(
            ask.session, actor=ask.actor, at=ask.at, limit=limit, before=before, **wanted
        ),
    )


@call("GET", "/attendances/{attendance_id}", who=f"self, {_LEADS}, auditor", answer=AttendanceOut)
def show(ask: Ask) -> AttendanceView:
    """One attendance."""
    return shown(ask, ask.ids["attendance_id"])


@call(
    "POST",
    "/attendances/{attendance_id}/undo",
    who="whoever scanned, within two minutes",
    answer=AttendanceOut,
)
def undo(ask: Ask) -> AttendanceView:
    """Take one's own check-out back, or one's check-in: nothing is erased, both stay on record."""
    done = undoing.undo(
        ask.session, actor=ask.actor, at=ask.at, attendance_id=ask.ids["attendance_id"]
    )
    return shown(ask, done.id)


@call("POST", "/attendances/{attendance_id}/go-on", who=f"self, {_LEADS}", answer=AttendanceOut)
def go_on(ask: Ask) -> AttendanceView:
    """End it where its person was scanned in at another red post; each is summed for itself."""
    done = going_on.go_on(
        ask.session, actor=ask.actor, at=ask.at, attendance_id=ask.ids["attendance_id"]
    )
    return shown(ask, done.id)


@call("POST", "/attendances/{attendance_id}/breaks", who=f"self, {_LEADS}", answer=AttendanceOut)
def begin_break(ask: Ask) -> AttendanceView:
    """Begin a break now: its minutes are not counted. One that goes on stays as it is."""
    done = breaks.begin(
        ask.session, actor=ask.actor, at=ask.at, attendance_id=ask.ids["attendance_id"]
    )
    return shown(ask, done.id)


@call(
    "POST", "/attendances/{attendance_id}/breaks/end", who=f"self, {_LEADS}", answer=AttendanceOut
)
def end_break(ask: Ask) -> AttendanceView:
    """End the break that goes on; where none does, nothing changes."""
    done = breaks.end(
        ask.session, actor=ask.actor, at=ask.at, attendance_id=ask.ids["attendance_id"]
    )
    return shown(ask, done.id)


@call("POST", "/attendances/{attendance_id}/approve", who=_LEADS, answer=AttendanceOut)
def approve(ask: Ask) -> AttendanceView:
    """Approve and credit, or approve the amendment that waits; above the second tier the second
    manager credits."""
    done = approvals.approve(
        ask.session, actor=ask.actor, at=ask.at, attendance_id=ask.ids["attendance_id"]
    )
    return shown(ask, done.id)


@call(
    "POST",
    "/attendances/{attendance_id}/reject",
    who=_LEADS,
    body=Reason,
    answer=AttendanceOut,
)
def reject(ask: Ask) -> AttendanceView:
    """Reject it, or the amendment that waits, and say why."""
    done = approvals.reject(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        attendance_id=ask.ids["attendance_id"],
        reason=ask.body["reason"],
    )
    return shown(ask, done.id)


@call(
    "POST",
    "/attendances/{attendance_id}/amend",
    who=_LEADS,
    body=AmendIn,
    answer=AttendanceOut,
)
def amend(ask: Ask) -> AttendanceView:
    """Correct the times; whoever amends may not approve. What is credited already stands until a
    second person approves the amendment."""
    done = corrections.amend(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        attendance_id=ask.ids["attendance_id"],
        **ask.body,
    )
    return shown(ask, done.id)


@call(
    "GET",
    "/attendances/{attendance_id}/explanation",
    who="self, manager, treasurer, auditor",
    answer=ExplanationOut,
)
def explain(ask: Ask) -> dict[str, Any]:
    """The whole chain: scan, attendance, approval, rule, award, transfer, lot, order, fund."""
    row = attendance.get(ask.session, ask.community_id, ask.ids["attendance_id"])
    sight.require_account(ask.session, ask.actor, row.person_id)
    found = chain.explanation(ask.session, ask.community_id, row.id, at=ask.at)
    return {
        "attendance": found.attendance,
        "chain": problems.plain(found),
        "sentences": sentences.of(found, ask.language),
    }
