"""Taking a scan back within two minutes: by the one who made it, and only while nothing followed.

Invariant: nothing is erased. That a scan was undone is a record of its own, and what the attendance
then is follows from both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, NotAllowed, NotFound
from shifts import locks
from shifts.presence import evidence, records
from shifts.rota import finding, sign_ups
from shifts.tables.attendance import Attendance, AttendanceRecord
from shifts.tables.rota import Shift

WITHIN = timedelta(minutes=2)
#: which scan brought a stay to where it stands
_LAST = {"open": "check_in", "submitted": "check_out"}


def undo(session: Session, *, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    """Take back one's own last scan of a stay: the check-out, or the check-in and so the stay.

    Raises, in this order: NotFound, NotAllowed (whoever scanned), Conflict ``already_decided``,
    ``nothing_to_undo`` (entered by hand, amended, ended with its shift), ``undo_over``.
    """
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    scans = [
        one
        for one in records.of(session, actor.community_id, attendance_id)
        if one.kind in ("check_in", "check_out") and one.actor_id == actor.person_id
    ]
    if not scans and row.person_id != actor.person_id:
        raise NotAllowed(needs=["whoever scanned"])
    if row.status not in _LAST:
        raise Conflict("already_decided", status=row.status)
    scan = _standing(row, scans)
    if scan is None:
        raise Conflict("nothing_to_undo")
    if not scan.at <= at <= scan.at + WITHIN:
        raise Conflict("undo_over", minutes=WITHIN // timedelta(minutes=1))
    shift = finding.get(session, actor.community_id, row.shift_id)
    if scan.kind == "check_in":
        _never_came(session, actor, at, row, shift, scan.id)
    else:
        _still_there(session, actor, at, row, shift, scan.id)
    return row


def may_undo(row: Attendance, actor: Actor, at: datetime) -> bool:
    """Whether to offer it to somebody who has scanned just now; ``undo`` decides."""
    ended = row.checked_out_at or row.checked_in_at
    by_scan = row.entered == "card" or row.person_id == actor.person_id
    return row.status in _LAST and by_scan and ended <= at < ended + WITHIN


def _standing(row: Attendance, scans: list[AttendanceRecord]) -> AttendanceRecord | None:
    """The scan that this end of the stay still stands on: what was amended stands on more."""
    end = row.checked_out_at if row.status == "submitted" else row.checked_in_at
    found = [one for one in scans if one.kind == _LAST[row.status] and one.at == end]
    return found[-1] if found and row.revision == 1 else None


def _never_came(
    session: Session, actor: Actor, at: datetime, row: Attendance, shift: Shift, scan_id: UUID
) -> None:
    """The stay is void, and the seat of a walk-in goes to whoever waits for it."""
    after: dict[str, datetime | None] = {"checked_in_at": None, "checked_out_at": None}
    _record(session, actor, at, row, scan_id, "voided", after)
    row.status = "voided"
    session.flush()
    signed = sign_ups.of(session, row.community_id, row.shift_id, row.person_id)
    walked_in = signed is not None and signed.walked_in_at == row.checked_in_at
    if signed is not None and walked_in and signed.status == "confirmed" and at < shift.ends_at:
        sign_ups.withdraw(session, actor=actor, at=at, sign_up_id=signed.id)


def _still_there(
    session: Session, actor: Actor, at: datetime, row: Attendance, shift: Shift, scan_id: UUID
) -> None:
    """The stay goes on as if its person had not checked out."""
    after = {"checked_in_at": row.checked_in_at, "checked_out_at": None}
    _record(session, actor, at, row, scan_id, "open", after)
    row.status = "open"
    row.checked_out_at = None
    # The five minutes are those since the scan that stands: whoever leaves now is not kept waiting.
    row.scanned_at = row.checked_in_at
    row.seen = {end: told for end, told in row.seen.items() if end != "out"}
    evidence.judge(row, shift, undone=evidence.AT_THE_END)
    session.flush()


def _record(
    session: Session,
    actor: Actor,
    at: datetime,
    row: Attendance,
    scan_id: UUID,
    status: str,
    after: dict[str, datetime | None],
) -> None:
    """On record before the row changes: the database asks for that."""
    records.write(
        session,
        actor=actor,
        at=at,
        attendance=row,
        kind="undo",
        before=records.times_of(row),
        after=after,
        status=status,
        undoes_id=scan_id,
    )
