"""A community with two treasurers, for the tests of this room; deeds by short names.

Invariant: every deed is one unit at the edge, as the doors do it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import system
from kit import ids
from kit.db import Database
from ledger import accounts, statements, transfers
from ledger.drafts import Draft, Leg
from ledger.views import TransferView
from people import communities
from people.models import Person
from reports import check
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop
from treasury import adjustments, periods, views
from treasury.models import Adjustment, Decision, Period
from treasury.views import AdjustmentView

WHY = "a page of the passbook was counted twice"


def noon(year: int, month: int, day: int) -> datetime:
    """Noon in Shanghai."""
    return datetime(year, month, day, 4, 0, tzinfo=UTC)


@dataclass
class Treasury:
    """The community, who asks (first), who decides (second), and whose points it is about."""

    town: Shop
    first: Person
    second: Person
    li: Person
    #: the transfers of ``award``
    awards: list[UUID] = field(default_factory=list)

    def ask(self, points: int, *, by: Person | None = None, **facts: Any) -> Adjustment:
        """Ask for an adjustment of Li's points, or of ``person_id``'s."""
        facts = {"person_id": self.li.id, "reason": WHY, "points": points} | facts
        return self.town.do(by or self.first, adjustments.make, **facts)

    def approve(self, one: Adjustment, by: Person | None = None) -> Decision:
        """Approve as the second treasurer."""
        return self.town.do(by or self.second, adjustments.approve, adjustment_id=one.id)

    def reject(self, one: Adjustment, by: Person | None = None) -> Decision:
        """Reject as the second treasurer."""
        deed = adjustments.reject
        return self.town.do(by or self.second, deed, adjustment_id=one.id, reason="not so")

    def withdraw(self, one: Adjustment, by: Person | None = None) -> Decision:
        """Withdraw as who asked."""
        return self.town.do(by or self.first, adjustments.withdraw, adjustment_id=one.id)

    def see(self, one: Adjustment) -> AdjustmentView:
        """The adjustment as a treasurer sees it."""
        actor = factories.actor_of(self.first)
        return self.town.read(lambda s: views.one(s, actor=actor, adjustment_id=one.id))

    def close(self, ends_on: date, by: Person | None = None) -> Period:
        """Close a period."""
        return self.town.do(by or self.first, periods.close, ends_on=ends_on)

    def closable(self) -> list[date]:
        """What may be closed now."""
        actor = factories.actor_of(self.first)
        return self.town.read(lambda s: periods.closable(s, actor=actor, at=self.town.at))

    def award(self, on: date, points: int = 1) -> UUID:
        """Points for Li that belong to a day, as an approval would record them."""

        def work(session: Session) -> UUID:
            fund_id = communities.settings_of(session, self.town.community_id).general_fund_id
            key = ids.new()
            draft = Draft(
                kind="award",
                key=f"award:{key}",
                legs=(Leg(accounts.fund_points(fund_id), accounts.wallet(self.li.id), points),),
                effective_on=on,
                source=("test", key),
                fund_id=fund_id,
            )
            actor = system(self.town.community_id, "cli")
            made = transfers.record(session, actor=actor, draft=draft, at=self.town.at)
            deed = Action.TRANSFER_REVERSED
            subject = ("transfer", made)
            trail.record(session, actor=actor, action=deed, subject=subject, at=self.town.at)
            return made

        self.awards.append(self.town.write(work))
        return self.awards[-1]

    def transfer(self, transfer_id: UUID | None) -> TransferView:
        """One transfer."""
        assert transfer_id is not None
        return self.town.read(lambda s: statements.transfer(s, self.town.community_id, transfer_id))

    def problems(self) -> set[str]:
        """What the proof of everything finds, by code."""

        def work(session: Session) -> set[str]:
            return {one.code for one in check.of_community(session, self.town.community_id)}

        return self.town.read(work)

    def staff(self) -> Person:
        """One more treasurer."""
        return self.town.person(0, "treasurer")


def open_treasury(database: Database, points: int = 0) -> Treasury:
    """A community with two treasurers and Li, who has so many points."""
    town = shop.open_shop(database)
    books = Treasury(town, town.treasurer, town.person(0, "treasurer"), town.person())
    if points:
        books.approve(books.ask(points, kind="opening"))
    return books
