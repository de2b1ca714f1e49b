"""A shift's people in the captain's three lists: not there yet, there now, gone and not checked.

Invariant: a person stands in one of the lists or in none; which one follows from the facts and the
time of the call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from people import memberships, roles
from people.models import Person
from shifts import views
from shifts.presence import head_counts
from shifts.presence.head_counts import Counted
from shifts.rota import finding, kept_seats, leading, occasions
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import MovedStay, ShiftMove
from shifts.tables.rota import RedPost, Shift, SignUp
from shifts.views import AttendanceView

#: ended, and nobody has decided on it yet; ``approved`` with a second signature still missing
UNCHECKED = ("submitted", "auto_closed", "closed")


@dataclass(frozen=True)
class RosterLine:
    """One person of a shift.

    ``standing``: expected, present, left, no_show, moved, waitlisted, withdrawn. ``left`` covers
    every attendance that has ended, whatever was decided on it since; ``moved``: the attendance is
    at another shift now.
    """

    person_id: UUID
    name: str
    sign_up_id: UUID | None
    sign_up_status: str | None
    walked_in: bool
    attendance: AttendanceView | None
    standing: str


@dataclass(frozen=True)
class QuotaFound:
    """How many people of units of a kind a red post wants at each shift, and how many there are:
    who has a place, is there or was."""

    unit_kind: str
    wanted: int
    found: int

    @property
    def is_met(self) -> bool:
        """Otherwise the captain is warned; nobody is turned away."""
        return self.found >= self.wanted


@dataclass(frozen=True)
class Roster:
    """Everybody of a shift by name, and what was counted."""

    lines: list[RosterLine]
    head_counts: list[Counted] = field(default_factory=list)
    #: none where the red post wants nobody in particular
    quota: QuotaFound | None = None

    @property
    def expected(self) -> list[UUID]:
        """Who has a place and is not there."""
        return [one.person_id for one in self.lines if one.standing in ("expected", "no_show")]

    @property
    def present(self) -> list[UUID]:
        """Who is there now."""
        return [one.person_id for one in self.lines if one.standing == "present"]

    @property
    def unchecked(self) -> list[UUID]:
        """Who has left, and nobody has decided on it."""
        return [
            one.person_id
            for one in self.lines
            if one.attendance is not None and one.attendance.status in UNCHECKED
        ]


def of_shift(session: Session, *, actor: Actor, at: datetime, shift_id: UUID) -> Roster:
    """Everybody of a shift. Raises NotFound, NotAllowed (captain, manager, auditor)."""
    row = finding.get(session, actor.community_id, shift_id)
    if not leading.may_lead(session, actor, row):
        roles.require(session, actor, "auditor", unit_id=occasions.of(session, row).unit_id)
    mine = (SignUp.community_id == actor.community_id, SignUp.shift_id == shift_id)
    signed = {one.person_id: one for one in session.scalars(select(SignUp).where(*mine))}
    rows = session.scalars(
        select(Attendance)
        .where(
            Attendance.community_id == actor.community_id,
            Attendance.shift_id == shift_id,
            # A check-in that was taken back was none.
            (Attendance.status != "voided") | Attendance.checked_out_at.is_not(None),
        )
        .order_by(Attendance.id)
    ).all()
    stays = {one.person_id: one for one in views.attendances(session, actor.community_id, rows, at)}
    moved = _moved_away(session, row)
    people = session.execute(
        select(Person.id, Person.name)
        .where(Person.community_id == actor.community_id, Person.id.in_({*signed, *stays}))
        .order_by(Person.name, Person.id)
    )
    up = kept_seats.by_now(session, actor.community_id, at, [shift_id])
    status = {who: "confirmed" if one.id in up else one.status for who, one in signed.items()}
    lines = [
        _line(
            who.id,
            who.name,
            signed.get(who.id),
            status.get(who.id),
            stays.get(who.id),
            _away(row, at, is_moved=who.id in moved),
        )
        for who in people
    ]
    quota = _quota(session, row, lines)
    return Roster(lines, head_counts.of(session, row, rows, at), quota)


def _quota(session: Session, shift: Shift, lines: list[RosterLine]) -> QuotaFound | None:
    """Whether those are among them whom the red post wants at each shift."""
    occasion = occasions.of(session, shift)
    if not isinstance(occasion, RedPost) or occasion.quota_unit_kind is None:
        return None
    kind = occasion.quota_unit_kind
    there = [one.person_id for one in lines if one.standing in ("expected", "present", "left")]
    found = memberships.of_kind(session, shift.community_id, there, kind)
    return QuotaFound(kind, occasion.quota_seats, len(found))


def _moved_away(session: Session, shift: Shift) -> set[UUID]:
    """The people whose attendance was moved from this shift to another."""
    found = session.scalars(
        select(Attendance.person_id)
        .join(MovedStay, MovedStay.attendance_id == Attendance.id)
        .join(ShiftMove, ShiftMove.id == MovedStay.move_id)
        .where(
            Attendance.community_id == shift.community_id,
            MovedStay.community_id == shift.community_id,
            ShiftMove.community_id == shift.community_id,
            ShiftMove.from_shift_id == shift.id,
            Attendance.shift_id == ShiftMove.to_shift_id,
        )
    )
    return set(found)


def _away(shift: Shift, at: datetime, *, is_moved: bool) -> str:
    """How somebody with a place stands who has no stay at the shift."""
    if is_moved:
        return "moved"
    return "no_show" if at >= shift.ends_at else "expected"


def _line(
    person_id: UUID,
    name: str,
    signed: SignUp | None,
    status: str | None,
    stay: AttendanceView | None,
    away: str,
) -> RosterLine:
    """``status``: that of the sign-up by now; ``away``: how they stand who have a place and no
    stay."""
    if stay is not None:
        standing = "present" if stay.status == "open" else "left"
    elif away != "moved" and status is not None and status != "confirmed":
        standing = status
    else:
        standing = away
    return RosterLine(
        person_id=person_id,
        name=name,
        sign_up_id=signed.id if signed else None,
        sign_up_status=status,
        walked_in=signed is not None and signed.walked_in_at is not None,
        attendance=stay,
        standing=standing,
    )
