"""Attendances as a reviewer sees them: what speaks against a row, and what it would earn.

Invariant: a row is clean only where nothing needs an eye and this very reviewer may decide on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shifts.approval import awards, deciders, exceptions
from shifts.presence import evidence, stays
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from shifts.views import AttendanceView
from web import names
from web.visit import Visit

_CAUSES = {"self", "household", "recorded", "decided_before"}
#: this very reviewer may not decide on it
_BARS = _CAUSES | {exceptions.NOT_ALLOWED}


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
    #: a break goes on
    is_away: bool

    @property
    def is_clean(self) -> bool:
        """Nothing needs an eye, and this reviewer may decide."""
        return not self.why


def rows(session: Session, visit: Visit, found: list[AttendanceView]) -> list[Row]:
    """The attendances with what a reviewer needs, in the given order."""
    named = names.of(session, visit.community_id, [one.person_id for one in found])
    shifts = _shifts(session, visit.community_id, {one.shift_id for one in found})
    stored = _stored(session, visit.community_id, [one.id for one in found])
    reasons = _reasons(session, visit, found, stored, shifts)
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
            why=[_words(visit, reason) for reason in reasons[one.id]],
            may_decide=not set(reasons[one.id]) & _BARS,
            expected=expected(session, visit, one, stored[one.id], shifts[one.shift_id]),
            is_me=one.person_id == visit.me.person_id,
            is_away=bool(one.breaks) and one.breaks[-1].ends_at is None,
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
    )
    return reckoned.sum.points


def flags_of(one: AttendanceView) -> list[str]:
    """The flags as they hold now, also where a late tick has not written one down yet."""
    late = one.status == "auto_closed" and evidence.AUTO_CLOSED not in one.flags
    return [*one.flags, evidence.AUTO_CLOSED] if late else one.flags


def _reasons(
    session: Session,
    visit: Visit,
    found: list[AttendanceView],
    stored: dict[UUID, Attendance],
    shifts: dict[UUID, Shift],
) -> dict[UUID, list[str]]:
    """What speaks against each row, as the room itself has it."""
    assert visit.settings is not None, "who reviews is signed in"
    who = deciders.decider(session, visit.actor)
    told: dict[UUID, list[str]] = {}
    for shift_id, shift in shifts.items():
        told |= exceptions.exceptions_of(
            session,
            who=who,
            at=visit.at,
            shift=shift,
            rows=[stored[one.id] for one in found if one.shift_id == shift_id],
            settings=visit.settings,
        )
    return told


def _words(visit: Visit, reason: str) -> str:
    if reason == exceptions.NOT_ALLOWED:
        return visit.say("refused.not_allowed")
    return visit.say(f"cause.{reason}" if reason in _CAUSES else f"flag.{reason}")


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
