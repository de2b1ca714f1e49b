"""A draft rule tried on past attendances before anybody adopts it: who gains, who loses, the cost.

Invariant: nothing is written; each sum is the one that an award would be made with (``sums``), from
the inputs that the award of that time keeps. Only a page of awards is in memory at a time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Invalid
from people import roles
from shifts.rota import occasions
from shifts.rules import reach, rule_book, runs, sums, versions
from shifts.rules.rule_book import Earned
from shifts.rules.sums import Terms
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import AwardRule, Deputy, Shift

DAYS_MAX = 5 * 366
#: awards in one page
PAGE = 1000


@dataclass
class Change:
    """Points as they were awarded and as they would be, of so many attendances."""

    attendances: int = 0
    was: int = 0
    would: int = 0

    @property
    def difference(self) -> int:
        """More than before, or less."""
        return self.would - self.was

    def add(self, was: int, would: int) -> None:
        """One attendance more."""
        self.attendances, self.was, self.would = (
            self.attendances + 1,
            self.was + was,
            self.would + would,
        )


@dataclass
class Comparison:
    """What the draft would have changed of what it would have governed, or capped, in a period."""

    since: date
    until: date
    whole: Change = field(default_factory=Change)
    people: dict[UUID, Change] = field(default_factory=lambda: defaultdict(Change))
    funds: dict[UUID, Change] = field(default_factory=lambda: defaultdict(Change))

    @property
    def gain(self) -> int:
        """How many people would have more."""
        return sum(one.difference > 0 for one in self.people.values())

    @property
    def lose(self) -> int:
        """How many people would have less."""
        return sum(one.difference < 0 for one in self.people.values())

    def changed(self, limit: int) -> list[tuple[UUID, Change]]:
        """The people for whom it changes most, first those; ties in a fixed order."""
        found = [(one, change) for one, change in self.people.items() if change.difference]
        return sorted(found, key=lambda one: (-abs(one[1].difference), str(one[0])))[:limit]


def compare(
    session: Session, *, actor: Actor, at: datetime, since: date, until: date, **facts: Any
) -> Comparison:
    """Try the rule of these facts (as ``versions.add`` takes them) on the awards of a period, as
    if it had been in force all the time.

    Raises, in this order: NotAllowed (manager), Invalid, NotFound (red post).
    """
    roles.require(session, actor, "manager")
    if not 0 <= (until - since).days < DAYS_MAX:
        raise Invalid(until=f"is not within {DAYS_MAX} days after the first day")
    draft = versions.drafted(actor, at, **facts)
    if draft.red_post_id is not None:
        occasions.red_post(session, actor.community_id, draft.red_post_id)
    made = Comparison(since, until)
    trial = _Trial(
        draft.red_post_id,
        versions.terms(draft),
        _own(session, actor.community_id),
        occasions.unpaid(session, actor.community_id),
    )
    rows = _rows(session, actor.community_id, since, until)
    for _day, awards in groupby(rows, key=lambda row: (row.person_id, row.service_on)):
        _replay_day(trial, list(awards), made)
    return made


@dataclass(frozen=True)
class _Trial:
    """The draft, and since when red posts have rules of their own."""

    red_post_id: UUID | None
    terms: Terms
    own: dict[UUID, date]
    #: the duties that no rule governs
    unpaid: set[UUID]

    def governs(self, row: Any) -> bool:
        """Whether this award would have been made by the draft."""
        if (row.red_post_id or row.activity_id) in self.unpaid:
            return False
        if self.red_post_id is not None:
            return bool(row.red_post_id == self.red_post_id)
        since = self.own.get(row.red_post_id)
        return since is None or row.service_on < since


def _replay_day(trial: _Trial, awards: list[Any], made: Comparison) -> None:
    """One person's awards of one day, in the order in which they were approved."""
    done: list[Earned] = []
    for row in awards:
        occasion_id = row.red_post_id or row.activity_id
        points = row.points
        if trial.governs(row):
            left = rule_book.left(trial.terms, done, occasion_id, row.fund_id)
            points = _worked(trial.terms, row, left)
            for change in (made.whole, made.people[row.person_id], made.funds[row.fund_id]):
                change.add(row.points, points)
        done.append(Earned(points, occasion_id, row.fund_id))


def _worked(terms: Terms, row: Any, left: sums.Left) -> int:
    inputs = json.loads(row.inputs)
    role = sums.CAPTAIN if row.captain_id == row.person_id else None
    if role is None and row.deputy_id is not None:
        role = sums.DEPUTY
    _minutes, _day, _night, points, _steps = sums.stepped(
        terms,
        *(datetime.fromisoformat(inputs[name]) for name in sums.TIMES),
        zone=inputs["zone"],
        caps_left=left,
        role=role,
        breaks=runs.breaks_of(inputs),
    )
    return points


def _own(session: Session, community_id: UUID) -> dict[UUID, date]:
    """Since when each red post has a rule of its own in force; one without is missing."""
    rows = session.execute(
        select(AwardRule.red_post_id, func.min(AwardRule.effective_from))
        .where(
            AwardRule.community_id == community_id,
            AwardRule.red_post_id.is_not(None),
            reach.is_signed(community_id),
        )
        .group_by(AwardRule.red_post_id)
    )
    return {red_post_id: since for red_post_id, since in rows if red_post_id is not None}


def _rows(session: Session, community_id: UUID, since: date, until: date) -> Iterator[Any]:
    """The awards that stand, by person and day, each as it was approved."""
    query = (
        select(
            Award.person_id,
            Award.service_on,
            Award.points,
            Award.fund_id,
            type_coerce(Award.inputs, Text).label("inputs"),
            Shift.red_post_id,
            Shift.activity_id,
            Shift.captain_id,
            Deputy.person_id.label("deputy_id"),
        )
        .join(
            Attendance,
            (Attendance.id == Award.attendance_id) & (Attendance.revision == Award.revision),
        )
        .join(Shift, Shift.id == Attendance.shift_id)
        .outerjoin(
            Deputy,
            (Deputy.community_id == community_id)
            & (Deputy.shift_id == Shift.id)
            & (Deputy.person_id == Award.person_id),
        )
        .where(
            Award.community_id == community_id,
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Award.service_on.between(since, until),
            Attendance.status != "voided",
        )
        .order_by(Award.person_id, Award.service_on, Award.awarded_at, Award.id)
    )
    yield from session.execute(query.execution_options(yield_per=PAGE))
