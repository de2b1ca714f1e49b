"""Many past attendances at once, from lists on paper: entered by hand, imported, to be decided on.

Invariant: each is submitted and credits nothing by itself; it bears ``hand`` and ``imported`` for
ever, and whoever imported it decides nothing about it (design D8).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from audit import leaves, trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from kit import ids, stroke
from kit.parts import Added
from people import roles
from shifts import locks, reasons
from shifts.presence import evidence, records
from shifts.tables.attendance import Attendance, AttendanceRecord
from shifts.tables.rota import Activity, RedPost, Shift

_RECORDS = cast("Table", AttendanceRecord.__table__)


@dataclass(frozen=True)
class Stay:
    """A stay on paper, and the shift that it belongs to."""

    person_id: UUID
    shift: Shift
    checked_in_at: datetime
    checked_out_at: datetime


@dataclass(frozen=True)
class Kept:
    """An attendance that is there."""

    person_id: UUID
    shift_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None
    status: str


def occasions(session: Session, community_id: UUID) -> list[RedPost | Activity]:
    """Every red post and activity of a community."""
    red_posts = session.scalars(select(RedPost).where(RedPost.community_id == community_id))
    activities = session.scalars(select(Activity).where(Activity.community_id == community_id))
    return [*red_posts, *activities]


def shifts_between(
    session: Session, community_id: UUID, first: datetime, last: datetime
) -> list[Shift]:
    """The shifts that begin between two instants and were neither drafts nor cancelled."""
    return list(
        session.scalars(
            select(Shift)
            .where(
                Shift.community_id == community_id,
                Shift.starts_at.between(first, last),
                Shift.status.in_(("published", "closed")),
            )
            .order_by(Shift.id)
        )
    )


def kept_of(
    session: Session, community_id: UUID, person_ids: Collection[UUID]
) -> dict[UUID, list[Kept]]:
    """Every attendance of these people, gone ones too."""
    found: dict[UUID, list[Kept]] = {}
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), 400):
        rows = session.execute(
            select(
                Attendance.person_id,
                Attendance.shift_id,
                Attendance.checked_in_at,
                Attendance.checked_out_at,
                Attendance.status,
            ).where(
                Attendance.community_id == community_id,
                Attendance.person_id.in_(wanted[start : start + 400]),
            )
        )
        for row in rows:
            found.setdefault(row.person_id, []).append(Kept(*row))
    return found


def enter_all(
    session: Session, *, actor: Actor, at: datetime, stays: Sequence[Stay], reason: str
) -> None:
    """Enter them, for one reason; persons, times and shifts were checked by the caller.

    Raises NotAllowed (manager of the community).
    """
    roles.require(session, actor, "manager")
    community_id = actor.community_id
    people = sorted({stay.person_id for stay in stays})
    for start in range(0, len(people), 400):
        locks.hold_people(session, community_id, people[start : start + 400])
    digest = reasons.keep(session, community_id, reason)
    made = [_attendance(community_id, stay) for stay in stays]
    # Their people are held: nobody scans a card of theirs meanwhile.
    session.add_all(made)
    session.flush()
    told = [_record(actor, at, one, digest) for one in made]
    stroke.write(session, community_id, [Added(_RECORDS, told)])
    deeds = [
        Deed(
            Action.ENTERED_BY_HAND,
            ("attendance", one.id),
            reason_code=reasons.STATED,
            after=records.times_of(one) | records.told(one),
            row=row,
        )
        for one, row in zip(made, told, strict=True)
    ]
    trail.record_all(session, actor=actor, at=at, deeds=deeds)


def _attendance(community_id: UUID, stay: Stay) -> Attendance:
    row = Attendance(
        community_id=community_id,
        id=ids.new(),
        shift_id=stay.shift.id,
        person_id=stay.person_id,
        status="submitted",
        checked_in_at=stay.checked_in_at,
        checked_out_at=stay.checked_out_at,
        entered="hand",
        flags=[],
        revision=1,
        scanned_at=None,
    )
    evidence.judge(row, stay.shift, evidence.HAND, evidence.LATE_ENTRY, evidence.IMPORTED)
    return row


def _record(actor: Actor, at: datetime, one: Attendance, digest: bytes) -> dict[str, Any]:
    # The trail's digest covers every column, those without a value too.
    return dict.fromkeys(_RECORDS.columns.keys()) | {
        "community_id": actor.community_id,
        "id": ids.new(),
        "attendance_id": one.id,
        "actor_id": actor.person,
        "kind": "entry",
        "at": at,
        "after": leaves.plain(records.times_of(one)),
        "reason_code": reasons.STATED,
        "text_digest": digest,
    }
