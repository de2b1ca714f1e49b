"""The text form of codes: an alphabet without look-alikes, check characters, derived values.

Invariant: a token of a card or voucher is 128 bits of HMAC-SHA-256 over (purpose, row, issue); it
is stored nowhere and can be made again from the row and the numbered key (design D7).
"""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from kit.keys import KeyRing

#: Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What people type or read for another letter.
_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", " ": "", "-": ""})
TYPED_CHARACTERS = 8


def encode(value: bytes) -> str:
    """Bytes as base 32, most significant first, padded with zero bits at the end."""
    bits = len(value) * 8
    length = -(-bits // 5)
    number = int.from_bytes(value) << (length * 5 - bits)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(length * 5 - 5, -1, -5))


def normal(text: str) -> str:
    """What was typed or read, in the alphabet's own letters."""
    return text.strip().upper().translate(_ALIKE)


def random_ref(characters: int) -> str:
    """A random pointer of 5 bits a character; no secret."""
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))


def check_characters(text: str, count: int) -> str:
    """Characters that catch a slip of the finger; they prove nothing."""
    return encode(hashlib.sha256(f"check:{text}".encode()).digest())[:count]


def derived(keys: KeyRing, purpose: str, row_id: UUID, issue: int, key_no: str) -> str:
    """The 26 characters of a card's or voucher's value."""
    return encode(keys.mac(purpose, f"{row_id}:{issue}", key_no)[:16])


def hashed(value: str) -> bytes:
    """What a row keeps for look-up: SHA-256, enough for values of 112 bits and more."""
    return hashlib.sha256(f"lovebank:token:{value}".encode()).digest()


def typed(value: str) -> str:
    """The code that one types: the first eight characters of the value and a check character."""
    start = value[:TYPED_CHARACTERS]
    return start + check_characters(start, 1)


def typed_whole(text: str) -> str | None:
    """The typed code in normal form; none where its check character does not fit."""
    found = normal(text)
    start = found[:TYPED_CHARACTERS]
    fits = len(found) == TYPED_CHARACTERS + 1 and typed(start) == found
    return found if fits else None
