"""Attendances as a reviewer sees them: what speaks against a row, and what it would earn.

Invariant: a row is clean only where nothing needs an eye and this very reviewer may decide on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from shifts import awards, deciders, evidence, stays
from shifts.attendance_models import Attendance
from shifts.models import Shift
from shifts.views import AttendanceView
from web import names
from web.visit import Visit

#: these happen every day and are seen in the times themselves
ORDINARY = {"late", "left_early", "walk_in"}


@dataclass(frozen=True)
class Row:
    """One attendance under review."""

    id: UUID
    person_id: UUID
    name: str
    title: str
    status: str
    checked_in_at: datetime
    checked_out_at: datetime | None
    entered: str
    #: each flag in words
    flags: list[str]
    #: why it is not clean, in words; empty: it is
    why: list[str]
    #: this reviewer may decide on it, if they have looked
    may_decide: bool
    expected: int | None
    is_me: bool

    @property
    def is_clean(self) -> bool:
        """Nothing needs an eye, and this reviewer may decide."""
        return not self.why


def rows(session: Session, visit: Visit, found: list[AttendanceView]) -> list[Row]:
    """The attendances with what a reviewer needs, in the given order."""
    named = names.of(session, visit.community_id, [one.person_id for one in found])
    shifts = _shifts(session, visit.community_id, {one.shift_id for one in found})
    stored = _stored(session, visit.community_id, [one.id for one in found])
    who = deciders.decider(session, visit.actor)
    questions = {
        one.id: [visit.say(f"flag.{flag}") for flag in flags_of(one) if flag not in ORDINARY]
        for one in found
    }
    barred = {
        one.id: _barred(session, visit, who, stored[one.id], shifts[one.shift_id]) for one in found
    }
    return [
        Row(
            id=one.id,
            person_id=one.person_id,
            name=named[one.person_id],
            title=shifts[one.shift_id].title,
            status=one.status,
            checked_in_at=one.checked_in_at,
            checked_out_at=one.checked_out_at,
            entered=one.entered,
            flags=[visit.say(f"flag.{flag}") for flag in flags_of(one)],
            why=questions[one.id] + barred[one.id],
            may_decide=not barred[one.id],
            expected=expected(session, visit, one, stored[one.id], shifts[one.shift_id]),
            is_me=one.person_id == visit.me.person_id,
        )
        for one in found
    ]


def expected(
    session: Session, visit: Visit, one: AttendanceView, row: Attendance, shift: Shift
) -> int | None:
    """The points it has earned, or would earn if it, or what amends it, were approved now."""
    stay = stays.asked(row)
    if stay is None and one.points is None:
        stay = stays.standing(row, shift, visit.at)
    if stay is None or visit.settings is None:
        return one.points
    reckoned = awards.reckon(
        session,
        attendance=row,
        shift=shift,
        stay=stay,
        settings=visit.settings,
        at=visit.at,
        others=0,
    )
    return reckoned.sum.points


def flags_of(one: AttendanceView) -> list[str]:
    """The flags as they hold now, also where a late tick has not written one down yet."""
    late = one.status == "auto_closed" and evidence.AUTO_CLOSED not in one.flags
    return [*one.flags, evidence.AUTO_CLOSED] if late else one.flags


def _barred(
    session: Session, visit: Visit, who: deciders.Decider, row: Attendance, shift: Shift
) -> list[str]:
    """Why this reviewer may not decide on the row, in words; empty where they may."""
    try:
        deciders.require(session, who, row, shift)
    except NotAllowed as refusal:
        cause = refusal.facts.get("cause")
        return [visit.say(f"cause.{cause}" if cause else "refused.not_allowed")]
    return []


def _shifts(session: Session, community_id: UUID, shift_ids: set[UUID]) -> dict[UUID, Shift]:
    found = session.scalars(
        select(Shift).where(Shift.community_id == community_id, Shift.id.in_(shift_ids))
    )
    return {shift.id: shift for shift in found}


def _stored(
    session: Session, community_id: UUID, attendance_ids: list[UUID]
) -> dict[UUID, Attendance]:
    found = session.scalars(
        select(Attendance).where(
            Attendance.community_id == community_id, Attendance.id.in_(attendance_ids)
        )
    )
    return {row.id: row for row in found}
