"""``import balances``: what stands in the passbooks on paper, as opening balances.

Invariant: a person has one; each waits for a second treasurer like any adjustment, so an import
moves no point by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from imports import cells, headings, importers, persons
from imports.faults import Fault
from imports.headings import Line
from imports.runs import Report
from imports.sheets import Sheet
from kit.clock import local_date
from kit.keys import KeyRing
from kit.types import AMOUNT_MAX
from ledger import books
from people import communities
from treasury import openings
from treasury.openings import Opening

LAYOUT = headings.layout(["name|phone", "points"], "person", "balances")
REASON = "期初余额，来自纸质存折 · opening balance from a passbook on paper"


@dataclass
class BalancesList:
    """A judged list of balances."""

    actor: Actor
    at: datetime
    openings: list[Opening]
    report: Report

    def carry_out(self, session: Session) -> None:
        """Ask for each of them."""
        openings.make_all(
            session, actor=self.actor, at=self.at, openings=self.openings, reason=REASON
        )


@dataclass(frozen=True)
class _Days:
    """Which days an opening may have."""

    today: date
    closed_through: date | None


def judge(
    session: Session,
    sheets: list[Sheet],
    actor: Actor,
    *,
    keys: KeyRing,
    at: datetime,
    by: str | UUID | None,
) -> BalancesList:
    """Judge a list against the register and the openings there are."""
    community_id = actor.community_id
    today = local_date(at, communities.settings_of(session, community_id).zone)
    read = headings.lines(sheets, LAYOUT)
    there, known, faults = persons.found(session, keys, community_id, read, today.year)
    about = [person.id for _, person in known]
    importer = importers.choose(
        session, keys, community_id, there, role="treasurer", by=by, about=about
    )
    own = importers.own(there, importer, about)
    days = _Days(today, books.of(session, community_id).closed_through)
    standing = openings.standing(session, community_id)
    made: list[Opening] = []
    first: dict[UUID, Line] = {}
    same = 0
    for line, person in known:
        found, fault = _opening(line, person.id, days)
        if fault is None:
            fault = _refused(line, person.id, first, own, person.name)
        if found is not None and fault is None:
            before = standing.get(person.id)
            if before is None:
                made.append(found)
            elif before == found.points:
                same += 1
            else:
                fault = line.fault("opening_differs", value=found.points, other=before)
        first.setdefault(person.id, line)
        faults += [fault] if fault else []
    report = Report(
        added={"opening balances": len(made), "points": sum(one.points for one in made)},
        lines=len(read.lines),
        known=same,
        faults=persons.in_order(read, [*read.faults, *faults]),
        notes=read.notes,
        by=importer.name,
    )
    return BalancesList(replace(actor, person_id=importer.id), at, made, report)


def _opening(line: Line, person_id: UUID, days: _Days) -> tuple[Opening | None, Fault | None]:
    """What a line says; none without a fault where there is nothing to carry over."""
    cell = line.cells.get("points")
    try:
        points = cells.whole(cell)
    except cells.Unclear:
        points = -1
    if points is None:
        return None, line.fault("points_missing")
    if not 0 <= points <= AMOUNT_MAX:
        return None, line.fault("points_bad", value=cells.text(cell))
    told = line.cells.get("day")
    try:
        on = cells.day(told)
    except cells.Unclear:
        return None, line.fault("day_bad", value=cells.text(told))
    if on is not None and on > days.today:
        return None, line.fault("day_future", value=on)
    if on is not None and days.closed_through is not None and on <= days.closed_through:
        return None, line.fault("period_closed", value=on)
    return (Opening(person_id, points, on) if points else None), None


def _refused(
    line: Line, person_id: UUID, first: dict[UUID, Line], own: Collection[UUID], name: str
) -> Fault | None:
    if person_id in first:
        return line.fault("opening_twice", place=first[person_id].place)
    return line.fault("own", value=name) if person_id in own else None
