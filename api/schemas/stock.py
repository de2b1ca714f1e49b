"""Write-offs and counts of the shelf."""

from __future__ import annotations

from api.fields import Choice, In, Instant, Many, Out, Part, Ref, Text, Whole
from api.queries import PageQuery
from api.schemas.ledger import signed
from redemption.shelf.tables import KINDS
from redemption.shelf.views import STATUSES


class WriteOffIn(In):
    """Pieces that broke, spoiled or are gone, and why."""

    goods_id = Ref(required=True)
    quantity = Whole(least=1, required=True)
    reason = Text(most=500, lines=True, required=True)


class CountedIn(In):
    """Pieces of goods as they lie there, those set aside for orders with them."""

    goods_id = Ref(required=True)
    counted = Whole(required=True)


class StocktakeIn(In):
    """A count of some goods, and on what occasion."""

    lines = Many(Part(CountedIn), least=1, most=200, required=True)
    reason = Text(most=500, lines=True, required=True)


class StockLineOut(Out):
    """Goods, what the books held and what was there, and by how much the shelf changes."""

    goods_id = Ref(required=True)
    expected = Whole(required=True, allow_none=True)
    counted = Whole(required=True, allow_none=True)
    difference = signed(required=True)


class StockChangeOut(Out):
    """A write-off or count, and who signed it."""

    id = Ref(required=True)
    kind = Choice(*KINDS, required=True)
    status = Choice(*STATUSES, required=True)
    reason = Text(required=True, allow_none=True)
    lines = Many(Part(StockLineOut), required=True)
    made_by = Ref(required=True)
    made_at = Instant(required=True)
    signed_by = Ref(required=True, allow_none=True)
    signed_at = Instant(required=True, allow_none=True)
    transfer_id = Ref(required=True, allow_none=True)


class StockChangesQuery(PageQuery):
    """Which write-offs and counts."""

    status = Choice(*STATUSES)
