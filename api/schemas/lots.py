"""Where points come from and where they went, lot by lot."""

from __future__ import annotations

from api.fields import Choice, Day, Instant, Many, Out, Part, Ref, Text, Whole
from api.schemas.ledger import signed
from ledger.kinds import ACCOUNT_KINDS, TRANSFER_KINDS


class OriginOut(Out):
    """What first brought points into the books: for an award, its attendance is the source."""

    points = Whole(required=True)
    transfer_id = Ref(required=True)
    kind = Choice(*TRANSFER_KINDS, required=True)
    source_type = Text(required=True)
    source_id = Ref(required=True)
    effective_on = Day(required=True)


class UseOut(Out):
    """What one transfer took (gave back: below zero), and the lots that were made of it."""

    points = signed(required=True)
    to = Choice(*ACCOUNT_KINDS, required=True)
    transfer_id = Ref(required=True)
    kind = Choice(*TRANSFER_KINDS, required=True)
    source_type = Text(required=True)
    source_id = Ref(required=True)
    effective_on = Day(required=True)
    recorded_at = Instant(required=True)
    lots = Many(Ref(), required=True)


class LotOut(Out):
    """One lot, whence and whither; what was taken and what remains are the original."""

    id = Ref(required=True)
    account = Text(required=True)
    original = Whole(required=True)
    remaining = Whole(required=True)
    available_on = Day(required=True, allow_none=True)
    expires_on = Day(required=True, allow_none=True)
    fund_id = Ref(required=True, allow_none=True)
    unit_cost_fen = Whole(required=True, allow_none=True)
    origins = Many(Part(OriginOut), required=True)
    uses = Many(Part(UseOut), required=True)


class PaidOut(Out):
    """Points of one lot that an order took, and what brought them into the books."""

    lot_id = Ref(required=True)
    points = Whole(required=True)
    expires_on = Day(required=True, allow_none=True)
    origins = Many(Part(OriginOut), required=True)


class GoodsPartOut(Out):
    """Pieces, and the fund whose delivery they came from."""

    goods_id = Ref(required=True)
    name = Text(required=True)
    quantity = Whole(required=True)
    fund_id = Ref(required=True, allow_none=True)
    fund_name = Text(required=True, allow_none=True)


class OrderExplanationOut(Out):
    """What an order was paid with, and what it took from the shelf."""

    order_id = Ref(required=True)
    points = Many(Part(PaidOut), required=True)
    goods = Many(Part(GoodsPartOut), required=True)
