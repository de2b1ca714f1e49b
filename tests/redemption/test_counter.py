"""The counter: collecting, cancelling, giving back, and what a voucher that is over says."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooMany
from ledger import accounts, kinds, statements
from people.models import Person
from redemption import orders, vouchers
from redemption.models import Order
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop

KEYS = factories.KEYS


def _code_of(deed: Callable[..., object], *args: object, **facts: object) -> str:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value.code


def _scan(town: Shop, order: Order, who: Person | None = None) -> Order:
    """The order handed over for its voucher's token, as qr does it."""
    shown = town.view(order, town.clerk).voucher
    assert shown is not None
    voucher = town.read(
        lambda session: vouchers.find_token(session, town.community_id, shown.token)
    )
    assert voucher is not None
    return town.do(who or town.clerk, orders.collect_voucher, voucher=voucher)


def test_collecting_spends_the_points_and_hands_the_goods_over(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(50), town.goods(10, 5)
    order = town.collect(town.order(li, (rice, 2)))
    assert (order.status, order.collected_by, order.collected_at) == (
        "collected",
        town.clerk.id,
        town.at,
    )
    wallet = town.wallet(li)
    assert (wallet.available, wallet.held) == (30, 0)
    assert town.shelf(rice) == (3, 0)
    rows = town.read(lambda session: statements.trial_balance(session, town.community_id))
    balances = {row.code: row.credits - row.debits for row in rows}
    assert balances[accounts.contra("redeemed", kinds.POINTS).code] == 20
    assert balances[accounts.contra("handed_over", kinds.goods(rice.id)).code] == 2
    town.assert_clean()


@pytest.mark.parametrize("write", [str, str.lower, lambda code: f" {code[:4]}-{code[4:]} "])
def test_a_code_is_read_as_people_type_it(database: Database, write: Callable[[str], str]) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    assert town.collect(order, code=write(town.code(order))).status == "collected"


def test_the_whole_token_may_be_typed_too(database: Database) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    shown = town.view(order, town.clerk).voucher
    assert shown is not None
    assert town.collect(order, code=shown.token).status == "collected"


def test_a_wrong_code_collects_nothing(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(50), town.goods()
    order, other = town.order(li, (rice, 1)), town.order(li, (rice, 1))
    token = town.view(other, li).voucher
    assert token is not None
    for code in ("", "00000000", town.code(other), token.token, "x" * 300, "爱心"):
        assert _code_of(town.collect, order, code=code) == "wrong_code"
    assert town.view(order, li).status == "ready"


def test_thirty_wrong_codes_a_minute_and_no_more(database: Database) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    code = town.code(order)
    for _ in range(30):
        assert _code_of(town.collect, order, code="000000000") == "wrong_code"
    with pytest.raises(TooMany) as refused:
        town.collect(order, code=code)
    assert 0 < refused.value.retry_after_seconds <= 60
    other = town.person(0, "clerk")
    assert _code_of(town.collect, order, other, code="1") == "wrong_code"
    town.later(seconds=61)
    assert town.collect(order, code=code).status == "collected"


def test_only_a_clerk_hands_over_and_never_to_their_own(database: Database) -> None:
    town = shop.open_shop(database)
    father, clerk, rice = town.person(50), town.person(50, "clerk"), town.goods()
    town.household(father, clerk)
    his, own = town.order(father, (rice, 1)), town.order(clerk, (rice, 1))
    for order in (his, own):
        code = town.code(order)
        for who in (father, town.manager, town.treasurer):
            assert _code_of(town.collect, order, who, code) == "not_allowed"
            assert _code_of(_scan, town, order, who) == "not_allowed"
        assert _code_of(town.collect, order, clerk, code) == "own_approval"
        assert _code_of(_scan, town, order, clerk) == "own_approval"
        assert town.collect(order).status == "collected"


def test_a_voucher_is_used_once(database: Database) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    first = _scan(town, order)
    town.later(minutes=1)
    with pytest.raises(Conflict) as refused:
        _scan(town, order, town.person(0, "clerk"))
    assert refused.value.code == "voucher_used"
    assert refused.value.facts == {
        "order_id": order.id,
        "collected_at": first.collected_at,
        "collected_by": town.clerk.id,
    }
    assert _code_of(town.collect, order) == "voucher_used"
    town.do(town.clerk, orders.give_back, order_id=order.id, reason="torn bag")
    assert _code_of(_scan, town, order) == "voucher_used"
    town.assert_clean()


def test_a_cancelled_order_gives_the_same_lots_back(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(8), town.goods(10, 5)
    town.write(lambda session: town.award(session, li.id, 8))
    order = town.order(li, (rice, 1))
    cancelled = town.do(li, orders.cancel, order_id=order.id)
    assert cancelled.status == "cancelled"
    assert (town.wallet(li).available, town.wallet(li).held) == (16, 0)
    assert town.shelf(rice) == (5, 0)
    assert _code_of(town.collect, order) == "voucher_void"
    assert _code_of(town.do, li, orders.cancel, order_id=order.id) == "already_decided"
    town.assert_clean()


def test_who_may_cancel(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(50), town.goods()
    order = town.order(li, (rice, 1))
    for who in (town.person(), town.manager, town.treasurer):
        assert _code_of(town.do, who, orders.cancel, order_id=order.id) == "not_allowed"
    done = town.do(town.clerk, orders.cancel, order_id=order.id, reason="moved away")
    assert done.status == "cancelled"
    with pytest.raises(NotFound):
        town.do(town.clerk, orders.cancel, order_id=ids.new())


def test_a_reason_has_its_length(database: Database) -> None:
    town = shop.open_shop(database)
    li = town.person(50)
    order = town.order(li, (town.goods(), 1))
    with pytest.raises(Invalid):
        town.do(li, orders.cancel, order_id=order.id, reason="x" * 501)
    assert town.do(li, orders.cancel, order_id=order.id, reason="x" * 500).status == "cancelled"


def test_a_collected_order_is_not_cancelled_but_given_back(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(50), town.goods(10, 5)
    order = town.order(li, (rice, 2))

    def give_back(who: Person) -> Order:
        return town.do(who, orders.give_back, order_id=order.id, reason="torn")

    assert _code_of(give_back, town.clerk) == "already_decided"
    town.collect(order)
    assert _code_of(town.do, li, orders.cancel, order_id=order.id) == "already_decided"
    assert _code_of(give_back, li) == "not_allowed"
    assert give_back(town.clerk).status == "returned"
    assert town.wallet(li).available == 50
    assert town.shelf(rice) == (5, 0)
    assert _code_of(give_back, town.clerk) == "already_decided"
    town.assert_clean()


def test_a_clerk_takes_nothing_back_from_their_own(database: Database) -> None:
    town = shop.open_shop(database)
    clerk = town.person(50, "clerk")
    order = town.collect(town.order(clerk, (town.goods(), 1)))
    with pytest.raises(NotAllowed) as refused:
        town.do(clerk, orders.give_back, order_id=order.id, reason="no")
    assert refused.value.code == "own_approval"


def test_the_database_refuses_a_hand_over_to_oneself(database: Database) -> None:
    town = shop.open_shop(database)
    father, clerk = town.person(50), town.person(0, "clerk")
    town.household(father, clerk)
    order = town.order(father, (town.goods(), 1))

    def around(session: Session) -> None:
        row = session.get(Order, (order.community_id, order.id))
        assert row is not None
        row.status, row.collected_by, row.collected_at = "collected", clerk.id, town.at

    assert _code_of(town.write, around) == "own_approval"
