"""The proof that long days were signed as they must be (contract, "Who decides").

Invariant: each award is held against the tiers that were in force when it was made, which it keeps;
a later change of the settings, the zone or the roles puts nothing in the wrong.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import texts
from kit.clock import local_date
from kit.problems import Problem
from people.communities import Settings
from people.models import RoleGrant
from shifts.approval import awards, grades
from shifts.approval.award_rows import Page, Told
from shifts.rules import sums
from shifts.tables.attendance import Approval

#: a unit reads the roles some moments after the time that it writes down
APART = timedelta(minutes=1)
_DAY = timedelta(days=1)

Spans = dict[str, list[tuple[datetime, datetime | None]]]


@dataclass(frozen=True)
class _Long:
    """An award of a long day: what its person had counted with it, and the signatures it needs."""

    award: Told
    minutes: int
    #: how many managers sign by the hours of the day, and how many people by those of the grade
    wanted: int
    signers: int = 1


@dataclass
class Tiers:
    """The awards of one person and three days at a time: each is judged once all near it were read.

    They come by person, service date and id.
    """

    session: Session
    community_id: UUID
    managers: Spans
    #: read, and within a day of what is not judged yet
    near: deque[tuple[date, Told]] = field(default_factory=deque)
    waiting: deque[tuple[date, Told]] = field(default_factory=deque)

    def problems(self, page: Page) -> Iterator[Problem]:
        """Above the first tier one manager signed, above the second two, each in its turn."""
        long: list[_Long] = []
        for award in page.awards:
            on = date.fromisoformat(award.service_on)
            long += self._judged(award.person_id, on)
            self.near.append((on, award))
            self.waiting.append((on, award))
        yield from self._unsigned(long)

    def rest(self) -> Iterator[Problem]:
        """The same of the last ones."""
        yield from self._unsigned(list(self._judged("", date.min)))

    def _judged(self, person_id: str, on: date) -> Iterator[_Long]:
        """Those that an award of this person and day can no longer be near to, which need a
        signature."""
        while self.waiting:
            day, award = self.waiting[0]
            if award.person_id == person_id and on - day <= _DAY:
                return
            self.waiting.popleft()
            while self.near[0][1].person_id != award.person_id or day - self.near[0][0] > _DAY:
                self.near.popleft()
            found = self._of_award(day, award)
            if found.wanted or found.signers > 1:
                yield found

    def _of_award(self, day: date, award: Told) -> _Long:
        """Earlier awards count that stood on the same day when this one was made."""
        earlier = [
            one
            for on, one in self.near
            # Ids are made in order of time; a business time may stand still.
            if one.id < award.id and one.person_id == award.person_id and abs(on - day) <= _DAY
        ]
        inputs = award.inputs
        minutes = award.minutes
        caps, of_grade = inputs.get(grades.CAPS), award.minutes
        if caps or minutes + sum(one.minutes for one in earlier) > _least(inputs):
            near = [one for one in earlier if _counts(one, award, inputs)]
            minutes += sum(one.minutes for one in near)
            of_grade += sum(one.minutes for one in near if _grade(one) == inputs["evidence"])
        signers = 1 + grades.needs_second(caps, inputs["evidence"], of_grade)
        return _Long(award, minutes, sum(minutes > most for most in _tiers(inputs)), signers)

    def _unsigned(self, long: list[_Long]) -> Iterator[Problem]:
        """Those of them that too few managers have signed."""
        decided = self._signatures([one.award.attendance_id for one in long])
        for one in long:
            signed = decided.get((one.award.attendance_id, one.award.revision), [])
            found = {who for who, at in signed if _managed(self.managers, who, at)}
            if len(found) < one.wanted:
                facts = {"minutes": one.minutes, "wanted": one.wanted, "found": len(found)}
                yield Problem("tier_not_signed", f"award:{one.award.id}", facts)
            if len({who for who, _at in signed}) < one.signers:
                yield Problem("grade_cap_not_signed", f"award:{one.award.id}")

    def _signatures(
        self, attendance_ids: list[str]
    ) -> dict[tuple[str, int], list[tuple[str, datetime]]]:
        if not attendance_ids:
            return {}
        wanted = [texts.bound(Approval.attendance_id, one) for one in set(attendance_ids)]
        rows = self.session.execute(
            select(
                texts.plain(Approval.attendance_id),
                Approval.revision,
                texts.plain(Approval.decided_by),
                Approval.decided_at,
            ).where(
                Approval.community_id == self.community_id,
                Approval.decision == "approve",
                Approval.attendance_id.in_(wanted),
            )
        )
        found: dict[tuple[str, int], list[tuple[str, datetime]]] = defaultdict(list)
        for attendance_id, revision, who, at in rows:
            found[attendance_id, revision].append((who, at))
        return found


def begin(session: Session, community_id: UUID) -> Tiers:
    """Nothing judged yet."""
    return Tiers(session, community_id, _managers(session, community_id))


def _counts(earlier: Told, award: Told, inputs: dict[str, Any]) -> bool:
    """Whether an earlier award stood on the same day as this one when this one was made."""
    starts_at = datetime.fromisoformat(earlier.inputs["starts_at"])
    # The day in the zone of this award: the community may have moved to another since.
    if local_date(starts_at, inputs["zone"]).isoformat() != award.service_on:
        return False
    return earlier.reversal_id is None or earlier.reversal_id > award.id


def _tiers(inputs: dict[str, Any]) -> tuple[int, int]:
    """The two tiers in minutes; those that hold by default where the award keeps none."""
    first, second = inputs.get(awards.TIERS, Settings.approval_tiers_hours)
    return first * sums.MINUTES_PER_HOUR, second * sums.MINUTES_PER_HOUR


def _grade(award: Told) -> str:
    grade: str = award.inputs["evidence"]
    return grade


def _least(inputs: dict[str, Any]) -> int:
    return min(_tiers(inputs))


def _managers(session: Session, community_id: UUID) -> Spans:
    """When each person was a manager, of the community or of any unit: units move about."""
    rows = session.execute(
        select(
            texts.plain(RoleGrant.person_id), RoleGrant.granted_at, RoleGrant.withdrawn_at
        ).where(RoleGrant.community_id == community_id, RoleGrant.role == "manager")
    )
    found: Spans = defaultdict(list)
    for person_id, since, until in rows:
        found[person_id].append((since, until))
    return found


def _managed(managers: Spans, who: str, at: datetime) -> bool:
    return any(
        since - APART <= at and (until is None or at <= until + APART)
        for since, until in managers.get(who, ())
    )
