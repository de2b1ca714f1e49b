"""Tables of the ledger.

Invariant: books balance by shape (design D2): a posting is one row with a debit account, a credit
account and a positive amount, and foreign keys make both accounts hold its commodity.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import (
    Base,
    Owned,
    Row,
    args,
    check,
    index,
    index_where,
    one_of,
    owned_key,
    unique,
    unique_where,
)
from kit.types import Amount, Day, Id, Instant, Octets
from ledger.kinds import ACCOUNT_KINDS, EVIDENCE, TRANSFER_KINDS


class Books(Base, Owned):
    """What the books of one community go by: its calendar, and how far they are closed."""

    __tablename__ = "ledger_books"
    __table_args__ = args()
    #: the zone whose midnight ends a day
    zone: Mapped[str] = mapped_column(Text)
    #: the last day of the last closed period; nothing is effective on or before it any more
    closed_through: Mapped[date | None] = mapped_column(Day)
    #: where expiry was switched on: the last day of lots that were made without one
    grace_until: Mapped[date | None] = mapped_column(Day)


class Account(Base, Row):
    """A place where one commodity stands."""

    __tablename__ = "ledger_accounts"
    __table_args__ = args(
        unique("code"),
        unique("id", "commodity"),
        one_of("kind", tuple(ACCOUNT_KINDS)),
        index("owner_id", "kind"),
        append_only=True,
    )
    #: ``<kind>:<owner>[:<commodity>]``, unique in the community
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    commodity: Mapped[str] = mapped_column(Text)
    #: the person, fund or goods it belongs to: an opaque id here; none for the community's own
    owner_id: Mapped[UUID | None] = mapped_column(Id)
    #: lowest balance; none: not guarded, no balance row (D4)
    floor: Mapped[int | None] = mapped_column(Amount)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class Balance(Base, Owned):
    """The balance of a guarded account; changed only by one conditional UPDATE (D4)."""

    __tablename__ = "ledger_balances"
    __table_args__ = args(
        owned_key("account_id", "ledger_accounts"),
        check("above_floor", "balance >= floor"),
    )
    account_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    balance: Mapped[int] = mapped_column(Amount)
    floor: Mapped[int] = mapped_column(Amount)


class Transfer(Base, Row):
    """One entry of the journal: the head of one or more postings."""

    __tablename__ = "ledger_transfers"
    __table_args__ = args(
        unique("natural_key"),
        owned_key("reverses_id", "ledger_transfers"),
        unique_where(
            "ledger_transfers", "reverses_id", "reverses_id", where="reverses_id IS NOT NULL"
        ),
        one_of("kind", TRANSFER_KINDS),
        check("evidence_listed", f"evidence IN {EVIDENCE}"),
        check("leaf_whole", "length(leaf) = 32"),
        check("original_earlier", "original_on IS NULL OR original_on < effective_on"),
        check("reversal_linked", "(kind = 'reversal') = (reverses_id IS NOT NULL)"),
        index("effective_on"),
        index("recorded_at"),
        index("source_id"),
        append_only=True,
    )
    kind: Mapped[str] = mapped_column(Text)
    #: what makes the write unrepeatable, e.g. ``order:<id>:hold`` (D5)
    natural_key: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date] = mapped_column(Day)
    #: the day it belongs to, where that lies in a closed period; none: ``effective_on`` is that day
    original_on: Mapped[date | None] = mapped_column(Day)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    #: what it belongs to: ``attendance``, ``order``, ``goods_receipt``, ``fund``
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID] = mapped_column(Id)
    fund_id: Mapped[UUID | None] = mapped_column(Id)
    #: grade of the evidence for an award, a (best) to d
    evidence: Mapped[str | None] = mapped_column(Text)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)
    reverses_id: Mapped[UUID | None] = mapped_column(Id)
    request_id: Mapped[UUID] = mapped_column(Id)
    #: SHA-256 over the head and its postings (audit.leaves)
    leaf: Mapped[bytes] = mapped_column(Octets)


class Posting(Base, Owned):
    """One debit, one credit, one positive amount of one commodity."""

    __tablename__ = "ledger_postings"
    __table_args__ = args(
        owned_key("transfer_id", "ledger_transfers"),
        owned_key("debit_account_id", "ledger_accounts", "commodity"),
        owned_key("credit_account_id", "ledger_accounts", "commodity"),
        check("amount_positive", "amount > 0"),
        check("accounts_differ", "debit_account_id <> credit_account_id"),
        index("debit_account_id", "transfer_id"),
        index("credit_account_id", "transfer_id"),
        append_only=True,
    )
    transfer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line: Mapped[int] = mapped_column(Amount, primary_key=True)
    debit_account_id: Mapped[UUID] = mapped_column(Id)
    credit_account_id: Mapped[UUID] = mapped_column(Id)
    commodity: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(Amount)


class Lot(Base, Row):
    """What was credited together to a wallet or a shelf and is used up together (D6)."""

    __tablename__ = "ledger_lots"
    __table_args__ = args(
        owned_key("account_id", "ledger_accounts"),
        ForeignKeyConstraint(
            ["community_id", "transfer_id", "line"],
            [
                "ledger_postings.community_id",
                "ledger_postings.transfer_id",
                "ledger_postings.line",
            ],
        ),
        check("original_positive", "original > 0"),
        check("remaining_bounds", "remaining >= 0 AND remaining <= original"),
        check(
            "usable_for_a_day",
            "expires_on IS NULL OR available_on IS NULL OR available_on <= expires_on",
        ),
        index_where("ledger_lots", "last_day", "expires_on", "id", where="remaining > 0"),
        index_where("ledger_lots", "on_notice", "available_on", where="available_on IS NOT NULL"),
        index_where("ledger_lots", "left", "account_id", "expires_on", "id", where="remaining > 0"),
        unique("transfer_id", "line"),
    )
    account_id: Mapped[UUID] = mapped_column(Id)
    #: the posting that made it
    transfer_id: Mapped[UUID] = mapped_column(Id)
    line: Mapped[int] = mapped_column(Amount)
    original: Mapped[int] = mapped_column(Amount)
    remaining: Mapped[int] = mapped_column(Amount)
    #: first day it may be used, for points on notice; none: at once
    available_on: Mapped[date | None] = mapped_column(Day)
    #: last day it may be used; none: never lapses
    expires_on: Mapped[date | None] = mapped_column(Day)
    fund_id: Mapped[UUID | None] = mapped_column(Id)
    #: money paid for one piece, for goods
    unit_cost_fen: Mapped[int | None] = mapped_column(Amount)


class LotUse(Base, Owned):
    """What one posting took from a lot (positive), or gave back to it (negative)."""

    __tablename__ = "ledger_lot_uses"
    __table_args__ = args(
        owned_key("lot_id", "ledger_lots"),
        ForeignKeyConstraint(
            ["community_id", "transfer_id", "line"],
            [
                "ledger_postings.community_id",
                "ledger_postings.transfer_id",
                "ledger_postings.line",
            ],
        ),
        check("taken_something", "taken <> 0"),
        index("lot_id", "transfer_id"),
        append_only=True,
    )
    transfer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line: Mapped[int] = mapped_column(Amount, primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    taken: Mapped[int] = mapped_column(Amount)


for _journal in (Account, Transfer, Posting, LotUse):
    triggers.append_only(_journal)
triggers.only_changes(Lot, "remaining")
triggers.only_changes(Balance, "balance")
triggers.only_changes(Books, "zone", "closed_through", "grace_until")
triggers.guard(
    "ledger_books_close_forward",
    "ledger_books",
    "UPDATE",
    "append_only",
    "OLD.closed_through IS NOT NULL AND"
    " (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through)",
)
# Who writes into a past month holds this row shared, and who closes it holds it alone (books.hold).
triggers.guard(
    "ledger_transfers_open_period",
    "ledger_transfers",
    "INSERT",
    "period_closed",
    "EXISTS (SELECT 1 FROM ledger_books b WHERE b.community_id = NEW.community_id"
    " AND b.closed_through >= NEW.effective_on)",
)
triggers.guard(
    "ledger_balances_open_empty",
    "ledger_balances",
    "INSERT",
    "append_only",
    "NEW.balance <> 0 OR NOT EXISTS (SELECT 1 FROM ledger_accounts a"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.account_id AND a.floor = NEW.floor)",
)
triggers.guard(
    "ledger_lots_open_whole",
    "ledger_lots",
    "INSERT",
    "append_only",
    "NEW.remaining <> NEW.original OR NOT EXISTS (SELECT 1 FROM ledger_postings p"
    " WHERE p.community_id = NEW.community_id AND p.transfer_id = NEW.transfer_id"
    " AND p.line = NEW.line AND p.credit_account_id = NEW.account_id"
    " AND p.amount = NEW.original)",
)
