"""Tables of a fund's money: what it may buy, and what came in for it.

Invariant: a purchase that its fund's uses do not allow is refused by the database, whoever writes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of, owned_key
from kit.types import Amount, Id, Instant, Octets
from redemption.models import CATEGORIES


class FundUse(Base, Owned):
    """A category of goods that a fund may buy; a fund without any may buy all."""

    __tablename__ = "fund_uses"
    __table_args__ = args(
        owned_key("fund_id", "funds"), one_of("category", CATEGORIES), append_only=True
    )
    fund_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)


class FundReceipt(Base, Row):
    """Money that came in for a fund: an instalment of a grant, a donor's transfer."""

    __tablename__ = "fund_receipts"
    __table_args__ = args(
        owned_key("fund_id", "funds"),
        owned_key("received_by", "people"),
        owned_key("transfer_id", "ledger_transfers"),
        check("fen_positive", "fen > 0"),
        index("fund_id", "id"),
        append_only=True,
    )
    fund_id: Mapped[UUID] = mapped_column(Id)
    fen: Mapped[int] = mapped_column(Amount)
    text_digest: Mapped[bytes] = mapped_column(Octets)
    transfer_id: Mapped[UUID] = mapped_column(Id)
    received_by: Mapped[UUID] = mapped_column(Id)
    received_at: Mapped[datetime] = mapped_column(Instant)


for _fact in (FundUse, FundReceipt):
    triggers.append_only(_fact)
triggers.guard(
    "goods_receipts_use_allowed",
    "goods_receipts",
    "INSERT",
    "use_not_allowed",
    "NEW.kind = 'purchase' AND NEW.total_fen > 0 AND EXISTS ("
    "SELECT 1 FROM fund_uses u WHERE u.community_id = NEW.community_id AND u.fund_id = NEW.fund_id)"
    " AND NOT EXISTS (SELECT 1 FROM fund_uses u JOIN goods g ON g.community_id = u.community_id"
    " AND g.category = u.category WHERE u.community_id = NEW.community_id"
    " AND u.fund_id = NEW.fund_id AND g.id = NEW.goods_id)",
)
