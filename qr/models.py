"""Tables of scans.

Invariant: every scan is kept, refused ones with one reason of a closed list; those that name no
known code stand in a table of their own for 90 days, device data in ``scan_traces`` (D7, D12).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
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
    unique_where,
)
from kit.types import Amount, Id, Instant, Octets

OUTCOMES = ("checked_in", "checked_out", "duplicate", "collected", "identified")
REFUSALS = (
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
    "blocked",
    "not_allowed",
    # Nobody hands goods to themself or their household, by scanning either.
    "own_approval",
)
CODE_KINDS = ("shift", "poster", "card", "voucher")


class Scan(Base, Row):
    """One reading of one known code: accepted with an outcome, or refused with a reason."""

    __tablename__ = "scans"
    __table_args__ = args(
        owned_key("actor_id", "people"),
        owned_key("shift_id", "shifts"),
        owned_key("person_id", "people"),
        owned_key("attendance_id", "attendances"),
        owned_key("order_id", "orders"),
        one_of("code_kind", CODE_KINDS),
        one_of("outcome", OUTCOMES),
        one_of("refused", REFUSALS),
        check("accepted_or_refused", "(outcome IS NULL) <> (refused IS NULL)"),
        # A claim ticket brings each person in or out once.
        unique_where("scans", "claim", "actor_id", "claim", where="claim IS NOT NULL"),
        unique_where("scans", "nonce", "actor_id", "nonce", where="nonce IS NOT NULL"),
        index("attendance_id"),
        index("shift_id", "id"),
        index_where(
            "scans", "latest", "shift_id", "received_at", where="attendance_id IS NOT NULL"
        ),
        append_only=True,
    )
    actor_id: Mapped[UUID] = mapped_column(Id)
    code_kind: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    refused: Mapped[str | None] = mapped_column(Text)
    shift_id: Mapped[UUID | None] = mapped_column(Id)
    person_id: Mapped[UUID | None] = mapped_column(Id)
    attendance_id: Mapped[UUID | None] = mapped_column(Id)
    order_id: Mapped[UUID | None] = mapped_column(Id)
    #: the server's time: the one that counts
    received_at: Mapped[datetime] = mapped_column(Instant)
    #: the device's claim: evidence only
    captured_at: Mapped[datetime | None] = mapped_column(Instant)
    #: of the claim ticket that brought somebody in or out: its digest
    claim: Mapped[bytes | None] = mapped_column(Octets)
    #: made by the device; the same from the same actor answers as the first time
    nonce: Mapped[str | None] = mapped_column(Text)


class UnknownScan(Base, Row):
    """A scan that named no known code; kept 90 days."""

    __tablename__ = "unknown_scans"
    __table_args__ = args(
        owned_key("actor_id", "people"), index("received_at"), index("actor_id", "nonce")
    )
    actor_id: Mapped[UUID] = mapped_column(Id)
    #: SHA-256 of what was read
    token_digest: Mapped[bytes] = mapped_column(Octets)
    received_at: Mapped[datetime] = mapped_column(Instant)
    nonce: Mapped[str | None] = mapped_column(Text)


class ScanTrace(Base, Owned):
    """Device, network and browser of a scan; may be deleted after 24 months."""

    __tablename__ = "scan_traces"
    __table_args__ = args(owned_key("scan_id", "scans"))
    scan_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    address: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(Text)
    device_id: Mapped[str | None] = mapped_column(Text)
    device_seq: Mapped[int | None] = mapped_column(Amount)


for _erasable in (UnknownScan, ScanTrace):
    _erasable.__table__.info["erasable"] = True  # type: ignore[attr-defined] # Table has info
triggers.append_only(Scan)
