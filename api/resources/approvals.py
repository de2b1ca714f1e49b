"""Approve several attendances in one call."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.attendances import ApprovalsIn, ApprovalsOut
from shifts import approvals


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
