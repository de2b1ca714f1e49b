"""Many opening balances at once: the paper passbooks of a community, asked for in one unit.

Invariant: each is an adjustment of kind ``opening`` like any other, made by a treasurer and waiting
for a second one; nothing moves here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from kit import ids, stroke
from kit.parts import Added
from people import names, roles
from people.models import Person
from treasury.adjustments import REASON_MAX, STATED
from treasury.models import Adjustment, Decision

_ADJUSTMENTS = cast("Table", Adjustment.__table__)
OPENING = "opening"


@dataclass(frozen=True)
class Opening:
    """The balance of one passbook on paper."""

    person_id: UUID
    points: int
    effective_on: date | None = None


def standing(session: Session, community_id: UUID) -> dict[UUID, int]:
    """Person → points of every opening balance that waits or was approved."""
    rows = session.execute(
        select(Adjustment.person_id, Adjustment.points)
        .outerjoin(
            Decision,
            (Decision.community_id == Adjustment.community_id)
            & (Decision.adjustment_id == Adjustment.id)
            & (Decision.decision != "approve"),
        )
        .where(
            Adjustment.community_id == community_id,
            Adjustment.kind == OPENING,
            Decision.id.is_(None),
        )
    )
    return {row.person_id: row.points for row in rows}


def make_all(
    session: Session, *, actor: Actor, at: datetime, openings: Sequence[Opening], reason: str
) -> None:
    """Ask for all of these, for one reason; who and how much was checked by the caller.

    Raises NotAllowed (treasurer of the community); the database refuses ``own_approval``.
    """
    roles.require(session, actor, "treasurer")
    community_id = actor.community_id
    _hold(session, community_id, [actor.person, *(one.person_id for one in openings)])
    told = names.clean("reason", " ".join(reason.split()), REASON_MAX)
    digest = trail.keep_text(session, community_id, told)
    rows: list[dict[str, Any]] = [
        {
            "community_id": community_id,
            "id": ids.new(),
            "person_id": one.person_id,
            "kind": OPENING,
            "points": one.points,
            "effective_on": one.effective_on,
            "reason_code": STATED,
            "text_digest": digest,
            "made_by": actor.person,
            "made_at": at,
        }
        for one in openings
    ]
    stroke.write(session, community_id, [Added(_ADJUSTMENTS, rows)])
    deeds = [
        Deed(
            Action.ADJUSTMENT_MADE,
            ("adjustment", row["id"]),
            reason_code=STATED,
            after={name: row[name] for name in ("person_id", "kind", "points")},
            row=row,
        )
        for row in rows
    ]
    trail.record_all(session, actor=actor, at=at, deeds=deeds)


def _hold(session: Session, community_id: UUID, person_ids: Iterable[UUID]) -> None:
    """Hold these people's rows, by id, as every decision about them does."""
    wanted = sorted(set(person_ids))
    for start in range(0, len(wanted), 400):
        session.execute(
            select(Person.id)
            .where(Person.community_id == community_id, Person.id.in_(wanted[start : start + 400]))
            .order_by(Person.id)
            .with_for_update(key_share=True)
        )
