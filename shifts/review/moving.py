"""A whole shift moved: its captain had chosen the wrong shift, or the wrong time for it.

Invariant: all live stays go in one unit, or none does. What is not credited yet goes at once, as a
new revision; what is credited waits as an amendment for a second person. Each stays marked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid
from people import roles
from shifts import locks, reasons
from shifts.approval import amending
from shifts.presence import closing, evidence, records
from shifts.review import move_plans
from shifts.review.move_plans import Line, Moved, Target
from shifts.rota import finding, leading, making
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import MovedStay, ShiftMove
from shifts.tables.rota import Shift


def preview(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    target: Target,
    along: bool = False,
) -> Moved:
    """What a move would do; writes nothing.

    ``along``: the times of the stays move with the shift's start; else they stay as they are, and
    only the shift is another. Raises NotFound, NotAllowed (captain of both shifts, manager,
    auditor), Invalid and Conflict ``shift_cancelled``.
    """
    shift = finding.get(session, actor.community_id, shift_id)
    audits = roles.holds(session, actor, "auditor")
    if not audits:
        leading.require_lead(session, actor, shift)
    if target.shift_id is not None:
        to = _there(session, actor, shift, target.shift_id, seen=audits)
    else:
        starts_at, ends_at = _times(target)
        to = Shift(
            id=ids.NIL, community_id=shift.community_id, starts_at=starts_at, ends_at=ends_at
        )
    rows = move_plans.live(session, shift)
    lines = [move_plans.line(session, row, shift, to, along, at) for row in rows]
    return Moved(shift_id, target.shift_id, along, lines)


def move(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    target: Target,
    reason: str,
    along: bool = False,
) -> Moved:
    """Move every live stay of a shift to another one, in one unit; one at other times is made new,
    and marked as made after it began.

    Raises as ``preview``, Conflict ``nothing_to_move``, ``not_all_movable`` with ``results`` for
    every line where one may not, and Invalid (reason).
    """
    shift = finding.get(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    # People and stays before shifts: the one order for every unit (shifts.locks).
    wanted = [row.id for row in move_plans.live(session, shift)]
    if not wanted:
        raise Conflict("nothing_to_move")
    held = locks.hold_attendances(session, actor.community_id, wanted)
    if target.shift_id is None:
        to = _made(session, actor, at, shift, target)
    else:
        for one in sorted((shift_id, target.shift_id)):
            finding.locked(session, actor.community_id, one)
        to = _there(session, actor, shift, target.shift_id)
    rows = [row for row in held.values() if row.shift_id == shift_id]
    lines = [move_plans.line(session, row, shift, to, along, at) for row in rows]
    if any(line.code for line in lines):
        told = [{"id": str(line.id), "outcome": line.outcome, "code": line.code} for line in lines]
        raise Conflict("not_all_movable", results=told)
    move_id = _write_move(session, actor, at, shift, to, reason, along)
    for row, line in zip(rows, lines, strict=True):
        _move_one(session, actor, at, row, shift, to, line, move_id, reason)
    return Moved(shift_id, to.id, along, lines)


def _there(
    session: Session, actor: Actor, shift: Shift, to_shift_id: UUID, *, seen: bool = False
) -> Shift:
    to = finding.get(session, actor.community_id, to_shift_id)
    if not seen:
        leading.require_lead(session, actor, to)
    if shift.id == to.id:
        raise Invalid(to_shift_id="is the same shift")
    if to.status in ("cancelled", "draft"):
        raise Conflict("shift_cancelled")
    return to


def _made(session: Session, actor: Actor, at: datetime, shift: Shift, target: Target) -> Shift:
    """The same shift at other times."""
    starts_at, ends_at = _times(target)
    if (starts_at, ends_at) == (shift.starts_at, shift.ends_at):
        raise Invalid(starts_at="changes nothing")
    return making.add(
        session,
        actor=actor,
        at=at,
        title=shift.title,
        starts_at=starts_at,
        ends_at=ends_at,
        captain_id=shift.captain_id,
        red_post_id=shift.red_post_id,
        activity_id=shift.activity_id,
        deputy_ids=leading.deputy_ids(session, shift),
    )


def _times(target: Target) -> tuple[datetime, datetime]:
    if target.starts_at is None or target.ends_at is None:
        raise Invalid(to_shift_id="name the other shift, or the times that it should have had")
    if target.ends_at <= target.starts_at:
        raise Invalid(ends_at="is not after starts_at")
    return target.starts_at, target.ends_at


def _write_move(
    session: Session,
    actor: Actor,
    at: datetime,
    shift: Shift,
    to: Shift,
    reason: str,
    along: bool,
) -> UUID:
    row: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "from_shift_id": shift.id,
        "to_shift_id": to.id,
        "seconds": (to.starts_at - shift.starts_at) // timedelta(seconds=1) if along else 0,
        "moved_by": actor.person,
        "moved_at": at,
        "reason_code": reasons.STATED,
        "text_digest": reasons.keep(session, actor.community_id, reason),
    }
    session.execute(insert(ShiftMove), [row])
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_MOVED,
        subject=("shift", shift.id),
        at=at,
        reason_code=reasons.STATED,
        after={"to_shift_id": to.id, "seconds": row["seconds"]},
        row=row,
    )
    move_id: UUID = row["id"]
    return move_id


def _move_one(
    session: Session,
    actor: Actor,
    at: datetime,
    row: Attendance,
    shift: Shift,
    to: Shift,
    line: Line,
    move_id: UUID,
    reason: str,
) -> None:
    assert line.checked_out_at is not None, "who is still there is not moved"
    closing.settle(session, actor=actor, at=at, attendance=row, shift=shift)
    is_late = row.status == "credited"
    revision = amending.next_revision(session, row) if is_late else row.revision + 1
    fact = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "move_id": move_id,
        "attendance_id": row.id,
        "revision": revision,
    }
    session.execute(insert(MovedStay), [fact])
    if is_late:
        times = (line.checked_in_at, line.checked_out_at)
        amending.ask(
            session, actor=actor, at=at, row=row, times=times, reason=reason, shift_id=to.id
        )
        return
    before = records.times_of(row) | {"shift_id": row.shift_id}
    happened = [evidence.MOVED]
    if row.checked_in_at != line.checked_in_at:
        happened += [evidence.AMENDED_IN, evidence.AMENDED_OUT]
    row.checked_in_at, row.checked_out_at = line.checked_in_at, line.checked_out_at
    row.shift_id, row.revision, row.status = to.id, revision, "submitted"
    evidence.judge(row, to, *happened)
    session.flush()
    records.write(
        session,
        actor=actor,
        at=at,
        attendance=row,
        kind="move",
        before=before,
        after=records.times_of(row) | {"shift_id": to.id},
        reason=reason,
    )
