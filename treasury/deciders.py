"""Which treasurer may ask for an adjustment, and which may decide on it (design D8).

Invariant: the same is refused by triggers in the database; here it gets its clear code. The people
concerned are held, so that no household changes between the look and the decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed, NotFound
from people import households, register, roles
from people.models import Person
from treasury.models import Adjustment


def require_maker(session: Session, actor: Actor, person_id: UUID) -> None:
    """Refuse who may not ask for an adjustment of this person's points.

    Raises NotFound (person), NotAllowed: ``not_allowed`` (treasurer), then ``own_approval`` for
    oneself and one's household.
    """
    person = register.person(session, actor.community_id, person_id)
    roles.require(session, actor, "treasurer", unit_id=person.unit_id)
    _hold(session, actor.community_id, {actor.person, person_id})
    _refuse_own(session, actor, person_id)


def require_decider(session: Session, actor: Actor, row: Adjustment) -> None:
    """Refuse who may not decide on this adjustment: a second treasurer of another household.

    Raises NotAllowed: ``not_allowed`` (treasurer), then ``own_approval`` for oneself and one's
    household, then for who asked for it and theirs.
    """
    person = register.person(session, actor.community_id, row.person_id)
    roles.require(session, actor, "treasurer", unit_id=person.unit_id)
    _hold(session, actor.community_id, {actor.person, row.person_id, row.made_by})
    _refuse_own(session, actor, row.person_id)
    if households.same(session, actor.community_id, actor.person, row.made_by):
        cause = "recorded" if actor.person == row.made_by else "household"
        raise NotAllowed("own_approval", cause=cause)


def hold_maker(session: Session, actor: Actor, row: Adjustment) -> None:
    """Refuse who did not ask for it, or is no treasurer any more. Raises NotAllowed."""
    person = register.person(session, actor.community_id, row.person_id)
    roles.require(session, actor, "treasurer", unit_id=person.unit_id)
    if actor.person != row.made_by:
        raise NotAllowed(cause="not_maker")
    _hold(session, actor.community_id, {row.person_id})


def find(session: Session, community_id: UUID, adjustment_id: UUID) -> Adjustment:
    """The adjustment with this id; NotFound."""
    row = session.scalar(
        select(Adjustment).where(
            Adjustment.community_id == community_id, Adjustment.id == adjustment_id
        )
    )
    if row is None:
        raise NotFound("adjustment")
    return row


def _refuse_own(session: Session, actor: Actor, person_id: UUID) -> None:
    if households.same(session, actor.community_id, actor.person, person_id):
        cause = "self" if actor.person == person_id else "household"
        raise NotAllowed("own_approval", cause=cause)


def _hold(session: Session, community_id: UUID, person_ids: Iterable[UUID]) -> None:
    """Hold these people's rows, by id: decisions about one person stand in a queue."""
    session.execute(
        select(Person.id)
        .where(Person.community_id == community_id, Person.id.in_(sorted(set(person_ids))))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
