"""One call for a shift's clean rows: it approves those, and says why it leaves the others.

Invariant: what the preview calls clean is what the call approves, judged again under held rows; a
row with any reason stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import DomainError
from people import communities, roles
from shifts.approval import approvals, deciders, decisions, exceptions
from shifts.approval.exceptions import Reasons
from shifts.presence import closing
from shifts.rota import finding, leading, occasions
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


@dataclass(frozen=True)
class Left:
    """A row that somebody has to look at, and why."""

    id: UUID
    person_id: UUID
    reasons: list[str]


@dataclass(frozen=True)
class Sorted:
    """A shift's rows that wait for a decision: the clean ones, and the others with their reasons.

    ``credited`` are those of the clean ones that were credited (none in a preview).
    """

    clean: list[UUID]
    exceptions: list[Left]
    credited: int = 0


def preview(session: Session, *, actor: Actor, at: datetime, shift_id: UUID) -> Sorted:
    """What the call would approve for this actor, and what it would leave.

    Raises NotFound, NotAllowed (captain of the shift, manager, auditor).
    """
    shift = finding.get(session, actor.community_id, shift_id)
    if not leading.may_lead(session, actor, shift):
        roles.require(session, actor, "auditor", unit_id=occasions.of(session, shift).unit_id)
    rows = _waiting(session, shift, at)
    found = exceptions.exceptions_of(
        session,
        who=deciders.decider(session, actor),
        at=at,
        shift=shift,
        rows=rows,
        settings=communities.settings_of(session, actor.community_id),
    )
    return _sorted(rows, found)


def approve(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    among: Collection[UUID] | None = None,
) -> Sorted:
    """Approve the clean rows of a shift, all in one; again, it finds none left.

    ``among``: only those that somebody was shown.

    Raises as ``preview``, and Short ``over_budget``: then nothing is approved.
    """
    shift = finding.get(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    waiting = [row.id for row in _waiting(session, shift, at) if among is None or row.id in among]
    call = decisions.begin(session, actor, at, waiting)
    rows = [
        row for row in call.rows.values() if row.shift_id == shift_id and _waits(row, shift, at)
    ]
    found = exceptions.exceptions_of(
        session, who=call.who, at=at, shift=shift, rows=rows, settings=call.settings
    )
    verdicts = []
    for row in rows:
        if found[row.id]:
            continue
        try:
            verdicts.append(decisions.judge(session, call, row.id))
        except DomainError as refusal:
            found[row.id] = [refusal.code]
    approvals.write(session, call, verdicts)
    credited = sum(one.award is not None for one in verdicts)
    return _sorted(rows, found, credited)


def _sorted(rows: list[Attendance], found: Reasons, credited: int = 0) -> Sorted:
    ordered = sorted(rows, key=lambda row: row.id)
    return Sorted(
        clean=[row.id for row in ordered if not found[row.id]],
        exceptions=[Left(row.id, row.person_id, found[row.id]) for row in ordered if found[row.id]],
        credited=credited,
    )


def _waiting(session: Session, shift: Shift, at: datetime) -> list[Attendance]:
    rows = session.scalars(
        select(Attendance)
        .where(Attendance.community_id == shift.community_id, Attendance.shift_id == shift.id)
        .order_by(Attendance.id)
    )
    return [row for row in rows if _waits(row, shift, at)]


def _waits(row: Attendance, shift: Shift, at: datetime) -> bool:
    """Whether somebody has to decide on it, or on an amendment of it."""
    status = closing.status_at(row, shift, at)
    return status in ("submitted", "auto_closed", "approved") or row.asked_revision is not None
