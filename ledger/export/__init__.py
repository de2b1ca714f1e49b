"""The whole journal as text that programs of other people read and prove: the second opinion.

Invariant: a format is a pure generator of text over the rows of one snapshot: the same books give
the same bytes, and no name of a person is in them (design D12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from ledger.export import beancount, hledger, sheet

Lines = Callable[[Session, UUID], Iterator[str]]

#: format → the journal of a community in it, in pieces of text that end with their lines
FORMATS: dict[str, Lines] = {
    "beancount": beancount.lines,
    "hledger": hledger.lines,
    "csv": sheet.lines,
}
