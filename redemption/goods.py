"""Put goods on the list, with a price in points; what of them is on the shelf stands in the ledger.

Invariant: the accounts of a kind of goods are opened with it, so that an order finds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotFound
from ledger import accounts, statements
from people import names, roles
from redemption import bounds, overdue
from redemption.models import CATEGORIES, Goods
from redemption.shelf import spoiling

#: a limit may look back ten years
DAYS_MAX = 3_660


@dataclass(frozen=True)
class OnShelf:
    """Goods as the shop shows them; ``available`` pieces may be ordered now."""

    id: UUID
    name: str
    points: int
    per_person_limit: int | None
    per_household_limit: int | None
    limit_days: int | None
    category: str
    available: int


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    points: int,
    per_person_limit: int | None = None,
    per_household_limit: int | None = None,
    limit_days: int | None = None,
    category: str = "other",
) -> Goods:
    """Add goods for ``points`` a piece.

    The limits count pieces held or collected, within the last ``limit_days`` days where they are
    told. Raises NotAllowed (neither treasurer nor manager), Invalid (bounds, a name that is taken).
    """
    roles.require(session, actor, "treasurer", "manager")
    name = names.clean("name", name)
    bounds.amount("points", points, 1)
    limits = _limits(per_person_limit, per_household_limit, limit_days)
    if category not in CATEGORIES:
        raise Invalid(category=f"want one of {', '.join(CATEGORIES)}")
    _refuse_taken(session, actor.community_id, name)
    goods = Goods(
        community_id=actor.community_id,
        id=ids.new(),
        name=name,
        points=points,
        category=category,
        added_at=at,
        **limits,
    )
    session.add(goods)
    session.flush()
    accounts.open_all(
        session,
        community_id=actor.community_id,
        places=[accounts.shelf(goods.id), accounts.set_aside(goods.id)],
        at=at,
    )
    trail.record(
        session,
        actor=actor,
        action=Action.GOODS_ADDED,
        subject=("goods", goods.id),
        at=at,
        after={"points": points, "category": category, **limits},
    )
    return goods


def find_all(session: Session, community_id: UUID, goods_ids: Iterable[UUID]) -> dict[UUID, Goods]:
    """The goods with these ids, by id; NotFound where one of them is not in this community."""
    wanted = set(goods_ids)
    found = session.scalars(
        select(Goods).where(Goods.community_id == community_id, Goods.id.in_(wanted))
    )
    by_id = {goods.id: goods for goods in found}
    if len(by_id) != len(wanted):
        raise NotFound("goods")
    return by_id


def listed(
    session: Session, community_id: UUID, *, at: datetime, limit: int, before: UUID | None = None
) -> list[OnShelf]:
    """Goods with what may be ordered at ``at``, newest first, up to ``limit`` before ``before``."""
    query = select(Goods).where(Goods.community_id == community_id)
    if before is not None:
        query = query.where(Goods.id < before)
    page = list(session.scalars(query.order_by(Goods.id.desc()).limit(limit)))
    return _shown(session, community_id, page, at)


def shown(session: Session, community_id: UUID, goods_id: UUID, at: datetime) -> OnShelf:
    """One kind of goods as the shop shows it; NotFound."""
    found = find_all(session, community_id, [goods_id])
    return _shown(session, community_id, list(found.values()), at)[0]


def _shown(session: Session, community_id: UUID, page: list[Goods], at: datetime) -> list[OnShelf]:
    shelves = {goods.id: accounts.shelf(goods.id) for goods in page}
    there = statements.available_of(session, community_id, list(shelves.values()))
    back = overdue.pieces(session, community_id, at)
    late = overdue.order_ids(session, community_id, at)
    spoiled = spoiling.pieces(session, community_id, [goods.id for goods in page], at, late)
    return [
        OnShelf(
            id=goods.id,
            name=goods.name,
            points=goods.points,
            per_person_limit=goods.per_person_limit,
            per_household_limit=goods.per_household_limit,
            limit_days=goods.limit_days,
            category=goods.category,
            available=there[shelves[goods.id]] + back.get(goods.id, 0) - spoiled.get(goods.id, 0),
        )
        for goods in page
    ]


def _limits(person: int | None, household: int | None, days: int | None) -> dict[str, int | None]:
    """The limits by name, each in its bounds."""
    limits = {"per_person_limit": person, "per_household_limit": household, "limit_days": days}
    for field, limit in limits.items():
        if limit is not None:
            bounds.amount(field, limit, 1)
    if (days or 0) > DAYS_MAX:
        raise Invalid(limit_days=f"too_big:{DAYS_MAX}")
    return limits


def _refuse_taken(session: Session, community_id: UUID, name: str) -> None:
    taken = session.scalar(
        select(Goods.id).where(Goods.community_id == community_id, Goods.name == name)
    )
    if taken is not None:
        raise Invalid(name="is the name of other goods")
