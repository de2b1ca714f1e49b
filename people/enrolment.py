"""Many people at once: what the register and its like do for one person, in a few strokes.

Invariant: an enrolled person has what ``register.add`` gives: a row, a card, a sealed phone and an
entry in the trail for each deed; whoever calls has judged them against the register in this unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from kit import stroke
from kit.keys import KeyRing
from kit.parts import Added
from people import cards, phones
from people.credential_models import Card
from people.models import Community, Household, Person, SignInHandle

_PEOPLE, _CARDS = cast("Table", Person.__table__), cast("Table", Card.__table__)
_HANDLES = cast("Table", SignInHandle.__table__)
_HOUSEHOLDS = cast("Table", Household.__table__)
PIECE = 400


@dataclass(frozen=True)
class Newcomer:
    """Somebody to enrol; everything was checked, the phone is normal."""

    id: UUID
    name: str
    phone: str | None = None
    birth_year: int | None = None
    unit_id: UUID | None = None
    household_id: UUID | None = None
    guardian_id: UUID | None = None


@dataclass(frozen=True)
class Known:
    """Somebody who stands in the register."""

    id: UUID
    name: str
    birth_year: int | None
    has_phone: bool
    unit_id: UUID | None
    household_id: UUID | None
    is_active: bool


def hold(session: Session, community_id: UUID) -> None:
    """Hold the community's row: two imports of one list stand in a queue."""
    session.execute(
        select(Community.id).where(Community.id == community_id).with_for_update(key_share=True)
    )


def everybody(session: Session, community_id: UUID) -> list[Known]:
    """The whole register of a community, oldest first."""
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.birth_year,
            Person.phone_sealed.is_not(None),
            Person.unit_id,
            Person.household_id,
            Person.deactivated_at.is_(None),
        )
        .where(Person.community_id == community_id)
        .order_by(Person.id)
    )
    return [Known(*row) for row in rows]


def holders(
    session: Session, keys: KeyRing, community_id: UUID, numbers: Iterable[str]
) -> dict[str, UUID]:
    """Who has each of these normal numbers in a community; a free one is missing."""
    told = {mac: number for number in set(numbers) for mac in phones.hashes(keys, number)}
    found: dict[str, UUID] = {}
    for piece in _pieces(sorted(told)):
        rows = session.execute(
            select(SignInHandle.handle_hash, SignInHandle.person_id).where(
                SignInHandle.community_id == community_id, SignInHandle.handle_hash.in_(piece)
            )
        )
        found |= {told[bytes(mac)]: person_id for mac, person_id in rows}
    return found


def enrol(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    newcomers: Sequence[Newcomer],
    households: Mapping[UUID, Sequence[UUID]],
) -> None:
    """Write them, with their cards; ``households`` are the new ones, each with all its people.

    People of the register who join a new household lived in none.
    """
    community_id = actor.community_id
    if households:
        homes = [{"community_id": community_id, "id": one, "formed_at": at} for one in households]
        stroke.write(session, community_id, [Added(_HOUSEHOLDS, homes)])
    # A child after the guardian that its row names.
    for with_guardian in (False, True):
        chosen = [one for one in newcomers if (one.guardian_id is not None) is with_guardian]
        if chosen:
            _write(session, community_id, keys, at, chosen)
    made = {one.id: cards.first(keys, community_id, one.id, at) for one in newcomers}
    if made:
        stroke.write(session, community_id, [Added(_CARDS, list(made.values()))])
    stroke.settle(session)
    for household_id, person_ids in households.items():
        _move_in(session, community_id, household_id, sorted(set(person_ids) - made.keys()))
    issued = {person_id: card["id"] for person_id, card in made.items()}
    deeds = list(_deeds(newcomers, issued, households))
    trail.record_all(session, actor=actor, at=at, deeds=deeds)


def _write(
    session: Session, community_id: UUID, keys: KeyRing, at: datetime, chosen: list[Newcomer]
) -> None:
    people: list[dict[str, Any]] = []
    handles: list[dict[str, Any]] = []
    for one in chosen:
        people.append(
            {
                "community_id": community_id,
                "id": one.id,
                "name": one.name,
                "phone_sealed": _sealed(keys, community_id, one),
                "household_id": one.household_id,
                "unit_id": one.unit_id,
                "birth_year": one.birth_year,
                "guardian_id": one.guardian_id,
                "added_at": at,
            }
        )
        if one.phone is not None:
            mac = phones.hashes(keys, one.phone)[0]
            handles.append({"handle_hash": mac, "community_id": community_id, "person_id": one.id})
    stroke.write(session, community_id, [Added(_PEOPLE, people)])
    if handles:
        # Somebody may be given one of these phones at this very moment: then the unit runs again.
        stroke.write(session, community_id, [Added(_HANDLES, handles, once=True)])


def _sealed(keys: KeyRing, community_id: UUID, one: Newcomer) -> bytes | None:
    return None if one.phone is None else phones.sealed(keys, community_id, one.id, one.phone)


def _move_in(
    session: Session, community_id: UUID, household_id: UUID, person_ids: Sequence[UUID]
) -> None:
    for piece in _pieces(person_ids):
        session.execute(
            update(Person)
            .where(
                Person.community_id == community_id,
                Person.id.in_(piece),
                Person.household_id.is_(None),
            )
            .values(household_id=household_id)
        )


def _deeds(
    newcomers: Sequence[Newcomer],
    issued: dict[UUID, UUID],
    households: Mapping[UUID, Sequence[UUID]],
) -> Iterator[Deed]:
    for one in newcomers:
        facts = {
            "household_id": one.household_id,
            "unit_id": one.unit_id,
            "guardian_id": one.guardian_id,
            "has_phone": one.phone is not None,
            "active": True,
        }
        yield Deed(Action.PERSON_ADDED, ("person", one.id), after=facts)
        card = {"card_id": issued[one.id], "issue": 1}
        yield Deed(Action.CARD_ISSUED, ("person", one.id), after=card)
    for household_id, person_ids in households.items():
        told = {"person_ids": sorted(person_ids)}
        yield Deed(Action.HOUSEHOLD_FORMED, ("household", household_id), after=told)


def _pieces(every: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(every), PIECE):
        yield every[start : start + PIECE]
