"""Signing in and out: a phone and a password, or a code in its place, against a token.

Invariant: an unknown phone and a wrong password get the same answer in the same time; only failures
are counted; a token works until it is ended, outlived or its person no longer takes part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.db import Database, Turn
from kit.errors import DomainError, NotSignedIn
from kit.keys import KeyRing
from people import access, admission, limits, passwords, roles, sign_in_codes
from people.access import Signed
from people.admission import PHONE_MOST, WINDOW_MINUTES
from people.credential_models import AccessToken
from people.roles import Held

_TURN = Turn()


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose token is in force, with what they hold now."""

    token: str
    expires_at: datetime
    person_id: UUID
    community_id: UUID
    roles: tuple[Held, ...]
    #: signed in with a code: until a password is set, nothing else may be done
    must_set_password: bool
    kind: str
    token_id: UUID


def sign_in(
    database: Database,
    *,
    phone: str,
    password: str,
    community_id: UUID | None,
    address: str,
    kind: str,
    keys: KeyRing,
    at: datetime,
    request_id: UUID | None = None,
) -> SignedIn:
    """Sign in; ``kind`` is ``api`` or ``browser``, ``address`` where the call came from.

    A short unit counts a failure ahead. The slow comparison is made in a unit that reads, so that
    nobody who writes waits for it; another short one then makes the token, if nothing has changed,
    and takes the count back. What a failure leaves is written here.

    Raises TooMany, NotSignedIn ``wrong_credentials`` (which stays counted), Conflict
    ``choose_community`` with the list where the phone is in several and none was chosen.
    """
    asked = admission.Asked(phone, password, community_id, address, kind, keys, at)
    # The database decides between processes; the threads of one need not lose races to each other.
    with _TURN.taken():
        database.write(lambda session: admission.count(session, asked))
    try:
        judged = database.read(lambda session: admission.judge(session, asked))
        return database.write(
            lambda session: _admit(session, asked, judged, request_id or ids.new()),
            community_id=judged.community_id,
        )
    except DomainError as refusal:
        for deed in refusal.aftermath:
            database.write(deed)
        if not isinstance(refusal, NotSignedIn):
            database.write(lambda session: admission.give_back(session, asked))
        raise


def _admit(
    session: Session, asked: admission.Asked, judged: admission.Judged, request_id: UUID
) -> SignedIn:
    person = admission.still(session, asked, judged)
    admission.give_back(session, asked)
    token, row = access.make(
        session, person=person, kind=asked.kind, limited=judged.by_code, at=asked.at
    )
    trail.record(
        session,
        actor=Actor(person.community_id, person.id, admission.via(asked.kind), request_id),
        action=Action.SIGNED_IN,
        subject=("person", person.id),
        at=asked.at,
        after={"token_id": row.id, "kind": asked.kind, "by_code": judged.by_code},
    )
    return _signed_in(token, row, roles.of(session, person.community_id, person.id))


def _signed_in(token: str, row: AccessToken, held: tuple[Held, ...]) -> SignedIn:
    return SignedIn(
        token=token,
        expires_at=access.ends_at(row, held),
        person_id=row.person_id,
        community_id=row.community_id,
        roles=held,
        must_set_password=row.must_set_password_since is not None,
        kind=row.kind,
        token_id=row.id,
    )


def who(session: Session, token: str, at: datetime) -> SignedIn | None:
    """Whom a token stands for now, with the roles of this moment; none where it is not in force."""
    found = access.find(session, token, at)
    if found is None:
        return None
    row, person = found
    signed_in = _signed_in(token, row, roles.of(session, person.community_id, person.id))
    return signed_in if signed_in.expires_at > at else None


def caller(session: Session, token: str, at: datetime) -> Signed | None:
    """Whom the token stands for that a program calls with, if it is in force now; nothing more."""
    found = access.signed(session, token, at)
    if found is None:
        return None
    # What somebody holds now shortens a browser's sign-in alone.
    browser = found.kind == "browser"
    held = roles.of(session, found.community_id, found.person_id) if browser else ()
    return found if access.ends_at(found, held) > at else None


def sign_out(session: Session, *, actor: Actor, at: datetime, token: str) -> None:
    """End the token, at once; NotSignedIn where it is not this person's."""
    row = _own_token(session, actor, token, at)
    access.end(session, community_id=row.community_id, token_id=row.id, at=at)
    trail.record(
        session,
        actor=actor,
        action=Action.SIGNED_OUT,
        subject=("person", actor.person),
        at=at,
        after={"token_id": row.id},
    )


def set_password(
    session: Session, *, actor: Actor, at: datetime, token: str, old: str, new: str
) -> None:
    """Set one's own password and end all other sign-ins.

    ``old`` is not asked of somebody who signed in with a code. Raises NotSignedIn, TooMany,
    NotSignedIn ``wrong_credentials`` (counted), Invalid (``new``).
    """
    row = _own_token(session, actor, token, at)
    if row.must_set_password_since is None:
        _check_old(session, actor, at, old)
    secret = passwords.wanted("new", new)
    passwords.put(
        session, community_id=row.community_id, person_id=actor.person, password=secret, at=at
    )
    row.must_set_password_since = None
    session.flush()
    access.end_all(
        session, community_id=row.community_id, person_id=actor.person, at=at, but=row.id
    )
    sign_in_codes.end_all(session, row.community_id, actor.person, at)
    trail.record(
        session, actor=actor, action=Action.PASSWORD_SET, subject=("person", actor.person), at=at
    )


#: a manager makes the code that works once as a password
make_code = sign_in_codes.make


def _check_old(session: Session, actor: Actor, at: datetime, old: str) -> None:
    bucket = f"old-password:{actor.person}"
    community_id = actor.community_id
    limits.refuse_if_over(session, bucket, at, PHONE_MOST, WINDOW_MINUTES, community_id)
    if passwords.fits(session, community_id, actor.person, old):
        return

    def count(session: Session) -> None:
        limits.count_failure(session, bucket, at, WINDOW_MINUTES, community_id)

    raise NotSignedIn("wrong_credentials").leaving(count)


def _own_token(session: Session, actor: Actor, token: str, at: datetime) -> AccessToken:
    found = access.find(session, token, at)
    if found is None or (found[0].community_id, found[0].person_id) != (
        actor.community_id,
        actor.person_id,
    ):
        raise NotSignedIn
    return found[0]
