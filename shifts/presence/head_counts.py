"""Head-counts: how many people somebody saw at a shift, and when.

Invariant: a count is a fact and is never changed; what it says of the scans follows from both, and
punishes nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid
from shifts.presence import attendance, closing, evidence
from shifts.rota import finding, leading, times
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import HeadCount
from shifts.tables.rota import Shift

MOST = 100_000


@dataclass(frozen=True)
class Counted:
    """A count, and how many the scans and hand entries say were there at that moment."""

    id: UUID
    counted: int
    counted_at: datetime
    counted_by: UUID
    recorded: int


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    counted: int,
    counted_at: datetime | None = None,
) -> HeadCount:
    """Keep a count; the same person and moment with the same number is the one that is there.

    Raises, in this order: NotFound (shift), NotAllowed (captain of the shift, manager), Conflict
    ``shift_cancelled``, Invalid (a moment outside the shift's windows), ``already_decided`` (that
    person counted another number then).
    """
    shift = finding.get(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    # Stays before their shift: the order in which every unit holds rows.
    closing.hold_open(session, shift)
    shift = finding.locked(session, actor.community_id, shift_id)
    if shift.status == "cancelled":
        raise Conflict("shift_cancelled")
    counted_at = counted_at or at
    if not 0 <= counted <= MOST:
        raise Invalid(counted=f"is not between 0 and {MOST}")
    if counted_at > at:
        raise Invalid(counted_at="is in the future")
    if not times.open_for_check_out(shift, counted_at):
        raise Invalid(counted_at="is outside the time of the shift")
    there = _same(session, actor, shift_id, counted_at)
    if there is not None:
        if there.counted != counted:
            raise Conflict("already_decided", counted=there.counted)
        return there
    _write(session, actor, at, shift_id, counted, counted_at)
    _witness(session, shift, counted, counted_at, at)
    made = _same(session, actor, shift_id, counted_at)
    assert made is not None, "it was written just now"
    return made


def _write(
    session: Session,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    counted: int,
    counted_at: datetime,
) -> None:
    row = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "shift_id": shift_id,
        "counted": counted,
        "counted_at": counted_at,
        "counted_by": actor.person,
        "recorded_at": at,
    }
    session.execute(insert(HeadCount), [row])
    trail.record(
        session,
        actor=actor,
        action=Action.HEADS_COUNTED,
        subject=("shift", shift_id),
        at=at,
        after={"counted": counted, "counted_at": counted_at},
        row=row,
    )


def _witness(
    session: Session, shift: Shift, counted: int, counted_at: datetime, at: datetime
) -> None:
    """A count of as many as the scans say speaks for those who are still there."""
    stays = _stays(session, shift)
    there = there_at(stays, shift, counted_at, at)
    if counted != len(there):
        return
    for stay in stays:
        if stay.id in there and stay.status == "open":
            evidence.judge(stay, shift, evidence.COUNTED)
    session.flush()


def of(session: Session, shift: Shift, stays: Sequence[Attendance], at: datetime) -> list[Counted]:
    """The counts of a shift, oldest first, each beside what these stays say of its moment."""
    return [
        Counted(
            id=row.id,
            counted=row.counted,
            counted_at=row.counted_at,
            counted_by=row.counted_by,
            recorded=len(there_at(stays, shift, row.counted_at, at)),
        )
        for row in _counts(session, shift)
    ]


def told(session: Session, row: HeadCount, at: datetime) -> Counted:
    """One count as ``of`` tells it."""
    shift = finding.get(session, row.community_id, row.shift_id)
    stays = _stays(session, shift)
    return next(one for one in of(session, shift, stays, at) if one.id == row.id)


def there_at(
    stays: Sequence[Attendance], shift: Shift, moment: datetime, at: datetime
) -> set[UUID]:
    """Those of the stays that say their person was there at a moment; ids."""
    found = set()
    for stay in stays:
        if stay.status in attendance.GONE or stay.checked_in_at > moment:
            continue
        left = closing.out_at(stay, shift, at)
        if left is None or left > moment:
            found.add(stay.id)
    return found


def _counts(session: Session, shift: Shift) -> Sequence[HeadCount]:
    return session.scalars(
        select(HeadCount)
        .where(HeadCount.community_id == shift.community_id, HeadCount.shift_id == shift.id)
        .order_by(HeadCount.counted_at, HeadCount.id)
    ).all()


def _stays(session: Session, shift: Shift) -> Sequence[Attendance]:
    return session.scalars(
        select(Attendance).where(
            Attendance.community_id == shift.community_id, Attendance.shift_id == shift.id
        )
    ).all()


def _same(session: Session, actor: Actor, shift_id: UUID, counted_at: datetime) -> HeadCount | None:
    return session.scalar(
        select(HeadCount).where(
            HeadCount.community_id == actor.community_id,
            HeadCount.shift_id == shift_id,
            HeadCount.counted_by == actor.person,
            HeadCount.counted_at == counted_at,
        )
    )
