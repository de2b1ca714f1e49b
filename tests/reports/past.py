"""A random past of some books in which time goes on: deeds are told later than they were done,
points wait for the end of a notice, and lapse; tick comes by when it likes.

Invariant: the clock of the past never stands still between two deeds, so "as known at" cuts it at
every deed; the same seed does the same deeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from kit import ids
from kit.clock import local_date
from ledger import accounts, settling
from ledger.accounts import contra
from ledger.drafts import Leg
from ledger.kinds import MINUTES
from tests.ledger import histories
from tests.ledger.books import AT
from tests.ledger.histories import History

ZONE = "Asia/Shanghai"
STEPS = (timedelta(seconds=1), timedelta(minutes=7), timedelta(hours=5), timedelta(days=1))
BACK = (0, 0, 0, 1, 2, 11)
NOTICE = (0, 0, 1, 3)
LASTS = (None, 2, 5, 9)


@dataclass
class Past(History):
    """A history with a moving clock, backdated deeds, notices, and points that lapse."""

    weights: ClassVar[dict[str, int]] = histories.WEIGHTS | {"award": 8, "tick": 2}

    now: datetime = AT
    #: every instant at which something was told
    instants: list[datetime] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of the past's clock."""
        return local_date(self.now, ZONE)

    def _award(self) -> bool:
        """As ever, but some of it waits, and some of it lapses."""
        person_id, fund = self.chance.choice(self.people), accounts.fund_points(self.ours.fund_id)
        wait, lasts = self.chance.choice(NOTICE), self.chance.choice(LASTS)
        begins = self.today + timedelta(days=wait)
        ends = None if lasts is None else begins + timedelta(days=lasts)
        amount = self.chance.randint(1, 60)
        target, first = accounts.wallet(person_id), None
        if wait:
            target, first = accounts.pending(person_id), begins
        points = Leg(fund, target, amount, available_on=first, expires_on=ends)
        minutes = Leg(contra("served", MINUTES), accounts.hours(person_id), amount)
        key = f"attendance:{ids.new()}:award"
        self.awards.append(self._record("award", key, points, minutes))
        return True

    def _tick(self) -> bool:
        self._later()
        work = self.ours.write
        return bool(work(lambda s: settling.tick(s, self.ours.community_id, self.now)))

    def _record(self, kind: str, key: str, *legs: Leg, gives_back: UUID | None = None) -> UUID:
        self._later()
        on = self.today - timedelta(days=self.chance.choice(BACK))
        draft = self.ours.draft(kind, key, *legs, gives_back=gives_back)
        owners = [place.owner_id for leg in legs for place in (leg.credit, leg.debit)]
        owner_id = next((one for one in owners if one in self.people), self.ours.fund_id)
        draft = replace(draft, effective_on=on, source=("test", owner_id))
        return self.ours.record(draft, at=self.now)[0]

    def _reverse(self) -> bool:
        if not self.awards:
            return False
        self._later()
        self.ours.reverse(self.chance.choice(self.awards), at=self.now, on=self.today)
        return True

    def _later(self) -> None:
        self.now += self.chance.choice(STEPS)
        self.instants.append(self.now)
