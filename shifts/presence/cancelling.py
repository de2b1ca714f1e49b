"""A shift that is cancelled: who is there keeps what they have served, whoever signed up is told.

Invariant: a shift is cancelled once, before it is over, and its open stays end in the same unit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict
from shifts import reasons
from shifts.presence import closing
from shifts.rota import finding, leading, planning, telling
from shifts.tables.rota import Shift


def cancel(session: Session, *, actor: Actor, at: datetime, shift_id: UUID, reason: str) -> Shift:
    """Cancel a shift that is not over; who is there keeps what they have served until now.

    Raises NotFound, NotAllowed (captain of the shift, manager), Conflict ``already_decided``,
    Invalid (reason).
    """
    planning.ready(session, actor.community_id, at)
    shift = finding.get(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    closing.hold_open(session, shift)
    shift = finding.locked(session, actor.community_id, shift_id)
    status = finding.status_at(shift, at)
    if status not in ("draft", "published"):
        raise Conflict("already_decided", status=status)
    shift.reason_digest = reasons.keep(session, actor.community_id, reason)
    shift.status = "cancelled"
    shift.revision += 1
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_CANCELLED,
        subject=("shift", shift.id),
        at=at,
        reason_code=reasons.STATED,
        before={"status": status},
        after={"status": "cancelled", "text_digest": shift.reason_digest},
    )
    closing.cut(session, actor=actor, at=at, shift=shift)
    telling.cancelled(session, at=at, shift=shift)
    return shift
