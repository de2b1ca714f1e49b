"""Tables of funds, goods, deliveries, orders and vouchers.

Invariant: what is on a shelf, held or handed over stands in the ledger; these rows only say what
the transfers are about.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of, owned_key, unique, unique_where
from kit.types import Amount, Day, Id, Instant, Octets

#: what goods are, and what a fund may buy
CATEGORIES = ("food", "household", "health", "school", "culture", "other")


class Fund(Base, Row):
    """A grant, a donor or a budget: pays for points and goods."""

    __tablename__ = "funds"
    __table_args__ = args(unique("name"), check("budget_bounds", "points_budget >= 0"))
    name: Mapped[str] = mapped_column(Text)
    #: none: issues points without a limit
    points_budget: Mapped[int | None] = mapped_column(Amount)
    #: the last day on which it buys; none: it has no end
    ends_on: Mapped[date | None] = mapped_column(Day)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class Goods(Base, Row):
    """What is on the shelf, for a price in points."""

    __tablename__ = "goods"
    __table_args__ = args(
        unique("name"),
        check("points_positive", "points > 0"),
        check("limit_positive", "per_person_limit > 0"),
        check("household_limit_positive", "per_household_limit > 0"),
        check("limit_days_positive", "limit_days > 0"),
        one_of("category", CATEGORIES),
    )
    name: Mapped[str] = mapped_column(Text)
    points: Mapped[int] = mapped_column(Amount)
    #: pieces one person may hold or have collected; none: no limit
    per_person_limit: Mapped[int | None] = mapped_column(Amount)
    #: the same for all who share a household
    per_household_limit: Mapped[int | None] = mapped_column(Amount)
    #: the limits count the last so many days, today with them; none: for ever
    limit_days: Mapped[int | None] = mapped_column(Amount)
    category: Mapped[str] = mapped_column(Text, default="other", server_default="other")
    added_at: Mapped[datetime] = mapped_column(Instant)


class GoodsReceipt(Base, Row):
    """A delivery: pieces that came in, bought from a fund or given, and what they are worth.

    ``unit_cost_fen`` is what a piece is worth at least; a remainder is one fen more on each of the
    first pieces, so the batches come to ``total_fen``.
    """

    __tablename__ = "goods_receipts"
    __table_args__ = args(
        owned_key("goods_id", "goods"),
        owned_key("fund_id", "funds"),
        owned_key("transfer_id", "ledger_transfers"),
        check("quantity_positive", "quantity > 0"),
        check("cost_bounds", "unit_cost_fen >= 0"),
        check(
            "total_whole",
            "total_fen >= quantity * unit_cost_fen AND total_fen < quantity * (unit_cost_fen + 1)",
        ),
        one_of("kind", ("purchase", "donation")),
        index("goods_id", "id"),
        append_only=True,
    )
    goods_id: Mapped[UUID] = mapped_column(Id)
    fund_id: Mapped[UUID] = mapped_column(Id)
    quantity: Mapped[int] = mapped_column(Amount)
    unit_cost_fen: Mapped[int] = mapped_column(Amount)
    total_fen: Mapped[int] = mapped_column(Amount)
    kind: Mapped[str] = mapped_column(Text)
    #: the last day on which it is handed out; none: it keeps
    best_before: Mapped[date | None] = mapped_column(Day)
    transfer_id: Mapped[UUID] = mapped_column(Id)
    received_at: Mapped[datetime] = mapped_column(Instant)


class Order(Base, Row):
    """Goods held for a person until collected, cancelled or lapsed."""

    __tablename__ = "orders"
    __table_args__ = args(
        owned_key("person_id", "people"),
        owned_key("placed_by", "people"),
        owned_key("witness_id", "people"),
        owned_key("approved_by", "people"),
        owned_key("collected_by", "people"),
        one_of("status", ("held", "ready", "collected", "cancelled", "lapsed", "returned")),
        check("points_positive", "points > 0"),
        check("witness_differs", "witness_id <> placed_by AND witness_id <> person_id"),
        check("above_the_limit", "points > held_above"),
        check("approved_whole", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("approved_if_held", "approved_by IS NULL OR held_above IS NOT NULL"),
        check(
            "held_if_above", "status <> 'held' OR (held_above IS NOT NULL AND approved_by IS NULL)"
        ),
        check(
            "approved_before_ready",
            "held_above IS NULL OR approved_by IS NOT NULL"
            " OR status IN ('held', 'cancelled', 'lapsed')",
        ),
        check("collected_whole", "(collected_by IS NULL) = (collected_at IS NULL)"),
        index("person_id", "id"),
        index("status", "id"),
        index("status", "lapses_at"),
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    points: Mapped[int] = mapped_column(Amount)
    status: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID] = mapped_column(Id)
    #: the second member of staff, where neither the person nor their PIN was there
    witness_id: Mapped[UUID | None] = mapped_column(Id)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    lapses_at: Mapped[datetime] = mapped_column(Instant)
    #: the limit above which a second person approves, where the order was above it when placed
    held_above: Mapped[int | None] = mapped_column(Amount)
    approved_by: Mapped[UUID | None] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    collected_by: Mapped[UUID | None] = mapped_column(Id)
    collected_at: Mapped[datetime | None] = mapped_column(Instant)


class OrderLine(Base, Owned):
    """One kind of goods of an order, at the price of that day."""

    __tablename__ = "order_lines"
    __table_args__ = args(
        owned_key("order_id", "orders"),
        owned_key("goods_id", "goods"),
        check("quantity_positive", "quantity > 0"),
        check("points_positive", "points_each > 0"),
        index("goods_id", "order_id"),
        append_only=True,
    )
    order_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line: Mapped[int] = mapped_column(Amount, primary_key=True)
    goods_id: Mapped[UUID] = mapped_column(Id)
    quantity: Mapped[int] = mapped_column(Amount)
    points_each: Mapped[int] = mapped_column(Amount)


class Voucher(Base, Row):
    """The code that collects an order: HMAC(key of purpose voucher, id, issue), never stored."""

    __tablename__ = "vouchers"
    __table_args__ = args(
        owned_key("order_id", "orders"),
        unique("token_hash"),
        unique("order_id", "issue"),
        unique_where(
            "vouchers", "one_in_force", "order_id", where="status IN ('issued', 'frozen')"
        ),
        one_of("status", ("issued", "frozen", "redeemed", "void", "lapsed")),
        index("typed_hash"),
    )
    order_id: Mapped[UUID] = mapped_column(Id)
    issue: Mapped[int] = mapped_column(Amount)
    token_hash: Mapped[bytes] = mapped_column(Octets)
    #: hash of the typed code: the first characters of the same value
    typed_hash: Mapped[bytes] = mapped_column(Octets)
    key_no: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)


for _fact in (GoodsReceipt, OrderLine):
    triggers.append_only(_fact)
triggers.no_delete(Voucher)
triggers.only_changes(Order, "status", "approved_by", "approved_at", "collected_by", "collected_at")
triggers.arrows(
    Order,
    "status",
    (
        ("held", "ready"),
        ("held", "cancelled"),
        ("held", "lapsed"),
        ("ready", "collected"),
        ("ready", "cancelled"),
        ("ready", "lapsed"),
        ("collected", "returned"),
    ),
)
triggers.arrows(
    Voucher,
    "status",
    (
        ("issued", "frozen"),
        ("frozen", "issued"),
        ("issued", "redeemed"),
        ("issued", "void"),
        ("frozen", "void"),
        ("issued", "lapsed"),
        ("frozen", "lapsed"),
    ),
)
triggers.guard(
    "orders_not_handed_to_own",
    "orders",
    "UPDATE",
    "own_approval",
    "NEW.status = 'collected' AND OLD.status <> 'collected' AND EXISTS ("
    "SELECT 1 FROM people clerk JOIN people taker ON taker.community_id = clerk.community_id"
    " WHERE clerk.community_id = NEW.community_id AND clerk.id = NEW.collected_by"
    " AND taker.id = NEW.person_id"
    " AND (clerk.id = taker.id OR clerk.household_id = taker.household_id))",
)
triggers.guard(
    "orders_not_approved_by_own",
    "orders",
    "UPDATE",
    "own_approval",
    "NEW.approved_by IS NOT NULL AND OLD.approved_by IS NULL AND EXISTS ("
    "SELECT 1 FROM people decider JOIN people other ON other.community_id = decider.community_id"
    " WHERE decider.community_id = NEW.community_id AND decider.id = NEW.approved_by"
    " AND other.id IN (NEW.person_id, NEW.placed_by)"
    " AND (decider.id = other.id OR decider.household_id = other.household_id))",
)
triggers.guard(
    "orders_decided_once",
    "orders",
    "UPDATE",
    "append_only",
    "(OLD.approved_by IS NOT NULL AND (NEW.approved_by IS DISTINCT FROM OLD.approved_by"
    " OR NEW.approved_at IS DISTINCT FROM OLD.approved_at))"
    " OR (OLD.collected_by IS NOT NULL AND (NEW.collected_by IS DISTINCT FROM OLD.collected_by"
    " OR NEW.collected_at IS DISTINCT FROM OLD.collected_at))",
)
