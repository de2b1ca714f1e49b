"""Sign-in codes: they work once in place of a password, for somebody who has none or forgot it.

Invariant: a person has one code in force at most; it can be made again from its row and the key,
and the row's own hash opens nothing without the key (design D7).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import Invalid
from kit.keys import KeyRing
from people import register, roles
from people.credential_models import SignInCode
from people.models import Person

LIVES = timedelta(hours=24)
_PURPOSE = "sign-in-code"
_HASHED = "sign-in-code-hash"


@dataclass(frozen=True)
class Code:
    """A code as it is told to the person."""

    id: UUID
    code: str
    expires_at: datetime


def make(session: Session, *, actor: Actor, keys: KeyRing, at: datetime, person_id: UUID) -> Code:
    """A new code; the one before ends.

    Raises NotFound, NotAllowed (manager; for a trusted person themself or an admin), Invalid where
    the person has no phone to sign in with or no longer takes part.
    """
    person = register.locked(session, actor.community_id, person_id)
    roles.require_keeper(session, actor, person, "manager")
    if person.phone_sealed is None or person.deactivated_at is not None:
        raise Invalid(phone="this person cannot sign in: no phone, or no longer active")
    end_all(session, actor.community_id, person_id, at)
    row = SignInCode(
        community_id=actor.community_id,
        id=ids.new(),
        person_id=person_id,
        made_by=actor.person,
        key_no=keys.newest,
        made_at=at,
        expires_at=at + LIVES,
    )
    code = _again(keys, row)
    row.code_hash = keys.mac(_HASHED, code, row.key_no)
    session.add(row)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.SIGN_IN_CODE_MADE,
        subject=("person", person_id),
        at=at,
        after={"code_id": row.id},
    )
    return Code(row.id, code, row.expires_at)


def shown(session: Session, keys: KeyRing, community_id: UUID, code_id: UUID) -> Code | None:
    """The code of a row made again, for the answer to a repeated call."""
    row = session.scalar(
        select(SignInCode).where(SignInCode.community_id == community_id, SignInCode.id == code_id)
    )
    return Code(row.id, _again(keys, row), row.expires_at) if row else None


def find(
    session: Session, keys: KeyRing, person: Person, text: str, at: datetime
) -> SignInCode | None:
    """The person's code in force that this text is."""
    typed = tokens.typed_whole(text)
    rows = session.scalars(
        select(SignInCode).where(
            SignInCode.community_id == person.community_id,
            SignInCode.person_id == person.id,
            SignInCode.ended_at.is_(None),
        )
    )
    for row in rows:
        fits = typed is not None and hmac.compare_digest(
            keys.mac(_HASHED, typed, row.key_no), row.code_hash
        )
        if fits and row.expires_at > at:
            return row
    return None


def use(session: Session, keys: KeyRing, person: Person, text: str, at: datetime) -> bool:
    """Use the code up; of two who try at once, one succeeds."""
    row = find(session, keys, person, text, at)
    if row is None:
        return False
    return _end(session, row.community_id, person.id, at, SignInCode.id == row.id) == 1


def end_all(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> None:
    """End every code of a person."""
    _end(session, community_id, person_id, at, SignInCode.expires_at.is_not(None))


def _end(session: Session, community_id: UUID, person_id: UUID, at: datetime, which: object) -> int:
    done = session.execute(
        update(SignInCode)
        .where(
            SignInCode.community_id == community_id,
            SignInCode.person_id == person_id,
            SignInCode.ended_at.is_(None),
            which,  # type: ignore[arg-type] # a condition of SQLAlchemy, whose types are wide
        )
        .values(ended_at=at)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


def _again(keys: KeyRing, row: SignInCode) -> str:
    return tokens.typed(tokens.derived(keys, _PURPOSE, row.id, 1, row.key_no))
