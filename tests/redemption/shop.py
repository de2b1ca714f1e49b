"""A community with a counter, for the tests of this room: staff, points, goods on a shelf.

Every deed is one unit at the edge (audit.units), so what a refusal leaves behind is there too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail, units
from audit.actions import Action
from audit.actor import Actor, system
from kit import ids
from kit.clock import local_date
from kit.db import Database
from ledger import accounts, checks, reversals, statements, transfers
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from ledger.views import Wallet
from people import communities, pins
from people.models import Person
from redemption import checks as own_checks
from redemption import due, goods, orders, proof, queries, stock
from redemption.models import Goods, Order
from redemption.queries import OrderView
from tests import factories, scenes

T = TypeVar("T")
PIN = "135790"


@dataclass
class Shop:
    """One community; ``at`` is the time of every deed until a test moves it."""

    database: Database
    community_id: UUID
    manager: Person
    clerk: Person
    treasurer: Person
    at: datetime = factories.AT
    extra: dict[str, Any] = field(default_factory=dict)

    def later(self, **units: int) -> None:
        """Let time pass: days, hours, minutes, seconds."""
        self.at += timedelta(**units)

    def write(self, work: Callable[[Session], T]) -> T:
        """One unit without a caller."""
        return self.database.write(work, community_id=self.community_id)

    def read(self, work: Callable[[Session], T]) -> T:
        """One snapshot."""
        return self.database.read(work, community_id=self.community_id)

    def do(self, person: Person, deed: Callable[..., T], **facts: Any) -> T:
        """``deed(session, actor=person, at=now, **facts)`` as the edge would run it."""
        actor = factories.actor_of(person)
        return units.perform(
            self.database,
            lambda session: deed(session, actor=actor, at=self.at, **facts),
            actor=actor,
            at=self.at,
            call=f"TEST {deed.__name__}",
        )

    def person(self, points: int = 0, *held: str, **facts: Any) -> Person:
        """A person with these points and roles."""

        def work(session: Session) -> Person:
            made = factories.make_person(
                session, community_id=self.community_id, held=held, **facts
            )
            if points:
                self.award(session, made.id, points)
            return made

        return self.write(work)

    def household(self, *people: Person) -> None:
        """Make these people one household."""
        person_ids = [person.id for person in people]
        self.write(
            lambda session: factories.make_household(
                session, community_id=self.community_id, person_ids=person_ids
            )
        )

    def award(
        self,
        session: Session,
        person_id: UUID,
        points: int,
        *,
        waits: int = 0,
        lasts: int | None = None,
    ) -> UUID:
        """Points from the general fund: after ``waits`` days on notice, good for ``lasts`` more."""
        begins = local_date(self.at, "Asia/Shanghai") + timedelta(days=waits)
        fund_id = communities.settings_of(session, self.community_id).general_fund_id
        leg = Leg(
            accounts.fund_points(fund_id),
            (accounts.pending if waits else accounts.wallet)(person_id),
            points,
            available_on=begins if waits else None,
            expires_on=None if lasts is None else begins + timedelta(days=lasts),
        )
        actor = system(self.community_id, "cli")
        key = ids.new()
        draft = Draft(
            kind="award",
            key=f"award:{key}",
            legs=(leg,),
            effective_on=local_date(self.at, "Asia/Shanghai"),
            source=("test", key),
            fund_id=fund_id,
            evidence="b",
        )
        made = transfers.record(session, actor=actor, draft=draft, at=self.at)
        return self._told(session, actor, made)

    def reverse(self, session: Session, transfer_id: UUID) -> UUID:
        """An award undone."""
        actor = factories.actor_of(self.treasurer)
        made = reversals.reverse(
            session,
            actor=actor,
            transfer_id=transfer_id,
            at=self.at,
            effective_on=local_date(self.at, "Asia/Shanghai"),
            reason_code="stated",
        )
        return self._told(session, actor, made)

    def _told(self, session: Session, actor: Actor, made: UUID) -> UUID:
        """The entry that every unit leaves."""
        trail.record(
            session,
            actor=actor,
            action=Action.TRANSFER_REVERSED,
            subject=("transfer", made),
            at=self.at,
        )
        return made

    def goods(self, points: int = 10, pieces: int = 10, limit: int | None = None) -> Goods:
        """Goods with pieces on the shelf."""
        name = f"Goods {ids.new()}"
        made = self.do(self.treasurer, goods.add, name=name, points=points, per_person_limit=limit)
        if pieces:
            self.do(self.treasurer, stock.receive, goods_id=made.id, quantity=pieces)
        return made

    def set_pin(self, person: Person, pin: str = PIN) -> None:
        """The person's own PIN."""
        self.do(person, pins.set_pin, keys=factories.KEYS, person_id=person.id, pin=pin)

    def order(
        self,
        person: Person,
        *lines: tuple[Goods, int],
        person_id: UUID | None = None,
        **typed: Any,
    ) -> Order:
        """An order placed by ``person``: for themself, or for ``person_id`` with what was typed."""
        wanted = [(one.id, quantity) for one, quantity in lines]
        facts = {"person_id": person_id, "keys": factories.KEYS}
        shown = self.prove(person, **facts, **typed)
        return self.do(person, orders.place, lines=wanted, shown=shown, **facts)

    def prove(self, person: Person, **facts: Any) -> proof.Proof:
        """What the counter makes of the PINs, before the order's unit."""
        actor = factories.actor_of(person)
        return units.traced(
            self.database,
            lambda: proof.prove(self.database, actor=actor, at=self.at, **facts),
            actor=actor,
            at=self.at,
            call="TEST prove",
        )

    def view(self, order: Order, person: Person) -> OrderView:
        """The order as ``person`` sees it."""
        actor = factories.actor_of(person)
        return self.read(
            lambda session: queries.order(
                session, actor=actor, keys=factories.KEYS, at=self.at, order_id=order.id
            )
        )

    def code(self, order: Order) -> str:
        """The typed code of an order."""
        voucher = self.view(order, self.clerk).voucher
        assert voucher is not None
        return voucher.code

    def collect(self, order: Order, clerk: Person | None = None, code: str | None = None) -> Order:
        """Handed over for its typed code."""
        return self.do(
            clerk or self.clerk,
            orders.collect,
            keys=factories.KEYS,
            order_id=order.id,
            code=code if code is not None else self.code(order),
        )

    def tick(self) -> int:
        """One round of this room's due work."""
        return self.write(lambda session: due.tick(session, self.community_id, self.at))

    def wallet(self, person: Person) -> Wallet:
        """What the person has."""
        return self.read(
            lambda session: statements.wallet(session, self.community_id, person.id, self.at)
        )

    def balance(self, place: Place) -> int:
        """What stands on a guarded account."""
        return self.read(
            lambda session: statements.available_of(session, self.community_id, [place])[place]
        )

    def shelf(self, kind: Goods) -> tuple[int, int]:
        """Pieces that may be ordered, and pieces set aside."""
        return self.balance(accounts.shelf(kind.id)), self.balance(accounts.set_aside(kind.id))

    def assert_clean(self) -> None:
        """The books and this room's rows prove each other."""
        found = self.problems()
        assert found == [], found

    def problems(self) -> list[object]:
        """What the proofs of the books and of this room's rows find."""

        def work(session: Session) -> list[object]:
            found: list[object] = list(checks.problems(session, self.community_id))
            found += list(own_checks.problems(session, self.community_id))
            return found

        return self.read(work)


def open_shop(database: Database) -> Shop:
    """A new community with a manager (also admin), a clerk and a treasurer."""
    return scenes.laid_out("shop", lambda: _new_shop(database), database=database)


def _new_shop(database: Database) -> Shop:
    def work(session: Session) -> Shop:
        community, first = factories.make_community(session)
        clerk, treasurer = (
            factories.make_person(session, community_id=community.id, held=(role,))
            for role in ("clerk", "treasurer")
        )
        return Shop(database, community.id, first, clerk, treasurer)

    return database.write(work)
