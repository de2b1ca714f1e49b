"""Access tokens: sign-ins kept on the server, of programs (api) and of browsers.

Invariant: only a hash is stored; the token carries its community in clear, so that one look-up by
(community, hash) finds it; ending one takes effect at the next call.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from kit import ids, tokens
from people.credential_models import AccessToken
from people.models import Person
from people.roles import Held

LIVES = timedelta(days=30)
#: a browser in which somebody of the staff signed in
STAFF_BROWSER_LIVES = timedelta(hours=12)
_SECRET_OCTETS = 32
_STANDS = (
    AccessToken.community_id == bindparam("community_id"),
    Person.community_id == bindparam("community_id"),
    AccessToken.token_hash == bindparam("token_hash"),
    AccessToken.ended_at.is_(None),
    Person.deactivated_at.is_(None),
)
_OF_PERSON = Person.id == AccessToken.person_id
#: made once: every page asks it
_IN_FORCE = select(AccessToken, Person).join(Person, _OF_PERSON).where(*_STANDS)
#: made once: every call of a program asks it
_SIGNED = (
    select(
        AccessToken.person_id,
        AccessToken.kind,
        AccessToken.made_at,
        AccessToken.expires_at,
        AccessToken.must_set_password_since,
    )
    .join(Person, _OF_PERSON)
    .where(*_STANDS)
)


@dataclass(frozen=True)
class Signed:
    """What a token in force says by itself, without what its person holds."""

    community_id: UUID
    person_id: UUID
    kind: str
    made_at: datetime
    expires_at: datetime
    #: until a password is set, the token of a sign-in code may do nothing else
    must_set_password_since: datetime | None


def make(
    session: Session, *, person: Person, kind: str, limited: bool, at: datetime
) -> tuple[str, AccessToken]:
    """A new token and its row; ``limited`` until a password is set."""
    text = f"{person.community_id.hex}.{tokens.encode(secrets.token_bytes(_SECRET_OCTETS))}"
    row = AccessToken(
        community_id=person.community_id,
        id=ids.new(),
        token_hash=tokens.hashed(text),
        person_id=person.id,
        kind=kind,
        made_at=at,
        expires_at=at + LIVES,
        must_set_password_since=at if limited else None,
    )
    session.add(row)
    session.flush()
    return text, row


def find(session: Session, token: str, at: datetime) -> tuple[AccessToken, Person] | None:
    """The row of a token in force, and the person who takes part still."""
    community_id = community_in(token)
    if community_id is None:
        return None
    facts = {"community_id": community_id, "token_hash": tokens.hashed(token)}
    found = session.execute(_IN_FORCE, facts).one_or_none()
    if found is None or found[0].expires_at <= at:
        return None
    return found[0], found[1]


def signed(session: Session, token: str, at: datetime) -> Signed | None:
    """The same as ``find`` judges, told in short."""
    community_id = community_in(token)
    if community_id is None:
        return None
    facts = {"community_id": community_id, "token_hash": tokens.hashed(token)}
    found = session.execute(_SIGNED, facts).one_or_none()
    if found is None or found.expires_at <= at:
        return None
    return Signed(community_id, *found)


def ends_at(row: AccessToken | Signed, held: tuple[Held, ...]) -> datetime:
    """Until when a token works for somebody who holds these roles now."""
    if row.kind == "browser" and held:
        return min(row.expires_at, row.made_at + STAFF_BROWSER_LIVES)
    return row.expires_at


def community_in(token: str) -> UUID | None:
    """The community that a token names in clear; none where it is no token of ours."""
    start, dot, rest = token.partition(".")
    if not dot or not rest or len(start) != 32 or not token.isascii():
        return None
    try:
        return UUID(hex=start)
    except ValueError:
        return None


def end(session: Session, *, community_id: UUID, token_id: UUID, at: datetime) -> None:
    """End one token; ending it again changes nothing."""
    session.execute(
        update(AccessToken)
        .where(
            AccessToken.community_id == community_id,
            AccessToken.id == token_id,
            AccessToken.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


def end_all(
    session: Session,
    *,
    community_id: UUID,
    person_id: UUID,
    at: datetime,
    but: UUID | None = None,
) -> None:
    """End every token of a person, but one."""
    session.execute(
        update(AccessToken)
        .where(
            AccessToken.community_id == community_id,
            AccessToken.person_id == person_id,
            AccessToken.id != (but or ids.NIL),
            AccessToken.ended_at.is_(None),
        )
        .values(ended_at=at)
    )
