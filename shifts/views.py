"""What api and pages show of shifts and attendances: plain facts, judged at the time of the call.

Invariant: a view is made from rows and an instant; it never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from shifts.approval import exceptions, notice
from shifts.presence import closing, stays
from shifts.presence.stays import Stay
from shifts.rota import finding, leading, planning
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import Shift


@dataclass(frozen=True)
class ShiftView:
    """A shift; ``closed`` as soon as nobody can check out any more."""

    id: UUID
    title: str
    red_post_id: UUID | None
    activity_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    seats: int | None
    seats_taken: int
    captain_id: UUID
    deputy_ids: list[UUID]
    status: str
    seats_min: int
    template_id: UUID | None
    #: the template's date that it takes
    slot_on: date | None


@dataclass(frozen=True)
class AmendmentView:
    """An amendment of what is credited, that waits for a second person."""

    revision: int
    shift_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime
    minutes: int


@dataclass(frozen=True)
class BreakView:
    """A pause of a stay; one without an end goes on, or lasted as long as the stay."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class AttendanceView:
    """An attendance; ``minutes`` counted so far, ``points`` once there is an award.

    ``available_on``: the first day after its notice, for an award that has or had one.
    """

    id: UUID
    shift_id: UUID
    person_id: UUID
    status: str
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes: int
    points: int | None
    entered: str
    evidence: str
    flags: list[str]
    revision: int
    available_on: date | None
    amendment: AmendmentView | None
    breaks: tuple[BreakView, ...] = ()


def shifts(
    session: Session, community_id: UUID, rows: Sequence[Shift], at: datetime
) -> list[ShiftView]:
    """Shifts of one community, in the given order."""
    deputies = leading.deputies_of(session, community_id, [row.id for row in rows])
    # What is in sight and not written down yet has the deputies of its template.
    unwritten = {row.id: row.template_id for row in rows if inspect(row).transient}
    if unwritten:
        theirs = planning.deputies_of(session, community_id, filter(None, unwritten.values()))
        deputies |= {one: theirs.get(of, []) for one, of in unwritten.items() if of is not None}
    return [
        ShiftView(
            id=row.id,
            title=row.title,
            red_post_id=row.red_post_id,
            activity_id=row.activity_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            seats=row.seats,
            seats_taken=row.seats_taken,
            captain_id=row.captain_id,
            deputy_ids=deputies.get(row.id, []),
            status=finding.status_at(row, at),
            seats_min=row.seats_min,
            template_id=row.template_id,
            slot_on=row.slot_on,
        )
        for row in rows
    ]


def attendances(
    session: Session, community_id: UUID, rows: Sequence[Attendance], at: datetime
) -> list[AttendanceView]:
    """Attendances of one community, in the given order."""
    concerned = {row.shift_id for row in rows} | {row.asked_shift_id for row in rows}
    by_id = _shifts(session, community_id, {one for one in concerned if one is not None})
    credited = [row.id for row in rows if row.status in ("credited", "voided")]
    awarded = _awards(session, community_id, credited) if credited else {}
    # Few wait for the end of a notice, and a scan should not ask for what it does not need.
    waits = any(row.available_on is not None for row in rows)
    today = notice.today(session, community_id, at) if waits else None
    return [
        _attendance(
            row,
            by_id[row.shift_id],
            by_id[row.asked_shift_id or row.shift_id],
            awarded.get(row.id),
            at,
            today,
        )
        for row in rows
    ]


def _shifts(session: Session, community_id: UUID, ids: set[UUID]) -> dict[UUID, Shift]:
    """These shifts; those that the unit has read already are not read again."""
    keys = {one: identity_key(Shift, (community_id, one)) for one in ids}
    there = {one: session.identity_map.get(key) for one, key in keys.items()}
    found = {one: shift for one, shift in there.items() if isinstance(shift, Shift)}
    missing = ids - found.keys()
    if missing:
        rows = session.scalars(
            select(Shift).where(Shift.community_id == community_id, Shift.id.in_(missing))
        )
        found |= {shift.id: shift for shift in rows}
    return found


def _attendance(
    row: Attendance,
    shift: Shift,
    to: Shift,
    award: Award | None,
    at: datetime,
    today: date | None,
) -> AttendanceView:
    """``to``: the shift that an amendment asks for, else its own."""
    stay, asked = stays.standing(row, shift, at), stays.asked(row)
    minutes = 0
    if award is not None:
        minutes = award.minutes
    elif stay is not None:
        minutes = stay.minutes(shift)
    return AttendanceView(
        id=row.id,
        shift_id=row.shift_id,
        person_id=row.person_id,
        status=notice.status_on(row, closing.status_at(row, shift, at), today),
        checked_in_at=row.checked_in_at,
        checked_out_at=stay.checked_out_at if stay is not None else None,
        minutes=minutes,
        points=award.points if award is not None else None,
        entered=row.entered,
        evidence=row.evidence,
        flags=_flags(row, shift),
        revision=row.revision,
        available_on=row.available_on,
        amendment=None if asked is None else _amendment(row, asked, to),
        breaks=tuple(
            BreakView(datetime.fromisoformat(starts), ends and datetime.fromisoformat(ends))
            for starts, ends in row.breaks
        ),
    )


def _flags(row: Attendance, shift: Shift) -> list[str]:
    """What is remembered of it, and what follows from the facts."""
    found = list(row.flags)
    if exceptions.made_late(shift):
        found.append(exceptions.MADE_LATE)
    if row.asked_revision is not None:
        found.append(exceptions.AMENDMENT_WAITING)
    return found


def _amendment(row: Attendance, asked: Stay, shift: Shift) -> AmendmentView:
    return AmendmentView(
        shift_id=row.asked_shift_id or row.shift_id,
        revision=asked.revision,
        checked_in_at=asked.checked_in_at,
        checked_out_at=asked.checked_out_at,
        minutes=asked.minutes(shift),
    )


def _awards(
    session: Session, community_id: UUID, attendance_ids: Sequence[UUID]
) -> dict[UUID, Award]:
    """The last award of each."""
    rows = session.scalars(
        select(Award)
        .where(Award.community_id == community_id, Award.attendance_id.in_(list(attendance_ids)))
        .order_by(Award.revision)
    )
    return {row.attendance_id: row for row in rows}
