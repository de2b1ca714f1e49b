"""Consent: one field, for one purpose, under one version of the text (PIPL art. 14, 15, 31).

Invariant: what was given and withdrawn stays on record; for who is under 14 only the guardian gives
it, and withdrawing is as easy as giving.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotFound
from people import age, names, register, roles
from people.models import Consent, Person

PURPOSES = ("board", "honours", "photo")
FIELDS = ("name", "photo", "phone", "points", "hours", "party_member")


def give(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    person_id: UUID,
    purpose: str,
    field: str,
    text_version: str,
    given_by: UUID | None = None,
) -> Consent:
    """Take down a consent. ``given_by`` is the person (the default) or their guardian.

    The actor is whoever takes it down: a manager, or the one who gives it. Raises NotFound,
    NotAllowed, Invalid (``given_by`` for a child: want the guardian).
    """
    person = register.locked(session, actor.community_id, person_id)
    giver = given_by or person_id
    if actor.person_id != giver:
        roles.require(session, actor, "manager", unit_id=person.unit_id)
    _require_giver(session, person, giver, at)
    _listed("purpose", purpose, PURPOSES)
    _listed("field", field, FIELDS)
    text_version = names.clean("text_version", text_version)
    for before in _in_force(session, person, purpose, field):
        before.withdrawn_at = at
    row = Consent(
        community_id=person.community_id,
        id=ids.new(),
        person_id=person.id,
        purpose=purpose,
        field=field,
        text_version=text_version,
        given_at=at,
        given_by=giver,
        given_to=actor.person,
    )
    session.add(row)
    session.flush()
    _tell(session, actor, at, Action.CONSENT_GIVEN, row)
    return row


def withdraw(session: Session, *, actor: Actor, at: datetime, consent_id: UUID) -> Consent:
    """Withdraw a consent; again changes nothing.

    Raises NotFound, NotAllowed: the person, their guardian or a manager may.
    """
    row = session.scalar(
        select(Consent).where(Consent.community_id == actor.community_id, Consent.id == consent_id)
    )
    if row is None:
        raise NotFound("consent")
    person = register.locked(session, actor.community_id, row.person_id)
    if actor.person_id not in (person.id, person.guardian_id, row.given_by):
        roles.require(session, actor, "manager", unit_id=person.unit_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = at
        session.flush()
        _tell(session, actor, at, Action.CONSENT_WITHDRAWN, row)
    return row


def of(session: Session, community_id: UUID, person_id: UUID) -> list[Consent]:
    """Every consent of a person, withdrawn ones too, newest first."""
    rows = session.scalars(
        select(Consent)
        .where(Consent.community_id == community_id, Consent.person_id == person_id)
        .order_by(Consent.id.desc())
    )
    return list(rows)


def holds(
    session: Session, community_id: UUID, person_id: UUID, *, purpose: str, field: str
) -> bool:
    """Whether this field may be shown for this purpose now."""
    found = session.scalar(
        select(Consent.id)
        .where(
            Consent.community_id == community_id,
            Consent.person_id == person_id,
            Consent.purpose == purpose,
            Consent.field == field,
            Consent.withdrawn_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def _require_giver(session: Session, person: Person, giver: UUID, at: datetime) -> None:
    if age.under_guardian(session, person, at):
        if giver != person.guardian_id:
            raise Invalid(given_by="for who is under 14 the guardian consents")
    elif giver != person.id:
        raise Invalid(given_by="a grown person consents for themself")


def _in_force(session: Session, person: Person, purpose: str, field: str) -> list[Consent]:
    rows = session.scalars(
        select(Consent).where(
            Consent.community_id == person.community_id,
            Consent.person_id == person.id,
            Consent.purpose == purpose,
            Consent.field == field,
            Consent.withdrawn_at.is_(None),
        )
    )
    return list(rows)


def _listed(field: str, value: str, among: tuple[str, ...]) -> None:
    if value not in among:
        raise Invalid(**{field: f"want one of {', '.join(among)}"})


def _tell(session: Session, actor: Actor, at: datetime, action: Action, row: Consent) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("person", row.person_id),
        at=at,
        after={"consent_id": row.id, "purpose": row.purpose, "field": row.field},
    )
