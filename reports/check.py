"""The proof of everything: the database's guards, then each room's own checks, per community.

Invariant: it only reads, lists every problem and stops at none; a check that cannot be carried out
is a problem itself, never silence. The rooms' rules stay in the rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, literal, select
from sqlalchemy.orm import Session

import audit.checks
import ledger.checks
import people.checks
import redemption.checks
import shifts.checks
import treasury.checks
from audit import coverage
from audit.models import Entry
from kit import ids, installed
from kit.problems import Problem
from kit.tables import Base
from ledger.models import Lot, Posting, Transfer
from people.models import Community
from qr.models import Scan
from shifts.tables.attendance import Approval, AttendanceRecord, Award
from shifts.tables.reviews import (
    HeadCount,
    Objection,
    ObjectionOutcome,
    SampleDraw,
    SecondLook,
    ShiftMove,
)
from shifts.tables.rota import Shift
from treasury.models import Adjustment, Decision, Period

Check = Callable[[Session, UUID], Iterator[Problem]]

#: what audit entries cover by digest: the entries' subject, and the rows with their column for it
COVERED: tuple[coverage.Kind, ...] = (
    ("scan", ((Scan, "id"),)),
    ("adjustment", ((Adjustment, "id"), (Decision, "adjustment_id"))),
    ("period", ((Period, "id"),)),
    (
        "attendance",
        (
            (AttendanceRecord, "attendance_id"),
            (Approval, "attendance_id"),
            (Award, "attendance_id"),
            (SecondLook, "attendance_id"),
        ),
    ),
    ("shift", ((HeadCount, "shift_id"), (ShiftMove, "from_shift_id"))),
    ("sample", ((SampleDraw, "id"),)),
    ("objection", ((Objection, "id"), (ObjectionOutcome, "objection_id"))),
)
#: rooms that are proved side by side, about as much work in each part: as three parts share two
#: processors evenly, and keep them busy while one of them waits for a server
PARTS = (("audit",), ("ledger",), ("people", "shifts", "redemption", "treasury"))

Found = dict[tuple[UUID, str], list[Problem]]
"""What is wrong, by community and room."""


@dataclass(frozen=True)
class Frame:
    """The communities, what is wrong with the database's guards, and rows of no community."""

    opened: list[UUID]
    installed: list[Problem]
    strays: list[Problem]


_ACROSS = {"across_communities": "the proof goes through every community, one after the other"}


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything wrong in one community's books, and in what the database should enforce."""
    yield from installed.problems(session)
    yield from of_community(session, community_id)


def every_problem(session: Session) -> list[Problem]:
    """Everything wrong in this database: its triggers and rights, then every community."""
    found = of_rooms(session, [room for room, _check in ROOMS])
    return together(of_frame(session), found)


def of_frame(session: Session) -> Frame:
    """What is wrong with the database itself, before and behind what its communities hold."""
    opened = communities(session)
    return Frame(opened, list(installed.problems(session)), list(_strays(session, set(opened))))


def of_rooms(session: Session, rooms: Sequence[str]) -> Found:
    """What is wrong in some rooms, of every community."""
    found: Found = {}
    for community_id in communities(session):
        for room in rooms:
            found[community_id, room] = list(of_community(session, community_id, (room,)))
    return found


def together(frame: Frame, found: Found) -> list[Problem]:
    """All of it in one order, whoever found it."""
    told = list(frame.installed)
    for community_id in frame.opened:
        for room, _check in ROOMS:
            told += found.get((community_id, room), [])
    return told + frame.strays


def communities(session: Session) -> list[UUID]:
    """Every community, the oldest first."""
    return list(session.scalars(select(Community.id).order_by(Community.id)))


def rows_to_read(session: Session) -> int:
    """About how many rows the proof reads, for who shows how far it is."""
    count = 0
    for model in _read():
        query = select(func.count()).select_from(model)
        count += session.scalar(query, execution_options=_ACROSS) or 0
    return count


def reads_more_than(session: Session, rows: int) -> bool:
    """Whether the proof reads more rows than so many; looks no further than that."""
    left = rows + 1
    for model in _read():
        some = select(literal(1)).select_from(model).limit(left).subquery()
        query = select(func.count()).select_from(some)
        left -= session.scalar(query, execution_options=_ACROSS) or 0
        if left <= 0:
            return True
    return False


def _read() -> list[Any]:
    """What the proof reads, each as often as it does; the longest first."""
    models = [model for _subject, covered in COVERED for model, _column in covered]
    return [Entry, Transfer, Posting, Lot, Award, Shift, *models, *models]


def of_community(
    session: Session, community_id: UUID, rooms: Sequence[str] | None = None
) -> Iterator[Problem]:
    """Everything wrong in one community's rows, room by room; in some rooms alone, where told."""
    for room, check in ROOMS:
        if rooms is not None and room not in rooms:
            continue
        try:
            yield from check(session, community_id)
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as problem:
            # A row that cannot even be read, e.g. an id that is none: what was found before stands.
            facts = {"room": room, "cause": f"{type(problem).__name__}: {problem}"}
            yield Problem("check_not_finished", f"community:{community_id}", facts)


def _trail(session: Session, community_id: UUID) -> Iterator[Problem]:
    """The entries of the trail, and the rows that they cover."""
    covers = coverage.Covers()
    yield from audit.checks.problems(session, community_id, covers)
    yield from coverage.problems(session, community_id, COVERED, covers)


#: from the lowest room to the highest
ROOMS: tuple[tuple[str, Check], ...] = (
    ("audit", _trail),
    ("ledger", ledger.checks.problems),
    ("people", people.checks.problems),
    ("shifts", shifts.checks.problems),
    ("redemption", redemption.checks.problems),
    ("treasury", treasury.checks.problems),
)


def _strays(session: Session, opened: set[UUID]) -> Iterator[Problem]:
    """Rows of communities that do not exist."""
    for table in Base.metadata.sorted_tables:
        if table.info.get("dist") != "community_id":
            continue
        for community_id in _owners(session, table):
            if community_id not in opened and community_id != ids.NIL:
                yield Problem(
                    "community_unknown", f"community:{community_id}", {"table": table.name}
                )


def _owners(session: Session, table: Table) -> Iterator[UUID]:
    """Whose rows a table holds: from one community to the next along the key, whatever they own."""
    owner = table.c.community_id
    query = select(owner).order_by(owner).limit(1)
    found = session.scalar(query, execution_options=_ACROSS)
    while found is not None:
        yield found
        found = session.scalar(query.where(owner > found), execution_options=_ACROSS)
