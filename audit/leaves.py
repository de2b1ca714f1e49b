"""Leaf hashes: the fingerprint of a row over a canonical, versioned encoding (design D10).

Invariant: two rows that differ in any field have different encodings; the version stands in front,
so a later encoding can stand beside this one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from kit.types import canonical

VERSION = 1


def leaf(kind: str, facts: dict[str, Any]) -> bytes:
    """SHA-256 over 0x00 (a Merkle leaf, RFC 9162) ‖ ``lovebank:1:<kind>:`` ‖ canonical JSON."""
    text = f"lovebank:{VERSION}:{kind}:{text_of(facts)}"
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def of_text(kind: str, text: str) -> bytes:
    """The same leaf from the canonical JSON itself, as ``kit.texts`` reads it."""
    return hashlib.sha256(f"\x00lovebank:{VERSION}:{kind}:{text}".encode()).digest()


def of_texts(kind: str, texts: Iterable[str]) -> list[bytes]:
    """``of_text`` of many."""
    begin, sha256 = f"\x00lovebank:{VERSION}:{kind}:", hashlib.sha256
    return [sha256(f"{begin}{text}".encode()).digest() for text in texts]


def digests_of_texts(texts: Iterable[str]) -> list[bytes]:
    """``digest`` of many rows, from the canonical JSON itself."""
    sha256 = hashlib.sha256
    return [sha256(text.encode()).digest() for text in texts]


def digest(facts: dict[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of a row that an audit entry covers."""
    return hashlib.sha256(text_of(facts).encode()).digest()


def text_of(facts: dict[str, Any]) -> str:
    """``canonical(plain(facts))``, to the letter, in one pass where there is nothing unusual."""
    return _ONE_PASS.encode(facts) if _usual(facts.values()) else canonical(plain(facts))


def _usual(values: Iterable[Any]) -> bool:
    """Whether each value is of a type that the one pass tells as ``plain`` does; no subclass."""
    for value in values:
        kind = type(value)
        if kind in _TOLD:
            continue
        if kind is dict and all(type(name) is str for name in value) and _usual(value.values()):
            continue
        if kind in (list, tuple) and _usual(value):
            continue
        return False
    return True


def plain(value: Any) -> Any:
    """Ids, times, days and bytes as the one text that stands for them."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    UUID: str,
    datetime: _instant,
    date: date.isoformat,
    bytes: bytes.hex,
}
_TOLD = frozenset({str, int, type(None), bool, *_AS_TEXT})
_ONE_PASS = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    default=lambda value: _AS_TEXT[type(value)](value),
)
