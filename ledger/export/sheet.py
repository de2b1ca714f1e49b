"""The journal as CSV for a spreadsheet: one line a posting.

Invariant: no cell is a formula: one that would begin like it has an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from audit.leaves import plain
from ledger.export import rows

COLUMNS = (
    "transfer", "line", "effective_on", "original_on", "recorded_at", "kind", "key",
    "source_type", "source_id", "actor", "fund", "evidence", "reason", "reverses", "debit",
    "credit", "commodity", "amount",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(session: Session, community_id: UUID) -> Iterator[str]:
    """The header, then the lines of one transfer a piece; lines end as RFC 4180 says."""
    codes = rows.codes(session, community_id)
    yield _line(COLUMNS)
    for entry in rows.entries(session, community_id):
        head = entry.head
        for row in entry.postings:
            yield _line(
                (
                    head.id, row.line, head.effective_on, head.original_on, head.recorded_at,
                    head.kind, head.natural_key, head.source_type, head.source_id, head.actor_id,
                    head.fund_id, head.evidence, head.reason_code, head.reverses_id,
                    codes[row.debit_account_id], codes[row.credit_account_id], row.commodity,
                    row.amount,
                )
            )  # fmt: skip


def _line(values: tuple[Any, ...]) -> str:
    kept = io.StringIO()
    csv.writer(kept).writerow([_cell(value) for value in values])
    return kept.getvalue()


def _cell(value: Any) -> Any:
    """An amount stays a number; text never begins a formula."""
    told = plain(value)
    if isinstance(told, str) and told.startswith(FORMULA):
        return f"'{told}"
    return told
