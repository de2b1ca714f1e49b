"""Random histories of the books by seed: every kind of deed, backdated ones, debts and refusals.

Invariant: a deed that the books refuse leaves nothing, and the history goes on; the same seed does
the same deeds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import ClassVar
from uuid import UUID

from kit import ids
from kit.errors import DomainError
from ledger import accounts
from ledger.accounts import contra
from ledger.drafts import Leg
from ledger.kinds import FEN, MINUTES, POINTS
from tests.ledger.books import AT, ON, Books

WEIGHTS = {
    "award": 6, "stock": 3, "hold": 5, "collect": 3, "release": 2, "give_back": 1, "reverse": 3,
    "money": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What was held: one piece of goods for some points."""

    hold_id: UUID
    person_id: UUID
    points: int
    goods_id: UUID


@dataclass
class History:
    """The past of some books, made up as it goes."""

    #: deed → how often among all
    weights: ClassVar[dict[str, int]] = WEIGHTS

    ours: Books
    chance: Random
    people: list[UUID] = field(default_factory=lambda: [ids.new() for _ in range(3)])
    goods: list[UUID] = field(default_factory=lambda: [ids.new() for _ in range(2)])
    awards: list[UUID] = field(default_factory=list)
    held: list[Order] = field(default_factory=list)
    collected: list[Order] = field(default_factory=list)
    #: when the deeds are recorded
    at: datetime = AT
    #: how often each kind of deed was done, and each refusal met
    done: Counter[str] = field(default_factory=Counter)

    def go_on(self, deeds: int) -> None:
        """So many deeds more; some are refused, some find nothing to do."""
        for name in self.chance.choices(list(self.weights), list(self.weights.values()), k=deeds):
            try:
                self.done[name] += bool(getattr(self, f"_{name}")())
            except DomainError as refusal:
                self.done[refusal.code] += 1

    def _record(self, kind: str, key: str, *legs: Leg, gives_back: UUID | None = None) -> UUID:
        on = ON - timedelta(days=self.chance.choice((0, 0, 1, 40)))
        draft = self.ours.draft(kind, key, *legs, gives_back=gives_back)
        return self.ours.record(replace(draft, effective_on=on), at=self.at)[0]

    def _award(self) -> bool:
        person_id, fund = self.chance.choice(self.people), accounts.fund_points(self.ours.fund_id)
        points = Leg(fund, accounts.wallet(person_id), self.chance.randint(1, 60))
        served = contra("served", MINUTES)
        minutes = Leg(served, accounts.hours(person_id), self.chance.randint(1, 240))
        made = self._record("award", f"attendance:{ids.new()}:award", points, minutes)
        self.awards.append(made)
        return True

    def _stock(self) -> bool:
        place = accounts.shelf(self.chance.choice(self.goods))
        leg = Leg(contra("supplied", place.commodity), place, self.chance.randint(1, 9))
        self._record("receipt", f"goods_receipt:{ids.new()}", leg)
        return True

    def _money(self) -> bool:
        place = accounts.fund_fen(self.ours.fund_id)
        leg = Leg(contra("granted", FEN), place, self.chance.randint(1, 10**12))
        self._record("opening", f"fund:{ids.new()}:opening", leg)
        return True

    def _hold(self) -> bool:
        person_id, goods_id = self.chance.choice(self.people), self.chance.choice(self.goods)
        all_there = self.ours.balance(accounts.wallet(person_id))
        # Everything, half the time: a reversal then makes a debt.
        points = self.chance.choice((all_there or 1, self.chance.randint(1, 50)))
        away = Leg(accounts.wallet(person_id), accounts.held(person_id), points)
        piece = Leg(accounts.shelf(goods_id), accounts.set_aside(goods_id), 1)
        made = self._record("hold", f"order:{ids.new()}:hold", away, piece)
        self.held.append(Order(made, person_id, points, goods_id))
        return True

    def _collect(self) -> bool:
        if not self.held:
            return False
        one = self.held.pop(self.chance.randrange(len(self.held)))
        spent = Leg(accounts.held(one.person_id), contra("redeemed", POINTS), one.points)
        aside = accounts.set_aside(one.goods_id)
        piece = Leg(aside, contra("handed_over", aside.commodity), 1)
        self._record("collect", f"order:{one.hold_id}:collect", spent, piece)
        self.collected.append(one)
        return True

    def _release(self) -> bool:
        if not self.held:
            return False
        one = self.held.pop(self.chance.randrange(len(self.held)))
        back = Leg(accounts.held(one.person_id), accounts.wallet(one.person_id), one.points)
        piece = Leg(accounts.set_aside(one.goods_id), accounts.shelf(one.goods_id), 1)
        key = f"order:{one.hold_id}:release"
        self._record("release", key, back, piece, gives_back=one.hold_id)
        return True

    def _give_back(self) -> bool:
        if not self.collected:
            return False
        one = self.collected.pop(self.chance.randrange(len(self.collected)))
        back = Leg(contra("redeemed", POINTS), accounts.wallet(one.person_id), one.points)
        shelf = accounts.shelf(one.goods_id)
        piece = Leg(contra("handed_over", shelf.commodity), shelf, 1)
        key = f"order:{one.hold_id}:return"
        self._record("return", key, back, piece, gives_back=one.hold_id)
        return True

    def _reverse(self) -> bool:
        if not self.awards:
            return False
        self.ours.reverse(self.chance.choice(self.awards), at=self.at)
        return True
