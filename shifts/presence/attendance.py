"""Presence at a shift by scan: in, out, or the same code read twice.

Invariant: a person has one live attendance per shift; who scans holds the person's row, so that two
scans of one person stand in a queue, and the shift's, so that nobody comes to one just cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit import adding, ids
from kit.errors import Conflict, NotFound
from shifts import locks
from shifts.presence import evidence, records
from shifts.presence.evidence import Sight
from shifts.rota import finding, leading, sign_ups, times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift, SignUp

#: these are over and done with: a new stay at the same shift may follow
GONE = ("rejected", "voided")
_LIVES = (
    Attendance.community_id == bindparam("community_id"),
    Attendance.shift_id == bindparam("shift_id"),
    Attendance.person_id == bindparam("person_id"),
    # Not as a list: its length is worked into the text anew each time.
    *(Attendance.status != gone for gone in GONE),
)
_LIVE = select(Attendance).where(*_LIVES).execution_options(populate_existing=True)
#: made once: every scan asks it. Who comes mostly has no stay yet, and often no sign-up.
_THERE: Select[Any, Any] = select(
    select(Attendance.id).where(*_LIVES).scalar_subquery(),
    select(SignUp.id)
    .where(
        SignUp.community_id == bindparam("community_id"),
        SignUp.shift_id == bindparam("shift_id"),
        SignUp.person_id == bindparam("person_id"),
    )
    .scalar_subquery(),
)


def scan_in_or_out(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift: Shift,
    person_id: UUID,
    entered: str,
    by_poster: bool = False,
    sight: Sight | None = None,
) -> tuple[str, Attendance]:
    """Check a person in, or out, by one scan; ``entered`` is ``scan`` (oneself) or ``card``.

    Answers ``checked_in``, ``checked_out`` or ``duplicate`` (within 5 minutes of the last accepted
    scan, or after check-out). Raises Conflict, in this order: ``not_your_shift``,
    ``unknown_person``, ``shift_cancelled``, ``outside_window``, ``shift_full``.
    """
    _require_right(session, actor, shift, person_id, entered)
    _hold(session, shift, person_id)
    if not times.open_for_check_out(shift, at):
        raise _outside(shift)
    facts = {"community_id": actor.community_id, "shift_id": shift.id, "person_id": person_id}
    stay, place = session.execute(_THERE, facts).one()
    found = live(session, actor.community_id, shift.id, person_id) if stay is not None else None
    if found is None:
        on_list = place is not None
        return "checked_in", _come(
            session, actor, at, shift, person_id, entered, by_poster, sight, on_list=on_list
        )
    if found.status != "open" or _is_repeated(found, at):
        _note(session, actor, at, found)
        return "duplicate", found
    return "checked_out", _leave(session, actor, at, shift, found, by_poster, sight)


def check_in(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift: Shift,
    person_id: UUID,
    entered: str,
    by_poster: bool = False,
) -> Attendance:
    """Begin a person's stay; who is not signed up walks in where a seat is free.

    Raises Conflict as ``scan_in_or_out``, and ``already_attended``.
    """
    _require_right(session, actor, shift, person_id, entered)
    _hold(session, shift, person_id)
    if live(session, actor.community_id, shift.id, person_id) is not None:
        raise Conflict("already_attended")
    return _come(session, actor, at, shift, person_id, entered, by_poster)


def check_out(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift: Shift,
    person_id: UUID,
    entered: str,
) -> Attendance:
    """End a person's stay; it is then submitted.

    Raises Conflict as ``scan_in_or_out``; NotFound where there is no open stay.
    """
    _require_right(session, actor, shift, person_id, entered)
    _hold(session, shift, person_id)
    if not times.open_for_check_out(shift, at):
        raise _outside(shift)
    found = live(session, actor.community_id, shift.id, person_id)
    if found is None or found.status != "open":
        raise NotFound("attendance")
    return _leave(session, actor, at, shift, found)


def live(
    session: Session, community_id: UUID, shift_id: UUID, person_id: UUID
) -> Attendance | None:
    """A person's attendance at a shift that was neither rejected nor voided."""
    found: Attendance | None = session.scalar(
        _LIVE, {"community_id": community_id, "shift_id": shift_id, "person_id": person_id}
    )
    return found


def get(session: Session, community_id: UUID, attendance_id: UUID) -> Attendance:
    """The attendance; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Attendance).where(
            Attendance.community_id == community_id, Attendance.id == attendance_id
        )
    )
    if found is None:
        raise NotFound("attendance")
    return found


def _require_right(
    session: Session, actor: Actor, shift: Shift, person_id: UUID, entered: str
) -> None:
    """One scans a code for oneself, and cards only for a shift that one leads."""
    assert entered in ("scan", "card"), f"{entered} is no way to scan"
    if entered == "card":
        if not leading.may_lead(session, actor, shift):
            raise Conflict("not_your_shift")
    else:
        assert person_id == actor.person_id, "a shift's code is scanned for oneself"
    if not locks.takes_part(session, actor.community_id, person_id):
        raise Conflict("unknown_person")


def _hold(session: Session, shift: Shift, person_id: UUID) -> None:
    """Hold the person and then the shift, which is read again and must still take scans."""
    locks.hold_people(session, shift.community_id, [person_id])
    sign_ups.refuse_unless_open(finding.locked(session, shift.community_id, shift.id))


def _come(
    session: Session,
    actor: Actor,
    at: datetime,
    shift: Shift,
    person_id: UUID,
    entered: str,
    by_poster: bool,
    sight: Sight | None = None,
    *,
    on_list: bool = True,
) -> Attendance:
    """Begin the stay; person and shift are held, and who is not ``on_list`` has no sign-up."""
    if not times.open_for_check_in(shift, at):
        raise _outside(shift)
    place = sign_ups.of(session, shift.community_id, shift.id, person_id) if on_list else None
    walked_in = _take_place(session, at, shift, person_id, place)
    row = Attendance(
        community_id=actor.community_id,
        id=ids.new(),
        shift_id=shift.id,
        person_id=person_id,
        status="open",
        checked_in_at=at,
        checked_out_at=None,
        entered=entered,
        flags=[],
        revision=1,
        scanned_at=at,
        seen={} if sight is None else {"in": sight.told()},
        breaks=[],
    )
    happened = {evidence.WALK_IN: walked_in, evidence.POSTER_IN: by_poster}
    evidence.judge(row, shift, *(flag for flag, is_so in happened.items() if is_so))
    adding.add(session, row)
    records.write(session, actor=actor, at=at, attendance=row, kind="check_in")
    return row


def _take_place(
    session: Session, at: datetime, shift: Shift, person_id: UUID, row: SignUp | None
) -> bool:
    """See that the person has a seat; returns whether they walked in without a sign-up."""
    if row is not None and row.status == "confirmed":
        return False
    if not sign_ups.take_seat(session, shift):
        raise Conflict("shift_full", seats=shift.seats)
    sign_ups.place(session, shift, person_id, "confirmed", at, row, walked_in=True)
    return True


def _leave(
    session: Session,
    actor: Actor,
    at: datetime,
    shift: Shift,
    found: Attendance,
    by_poster: bool = False,
    sight: Sight | None = None,
    happened: Sequence[str] = (),
) -> Attendance:
    before = records.times_of(found)
    found.checked_out_at = at
    found.scanned_at = at
    found.status = "submitted"
    if sight is not None:
        found.seen = found.seen | {"out": sight.told()}
    evidence.judge(found, shift, *happened, *([evidence.POSTER_OUT] if by_poster else []))
    session.flush()
    records.write(session, actor=actor, at=at, attendance=found, kind="check_out", before=before)
    return found


def _note(session: Session, actor: Actor, at: datetime, found: Attendance) -> None:
    """Keep who else scanned the card, once: whoever scanned does not decide (contract)."""
    if actor.person == found.person_id:
        return
    if not records.recorded_by(session, found.community_id, found.id, actor.person):
        records.write(session, actor=actor, at=at, attendance=found, kind="duplicate")


def _is_repeated(found: Attendance, at: datetime) -> bool:
    last = found.scanned_at
    return at <= found.checked_in_at or (last is not None and at - last <= times.DUPLICATE_WITHIN)


def _outside(shift: Shift) -> Conflict:
    return Conflict("outside_window", starts_at=shift.starts_at, ends_at=shift.ends_at)
