"""What a person has is the same before tick and after it, whatever time has brought about."""

from collections import Counter
from random import Random
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit.db import Database
from kit.errors import DomainError
from ledger import settling, statements
from ledger.views import Wallet
from people.models import Person
from redemption import due, orders, wallets
from redemption.models import Goods, Order
from tests.redemption import shop
from tests.redemption.shop import Shop

LIVES, DEEDS = 5, 14


class Life:
    """One person's random past, told to the books as it happens; tick never comes by."""

    def __init__(self, town: Shop, rice: Goods, chance: Random) -> None:
        self.town, self.rice, self.chance = town, rice, chance
        self.person: Person = town.person()
        self.awards: list[UUID] = []
        self.orders: list[Order] = []
        self.refused: set[str] = set()

    def go_on(self, deeds: int) -> None:
        """So many deeds, each on a later day; what is refused leaves nothing."""
        often = (self.award, self.order)
        kinds = [*often, *often, self.undo, self.collect, self.cancel, self.wait]
        for deed in self.chance.choices(kinds, k=deeds):
            try:
                deed()
            except DomainError as refusal:
                self.refused.add(refusal.code)
            self.town.later(days=self.chance.choice((0, 0, 1, 4)), seconds=1)

    def award(self) -> None:
        """Points that wait or not, and last or not."""
        points, waits = 10 * self.chance.randint(1, 4), self.chance.choice((0, 0, 3))
        lasts = self.chance.choice((None, 1, 9, 20, 40, 40))
        award = self.town.award
        self.awards.append(
            self.town.write(
                lambda session: award(session, self.person.id, points, waits=waits, lasts=lasts)
            )
        )

    def order(self) -> None:
        """Some rice, to be collected within the fortnight."""
        self.orders.append(self.town.order(self.person, (self.rice, self.chance.randint(1, 3))))

    def collect(self) -> None:
        """One of the orders handed over."""
        if self.orders:
            self.town.collect(self.chance.choice(self.orders))

    def cancel(self) -> None:
        """One of the orders given up."""
        if self.orders:
            order = self.chance.choice(self.orders)
            self.town.do(self.person, orders.cancel, order_id=order.id)

    def undo(self) -> None:
        """One of the awards reversed."""
        if self.awards:
            award = self.chance.choice(self.awards)
            self.town.write(lambda session: self.town.reverse(session, award))

    def wait(self) -> None:
        """Nothing, for a fortnight."""
        self.town.later(days=15)


REFUSALS = {
    "insufficient_points",
    "already_decided",
    "already_reversed",
    "voucher_lapsed",
    "voucher_void",
    "voucher_used",
}


def _seen(town: Shop, person: Person) -> Wallet:
    return town.read(lambda session: wallets.of(session, town.community_id, person.id, town.at))


class _NotNow(Exception):
    """Carries what would be read after tick out of a unit that is given up."""


def _after_tick(town: Shop, person: Person) -> tuple[Wallet, Wallet, int]:
    """What the books and the wallet would say after a whole round of tick; nothing is kept."""

    def work(session: Session) -> None:
        facts = session, town.community_id
        done = 0
        while more := due.tick(*facts, town.at) + settling.tick(*facts, town.at):
            done += more
        booked = statements.wallet(*facts, person.id, town.at)
        raise _NotNow(booked, wallets.of(*facts, person.id, town.at), done)

    with pytest.raises(_NotNow) as given_up:
        town.write(work)
    booked, seen, done = given_up.value.args
    return booked, seen, done


def test_tick_changes_no_wallet(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 500)
    met: Counter[str] = Counter()
    for seed in range(LIVES):
        life = Life(town, rice, Random(seed))
        for deed in range(DEEDS):
            life.go_on(1)
            late, seen = town.wallet(life.person), _seen(town, life.person)
            booked, after, posted = _after_tick(town, life.person)
            assert seen == after == booked, f"life {seed}, deed {deed}"
            met["posted"] += bool(posted)
            met["overdue"] += late.held != seen.held
            met["repaid"] += late.owed != seen.owed
            met["owing"] += bool(seen.owed)
            met["pending"] += bool(seen.pending)
            met["expiry"] += seen.next_expiry is not None
            met["expiry of an overdue order"] += late.next_expiry != seen.next_expiry
        assert life.refused <= REFUSALS
        _tick(town)
    assert min(met.values()) > 1, met
    town.assert_clean()


def _tick(town: Shop) -> None:
    while town.tick() + town.write(lambda s: settling.tick(s, town.community_id, town.at)):
        pass


@pytest.mark.parametrize("lasts", [(9, 3), (3, 9), (None, 5), (5, None)])
def test_of_two_notices_that_end_together_the_elder_repays(
    database: Database, lasts: tuple[int | None, int | None]
) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(), town.goods(10, 9)
    award = town.write(lambda session: town.award(session, li.id, 20))
    town.order(li, (rice, 2))
    town.write(lambda session: town.reverse(session, award))
    for days in lasts:
        _wait(town, li, days)
    town.later(days=1)
    seen = _seen(town, li)
    assert _after_tick(town, li)[0] == seen
    assert (seen.available, seen.owed) == (20, 0)


def _wait(town: Shop, person: Person, lasts: int | None) -> None:
    town.write(lambda session: town.award(session, person.id, 20, waits=1, lasts=lasts))
