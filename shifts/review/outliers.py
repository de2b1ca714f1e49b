"""Who enters, or approves, unusually much by hand: a list to look at, the most unusual first.

Invariant: it counts and compares, and nothing follows from it by itself. Everybody who records or
approves stands in it, so that to be listed says nothing of anyone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from people import roles
from people.models import Person
from shifts.tables.attendance import Approval, Attendance, AttendanceRecord

WITHIN = timedelta(days=90)
#: fewer than this by hand are no pattern
FEW = 5
#: so many times the share of all the others is unusual
TIMES = 2
ENTERED, APPROVED = "entered", "approved"

#: (who, whether it was by hand), once for each attendance
Deeds = Iterable[tuple[UUID, bool]]


@dataclass(frozen=True)
class Line:
    """One person's deeds of one kind: attendances, and how many of them came in by hand.

    ``others_percent`` is the share of everybody else, with which one's own is compared.
    """

    person_id: UUID
    name: str
    deed: str
    attendances: int
    by_hand: int
    percent: int
    others_percent: int
    unusual: bool


def by_hand(session: Session, *, actor: Actor, at: datetime) -> list[Line]:
    """Recorders by what they entered or scanned, approvers by what they approved, in 90 days.

    Raises NotAllowed (manager, auditor of the community).
    """
    roles.require(session, actor, "manager", "auditor")
    since, community_id = at - WITHIN, actor.community_id
    recorded = session.execute(
        select(AttendanceRecord.actor_id, Attendance.entered == "hand")
        .join(Attendance, Attendance.id == AttendanceRecord.attendance_id)
        .where(
            AttendanceRecord.community_id == community_id,
            Attendance.community_id == community_id,
            AttendanceRecord.at > since,
            AttendanceRecord.actor_id != Attendance.person_id,
            AttendanceRecord.kind.in_(("entry", "check_in")),
        )
    )
    approved = session.execute(
        select(Approval.decided_by, Attendance.entered == "hand")
        .join(Attendance, Attendance.id == Approval.attendance_id)
        .where(
            Approval.community_id == community_id,
            Attendance.community_id == community_id,
            Approval.decided_at > since,
            Approval.decision == "approve",
        )
    )
    counted = {
        ENTERED: _counted((who, by_hand) for who, by_hand in recorded),
        APPROVED: _counted((who, by_hand) for who, by_hand in approved),
    }
    wanted = {who for people in counted.values() for who in people}
    rows = session.execute(
        select(Person.id, Person.name).where(
            Person.community_id == community_id, Person.id.in_(sorted(wanted))
        )
    )
    names = {person_id: name for person_id, name in rows}
    found = [
        _line(who, names[who], deed, people) for deed, people in counted.items() for who in people
    ]
    return sorted(found, key=lambda one: (not one.unusual, -one.by_hand, one.deed, one.person_id))


def _counted(deeds: Deeds) -> dict[UUID, tuple[int, int]]:
    """Of each person: how many, and how many by hand."""
    found: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for who, is_by_hand in deeds:
        some, hand = found[who]
        found[who] = (some + 1, hand + bool(is_by_hand))
    return dict(found)


def _line(who: UUID, name: str, deed: str, people: dict[UUID, tuple[int, int]]) -> Line:
    some, hand = people[who]
    others = sum(one for one, _hand in people.values()) - some
    others_hand = sum(one for _some, one in people.values()) - hand
    # Compared as whole numbers, so that no rounding makes somebody unusual.
    unusual = hand >= FEW and hand * max(others, 1) > TIMES * others_hand * some
    return Line(
        person_id=who,
        name=name,
        deed=deed,
        attendances=some,
        by_hand=hand,
        percent=100 * hand // some,
        others_percent=100 * others_hand // others if others else 0,
        unusual=unusual,
    )
