"""Signals: what a person should look at before they approve, worked out from what is kept anyway.

Invariant: a signal is a question and never a verdict. It is worked out anew each time it is asked
for, is stored nowhere, refuses nobody and takes nothing; a row that has one is only not approved
unseen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.models import Person
from shifts.presence import attendance, closing, evidence, head_counts
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import HeadCount
from shifts.tables.rota import Shift

#: somebody counted fewer people than the scans say were there
HEAD_COUNT = "head_count"
#: more than a handful came by one picture of the rotating code, and nobody counted as many
BURST = "burst"
#: one claim ticket, which is an address of one browser, was used by several people
SHARED_TICKET = "shared_ticket"
#: one phone checked in people of different households
SHARED_DEVICE = "shared_device"
#: the same person is at two shifts at once
TWO_PLACES = "two_places"
#: not for the first time: is something in the way of checking out?
OFTEN_FORGETS = "often_forgets"
ALL = (HEAD_COUNT, BURST, SHARED_TICKET, SHARED_DEVICE, TWO_PLACES, OFTEN_FORGETS)

#: so many come by one step of the code without a question
BURST_ABOVE = 5
#: so many stays that nobody ended, within so long, are a question
FORGOTTEN, FORGOTTEN_WITHIN = 3, timedelta(days=60)
#: what began longer ago than this before a row is not looked at
LONGEST_STAY = timedelta(days=2)


def of(
    session: Session, community_id: UUID, rows: Sequence[Attendance], at: datetime
) -> dict[UUID, list[str]]:
    """The signals of these attendances, each in the order of ``ALL``; who has none is missing."""
    wanted = {row.id for row in rows}
    found: dict[UUID, set[str]] = defaultdict(set)
    shift_ids = {row.shift_id for row in rows}
    shifts = _shifts(session, community_id, shift_ids)
    stays = _stays(session, community_id, shift_ids)
    counts = _counts(session, community_id, shift_ids)
    homes = _households(session, community_id, stays)
    for shift_id, there in stays.items():
        mine = _Shift(shifts[shift_id], there, counts.get(shift_id, []), at)
        for signal, marked in (
            (HEAD_COUNT, mine.doubted()),
            (BURST, mine.burst()),
            (SHARED_TICKET, mine.shared("ticket", None)),
            (SHARED_DEVICE, mine.shared("device", homes)),
        ):
            for attendance_id in marked & wanted:
                found[attendance_id].add(signal)
    for attendance_id in _in_two_places(session, community_id, rows, shifts, at):
        found[attendance_id].add(TWO_PLACES)
    for attendance_id in _forgetting(session, community_id, rows, shifts, at):
        found[attendance_id].add(OFTEN_FORGETS)
    return {one: [signal for signal in ALL if signal in had] for one, had in found.items()}


class _Shift:
    """One shift with everything that says who was there."""

    def __init__(
        self, shift: Shift, stays: Sequence[Attendance], counts: Sequence[HeadCount], at: datetime
    ) -> None:
        self.stays = stays
        #: each count: when, how many somebody saw, and who was there by the scans
        self.counts = [
            (one.counted_at, one.counted, head_counts.there_at(stays, shift, one.counted_at, at))
            for one in counts
        ]

    def doubted(self) -> set[UUID]:
        """Those who were there by the scans when somebody counted fewer."""
        fewer = (there for _when, counted, there in self.counts if counted < len(there))
        return set().union(*fewer)

    def burst(self) -> set[UUID]:
        """Those who came by one step of the code with more than a handful of others.

        Whom somebody counted with all who were there came in truth: people do arrive together.
        """
        steps: dict[int, set[UUID]] = defaultdict(set)
        for stay in self.stays:
            step = stay.seen.get("in", {}).get("step")
            if step is not None:
                steps[step].add(stay.id)
        crowds = (found for found in steps.values() if len(found) > BURST_ABOVE)
        seen = (there for _when, counted, there in self.counts if counted >= len(there))
        return set().union(*crowds) - set().union(*seen)

    def shared(self, what: str, homes: dict[UUID, UUID] | None) -> set[UUID]:
        """Those whose ticket, or device, somebody else used for themself at this shift."""
        scanned: dict[str, set[UUID]] = defaultdict(set)
        homes_of: dict[str, set[UUID]] = defaultdict(set)
        for stay in self.stays:
            for value in _told(stay, what):
                scanned[value].add(stay.id)
                # A household may have one phone, and its members act for one another.
                home = stay.person_id if homes is None else homes.get(stay.person_id)
                homes_of[value].add(home or stay.person_id)
        return set().union(*(scanned[value] for value in scanned if len(homes_of[value]) > 1))


def _told(stay: Attendance, what: str) -> set[str]:
    """Values of one kind that a person's own scans told of; a captain's device scans many cards."""
    ends: Iterable[dict[str, Any]] = stay.seen.values()
    return {end[what] for end in ends if what in end and end.get("kind") != "card"}


def _shifts(session: Session, community_id: UUID, ids: Collection[UUID]) -> dict[UUID, Shift]:
    rows = session.scalars(
        select(Shift).where(Shift.community_id == community_id, Shift.id.in_(sorted(ids)))
    )
    return {row.id: row for row in rows}


def _stays(
    session: Session, community_id: UUID, shift_ids: Collection[UUID]
) -> dict[UUID, list[Attendance]]:
    """Everybody's stays at these shifts, but what is over and done with."""
    rows = session.scalars(
        select(Attendance).where(
            Attendance.community_id == community_id,
            Attendance.shift_id.in_(sorted(shift_ids)),
            Attendance.status.not_in(attendance.GONE),
        )
    )
    found: dict[UUID, list[Attendance]] = defaultdict(list)
    for row in rows:
        found[row.shift_id].append(row)
    return found


def _counts(
    session: Session, community_id: UUID, shift_ids: Collection[UUID]
) -> dict[UUID, list[HeadCount]]:
    rows = session.scalars(
        select(HeadCount).where(
            HeadCount.community_id == community_id, HeadCount.shift_id.in_(sorted(shift_ids))
        )
    )
    found: dict[UUID, list[HeadCount]] = defaultdict(list)
    for row in rows:
        found[row.shift_id].append(row)
    return found


def _households(
    session: Session, community_id: UUID, stays: dict[UUID, list[Attendance]]
) -> dict[UUID, UUID]:
    """The households of those who scanned for themselves by a device that says which it is."""
    people = {stay.person_id for there in stays.values() for stay in there if _told(stay, "device")}
    if not people:
        return {}
    rows = session.execute(
        select(Person.id, Person.household_id).where(
            Person.community_id == community_id, Person.id.in_(sorted(people))
        )
    )
    return {person_id: home for person_id, home in rows if home is not None}


def _in_two_places(
    session: Session,
    community_id: UUID,
    rows: Sequence[Attendance],
    shifts: dict[UUID, Shift],
    at: datetime,
) -> set[UUID]:
    """Those whose person is, in the same minutes, also at another shift."""
    if not rows:
        return set()
    starts = min(row.checked_in_at for row in rows) - LONGEST_STAY
    ends = max(closing.out_at(row, shifts[row.shift_id], at) or at for row in rows)
    others = session.execute(
        select(Attendance, Shift)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.person_id.in_(sorted({row.person_id for row in rows})),
            Attendance.status.not_in(attendance.GONE),
            Attendance.checked_in_at > starts,
            Attendance.checked_in_at < ends,
        )
    )
    spans: dict[UUID, list[tuple[UUID, datetime, datetime]]] = defaultdict(list)
    for row, shift in others:
        spans[row.person_id].append(
            (row.id, row.checked_in_at, closing.out_at(row, shift, at) or at)
        )
    found = set()
    for row in rows:
        out_at = closing.out_at(row, shifts[row.shift_id], at) or at
        if any(
            one != row.id and begins < out_at and row.checked_in_at < until
            for one, begins, until in spans[row.person_id]
        ):
            found.add(row.id)
    return found


def _forgetting(
    session: Session,
    community_id: UUID,
    rows: Sequence[Attendance],
    shifts: dict[UUID, Shift],
    at: datetime,
) -> set[UUID]:
    """Those that nobody ended, of people to whom it has happened several times of late."""
    forgotten = [row for row in rows if _is_forgotten(row, shifts[row.shift_id], at)]
    if not forgotten:
        return set()
    times = times_forgotten(session, community_id, {row.person_id for row in forgotten}, at)
    return {row.id for row in forgotten if times[row.person_id] >= FORGOTTEN}


def times_forgotten(
    session: Session, community_id: UUID, people: Collection[UUID], at: datetime
) -> Counter[UUID]:
    """How often each of these people forgot to check out, of late."""
    rows = session.execute(
        select(Attendance, Shift)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.person_id.in_(sorted(people)),
            Attendance.checked_in_at > at - FORGOTTEN_WITHIN,
            Attendance.status.not_in(attendance.GONE),
        )
    )
    return Counter(row.person_id for row, shift in rows if _is_forgotten(row, shift, at))


def _is_forgotten(row: Attendance, shift: Shift, at: datetime) -> bool:
    """Nobody ended it: written down already, or only since just now."""
    if evidence.AUTO_CLOSED in row.flags:
        return True
    return closing.status_at(row, shift, at) == "auto_closed"


def forget_devices(
    session: Session, community_id: UUID, attendance_ids: Collection[UUID | None]
) -> None:
    """Leave out of these attendances by which device they were scanned: its trace is erased."""
    rows = session.scalars(
        select(Attendance).where(
            Attendance.community_id == community_id,
            Attendance.id.in_(sorted(one for one in attendance_ids if one is not None)),
        )
    )
    for row in rows.all():
        row.seen = {
            end: {name: value for name, value in told.items() if name != "device"}
            for end, told in row.seen.items()
        }
    session.flush()
