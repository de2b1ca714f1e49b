"""Member cards: a printed code that names a person, spends nothing and can be revoked.

Invariant: an active person has exactly one card in force; its token is stored nowhere and can be
made again from the row (design D7).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import NotFound
from kit.keys import KeyRing
from people import roles
from people.credential_models import Card
from people.models import Person

LETTER = "C"
VALUE_CHARACTERS = 26
CHECK_CHARACTERS = 2
_PURPOSE = "card"


def issue(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    person_id: UUID,
    reason: str | None = None,
) -> Card:
    """Issue a new card and revoke the one before.

    ``reason`` is free text, kept apart. Raises NotFound, NotAllowed (manager).
    """
    person = _locked(session, actor.community_id, person_id)
    roles.require(session, actor, "manager", unit_id=person.unit_id)
    return replace(session, actor=actor, keys=keys, at=at, person_id=person_id, reason=reason)


def replace(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    person_id: UUID,
    reason: str | None = None,
) -> Card:
    """As ``issue``, where the right was checked already: with the person, or on their return."""
    _revoke(session, actor, at, person_id)
    last = session.scalar(
        select(func.max(Card.issue)).where(
            Card.community_id == actor.community_id, Card.person_id == person_id
        )
    )
    card = Card(
        community_id=actor.community_id,
        id=ids.new(),
        person_id=person_id,
        issue=(last or 0) + 1,
        key_no=keys.newest,
        issued_at=at,
    )
    card.token_hash = tokens.hashed(_value(keys, card))
    session.add(card)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.CARD_ISSUED,
        subject=("person", person_id),
        at=at,
        reason_code="stated" if reason else None,
        text=reason,
        after={"card_id": card.id, "issue": card.issue},
    )
    return card


def first(keys: KeyRing, community_id: UUID, person_id: UUID, at: datetime) -> dict[str, Any]:
    """The row of somebody's first card, for who writes many at once."""
    card_id = ids.new()
    return {
        "community_id": community_id,
        "id": card_id,
        "person_id": person_id,
        "issue": 1,
        "key_no": keys.newest,
        "token_hash": tokens.hashed(tokens.derived(keys, _PURPOSE, card_id, 1, keys.newest)),
        "issued_at": at,
    }


def shown(session: Session, *, actor: Actor, keys: KeyRing, at: datetime, person_id: UUID) -> str:
    """The token of a person's card, for them or for a manager, who leaves an entry.

    Raises NotFound, NotAllowed (self, manager).
    """
    if actor.person_id != person_id:
        unit_id = _unit_of(session, actor.community_id, person_id)
        roles.require(session, actor, "manager", unit_id=unit_id)
    token = token_of(session, keys, actor.community_id, person_id)
    trail.record(
        session, actor=actor, action=Action.CARD_SHOWN, subject=("person", person_id), at=at
    )
    return token


def token_of(session: Session, keys: KeyRing, community_id: UUID, person_id: UUID) -> str:
    """The token of the card in force, made again; NotFound where there is none."""
    card = in_force(session, community_id, person_id)
    if card is None:
        raise NotFound("card")
    text = LETTER + _value(keys, card)
    return text + tokens.check_characters(text, CHECK_CHARACTERS)


def in_force(session: Session, community_id: UUID, person_id: UUID) -> Card | None:
    """The person's card that was not revoked."""
    return session.scalar(
        select(Card).where(
            Card.community_id == community_id,
            Card.person_id == person_id,
            Card.revoked_at.is_(None),
        )
    )


def find(session: Session, community_id: UUID, token: str) -> Card | None:
    """The card with this token in this community, revoked ones too; none where it is no card."""
    found = tokens.normal(token)
    text, check = found[:-CHECK_CHARACTERS], found[-CHECK_CHARACTERS:]
    if not text.startswith(LETTER) or len(text) != 1 + VALUE_CHARACTERS:
        return None
    if tokens.check_characters(text, CHECK_CHARACTERS) != check:
        return None
    return session.scalar(
        select(Card).where(
            Card.community_id == community_id, Card.token_hash == tokens.hashed(text[1:])
        )
    )


def _revoke(session: Session, actor: Actor, at: datetime, person_id: UUID) -> None:
    before = in_force(session, actor.community_id, person_id)
    if before is None:
        return
    before.revoked_at = at
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.CARD_REVOKED,
        subject=("person", person_id),
        at=at,
        after={"card_id": before.id, "issue": before.issue},
    )


def _value(keys: KeyRing, card: Card) -> str:
    return tokens.derived(keys, _PURPOSE, card.id, card.issue, card.key_no)


def _locked(session: Session, community_id: UUID, person_id: UUID) -> Person:
    found = session.scalar(
        select(Person)
        .where(Person.community_id == community_id, Person.id == person_id)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("person")
    return found


def _unit_of(session: Session, community_id: UUID, person_id: UUID) -> UUID | None:
    found = session.execute(
        select(Person.unit_id).where(Person.community_id == community_id, Person.id == person_id)
    ).one_or_none()
    if found is None:
        raise NotFound("person")
    unit_id: UUID | None = found.unit_id
    return unit_id
