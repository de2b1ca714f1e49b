"""Passwords: argon2id, and the same time spent where there is none to compare with.

Invariant: no password is stored or logged, only its hash (memory 19 MiB, two passes, one lane).
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import Invalid
from people.credential_models import Password

SHORTEST, LONGEST = 8, 128
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


def wanted(field: str, password: str) -> str:
    """The password in one normal form; Invalid for ``field`` unless 8 to 128 characters long."""
    found = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(found) <= LONGEST:
        raise Invalid(**{field: f"want {SHORTEST} to {LONGEST} characters"})
    if any(unicodedata.category(character) == "Cs" for character in found):
        raise Invalid(**{field: "has half a character"})
    return found


def put(
    session: Session, *, community_id: UUID, person_id: UUID, password: str, at: datetime
) -> None:
    """Keep the hash of a password that passed ``wanted``, in place of the one before."""
    row = _row(session, community_id, person_id)
    if row is None:
        row = Password(community_id=community_id, person_id=person_id)
        session.add(row)
    row.hash, row.set_at = HASHER.hash(password), at
    session.flush()


def fits(session: Session, community_id: UUID, person_id: UUID, password: str) -> bool:
    """Whether this is the person's password; as slow where they have none."""
    return verified(known(session, community_id, person_id), password)


def known(session: Session, community_id: UUID, person_id: UUID) -> str | None:
    """The hash of the person's password; none where they have none."""
    row = _row(session, community_id, person_id)
    return row.hash if row else None


def verified(stored: str | None, text: str) -> bool:
    """Whether the text fits the hash; as slow, and never, where there is no hash."""
    text = unicodedata.normalize("NFC", text)[: LONGEST + 1]
    try:
        HASHER.verify(stored or _nobodys(), text.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    """A hash that belongs to nobody."""
    return HASHER.hash("nobody has this password")


def _row(session: Session, community_id: UUID, person_id: UUID) -> Password | None:
    return session.scalar(
        select(Password).where(
            Password.community_id == community_id, Password.person_id == person_id
        )
    )
