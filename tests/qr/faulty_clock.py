"""A shift whose clocks go wrong: the server's jumps, the phones' are hours behind.

Invariant: what must hold is judged from the codes and the answers alone: a code that is over by
what was accepted stays over, a person is credited once, and time never goes back in what was taken.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from kit.errors import DomainError
from people.models import Person
from qr.codes import STEP_SECONDS, STEPS_ACCEPTED
from shifts import due
from shifts.approval import approvals
from shifts.tables.attendance import Attendance, Award
from tests.qr.desk import Desk

#: how far the server's clock is off; mostly it is right
JUMPS = (
    timedelta(hours=-1),
    timedelta(minutes=-5),
    *[timedelta(0)] * 4,
    timedelta(minutes=1),
    timedelta(days=3652),
)
PHONE_BEHIND = timedelta(hours=-3)
LIVES = timedelta(seconds=STEP_SECONDS * STEPS_ACCEPTED)
ACCEPTED = ("checked_in", "checked_out")


@dataclass
class Faulty:
    """One shift in true time, and a server that is often wrong about it."""

    gate: Desk
    people: list[Person]
    seed: int
    told: Counter[str] = field(default_factory=Counter)
    #: every code that was on the captain's screen, with the time that the server thought it was
    shown: list[tuple[str, datetime]] = field(default_factory=list)
    latest: datetime | None = None
    revived: int = 0
    stamped_wrong: int = 0

    def run(self, scans: int) -> None:
        """So many scans, by new and old codes, each under a clock of its own mood."""
        chance, town = random.Random(self.seed), self.gate.town
        true = town.at
        for number in range(scans):
            true += timedelta(seconds=chance.choice((1, 20, 40)))
            town.at = true + chance.choice(JUMPS)
            self.shown.append((self.gate.code(), town.at))
            token, shown_at = chance.choice(self.shown) if number % 3 else self.shown[-1]
            self._scan(chance.choice(self.people), token, shown_at)
            if number % 11 == 0:
                town.write(lambda session: due.tick(session, town.community_id, town.at))
        town.at = max(true, self.gate.shift.ends_at + timedelta(hours=2))

    def _scan(self, who: Person, token: str, shown_at: datetime) -> None:
        at = self.gate.town.at
        try:
            answer = self.gate.scan(who, token, captured_at=at + PHONE_BEHIND)
        except DomainError as refusal:
            self.told[refusal.code] += 1
            return
        self.told[answer.outcome] += 1
        row = answer.attendance
        assert row is not None, "a shift's code is about an attendance"
        if answer.outcome not in ACCEPTED:
            return
        stamped = row.checked_in_at if answer.outcome == "checked_in" else row.checked_out_at
        self.stamped_wrong += stamped != at
        if self.latest is not None:
            # Shown for two steps at most, and those two steps before what was taken last.
            self.revived += shown_at + 2 * LIVES < self.latest
        self.latest = at if self.latest is None else max(self.latest, at)

    def approve_twice(self) -> tuple[int, int]:
        """Approve everything, and again; how many were credited by each."""
        town = self.gate.town
        ids = town.read(
            lambda session: list(
                session.scalars(
                    select(Attendance.id).where(Attendance.community_id == town.community_id)
                )
            )
        )
        facts = {"attendance_ids": ids, "mode": "each"}
        done = [town.do(town.manager, approvals.approve_all, **facts) for _ in range(2)]
        first, second = (sum(line.outcome == "credited" for line in lines) for lines in done)
        return first, second

    def credited_twice(self) -> int:
        """People with more than one award."""
        community_id = self.gate.town.community_id
        return self.gate.town.read(
            lambda session: len(
                session.scalars(
                    select(Award.person_id)
                    .where(Award.community_id == community_id)
                    .group_by(Award.person_id)
                    .having(func.count() > 1)
                ).all()
            )
        )

    def out_of_order(self) -> int:
        """Accepted scans of the code that stand after a much later one."""
        kept = [one for one in self.gate.scans() if one.outcome in ACCEPTED]
        return sum(b.received_at < a.received_at - LIVES for a, b in pairwise(kept))
