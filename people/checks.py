"""What must hold among people, proven again from the rows; all problems are listed.

Invariant: nothing here needs a secret: the check runs where the keys are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from kit import paging, texts
from kit.problems import Problem
from people import tree
from people.credential_models import AccessToken, Card
from people.models import Person, RoleGrant, SignInHandle
from people.roles import GRANTED_BY


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Every problem among the people of a community."""
    yield from _cards(session, community_id)
    yield from _handles(session, community_id)
    yield from _grants(session, community_id)
    yield from _tokens(session, community_id)
    yield from _units(session, community_id)


def _cards(session: Session, community_id: UUID) -> Iterator[Problem]:
    """An active person has exactly one card in force; the database refuses a second."""
    in_force = exists().where(
        Card.community_id == community_id, Card.person_id == Person.id, Card.revoked_at.is_(None)
    )
    query = (
        select(texts.plain(Person.id))
        .where(Person.community_id == community_id, Person.deactivated_at.is_(None), ~in_force)
        .order_by(Person.id)
    )
    for (person_id,) in paging.rows(session, query):
        yield Problem("person_without_card", f"person:{person_id}")


def _handles(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Each sealed phone has one handle, and each handle its person with a sealed phone."""
    times = (
        select(SignInHandle.person_id, func.count().label("times"))
        .where(SignInHandle.community_id == community_id)
        .group_by(SignInHandle.person_id)
        .subquery()
    )
    found = func.coalesce(times.c.times, 0)
    query = (
        select(texts.plain(Person.id), found)
        .outerjoin(times, times.c.person_id == Person.id)
        .where(Person.community_id == community_id, Person.phone_sealed.is_not(None), found != 1)
        .order_by(Person.id)
    )
    for person_id, handles in paging.rows(session, query):
        yield Problem("phone_handles", f"person:{person_id}", {"handles": handles})
    with_phone = exists().where(
        Person.community_id == community_id,
        Person.id == times.c.person_id,
        Person.phone_sealed.is_not(None),
    )
    lost = select(texts.plain(times.c.person_id)).where(~with_phone).order_by(times.c.person_id)
    for (person_id,) in paging.rows(session, lost):
        yield Problem("handle_without_phone", f"person:{person_id}")


def _grants(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Whoever granted a role held the right to when they did."""
    parents = tree.parents(session, community_id)
    held = _held_by_granters(session, community_id)
    rows = session.scalars(
        select(RoleGrant)
        .where(RoleGrant.community_id == community_id, RoleGrant.granted_by.is_not(None))
        .order_by(RoleGrant.id)
        .execution_options(yield_per=paging.PAGE)
    )
    for row in rows:
        assert row.granted_by is not None, "only those were asked for"
        above: set[UUID | None] = {None}
        if row.unit_id is not None:
            above.update(tree.upwards(parents, row.unit_id))
        if not any(_entitles(other, row, above) for other in held.get(row.granted_by, ())):
            facts: dict[str, Any] = {"role": row.role, "granted_by": str(row.granted_by)}
            yield Problem("grant_without_right", f"person:{row.person_id}", facts)


def _held_by_granters(session: Session, community_id: UUID) -> dict[UUID, list[RoleGrant]]:
    """The grants of those who granted something: managers and admins, a few in each community."""
    made = aliased(RoleGrant)
    granted = exists().where(
        made.community_id == community_id, made.granted_by == RoleGrant.person_id
    )
    rows = session.scalars(select(RoleGrant).where(RoleGrant.community_id == community_id, granted))
    held: dict[UUID, list[RoleGrant]] = defaultdict(list)
    for row in rows:
        held[row.person_id].append(row)
    return held


def _entitles(other: RoleGrant, row: RoleGrant, above: set[UUID | None]) -> bool:
    in_force = other.granted_at <= row.granted_at and (
        other.withdrawn_at is None or other.withdrawn_at >= row.granted_at
    )
    right = other.role == GRANTED_BY[row.role] and other.unit_id in above
    return in_force and right


def _tokens(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Nobody who left has a sign-in that was not ended."""
    rows = session.scalars(
        select(AccessToken.id)
        .join(Person, Person.id == AccessToken.person_id)
        .where(
            AccessToken.community_id == community_id,
            Person.community_id == community_id,
            AccessToken.ended_at.is_(None),
            Person.deactivated_at.is_not(None),
        )
        .order_by(AccessToken.id)
    )
    for token_id in rows:
        yield Problem("token_of_nobody", f"token:{token_id}")


def _units(session: Session, community_id: UUID) -> Iterator[Problem]:
    """The tree of units has no circle: the way up from each ends at a unit without a parent."""
    parents = tree.parents(session, community_id)
    for unit_id in sorted(parents):
        if parents[tree.upwards(parents, unit_id)[-1]] is not None:
            yield Problem("units_in_a_circle", f"unit:{unit_id}")
