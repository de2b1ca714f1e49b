"""Funds, goods, deliveries, orders and vouchers."""

from __future__ import annotations

from api.fields import Choice, Day, Flag, In, Instant, Many, Match, Out, Part, Ref, Text, Whole
from api.queries import PageQuery
from redemption.models import CATEGORIES

ORDER_STATUSES = ("held", "ready", "collected", "cancelled", "lapsed", "returned")
PIN = r"[0-9]{6}"


class FundIn(In):
    """A fund: no points_budget, no limit; no fen, no money."""

    name = Text(most=100, required=True)
    points_budget = Whole(load_default=None, allow_none=True)
    fen = Whole(load_default=0)
    uses = Many(Choice(*CATEGORIES), load_default=())
    ends_on = Day(load_default=None, allow_none=True)


class FundOut(Out):
    """A fund, the money it has left, and what it may buy (nothing named: all) until when."""

    id = Ref(required=True)
    name = Text(required=True)
    points_budget = Whole(required=True, allow_none=True)
    fen = Whole(required=True)
    uses = Many(Choice(*CATEGORIES), required=True)
    ends_on = Day(required=True, allow_none=True)


class MoneyIn(In):
    """Money that came in for a fund: how much, and from whom or what for."""

    fen = Whole(least=1, required=True)
    reason = Text(most=500, lines=True, required=True)


class MoneyOut(Out):
    """Money that came in."""

    id = Ref(required=True)
    fund_id = Ref(required=True)
    fen = Whole(required=True)
    transfer_id = Ref(required=True)


class GoodsIn(In):
    """Goods to put on the list."""

    name = Text(most=100, required=True)
    points = Whole(least=1, required=True)
    per_person_limit = Whole(least=1, load_default=None, allow_none=True)
    per_household_limit = Whole(least=1, load_default=None, allow_none=True)
    limit_days = Whole(least=1, most=3_660, load_default=None, allow_none=True)
    category = Choice(*CATEGORIES, load_default="other")


class GoodsOut(Out):
    """Goods, with the pieces that may be ordered now."""

    id = Ref(required=True)
    name = Text(required=True)
    points = Whole(required=True)
    per_person_limit = Whole(required=True, allow_none=True)
    per_household_limit = Whole(required=True, allow_none=True)
    limit_days = Whole(required=True, allow_none=True)
    category = Choice(*CATEGORIES, required=True)
    available = Whole(required=True)


class ReceiptIn(In):
    """A delivery that comes in: bought for `unit_cost_fen` a piece or `total_fen`, or donated.

    What is given is worth the same fields; it costs the fund nothing.
    """

    quantity = Whole(least=1, required=True)
    fund_id = Ref(load_default=None, allow_none=True)
    unit_cost_fen = Whole()
    total_fen = Whole()
    donated = Flag(load_default=False)
    best_before = Day(load_default=None, allow_none=True)


class ReceiptOut(Out):
    """A delivery that came in."""

    id = Ref(required=True)
    goods_id = Ref(required=True)
    fund_id = Ref(required=True)
    quantity = Whole(required=True)
    unit_cost_fen = Whole(required=True)
    total_fen = Whole(required=True)
    kind = Choice("purchase", "donation", required=True)
    best_before = Day(required=True, allow_none=True)
    transfer_id = Ref(required=True)


class BatchOut(Out):
    """Pieces of one delivery that are worth the same, and how many are left on the shelf."""

    lot_id = Ref(required=True)
    receipt_id = Ref(required=True, allow_none=True)
    fund_id = Ref(required=True, allow_none=True)
    kind = Choice("purchase", "donation", required=True, allow_none=True)
    unit_cost_fen = Whole(required=True, allow_none=True)
    best_before = Day(required=True, allow_none=True)
    received_at = Instant(required=True)
    quantity = Whole(required=True)
    remaining = Whole(required=True)


class LineIn(In):
    """One line of an order."""

    goods_id = Ref(required=True)
    quantity = Whole(least=1, most=10_000, required=True)


class OrderIn(In):
    """An order: `lines`, or `goods_id` and `quantity` for a single one.

    For another person a clerk sends their `pin`, or a second member of staff as witness.
    """

    lines = Many(Part(LineIn), least=1, most=20)
    goods_id = Ref()
    quantity = Whole(least=1, most=10_000)
    person_id = Ref(load_default=None, allow_none=True)
    pin = Match(PIN, "not_pin", load_default=None, allow_none=True)
    witness_id = Ref(load_default=None, allow_none=True)
    witness_pin = Match(PIN, "not_pin", load_default=None, allow_none=True)


class LineOut(Out):
    """One line, at the price of the day it was ordered."""

    goods_id = Ref(required=True)
    name = Text(required=True)
    quantity = Whole(required=True)
    points_each = Whole(required=True)


class VoucherOut(Out):
    """What collects the order."""

    code = Text(required=True)
    token = Text(required=True)
    url = Text(required=True)
    frozen = Flag(required=True)


class OrderBriefOut(Out):
    """An order without its voucher."""

    id = Ref(required=True)
    person_id = Ref(required=True)
    lines = Many(Part(LineOut), required=True)
    points = Whole(required=True)
    status = Choice(*ORDER_STATUSES, required=True)
    placed_by = Ref(required=True)
    placed_at = Instant(required=True)
    lapses_at = Instant(required=True)
    held_above = Whole(required=True, allow_none=True)
    approved_by = Ref(required=True, allow_none=True)
    approved_at = Instant(required=True, allow_none=True)
    collected_by = Ref(required=True, allow_none=True)
    collected_at = Instant(required=True, allow_none=True)


class OrderOut(OrderBriefOut):
    """An order; its voucher only for its person and for clerks."""

    voucher = Part(VoucherOut, required=True, allow_none=True)


class OrdersQuery(PageQuery):
    """Which orders."""

    status = Choice(*ORDER_STATUSES)
    person_id = Ref()


class CollectIn(In):
    """The code that one types, or the voucher's whole token."""

    code = Text(most=200, required=True)
