"""Tables of what changes a shelf without an order or a delivery: write-offs and counts.

Invariant: a change has one signature at most, and where it needs a second person's, that person is
neither its maker nor of their household, whoever writes the row.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of, owned_key
from kit.types import Amount, Id, Instant, Octets

KINDS = ("write_off", "stocktake")


class StockChange(Base, Row):
    """A write-off, or a count of some goods, with why; in force once it is signed."""

    __tablename__ = "stock_changes"
    __table_args__ = args(
        owned_key("made_by", "people"),
        one_of("kind", KINDS),
        check("one_or_two", "hands IN (1, 2)"),
        check("counted_by_two", "kind <> 'stocktake' OR hands = 2"),
        append_only=True,
    )
    kind: Mapped[str] = mapped_column(Text)
    #: how many people it takes: its maker alone, or a second one who signs
    hands: Mapped[int] = mapped_column(Amount)
    text_digest: Mapped[bytes] = mapped_column(Octets)
    made_by: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)


class StockChangeLine(Base, Owned):
    """Goods that were written off or counted, and by how many pieces the shelf changes.

    ``expected`` and ``counted`` are what stood in the books (on the shelf and set aside) and what
    was there, at the time of the count.
    """

    __tablename__ = "stock_change_lines"
    __table_args__ = args(
        owned_key("change_id", "stock_changes"),
        owned_key("goods_id", "goods"),
        check("counted_whole", "(expected IS NULL) = (counted IS NULL)"),
        check("counts_bounds", "expected >= 0 AND counted >= 0"),
        check("difference_counted", "expected IS NULL OR difference = counted - expected"),
        check("written_off_less", "expected IS NOT NULL OR difference < 0"),
        index("goods_id", "change_id"),
        append_only=True,
    )
    change_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    goods_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    expected: Mapped[int | None] = mapped_column(Amount)
    counted: Mapped[int | None] = mapped_column(Amount)
    difference: Mapped[int] = mapped_column(Amount)


class StockSignature(Base, Owned):
    """What put a change in force, or turned it down."""

    __tablename__ = "stock_signatures"
    __table_args__ = args(
        owned_key("change_id", "stock_changes"),
        owned_key("signed_by", "people"),
        owned_key("transfer_id", "ledger_transfers"),
        one_of("decision", ("signed", "rejected")),
        check("rejected_moves_nothing", "decision = 'signed' OR transfer_id IS NULL"),
        append_only=True,
    )
    change_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    decision: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[UUID] = mapped_column(Id)
    signed_at: Mapped[datetime] = mapped_column(Instant)
    #: what moved the pieces; none where a count found what it expected
    transfer_id: Mapped[UUID | None] = mapped_column(Id)


for _fact in (StockChange, StockChangeLine, StockSignature):
    triggers.append_only(_fact)
triggers.guard(
    "stock_signatures_by_another",
    "stock_signatures",
    "INSERT",
    "own_approval",
    "NEW.decision = 'signed' AND EXISTS (SELECT 1 FROM stock_changes c"
    " JOIN people maker ON maker.community_id = c.community_id AND maker.id = c.made_by"
    " JOIN people signer ON signer.community_id = c.community_id AND signer.id = NEW.signed_by"
    " WHERE c.community_id = NEW.community_id AND c.id = NEW.change_id AND c.hands = 2"
    " AND (maker.id = signer.id OR maker.household_id = signer.household_id))",
)
