"""What one call looks up for its awards: rules and funds, and what the people earned that day.

Invariant: what a call is about to credit stands here for the lines that follow, so no cap of a day
is used twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shifts.rota import leading, occasions
from shifts.rota.occasions import Occasion
from shifts.rules import sums, versions
from shifts.rules.sums import Left, Terms
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import Shift


class Earned(NamedTuple):
    """The points of one attendance, where they were earned and who pays them."""

    points: int
    occasion_id: UUID
    fund_id: UUID


@dataclass
class RuleBook:
    """What one call has looked up already: rules by red post and day, occasions by shift; and what
    it is about to credit."""

    rules: dict[tuple[UUID | None, date], Terms | None] = field(default_factory=dict)
    occasions: dict[UUID, Occasion] = field(default_factory=dict)
    deputies: dict[UUID, list[UUID]] = field(default_factory=dict)
    points: dict[tuple[UUID, date], dict[UUID, Earned]] = field(default_factory=dict)

    def look_up(
        self, session: Session, community_id: UUID, person_ids: Collection[UUID], on: date
    ) -> None:
        """Read at once what these people's awards of a day come to."""
        found = earned_by(session, community_id, person_ids, on)
        self.points |= {(one, on): found.get(one, {}) for one in person_ids}

    def earned(self, session: Session, row: Attendance, on: date) -> list[Earned]:
        """What the person's other attendances with this service date earned."""
        key = (row.person_id, on)
        if key not in self.points:
            self.look_up(session, row.community_id, [row.person_id], on)
        return [earned for one, earned in self.points[key].items() if one != row.id]

    def add(self, row: Attendance, on: date, earned: Earned) -> None:
        """Have this award stand in place of the attendance's last one for what follows."""
        for (person_id, _on), found in self.points.items():
            if person_id == row.person_id:
                found.pop(row.id, None)
        self.points.setdefault((row.person_id, on), {})[row.id] = earned

    def role(self, session: Session, shift: Shift, person_id: UUID, rule: Terms) -> str | None:
        """What the person is for this shift, as far as the rule asks."""
        if shift.captain_id == person_id:
            return sums.CAPTAIN
        if rule.deputy_coefficient is None:
            return None
        if shift.id not in self.deputies:
            self.deputies[shift.id] = leading.deputy_ids(session, shift)
        return sums.DEPUTY if person_id in self.deputies[shift.id] else None

    def rule(
        self, session: Session, community_id: UUID, red_post_id: UUID | None, service_on: date
    ) -> Terms | None:
        """The rule in force; the call holds the community's row, so it stays so."""
        key = (red_post_id, service_on)
        if key not in self.rules:
            self.rules[key] = versions.in_force(session, community_id, red_post_id, service_on)
        return self.rules[key]

    def occasion_of(self, session: Session, shift: Shift) -> Occasion:
        """The shift's red post or activity: which fund it names, and what it earns."""
        if shift.id not in self.occasions:
            self.occasions[shift.id] = occasions.of(session, shift)
        return self.occasions[shift.id]


def left(rule: Terms, others: Sequence[Earned], occasion_id: UUID, fund_id: UUID) -> Left:
    """What the person's other awards of the day leave of each cap of the rule."""

    def rest(cap: int | None, found: Iterable[Earned]) -> int | None:
        return None if cap is None else max(cap - sum(one.points for one in found), 0)

    return Left(
        rest(rule.daily_cap_points, others),
        rest(rule.red_post_cap_points, (o for o in others if o.occasion_id == occasion_id)),
        rest(rule.fund_cap_points, (o for o in others if o.fund_id == fund_id)),
    )


def earned_on(session: Session, community_id: UUID, person_id: UUID, service_on: date) -> int:
    """The points of a person's awards with this service date, each attendance's last one; what was
    voided aside."""
    found = earned_by(session, community_id, [person_id], service_on)
    return sum(one.points for one in found.get(person_id, {}).values())


def earned_by(
    session: Session, community_id: UUID, person_ids: Collection[UUID], service_on: date
) -> dict[UUID, dict[UUID, Earned]]:
    """What ``earned_on`` adds up, of several people, by attendance; who has none is missing."""
    rows = session.execute(
        select(
            Award.person_id,
            Award.attendance_id,
            Award.points,
            Award.fund_id,
            Shift.red_post_id,
            Shift.activity_id,
        )
        .join(
            Attendance,
            (Attendance.id == Award.attendance_id) & (Attendance.revision == Award.revision),
        )
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Award.community_id == community_id,
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Award.person_id.in_(sorted(person_ids)),
            Award.service_on == service_on,
            Attendance.status != "voided",
        )
    )
    found: dict[UUID, dict[UUID, Earned]] = {}
    for row in rows:
        occasion_id = row.red_post_id or row.activity_id
        earned = Earned(row.points, occasion_id, row.fund_id)
        found.setdefault(row.person_id, {})[row.attendance_id] = earned
    return found
