"""Lists and single rows of this room, for api and pages: keyset pages, newest first.

Invariant: who asks sees their own, what they lead, and what they manage or audit; nothing else
(contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed, NotFound
from people import roles, tree
from shifts import views
from shifts.approval import notice
from shifts.presence import attendance as presence
from shifts.presence import signals
from shifts.rota import finding, leading, occasions, planning, times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Activity, RedPost, Shift
from shifts.views import AttendanceView, ShiftView

#: no shift at all, said so that the statement still names its community
_NONE: ColumnElement[bool] = Shift.id.is_(None)


def shift(session: Session, *, actor: Actor, at: datetime, shift_id: UUID) -> ShiftView:
    """One shift. Raises NotFound, also for a draft of others."""
    row = _written_or_planned(session, actor.community_id, shift_id, at)
    if row.status == "draft":
        unit_id = occasions.of(session, row).unit_id
        if not _leads(session, actor) and not roles.holds(
            session, actor, "auditor", unit_id=unit_id
        ):
            raise NotFound("shift")
    return views.shifts(session, actor.community_id, [row], at)[0]


def shifts(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    limit: int,
    before: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    red_post_id: UUID | None = None,
) -> list[ShiftView]:
    """Shifts that begin in [since, until), newest made first, older than ``before``."""
    planned = planning.in_sight(session, actor.community_id, at)
    query = select(Shift).where(Shift.community_id == actor.community_id)
    if since is not None:
        query = query.where(Shift.starts_at >= since)
    if until is not None:
        query = query.where(Shift.starts_at < until)
    if red_post_id is not None:
        query = query.where(Shift.red_post_id == red_post_id)
    if before is not None:
        query = query.where(Shift.id < before)
    if not _leads(session, actor):
        audited = roles.reach(session, actor, "auditor")
        if audited is not None:
            theirs = _of_units(actor.community_id, audited)
            query = query.where((Shift.status != "draft") | theirs)
    rows = list(session.scalars(query.order_by(Shift.id.desc()).limit(limit)))
    rows += [
        one
        for one in planned
        if (since is None or one.starts_at >= since)
        and (until is None or one.starts_at < until)
        and red_post_id in (None, one.red_post_id)
        and (before is None or one.id < before)
    ]
    rows.sort(key=lambda one: one.id, reverse=True)
    return views.shifts(session, actor.community_id, rows[:limit], at)


def _written_or_planned(
    session: Session, community_id: UUID, shift_id: UUID, at: datetime
) -> Shift:
    """The shift, also one that is in sight and not written down yet. Raises NotFound."""
    for one in planning.in_sight(session, community_id, at):
        if one.id == shift_id:
            return one
    return finding.get(session, community_id, shift_id)


def attendance(
    session: Session, *, actor: Actor, at: datetime, attendance_id: UUID
) -> AttendanceView:
    """One attendance. Raises NotFound, NotAllowed (self, captain, manager, auditor)."""
    row = presence.get(session, actor.community_id, attendance_id)
    if row.person_id != actor.person_id:
        seen = session.scalar(
            select(Shift.id).where(
                Shift.community_id == actor.community_id,
                Shift.id == row.shift_id,
                _overseen(session, actor),
            )
        )
        if seen is None:
            raise NotAllowed(needs=["captain", "manager", "auditor"])
    return _with_signals(session, actor, at, [row])[0]


def attendances(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
    shift_id: UUID | None = None,
    person_id: UUID | None = None,
    amendment: str | None = None,
    undecided: bool = False,
) -> list[AttendanceView]:
    """The attendances that the actor may see, newest first, older than ``before``.

    ``amendment``: ``waiting`` for those of which an amendment waits for a second person;
    ``undecided``: those, and the ones that wait for a decision themselves.
    Raises NotAllowed where somebody without a role asks for another person's.
    """
    if person_id is not None and person_id != actor.person_id:
        roles.require(session, actor, "captain", "auditor", unit_id=roles.ANYWHERE)
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == actor.community_id,
            Shift.community_id == actor.community_id,
            (Attendance.person_id == actor.person_id) | _overseen(session, actor),
        )
    )
    if status is not None:
        today = notice.today(session, actor.community_id, at)
        query = query.where(_has_status(status, at, today))
    if amendment is not None:
        assert amendment == "waiting", f"an amendment is never listed as {amendment}"
        query = query.where(Attendance.asked_revision.is_not(None))
    if undecided:
        query = query.where(_waits(at))
    if shift_id is not None:
        query = query.where(Attendance.shift_id == shift_id)
    if person_id is not None:
        query = query.where(Attendance.person_id == person_id)
    if before is not None:
        query = query.where(Attendance.id < before)
    rows = session.scalars(query.order_by(Attendance.id.desc()).limit(limit)).all()
    return _with_signals(session, actor, at, rows)


def _with_signals(
    session: Session, actor: Actor, at: datetime, rows: Sequence[Attendance]
) -> list[AttendanceView]:
    """The views; to those who look after the others, with the signals among the flags."""
    others = [row for row in rows if row.person_id != actor.person_id]
    asked = signals.of(session, actor.community_id, others, at) if others else {}
    seen = views.attendances(session, actor.community_id, rows, at)
    return [replace(one, flags=[*one.flags, *asked.get(one.id, [])]) for one in seen]


def _leads(session: Session, actor: Actor) -> bool:
    """Whether the actor is a captain or a manager: of anything, for drafts have no people yet."""
    return roles.holds(session, actor, "captain", unit_id=roles.ANYWHERE)


def _has_status(status: str, at: datetime, today: date) -> ColumnElement[bool]:
    """The status as it is judged now: a stay that nobody ended closed with its shift, and what is
    on notice is approved and not yet credited."""
    over = Shift.ends_at < at - times.CHECK_OUT_LATE
    if status == "open":
        return (Attendance.status == "open") & ~over
    if status == "auto_closed":
        return (Attendance.status == "auto_closed") | ((Attendance.status == "open") & over)
    if status == "approved":
        on_notice = (Attendance.status == "credited") & notice.running(today)
        return (Attendance.status == "approved") | on_notice
    if status == "credited":
        return (Attendance.status == "credited") & notice.over(today)
    return Attendance.status == status


def _waits(at: datetime) -> ColumnElement[bool]:
    """Somebody has to decide on it, or on an amendment of it."""
    ended = (Attendance.status == "open") & (Shift.ends_at < at - times.CHECK_OUT_LATE)
    listed = Attendance.status.in_(("submitted", "auto_closed", "approved"))
    return listed | ended | Attendance.asked_revision.is_not(None)


def _overseen(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The shifts whose attendances the actor may see: those they lead, manage or audit."""
    if roles.holds(session, actor, "manager", "auditor"):
        return true()
    if actor.person_id is None:
        return _NONE
    held = roles.of(session, actor.community_id, actor.person_id)
    seen = _NONE
    if any(one.role in ("captain", "manager") for one in held):
        seen = leading.led_by(actor.community_id, actor.person_id)
    tops = {one.unit_id for one in held if one.role in ("manager", "auditor") and one.unit_id}
    if tops:
        below = tree.below(session, actor.community_id, tops)
        seen = seen | _of_units(actor.community_id, below)
    return seen


def _of_units(community_id: UUID, units: Set[UUID]) -> ColumnElement[bool]:
    """The shifts whose red post or activity belongs to one of these units."""
    found = _NONE
    for model, column in ((RedPost, Shift.red_post_id), (Activity, Shift.activity_id)):
        theirs = select(model.id).where(
            model.community_id == community_id, model.unit_id.in_(units)
        )
        found = found | column.in_(theirs)
    return found
