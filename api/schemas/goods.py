"""Funds, goods, deliveries, orders and vouchers."""

from __future__ import annotations

from api.fields import Choice, Flag, In, Instant, Many, Match, Out, Part, Ref, Text, Whole
from api.queries import PageQuery

ORDER_STATUSES = ("held", "ready", "collected", "cancelled", "lapsed", "returned")
PIN = r"[0-9]{6}"


class FundIn(In):
    """A fund: no points_budget, no limit; no fen, no money."""

    name = Text(most=100, required=True)
    points_budget = Whole(load_default=None, allow_none=True)
    fen = Whole(load_default=0)


class GoodsIn(In):
    """Goods to put on the list."""

    name = Text(most=100, required=True)
    points = Whole(least=1, required=True)
    per_person_limit = Whole(least=1, load_default=None, allow_none=True)


class GoodsOut(Out):
    """Goods, with the pieces that may be ordered now."""

    id = Ref(required=True)
    name = Text(required=True)
    points = Whole(required=True)
    per_person_limit = Whole(required=True, allow_none=True)
    available = Whole(required=True)


class ReceiptIn(In):
    """A delivery that comes in."""

    quantity = Whole(least=1, required=True)
    fund_id = Ref(load_default=None, allow_none=True)
    unit_cost_fen = Whole(load_default=0)


class ReceiptOut(Out):
    """A delivery that came in."""

    id = Ref(required=True)
    goods_id = Ref(required=True)
    fund_id = Ref(required=True)
    quantity = Whole(required=True)
    unit_cost_fen = Whole(required=True)
    transfer_id = Ref(required=True)


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
