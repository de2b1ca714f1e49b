"""Scans of vouchers: handed over once, by a clerk, and what one that is over says."""

from kit.db import Database
from qr.models import REFUSALS
from redemption import freezing, orders
from tests.qr import desk


def test_a_clerk_collects_by_scanning(database: Database) -> None:
    gate = desk.open_desk(database)
    town = gate.town
    li, rice = town.person(50), town.goods(10, 5)
    order = town.order(li, (rice, 2))
    answer = gate.scan(town.clerk, f"HTTPS://BANK.EXAMPLE/S/{gate.voucher(order)}")
    assert answer.outcome == "collected"
    assert answer.order is not None
    assert (answer.order.id, answer.order.status) == (order.id, "collected")
    assert town.wallet(li).available == 30
    row = gate.scans()[0]
    assert (row.code_kind, row.order_id, row.person_id) == ("voucher", order.id, li.id)
    town.assert_clean()


def test_a_voucher_that_is_over_says_why(database: Database) -> None:
    gate = desk.open_desk(database)
    town = gate.town
    li, rice = town.person(100), town.goods(10, 50)
    used, void, late = (town.order(li, (rice, 1)) for _ in range(3))
    first = gate.scan(town.clerk, gate.voucher(used))
    town.do(li, orders.cancel, order_id=void.id)
    refused = gate.refused(town.clerk, gate.voucher(used))
    assert first.order is not None
    assert refused.code == "voucher_used"
    assert refused.facts["collected_at"] == first.order.collected_at
    assert gate.refused(town.clerk, gate.voucher(void)).code == "voucher_void"
    town.later(days=14)
    assert gate.refused(town.clerk, gate.voucher(late)).code == "voucher_lapsed"
    town.tick()
    assert gate.refused(town.clerk, gate.voucher(late)).code == "voucher_lapsed"
    assert [one.refused for one in gate.scans()] == [
        None,
        "voucher_used",
        "voucher_void",
        "voucher_lapsed",
        "voucher_lapsed",
    ]


def test_only_a_clerk_and_never_for_their_own(database: Database) -> None:
    gate = desk.open_desk(database)
    town = gate.town
    father, clerk = town.person(50), town.person(0, "clerk")
    town.household(father, clerk)
    order = town.order(father, (town.goods(), 1))
    for who in (father, gate.captain, town.manager):
        refused = gate.refused(who, gate.voucher(order))
        assert (refused.code, "order_id" in refused.facts) == ("not_allowed", False)
    assert gate.refused(clerk, gate.voucher(order)).code == "own_approval"
    kept = [one.refused for one in gate.scans()]
    assert kept == ["not_allowed"] * 3 + ["own_approval"]
    assert gate.scan(town.clerk, gate.voucher(order)).outcome == "collected"


def test_a_voucher_that_may_not_be_collected_yet_is_blocked(database: Database) -> None:
    """Frozen by its owner; freed, it collects."""
    gate = desk.open_desk(database)
    town = gate.town
    li, rice = town.person(50), town.goods()
    order = town.order(li, (rice, 1))
    town.do(li, freezing.freeze, order_id=order.id)
    refused = gate.refused(town.clerk, gate.voucher(order))
    assert (refused.code, refused.facts["why"]) == ("blocked", "frozen")
    town.do(town.clerk, freezing.free, order_id=order.id)
    assert gate.scan(town.clerk, gate.voucher(order)).outcome == "collected"
    assert [one.refused for one in gate.scans()] == ["blocked", None]


def test_every_refusal_of_a_scan_is_met() -> None:
    """Each by a test of this room."""
    met = {
        "bad_code",
        "code_expired",
        "outside_window",
        "not_your_shift",
        "shift_full",
        "shift_cancelled",
        "card_revoked",
        "unknown_person",
        "choose_shift",
        "voucher_used",
        "voucher_void",
        "voucher_lapsed",
        "clock_skew",
        "not_allowed",
        "own_approval",
        "blocked",
    }
    assert set(REFUSALS) == met
