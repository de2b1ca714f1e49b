"""A small set of books for the ledger's tests: one community, one fund, deeds by short names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.db import Database
from ledger import accounts, reversals, transfers
from ledger import books as calendars
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from ledger.kinds import POINTS

T = TypeVar("T")
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ON = date(2026, 11, 22)


@dataclass
class Books:
    """One community's books; every deed is one unit with its audit entry, as the rooms do it."""

    database: Database
    community_id: UUID = field(default_factory=ids.new)
    fund_id: UUID = field(default_factory=ids.new)
    clerk_id: UUID = field(default_factory=ids.new)

    def actor(self) -> Actor:
        """The clerk, in a new request."""
        return Actor(self.community_id, self.clerk_id)

    def write(self, work: Callable[[Session], T]) -> T:
        """One unit of work."""
        return self.database.write(work, community_id=self.community_id)

    def read(self, work: Callable[[Session], T]) -> T:
        """One snapshot."""
        return self.database.read(work, community_id=self.community_id)

    def open_fund(self, budget: int | None = None) -> None:
        """The fund, with a budget or without bound."""
        place = accounts.fund_points(self.fund_id)

        def work(session: Session) -> None:
            calendars.open_books(session, community_id=self.community_id, zone="Asia/Shanghai")
            accounts.open_all(
                session,
                community_id=self.community_id,
                places=[place],
                at=AT,
                budgeted=budget is not None,
            )

        self.write(work)
        if budget is not None:
            legs = (Leg(accounts.contra("granted", POINTS), place, budget),)
            self.record(self.draft("opening", f"fund:{self.fund_id}:opening", *legs))

    def draft(self, kind: str, key: str, *legs: Leg, gives_back: UUID | None = None) -> Draft:
        """A draft of today, belonging to the fund."""
        return Draft(
            kind, key, legs, ON, ("test", self.fund_id), self.fund_id, gives_back=gives_back
        )

    def record(self, *drafts: Draft, actor: Actor | None = None, at: datetime = AT) -> list[UUID]:
        """Record drafts in one unit."""
        who = actor or self.actor()

        def work(session: Session) -> list[UUID]:
            found = transfers.record_all(session, actor=who, drafts=drafts, at=at)
            told(session, who, found[0])
            return found

        return self.write(work)

    def award(self, person_id: UUID, points: int, key: str | None = None, minutes: int = 0) -> UUID:
        """Points from the fund to a wallet, and minutes to the hours book."""
        legs = [Leg(accounts.fund_points(self.fund_id), accounts.wallet(person_id), points)]
        if minutes:
            served = accounts.contra("served", "minutes")
            legs.append(Leg(served, accounts.hours(person_id), minutes))
        return self.record(self.draft("award", key or f"award:{ids.new()}", *legs))[0]

    def stock(self, goods_id: UUID, pieces: int) -> UUID:
        """Pieces onto the shelf."""
        place = accounts.shelf(goods_id)
        leg = Leg(accounts.contra("supplied", place.commodity), place, pieces, unit_cost_fen=250)
        return self.record(self.draft("receipt", f"receipt:{ids.new()}", leg))[0]

    def hold(self, person_id: UUID, points: int, key: str | None = None) -> UUID:
        """Points set aside."""
        leg = Leg(accounts.wallet(person_id), accounts.held(person_id), points)
        return self.record(self.draft("hold", key or f"hold:{ids.new()}", leg))[0]

    def release(self, person_id: UUID, points: int, hold_id: UUID) -> UUID:
        """Held points given back to the lots they came from."""
        leg = Leg(accounts.held(person_id), accounts.wallet(person_id), points)
        return self.record(self.draft("release", f"{hold_id}:release", leg, gives_back=hold_id))[0]

    def reverse(
        self, transfer_id: UUID, actor: Actor | None = None, at: datetime = AT, on: date = ON
    ) -> UUID:
        """Undo a transfer."""
        who = actor or self.actor()

        def work(session: Session) -> UUID:
            made = reversals.reverse(
                session, actor=who, transfer_id=transfer_id, at=at, effective_on=on,
                reason_code="other",
            )  # fmt: skip
            told(session, who, made)
            return made

        return self.write(work)

    def balance(self, place: Place) -> int:
        """What stands on a guarded account."""
        from ledger import statements

        return self.read(
            lambda session: statements.available_of(session, self.community_id, [place])[place]
        )


def told(session: Session, actor: Actor, transfer_id: UUID) -> None:
    """The audit entry that every unit leaves."""
    trail.record(
        session,
        actor=actor,
        action=Action.TRANSFER_REVERSED,
        subject=("transfer", transfer_id),
        at=AT,
    )


def books(database: Database, budget: int | None = None) -> Books:
    """New books with their fund opened."""
    made = Books(database)
    made.open_fund(budget)
    return made
