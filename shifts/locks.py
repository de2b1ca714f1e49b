"""Rows that are held until the unit ends, so that two decisions stand in a queue.

Invariant: one order for every unit: the community, then people by id, then attendances by id, then
shifts, then the ledger's own order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from people.models import Community, Person
from shifts.tables.attendance import Attendance

_HELD = "shifts.locks"
_HOLDS = (
    select(Person.id, Person.deactivated_at)
    .where(Person.community_id == bindparam("community_id"))
    .order_by(Person.id)
    .with_for_update(key_share=True)
)
#: made once: every scan asks it, mostly of one person
_PERSON = _HOLDS.where(Person.id == bindparam("wanted"))
_PEOPLE = _HOLDS.where(Person.id.in_(bindparam("wanted", expanding=True)))


def hold_community(session: Session, community_id: UUID, *, alone: bool) -> None:
    """Hold the community's row: alone to change its rules, together to award by them."""
    wanted = select(Community.id).where(Community.id == community_id)
    session.execute(
        wanted.with_for_update(key_share=True) if alone else wanted.with_for_update(read=True)
    )


def hold_people(session: Session, community_id: UUID, person_ids: Iterable[UUID]) -> None:
    """Hold these people's rows: what they did on a day is counted by one unit at a time.

    Those that the unit holds already are not asked for again.
    """
    held = _held(session)
    wanted = set(person_ids) - held.keys()
    if not wanted:
        return
    facts: dict[str, Any] = {"community_id": community_id}
    if len(wanted) == 1:
        rows = session.execute(_PERSON, facts | {"wanted": next(iter(wanted))})
    else:
        rows = session.execute(_PEOPLE, facts | {"wanted": sorted(wanted)})
    held |= dict.fromkeys(wanted, False) | {who: since is None for who, since in rows}


def takes_part(session: Session, community_id: UUID, person_id: UUID) -> bool:
    """Whether this is somebody who takes part now; their row is held from here on."""
    hold_people(session, community_id, [person_id])
    return _held(session)[person_id]


def _held(session: Session) -> dict[UUID, bool]:
    """The people whose rows the unit holds until it ends, and whether they take part."""
    session.connection()
    # What began with the unit and ends with it; a session may serve another one afterwards.
    begun = session.get_transaction()
    kept: tuple[Any, dict[UUID, bool]] | None = session.info.get(_HELD)
    if kept is None or kept[0] is not begun:
        kept = session.info[_HELD] = (begun, {})
    return kept[1]


def hold_attendances(
    session: Session, community_id: UUID, attendance_ids: Iterable[UUID]
) -> dict[UUID, Attendance]:
    """These attendances as they stand now, and their people, held; unknown ids are missing."""
    wanted = sorted(set(attendance_ids))
    mine = (Attendance.community_id == community_id, Attendance.id.in_(wanted))
    # Whose attendance it is never changes, so it may be read before anything is held.
    hold_people(session, community_id, session.scalars(select(Attendance.person_id).where(*mine)))
    rows = session.scalars(
        select(Attendance)
        .where(*mine)
        .order_by(Attendance.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}
