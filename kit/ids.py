"""Ids made by the program: UUIDv7 (RFC 9562), so that no sequence is needed on any engine.

Invariant: ids made by one process strictly increase, also within one millisecond.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

NIL = UUID(int=0)
"""Rows that belong to no community (limits before sign-in, marks of the installation)."""

_lock = threading.Lock()
_last = 0


def new() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, 12 bits of counter, 62 random bits.

    The machine's own time orders ids; it is never read as a business time.
    """
    global _last
    with _lock:
        stamp = (time.time_ns() // 1_000_000) << 12
        _last = stamp if stamp > _last else _last + 1
        ticks = _last
    milliseconds, counter = ticks >> 12, ticks & 0xFFF
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def derived(at: datetime, text: str) -> UUID:
    """The UUIDv7 of something that follows from facts: the same for the same instant and text.

    Whoever makes it first or later gives it this id; it sorts by ``at`` among the others.
    """
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    chance = int.from_bytes(hashlib.sha256(f"lovebank:id:{text}".encode()).digest()[:10])
    value = milliseconds << 80 | 0x7 << 76 | (chance & 0xFFF) << 64 | 0b10 << 62
    return UUID(int=value | chance >> 12 & (1 << 62) - 1)
