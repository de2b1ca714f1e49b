"""What is shown of adjustments: the request, its decision, and whether it was reversed since.

Invariant: the status follows from the one decision and is kept nowhere else; reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from audit.models import FreeText
from kit.errors import NotAllowed
from ledger.models import Transfer
from people import register, roles
from people.models import Person
from treasury import deciders
from treasury.models import STATUSES, Adjustment, Decision

WAITING = "waiting"
#: in the order in which one meets them
LISTED = (WAITING, "approved", "rejected", "withdrawn")
READERS = ("treasurer", "auditor")


@dataclass(frozen=True)
class AdjustmentView:
    """An adjustment as api and web show it; ``points`` is signed."""

    id: UUID
    person_id: UUID
    kind: str
    points: int
    effective_on: date | None
    status: str
    reason: str | None
    made_by: UUID
    made_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    #: why it was rejected
    decision_reason: str | None
    transfer_id: UUID | None
    #: the transfer that undid it since
    reversed_by_id: UUID | None


def one(session: Session, *, actor: Actor, adjustment_id: UUID) -> AdjustmentView:
    """One adjustment. Raises NotFound, NotAllowed (treasurer, auditor)."""
    row = deciders.find(session, actor.community_id, adjustment_id)
    person = register.person(session, actor.community_id, row.person_id)
    roles.require(session, actor, *READERS, unit_id=person.unit_id)
    return _views(session, actor.community_id, [row])[0]


def listed(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
) -> list[AdjustmentView]:
    """Adjustments older than ``before``, newest first. Raises NotAllowed (treasurer, auditor)."""
    query = select(Adjustment).where(Adjustment.community_id == actor.community_id)
    reach = roles.reach(session, actor, *READERS)
    if reach is not None:
        query = _within(query, actor.community_id, reach)
    if before is not None:
        query = query.where(Adjustment.id < before)
    if status is not None:
        query = query.where(_is(status))
    rows = session.scalars(query.order_by(Adjustment.id.desc()).limit(limit)).all()
    return _views(session, actor.community_id, rows)


def reasons_of(
    session: Session, community_id: UUID, adjustment_ids: Collection[UUID]
) -> dict[UUID, str]:
    """Why these were asked for, where the text still stands; for who may see that account."""
    rows = session.execute(
        select(Adjustment.id, Adjustment.text_digest).where(
            Adjustment.community_id == community_id, Adjustment.id.in_(sorted(adjustment_ids))
        )
    ).all()
    texts = _texts(session, community_id, [row.text_digest for row in rows])
    told = {row.id: texts.get(bytes(row.text_digest)) for row in rows}
    return {adjustment_id: text for adjustment_id, text in told.items() if text is not None}


def _within(
    query: Select[Adjustment], community_id: UUID, reach: frozenset[UUID]
) -> Select[Adjustment]:
    if not reach:
        raise NotAllowed(needs=sorted(READERS))
    people = select(Person.id).where(
        Person.community_id == community_id, Person.unit_id.in_(sorted(reach))
    )
    return query.where(Adjustment.person_id.in_(people))


def _is(status: str) -> ColumnElement[bool]:
    """Whether an adjustment has this status."""
    decided = exists().where(
        Decision.community_id == Adjustment.community_id, Decision.adjustment_id == Adjustment.id
    )
    if status == WAITING:
        return ~decided
    wanted = {told: decision for decision, told in STATUSES.items()}[status]
    return decided.where(Decision.decision == wanted)


def _views(
    session: Session, community_id: UUID, rows: Sequence[Adjustment]
) -> list[AdjustmentView]:
    decisions = {
        found.adjustment_id: found
        for found in session.scalars(
            select(Decision).where(
                Decision.community_id == community_id,
                Decision.adjustment_id.in_([row.id for row in rows]),
            )
        )
    }
    moved = [one.transfer_id for one in decisions.values() if one.transfer_id is not None]
    undone = _reversed_by(session, community_id, moved)
    digests = [row.text_digest for row in rows]
    digests += [one.text_digest for one in decisions.values() if one.text_digest is not None]
    texts = _texts(session, community_id, digests)
    return [_view(row, decisions.get(row.id), texts, undone) for row in rows]


def _view(
    row: Adjustment,
    decision: Decision | None,
    texts: dict[bytes, str],
    undone: dict[UUID, UUID],
) -> AdjustmentView:
    facts = {
        name: getattr(row, name)
        for name in ("id", "person_id", "kind", "points", "effective_on", "made_by", "made_at")
    }
    told = decision.text_digest if decision else None
    moved = decision.transfer_id if decision else None
    return AdjustmentView(
        **facts,
        status=STATUSES[decision.decision] if decision else WAITING,
        reason=texts.get(bytes(row.text_digest)),
        decided_by=decision.decided_by if decision else None,
        decided_at=decision.decided_at if decision else None,
        decision_reason=texts.get(bytes(told)) if told else None,
        transfer_id=moved,
        reversed_by_id=undone.get(moved) if moved else None,
    )


def _reversed_by(
    session: Session, community_id: UUID, transfer_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    rows = session.execute(
        select(Transfer.reverses_id, Transfer.id).where(
            Transfer.community_id == community_id, Transfer.reverses_id.in_(transfer_ids)
        )
    )
    return {row.reverses_id: row.id for row in rows if row.reverses_id is not None}


def _texts(session: Session, community_id: UUID, digests: Sequence[bytes]) -> dict[bytes, str]:
    """Free texts that still stand, by digest."""
    rows = session.execute(
        select(FreeText.digest, FreeText.text).where(
            FreeText.community_id == community_id, FreeText.digest.in_(digests)
        )
    )
    return {bytes(row.digest): row.text for row in rows}
