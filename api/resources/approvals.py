"""Approve several attendances in one call: those that are named, or the clean ones of a shift."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.attendances import ApprovalsIn, ApprovalsOut
from api.schemas.reviews import CleanOut
from shifts.approval import approvals, clean_rows
from shifts.approval.clean_rows import Sorted

_LEADS = "captain of the shift, manager"


@call(
    "POST",
    "/approvals",
    who="captain of the shift, manager",
    body=ApprovalsIn,
    answer=ApprovalsOut,
)
def approve(ask: Ask) -> dict[str, Any]:
    """Approve these: all or nothing, or each for itself."""
    results = approvals.approve_all(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        attendance_ids=ask.body["attendance_ids"],
        mode=ask.body["mode"],
    )
    return {"results": results}


@call("GET", "/shifts/{shift_id}/approve-clean", who=_LEADS, answer=CleanOut)
def preview(ask: Ask) -> Sorted:
    """Which rows of the shift the call would approve, and why it would leave the others."""
    return clean_rows.preview(ask.session, actor=ask.actor, at=ask.at, shift_id=ask.ids["shift_id"])


@call("POST", "/shifts/{shift_id}/approve-clean", who=_LEADS, answer=CleanOut)
def approve_clean(ask: Ask) -> Sorted:
    """Approve the rows of the shift that nothing speaks against; the others stay as they are."""
    return clean_rows.approve(ask.session, actor=ask.actor, at=ask.at, shift_id=ask.ids["shift_id"])
