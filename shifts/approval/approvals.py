"""Decisions on attendance: approve, alone or together, and reject.

Invariant: all lines of a call are judged under the held rows of their people before anything is
written; what is credited is credited once, and a refused line leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, DomainError, Invalid, NotFound
from people import roles
from shifts import locks
from shifts.approval import amending, awards, deciders, decisions
from shifts.approval.decisions import Call, Decided, Verdict
from shifts.presence import closing, stays
from shifts.rota import finding
from shifts.tables.attendance import Attendance

LINES_MAX = 1000
MODES = ("all_or_nothing", "each")


@dataclass(frozen=True)
class Line:
    """What became of one attendance: ``credited``, ``approved`` or ``refused`` with its code."""

    id: UUID
    outcome: str
    code: str | None = None


def approve(session: Session, *, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    """Approve one attendance and credit it; above the second tier the second manager credits.

    Where an amendment of what is credited waits, it is that which is approved: the old award is
    reversed and the new one made (design D13).
    Raises, in this order: NotFound, NotAllowed (``not_allowed``, ``own_approval``), Conflict
    (``already_decided``, ``not_submitted``), NotAllowed (tiers), Short ``over_budget``.
    """
    call = decisions.begin(session, actor, at, [attendance_id])
    verdict = decisions.judge(session, call, attendance_id)
    write(session, call, [verdict])
    return verdict.attendance


def approve_all(
    session: Session, *, actor: Actor, at: datetime, attendance_ids: Sequence[UUID], mode: str
) -> list[Line]:
    """Approve several, in the given order, charging each budget once.

    ``each`` approves what may be approved. ``all_or_nothing`` raises Conflict ``not_all_approved``
    with ``results`` for every line where one may not. Raises NotAllowed (who is neither captain
    nor manager of anything), Invalid, and Short ``over_budget`` in both modes: an approval that a
    budget cannot pay is refused whole.
    """
    roles.require(session, actor, "captain", unit_id=roles.ANYWHERE)
    if mode not in MODES:
        raise Invalid(mode=f"is none of {', '.join(MODES)}")
    if not 1 <= len(attendance_ids) <= LINES_MAX:
        raise Invalid(attendance_ids=f"want 1 to {LINES_MAX}")
    if len(set(attendance_ids)) < len(attendance_ids):
        raise Invalid(attendance_ids="name one twice")
    call = decisions.begin(session, actor, at, attendance_ids)
    lines: list[Line] = []
    verdicts: list[Verdict] = []
    for attendance_id in attendance_ids:
        try:
            verdict = decisions.judge(session, call, attendance_id)
        except DomainError as refusal:
            lines.append(Line(attendance_id, "refused", refusal.code))
        else:
            verdicts.append(verdict)
            lines.append(Line(attendance_id, verdict.outcome))
    if mode == "all_or_nothing" and len(verdicts) < len(lines):
        raise Conflict("not_all_approved", results=[_told(line) for line in lines])
    write(session, call, verdicts)
    return lines


def reject(
    session: Session, *, actor: Actor, at: datetime, attendance_id: UUID, reason: str
) -> Attendance:
    """Reject an attendance that was not yet credited, or an amendment of one that was.

    A refused amendment leaves everything as it stands. Raises, in this order: NotFound, NotAllowed
    (``not_allowed``, ``own_approval``), Conflict (``already_decided``, ``not_submitted``), Invalid
    (reason).
    """
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    shift = finding.get(session, actor.community_id, row.shift_id)
    who = deciders.decider(session, actor)
    deciders.require(session, who, row, shift)
    decisions.refuse_unless_undecided(row, shift, at)
    stay = stays.to_decide(row, shift, at)
    before = deciders.decisions_of(session, actor.community_id, row.id, stay.revision)
    deciders.refuse_twice(who, before)
    closing.settle(session, actor=actor, at=at, attendance=row, shift=shift)
    step = len(before) + 1
    decisions.write(session, actor, at, [Decided(row, stay.revision, step, reason)])
    if stay.is_late:
        amending.drop(row)
        session.flush()
    else:
        decisions.move(session, [(row, "rejected")])
    return row


def write(session: Session, call: Call, verdicts: Sequence[Verdict]) -> None:
    """Write the decisions, then all awards together; the verdicts are of this call."""
    actor, at = call.actor, call.at
    for one in verdicts:
        closing.settle(session, actor=actor, at=at, attendance=one.attendance, shift=one.shift)
    decided = [Decided(one.attendance, one.stay.revision, one.step) for one in verdicts]
    decisions.write(session, actor, at, decided)
    moving = []
    for one in verdicts:
        row, award = one.attendance, one.award
        if one.stay.is_late and award is not None:
            amending.carry_out(session, actor=actor, at=at, verdict=one, award=award)
        elif not one.stay.is_late:
            row.available_on = None if award is None else award.available_on
            moving.append((row, "approved" if award is None else "credited"))
    decisions.move(session, moving)
    reckoned = [one.award for one in verdicts if one.award is not None]
    awards.credit(session, actor=actor, at=at, reckoned=reckoned)


def _told(line: Line) -> dict[str, str | None]:
    """A line of a call that was refused whole: the good ones are not applied either."""
    outcome = line.outcome if line.code else "not_applied"
    return {"id": str(line.id), "outcome": outcome, "code": line.code}
