"""Cursors of lists: opaque, and refused when they were not made here.

Invariant: a cursor holds the id of the last item and nothing else; the list goes on below it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from api.calls import Ask, Page
from kit.errors import Invalid
from kit.keys import KeyRing

_CHECK_BYTES = 6
LIMIT_DEFAULT, LIMIT_MOST = 50, 100


def made(keys: KeyRing, last: UUID) -> str:
    """The cursor that goes on below ``last``."""
    check = keys.mac("cursor", str(last))[:_CHECK_BYTES]
    return base64.urlsafe_b64encode(last.bytes + check).decode().rstrip("=")


def read(keys: KeyRing, cursor: str) -> UUID:
    """The id in a cursor; Invalid where it was not made here."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Invalid(cursor="not_cursor") from None
    if len(raw) != 16 + _CHECK_BYTES:
        raise Invalid(cursor="not_cursor")
    last = UUID(bytes=raw[:16])
    for number in keys.numbers:
        check = keys.mac("cursor", str(last), number)[:_CHECK_BYTES]
        if hmac.compare_digest(check, raw[16:]):
            return last
    raise Invalid(cursor="not_cursor")


def page(
    ask: Ask, rows: Callable[[int, UUID | None], Sequence[Any]], *, id_name: str = "id"
) -> Page:
    """One page of what ``rows(limit, before)`` finds, newest first."""
    limit = ask.query["limit"]
    cursor = ask.query.get("cursor")
    before = None if cursor is None else read(ask.program.keys, cursor)
    found = list(rows(limit + 1, before))
    more = len(found) > limit
    kept = found[:limit]
    return Page(kept, getattr(kept[-1], id_name) if more else None)
