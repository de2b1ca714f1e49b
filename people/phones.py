"""Telephone numbers: one spelling, sealed at rest, found by a blind index.

Invariant: one phone is one person in each community, however it was spelled, and under whichever of
the installation's secrets its row was made (design D1, D12).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kit.errors import Invalid
from kit.keys import KeyRing
from people.models import Person, SignInHandle

_SEALED = "phone"
_INDEX = "phone-index"
_TAKEN = "belongs to another person of this community"
_FILLING = re.compile(r"[\s().\-‐-―]+")
_MAINLAND = re.compile(r"1\d{10}", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def normal(text: str) -> str | None:
    """The number as E.164; none where it is neither that nor an 11-digit mainland number.

    It may be spelled with full-width digits, spaces, hyphens, brackets, a leading ``00`` or ``86``.
    """
    found = _FILLING.sub("", unicodedata.normalize("NFKC", text))
    if _MAINLAND.fullmatch(found):
        return f"+86{found}"
    if found.startswith("86") and _MAINLAND.fullmatch(found[2:]):
        return f"+{found}"
    if found.startswith("00"):
        found = f"+{found[2:]}"
    return found if _E164.fullmatch(found) else None


def wanted(text: str) -> str:
    """The number as E.164; Invalid where it is not one."""
    found = normal(text)
    if found is None:
        raise Invalid(phone="want an 11-digit mainland number or E.164 (+…)")
    return found


def hashes(keys: KeyRing, phone: str) -> list[bytes]:
    """The blind index of a normal number under every known secret, newest first."""
    return [keys.mac(_INDEX, phone, key_no) for key_no in keys.numbers]


def handles(session: Session, keys: KeyRing, phone: str) -> list[tuple[UUID, UUID]]:
    """(community, person) of everybody who has this normal number, in the order of communities."""
    rows = session.execute(
        select(SignInHandle.community_id, SignInHandle.person_id)
        .where(SignInHandle.handle_hash.in_(hashes(keys, phone)))
        .order_by(SignInHandle.community_id)
    )
    return [(row.community_id, row.person_id) for row in rows]


def holder(session: Session, keys: KeyRing, community_id: UUID, phone: str) -> UUID | None:
    """Who has this normal number in a community."""
    return session.scalar(
        select(SignInHandle.person_id).where(
            SignInHandle.handle_hash.in_(hashes(keys, phone)),
            SignInHandle.community_id == community_id,
        )
    )


def put(session: Session, *, keys: KeyRing, person: Person, phone: str | None) -> None:
    """Give a person this normal number in place of the one before, or none.

    Raises Invalid where somebody else of the community has it.
    """
    if phone is not None:
        there = holder(session, keys, person.community_id, phone)
        if there is not None and there != person.id:
            raise Invalid(phone=_TAKEN)
    _forget(session, keys, person)
    person.phone_sealed = None
    if phone is not None:
        row = {
            "handle_hash": hashes(keys, phone)[0],
            "community_id": person.community_id,
            "person_id": person.id,
        }
        insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
        made = insert(SignInHandle).values(row).on_conflict_do_nothing()
        if session.scalar(made.returning(SignInHandle.person_id)) is None:
            # Somebody else took it at this very moment.
            raise Invalid(phone=_TAKEN)
        person.phone_sealed = sealed(keys, person.community_id, person.id, phone)
    session.flush()


def sealed(keys: KeyRing, community_id: UUID, person_id: UUID, phone: str) -> bytes:
    """A normal number as the person's row keeps it."""
    return keys.encrypt(_SEALED, _row(community_id, person_id), phone, secrets.token_bytes(12))


def of(person: Person, keys: KeyRing) -> str | None:
    """A person's number as E.164; none where they have none."""
    if person.phone_sealed is None:
        return None
    return keys.decrypt(_SEALED, _row(person.community_id, person.id), person.phone_sealed)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _forget(session: Session, keys: KeyRing, person: Person) -> None:
    old = of(person, keys)
    if old is not None:
        session.execute(
            delete(SignInHandle).where(
                SignInHandle.handle_hash.in_(hashes(keys, old)),
                SignInHandle.community_id == person.community_id,
                SignInHandle.person_id == person.id,
            )
        )


def _row(community_id: UUID, person_id: UUID) -> str:
    """What the sealed number is bound to: it opens in no other row."""
    return f"{community_id}:{person_id}"
