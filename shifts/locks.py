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
from shifts.attendance_models import Attendance

_HELD = "shifts.locks"
#: made once: every scan asks it. With all that is said of them: whoever holds a person mostly asks
#: next whether they take part.
_PEOPLE = (
    select(Person)
    .where(
        Person.community_id == bindparam("community_id"),
        Person.id.in_(bindparam("wanted", expanding=True)),
    )
    .order_by(Person.id)
    .with_for_update(key_share=True)
)


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
    facts = {"community_id": community_id, "wanted": sorted(wanted)}
    held |= dict.fromkeys(wanted) | {one.id: one for one in session.scalars(_PEOPLE, facts)}


def _held(session: Session) -> dict[UUID, Person | None]:
    """The people whose rows the unit holds: they are free again when it ends.

    Their rows are kept with it, for a session forgets what nobody refers to, and would ask again.
    """
    session.connection()
    # What began with the unit and ends with it; a session may serve another one afterwards.
    begun = session.get_transaction()
    kept: tuple[Any, dict[UUID, Person | None]] | None = session.info.get(_HELD)
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
