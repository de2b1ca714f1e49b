"""Roles: who may do what, for the community or for a unit and all below it.

Invariant: roles are read from the database at every question, so a change takes effect at once;
nobody changes their own, and who no longer takes part holds none (contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import NotAllowed
from people import tree
from people.models import Person, RoleGrant

#: who grants and withdraws a role; none of them includes another
GRANTED_BY = {
    "captain": "manager",
    "clerk": "manager",
    "manager": "admin",
    "treasurer": "admin",
    "auditor": "admin",
    "admin": "admin",
}
#: whose phone, PIN and sign-in code are changed only by themself or an admin
TRUSTED = frozenset({"manager", "treasurer", "auditor", "admin"})

ANYWHERE = ids.NIL
"""For ``unit_id``: the role counts whichever unit it is held for."""

_PROGRAM = {"cli", "tick", "demo", "import"}


@dataclass(frozen=True, order=True)
class Held:
    """A role, and the unit it is held for (none: the whole community)."""

    role: str
    unit_id: UUID | None = None

    def told(self) -> str | dict[str, str]:
        """The API's form: the bare name for the community, else a map with the unit."""
        return {"role": self.role, "unit_id": str(self.unit_id)} if self.unit_id else self.role


def of(session: Session, community_id: UUID, person_id: UUID) -> tuple[Held, ...]:
    """What a person holds now; nothing where they no longer take part."""
    return of_all(session, community_id, [person_id]).get(person_id, ())


def of_all(
    session: Session, community_id: UUID, person_ids: Iterable[UUID]
) -> dict[UUID, tuple[Held, ...]]:
    """What each of these people holds now; one who holds nothing is missing."""
    rows = session.execute(
        select(RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.community_id == community_id,
            Person.community_id == community_id,
            RoleGrant.person_id.in_(list(person_ids)),
            RoleGrant.withdrawn_at.is_(None),
            Person.deactivated_at.is_(None),
        )
    )
    found: dict[UUID, list[Held]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(Held(row.role, row.unit_id))
    return {who: tuple(sorted(held, key=str)) for who, held in found.items()}


def holds(session: Session, actor: Actor, *roles: str, unit_id: UUID | None = None) -> bool:
    """Whether the actor holds one of these roles, for the community, the unit or one above it.

    A manager may do what a captain may. ``unit_id=ANYWHERE`` takes a role of any unit. The program
    itself (tick, command line) may do everything.
    """
    if actor.person_id is None:
        return actor.via in _PROGRAM
    wanted = {*roles, "manager"} if "captain" in roles else set(roles)
    held = [one for one in of(session, actor.community_id, actor.person_id) if one.role in wanted]
    if any(one.unit_id is None or unit_id == ANYWHERE for one in held):
        return True
    if not held or unit_id is None:
        return False
    above = tree.upwards(tree.parents(session, actor.community_id), unit_id)
    return any(one.unit_id in above for one in held)


def reach(session: Session, actor: Actor, *roles: str) -> frozenset[UUID] | None:
    """The units, with all below them, that the actor holds one of these roles for.

    None where it is the whole community; empty for who holds none of them.
    """
    if holds(session, actor, *roles):
        return None
    if actor.person_id is None:
        return frozenset()
    held = of(session, actor.community_id, actor.person_id)
    tops = {one.unit_id for one in held if one.role in roles and one.unit_id is not None}
    return frozenset(tree.below(session, actor.community_id, tops)) if tops else frozenset()


def require(session: Session, actor: Actor, *roles: str, unit_id: UUID | None = None) -> None:
    """NotAllowed unless the actor ``holds`` one of these roles."""
    if not holds(session, actor, *roles, unit_id=unit_id):
        raise NotAllowed(needs=sorted(roles))


def is_trusted(session: Session, community_id: UUID, person_id: UUID) -> bool:
    """Whether somebody was granted manager, treasurer, auditor or admin, active or not."""
    return any(one.role in TRUSTED for one in granted(session, community_id, person_id))


def require_keeper(session: Session, actor: Actor, person: Person, *keepers: str) -> None:
    """NotAllowed for who may not change this person's phone, PIN or sign-in code.

    A trusted person's: themself or an admin. Anybody else's: who holds one of ``keepers``.
    """
    if not is_trusted(session, actor.community_id, person.id):
        require(session, actor, *keepers, unit_id=person.unit_id)
    elif actor.person_id != person.id:
        require(session, actor, "admin")


def granted(session: Session, community_id: UUID, person_id: UUID) -> set[Held]:
    """The grants in force, whether or not the person takes part now."""
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.unit_id).where(
            RoleGrant.community_id == community_id,
            RoleGrant.person_id == person_id,
            RoleGrant.withdrawn_at.is_(None),
        )
    )
    return {Held(row.role, row.unit_id) for row in rows}


def holders(session: Session, community_id: UUID, role: str, *, anywhere: bool) -> list[UUID]:
    """Who holds a role now for the whole community; ``anywhere``: or for any unit of it."""
    query = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.community_id == community_id,
            Person.community_id == community_id,
            RoleGrant.role == role,
            RoleGrant.withdrawn_at.is_(None),
            Person.deactivated_at.is_(None),
        )
        .distinct()
    )
    if not anywhere:
        query = query.where(RoleGrant.unit_id.is_(None))
    return sorted(session.scalars(query))


def require_grant(session: Session, actor: Actor, person_id: UUID, what: Iterable[Held]) -> None:
    """NotAllowed unless the actor may give and take all of these to this person."""
    changes = list(what)
    if changes and actor.person_id == person_id:
        raise NotAllowed(cause="own_roles")
    for one in changes:
        require(session, actor, GRANTED_BY[one.role], unit_id=one.unit_id)


def set_all(
    session: Session, *, actor: Actor, at: datetime, person_id: UUID, wanted: set[Held]
) -> None:
    """Make these the person's roles; only what differs is written and needs the right.

    The caller has locked the person's row. Raises NotAllowed.
    """
    now = granted(session, actor.community_id, person_id)
    require_grant(session, actor, person_id, sorted(now ^ wanted, key=str))
    for one in sorted(now - wanted, key=str):
        _withdraw(session, actor, at, person_id, one)
    for one in sorted(wanted - now, key=str):
        grant(session, actor=actor, at=at, person_id=person_id, held=one)


def grant(session: Session, *, actor: Actor, at: datetime, person_id: UUID, held: Held) -> None:
    """Write one grant; the right to do so was checked, or the program itself does it."""
    row = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "person_id": person_id,
        "role": held.role,
        "unit_id": held.unit_id,
        "granted_by": actor.person_id,
        "granted_at": at,
    }
    session.execute(insert(RoleGrant), [row])
    _tell(session, actor, at, Action.ROLE_GRANTED, person_id, held)


def _withdraw(session: Session, actor: Actor, at: datetime, person_id: UUID, held: Held) -> None:
    session.execute(
        update(RoleGrant)
        .where(
            RoleGrant.community_id == actor.community_id,
            RoleGrant.person_id == person_id,
            RoleGrant.role == held.role,
            RoleGrant.unit_id.is_not_distinct_from(held.unit_id),
            RoleGrant.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    _tell(session, actor, at, Action.ROLE_WITHDRAWN, person_id, held)


def _tell(
    session: Session, actor: Actor, at: datetime, action: Action, person_id: UUID, held: Held
) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("person", person_id),
        at=at,
        after={"role": held.role, "unit_id": held.unit_id},
    )
