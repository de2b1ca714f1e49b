"""PINs: six digits for the counter, where somebody has a card and no phone.

Invariant: five wrong ones in a row lock it until a manager sets a new one; a try is counted, in a
unit of its own, before it is compared: neither a refused order nor many at once get a sixth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.db import Database
from kit.errors import Conflict, Invalid, NotAllowed
from kit.keys import KeyRing
from people import passwords, register, roles
from people.credential_models import Pin

TRIES = 5
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_PEPPER = "pin"


def set_pin(
    session: Session, *, actor: Actor, keys: KeyRing, at: datetime, person_id: UUID, pin: str
) -> None:
    """Set a person's PIN, in place of the one before, locked or not.

    Raises NotFound, NotAllowed (self, manager; for a trusted person themself or an admin), Invalid,
    Conflict ``pin_locked`` where somebody would open their own lock.
    """
    person = register.locked(session, actor.community_id, person_id)
    own = actor.person_id == person_id
    if not own:
        roles.require_keeper(session, actor, person, "manager")
    _six_digits("pin", pin)
    row = _row(session, actor.community_id, person_id)
    if row is not None and row.failures >= TRIES and own:
        raise Conflict("pin_locked")
    if row is None:
        row = Pin(community_id=actor.community_id, person_id=person_id)
        session.add(row)
    row.key_no = keys.newest
    row.hash = passwords.HASHER.hash(_peppered(keys, person_id, pin, row.key_no))
    row.set_at, row.failures = at, 0
    session.flush()
    trail.record(session, actor=actor, action=Action.PIN_SET, subject=("person", person_id), at=at)


@dataclass(frozen=True)
class Proven:
    """That a person's PIN was typed, just now; only ``prove`` makes it."""

    community_id: UUID
    person_id: UUID


def prove(
    database: Database, *, actor: Actor, keys: KeyRing, at: datetime, person_id: UUID, pin: str
) -> Proven:
    """That this is the person's PIN; ``actor`` is who typed it, for the trail.

    The failure is counted before the PIN is compared and taken back where it was right, so that
    any number at once get five tries; nobody who writes waits for the slow comparison.

    Raises Invalid (not six digits), Conflict ``pin_locked``, NotAllowed ``wrong_pin`` with
    ``tries_left``; a person without a PIN has none left.
    """
    _six_digits("pin", pin)
    community_id = actor.community_id
    tried = database.write(
        lambda session: _count(session, community_id, person_id), community_id=community_id
    )
    if tried is None:
        passwords.verified(None, pin)
        raise NotAllowed("wrong_pin", tries_left=0)
    if not passwords.verified(tried.hash, _peppered(keys, person_id, pin, tried.key_no)):
        raise _wrong(actor, at, person_id, TRIES - tried.failures)
    database.write(
        lambda session: _forgive(session, community_id, person_id, tried.hash),
        community_id=community_id,
    )
    return Proven(community_id, person_id)


def has_pin(session: Session, community_id: UUID, person_id: UUID) -> bool:
    """Whether a person has a PIN, locked or not."""
    return _row(session, community_id, person_id) is not None


@dataclass(frozen=True)
class _Tried:
    """What a PIN is compared with, and the failures with this one."""

    hash: str
    key_no: str
    failures: int


def _count(session: Session, community_id: UUID, person_id: UUID) -> _Tried | None:
    """Count one failure ahead; none where there is no PIN, ``pin_locked`` after five."""
    row = session.execute(
        update(Pin)
        .where(Pin.community_id == community_id, Pin.person_id == person_id, Pin.failures < TRIES)
        .values(failures=Pin.failures + 1)
        .returning(Pin.hash, Pin.key_no, Pin.failures)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is not None:
        return _Tried(*row)
    if has_pin(session, community_id, person_id):
        raise Conflict("pin_locked")
    return None


def _forgive(session: Session, community_id: UUID, person_id: UUID, known: str) -> None:
    """The right PIN clears its count; one that was set in between keeps its own."""
    session.execute(
        update(Pin)
        .where(Pin.community_id == community_id, Pin.person_id == person_id, Pin.hash == known)
        .values(failures=0)
        .execution_options(synchronize_session=False)
    )


def _wrong(actor: Actor, at: datetime, person_id: UUID, left: int) -> NotAllowed:
    def tell(session: Session) -> None:
        trail.record(
            session,
            actor=actor,
            action=Action.PIN_REFUSED,
            subject=("person", person_id),
            at=at,
            refused="wrong_pin",
            after={"tries_left": left},
        )

    refusal = NotAllowed("wrong_pin", tries_left=left)
    refusal.leaving(tell)
    return refusal


def _six_digits(field: str, pin: str) -> None:
    if not _SIX_DIGITS.fullmatch(pin):
        raise Invalid(**{field: "want six digits"})


def _peppered(keys: KeyRing, person_id: UUID, pin: str, key_no: str) -> str:
    """What is hashed: without the key a stolen row cannot be tried against all million PINs."""
    return keys.mac(_PEPPER, f"{person_id}:{pin}", key_no).hex()


def _row(session: Session, community_id: UUID, person_id: UUID) -> Pin | None:
    return session.scalar(
        select(Pin)
        .where(Pin.community_id == community_id, Pin.person_id == person_id)
        .execution_options(populate_existing=True)
    )
