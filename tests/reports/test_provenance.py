"""Each point both ways: from the award to where it went, from the order to what earned it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import NotFound
from ledger import settling
from ledger.models import Lot
from people.models import Person
from redemption import orders
from reports import provenance, spending
from reports.provenance import Paid, Trace
from reports.spending import LotLink
from tests.redemption import shop
from tests.redemption.shop import Shop


@pytest.fixture
def town(database: Database) -> Shop:
    return shop.open_shop(database)


def _award(town: Shop, person: Person, points: int, **days: int) -> UUID:
    return town.write(lambda session: town.award(session, person.id, points, **days))


def _lots(town: Shop, award: UUID) -> list[LotLink]:
    return town.read(lambda session: spending.lots_of(session, town.community_id, award, town.at))


def _trace(town: Shop, lot_id: UUID) -> Trace:
    found = town.read(lambda session: provenance.trace(session, town.community_id, lot_id))
    # What was taken and not brought back, and what remains, are the lot.
    assert sum(use.points for use in found.uses) + found.remaining == found.original
    return found


def _paid(town: Shop, order_id: UUID) -> list[Paid]:
    return town.read(lambda session: provenance.paid_with(session, town.community_id, order_id))


def _tick(town: Shop) -> None:
    while town.tick() + town.write(lambda s: settling.tick(s, town.community_id, town.at)):
        pass


def test_an_order_tells_which_awards_paid_it(town: Shop) -> None:
    li, rice = town.person(), town.goods(10)
    first, second = _award(town, li, 15), _award(town, li, 30, lasts=40)
    order = town.order(li, (rice, 4))
    # What lapses is used first.
    assert [(one.points, one.origins[0].transfer_id) for one in _paid(town, order.id)] == [
        (10, first),
        (30, second),
    ]
    (lot,) = _lots(town, first)
    (use,) = _trace(town, lot.lot_id).uses
    assert (use.points, use.to, use.kind, use.source_id) == (10, "held", "hold", order.id)
    assert [(part.order_id, part.points) for part in lot.orders] == [(order.id, 10)]
    assert lot.remaining == 5


def test_points_are_followed_through_their_notice(town: Shop) -> None:
    li, rice = town.person(), town.goods(10)
    award = _award(town, li, 20, waits=3, lasts=9)
    (waiting,) = _lots(town, award)
    assert (waiting.remaining, waiting.orders) == (20, [])
    town.later(days=3)
    order = town.order(li, (rice, 2))
    (paid,) = _paid(town, order.id)
    assert paid.lot_id != waiting.lot_id
    assert [(one.points, one.transfer_id) for one in paid.origins] == [(20, award)]
    (moved,) = _trace(town, waiting.lot_id).uses
    assert (moved.to, moved.lots) == ("wallet", (paid.lot_id,))
    (lot,) = _lots(town, award)
    assert (lot.lot_id, lot.remaining, [part.points for part in lot.orders]) == (
        paid.lot_id,
        0,
        [20],
    )


def test_what_comes_back_after_its_last_day_is_followed_into_its_grace(town: Shop) -> None:
    li, rice = town.person(), town.goods(10)
    award = _award(town, li, 25, lasts=5)
    order = town.order(li, (rice, 2))
    town.collect(order)
    town.later(days=9)
    town.do(town.clerk, orders.give_back, order_id=order.id, reason="broken")
    again = town.order(li, (rice, 1))
    old, new = _lots(town, award)
    assert (old.orders, old.lapsed, old.remaining, old.renewed) == ([], 5, 0, False)
    assert (new.renewed, new.original, new.remaining) == (True, 20, 10)
    assert new.expires_on == date(2026, 12, 31)
    assert [(part.order_id, part.points) for part in new.orders] == [(again.id, 10)]
    assert [(use.kind, use.points, use.lots) for use in _trace(town, old.lot_id).uses] == [
        ("hold", 20, (new.lot_id,)),
        ("lapse", 5, ()),
    ]
    (paid,) = _paid(town, again.id)
    assert [(one.points, one.transfer_id) for one in paid.origins] == [(20, award)]
    town.assert_clean()


def test_what_lapsed_is_told_before_the_tick_too(town: Shop) -> None:
    li = town.person()
    award = _award(town, li, 7, lasts=1)
    town.later(days=2)
    late = _lots(town, award)
    _tick(town)
    assert [(lot.lapsed, lot.remaining) for lot in late] == [(7, 0)]
    assert _lots(town, award) == late


def test_what_a_debt_took_is_told(town: Shop) -> None:
    li, rice = town.person(), town.goods(10)
    undone = _award(town, li, 30)
    town.order(li, (rice, 3))
    town.write(lambda session: town.reverse(session, undone))
    award = _award(town, li, 50, waits=1)
    town.later(days=1)
    _tick(town)
    repaid, rest = _lots(town, award)
    assert (repaid.repaid, repaid.remaining) == (30, 0)
    assert (rest.original, rest.remaining) == (20, 20)
    assert {use.to: use.points for use in _trace(town, repaid.lot_id).uses} == {
        "owed": 30,
        "wallet": 20,
    }


def test_every_lot_of_a_random_past_is_accounted_for(town: Shop) -> None:
    li, rice = town.person(), town.goods(10)
    for number in range(4):
        _award(town, li, 20 + number, lasts=3 + number, waits=number % 2)
        town.later(days=1)
        order = town.order(li, (rice, 1))
        if number % 2:
            town.later(days=3)
            town.do(li, orders.cancel, order_id=order.id)
    _tick(town)

    def lots(session: Session) -> list[UUID]:
        query = select(Lot.id).where(Lot.community_id == town.community_id)
        return list(session.scalars(query))

    traces = [_trace(town, lot_id) for lot_id in town.read(lots)]
    assert all(trace.origins for trace in traces)
    points = [trace for trace in traces if trace.account.endswith(":points")]
    assert {one.kind for trace in points for one in trace.origins} == {"award"}


def test_an_unknown_lot_and_order(town: Shop) -> None:
    with pytest.raises(NotFound):
        _trace(town, ids.new())
    with pytest.raises(NotFound):
        _paid(town, ids.new())
