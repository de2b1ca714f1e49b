"""Refusals of the ledger."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from kit.errors import Conflict
from ledger.kinds import SHORT_CODES


class Short(Conflict):
    """A guarded account would fall below its floor; the code tells which kind of account."""

    def __init__(self, kind: str, account_id: UUID, available: int, needed: int) -> None:
        code = SHORT_CODES.get(kind)
        assert code is not None, f"a {kind} account cannot be short except by our mistake"
        super().__init__(code, available=available, needed=needed, short=needed - available)
        self.account_id = account_id


class TooMuch(Conflict):
    """A guarded account would rise above the largest amount that can be told."""

    def __init__(self, account_id: UUID) -> None:
        super().__init__("too_much")
        self.account_id = account_id


class AlreadyReversed(Conflict):
    """A transfer is reversed once at most."""

    def __init__(self, transfer_id: UUID) -> None:
        super().__init__("already_reversed", transfer_id=transfer_id)


class ReverseAtSource(Conflict):
    """A transfer of an order or a delivery is undone only by its own room (D13)."""

    def __init__(self, source_type: str, source_id: UUID) -> None:
        super().__init__("reverse_at_source", source=source_type, source_id=source_id)


class PeriodClosed(Conflict):
    """A day that somebody chose lies in a closed period."""

    def __init__(self, closed_through: date) -> None:
        super().__init__("period_closed", closed_through=closed_through)
