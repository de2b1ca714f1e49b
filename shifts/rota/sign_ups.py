"""Sign-ups: a person's place in a shift, or on its waiting list.

Invariant: as many places are taken as there are confirmed sign-ups, never more than seats: one
conditional UPDATE gives a seat, and who signs up or withdraws holds the shift's row.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import adding, ids, stroke
from kit.errors import Conflict, NotFound
from kit.parts import Moved
from people import register
from shifts import locks, reasons
from shifts.rota import finding, guards, leading, planning, telling
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift, SignUp

_SHIFTS = cast("Table", Shift.__table__)
#: made once: every scan asks it
_OF = (
    select(SignUp)
    .where(
        SignUp.community_id == bindparam("community_id"),
        SignUp.shift_id == bindparam("shift_id"),
        SignUp.person_id == bindparam("person_id"),
    )
    .execution_options(populate_existing=True)
)


def sign_up(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    person_id: UUID | None = None,
) -> SignUp:
    """Take a place in a shift, or a place on the waiting list when it is full.

    Who has one already keeps it, and nothing changes. Raises, in this order: NotFound (shift),
    NotAllowed (for another person: captain of the shift, manager), NotFound (person), Conflict
    ``shift_cancelled``, ``outside_window`` (a draft, or over), and those of ``guards.check``.
    """
    person_id = person_id or actor.person
    planning.ready(session, actor.community_id, at)
    # One shift of a person is judged after the other: two at once would not see each other.
    locks.hold_people(session, actor.community_id, [person_id])
    shift = finding.locked(session, actor.community_id, shift_id)
    if person_id != actor.person_id:
        leading.require_lead(session, actor, shift)
    require_active(session, actor.community_id, person_id)
    refuse_unless_open(shift)
    if at >= shift.ends_at:
        raise Conflict("outside_window", ends_at=shift.ends_at)
    # Seats that were kept for others until now belong to who waited for them.
    move_up(session, actor, at, shift)
    row = of(session, actor.community_id, shift_id, person_id)
    if row is not None and row.status != "withdrawn":
        return row
    guards.check(session, shift, person_id)
    has_room = guards.has_room(session, shift, person_id, at)
    status = "confirmed" if has_room and take_seat(session, shift) else "waitlisted"
    row = place(session, shift, person_id, status, at, row)
    _tell(session, actor, at, Action.SIGNED_UP, row)
    return row


def withdraw(
    session: Session, *, actor: Actor, at: datetime, sign_up_id: UUID, reason: str | None = None
) -> SignUp:
    """Give a place back; the first on the waiting list takes it.

    Raises, in this order: NotFound, NotAllowed (self, captain of the shift, manager), Conflict
    ``already_decided`` (withdrawn, or attended), ``shift_cancelled``, ``outside_window`` (from the
    shift's end on: who was missing then stays so), Invalid (reason).
    """
    row = get(session, actor.community_id, sign_up_id)
    shift = finding.locked(session, actor.community_id, row.shift_id)
    session.refresh(row)
    if row.person_id != actor.person_id:
        leading.require_lead(session, actor, shift)
    if row.status == "withdrawn" or _attended(session, row):
        raise Conflict("already_decided", status=row.status)
    refuse_unless_open(shift)
    if at >= shift.ends_at:
        raise Conflict("outside_window", ends_at=shift.ends_at)
    had_seat = row.status == "confirmed"
    row.status, row.stand_in_id = "withdrawn", None
    session.flush()
    digest = reasons.keep(session, actor.community_id, reason) if reason else None
    _tell(session, actor, at, Action.SIGN_UP_WITHDRAWN, row, digest)
    if had_seat:
        _pass_on_seat(session, actor, at, shift)
    return row


def get(session: Session, community_id: UUID, sign_up_id: UUID) -> SignUp:
    """The sign-up; NotFound where the community has none of this id."""
    found = session.scalar(
        select(SignUp).where(SignUp.community_id == community_id, SignUp.id == sign_up_id)
    )
    if found is None:
        raise NotFound("sign_up")
    return found


def of(session: Session, community_id: UUID, shift_id: UUID, person_id: UUID) -> SignUp | None:
    """A person's sign-up for a shift, withdrawn or not."""
    found: SignUp | None = session.scalar(
        _OF, {"community_id": community_id, "shift_id": shift_id, "person_id": person_id}
    )
    return found


def require_active(session: Session, community_id: UUID, person_id: UUID) -> None:
    """NotFound unless this is a person of the community who still takes part."""
    if register.person(session, community_id, person_id).deactivated_at is not None:
        raise NotFound("person")


def refuse_unless_open(shift: Shift) -> None:
    """Conflict ``shift_cancelled``, or ``outside_window`` for a draft."""
    if shift.status == "cancelled":
        raise Conflict("shift_cancelled", shift_id=shift.id)
    if shift.status == "draft":
        raise Conflict("outside_window", status="draft")


def take_seat(session: Session, shift: Shift) -> bool:
    """Take a seat if one is free; the caller holds the shift's row."""
    if shift.seats is not None and shift.seats_taken >= shift.seats:
        return False
    _move_seat(session, shift, 1)
    return True


def place(
    session: Session,
    shift: Shift,
    person_id: UUID,
    status: str,
    at: datetime,
    row: SignUp | None,
    *,
    walked_in: bool = False,
) -> SignUp:
    """Write the sign-up, into the row of who withdrew or waited before."""
    walked_in_at = at if walked_in else None
    if row is None:
        row = SignUp(
            community_id=shift.community_id,
            id=ids.new(),
            shift_id=shift.id,
            person_id=person_id,
            status=status,
            signed_up_at=at,
            walked_in_at=walked_in_at,
        )
        adding.add(session, row)
        return row
    if row.status == "withdrawn":
        row.signed_up_at = at
    row.status, row.walked_in_at = status, walked_in_at
    session.flush()
    return row


def _move_seat(session: Session, shift: Shift, by: int) -> None:
    """Give or take a seat; the database judges once more whether there is one."""
    taken = shift.seats_taken + by
    moved = Moved(
        _SHIFTS, "id", "seats_taken", "(seats IS NULL OR {after} <= seats)", {shift.id: by}
    )
    stroke.write(session, shift.community_id, [moved])
    set_committed_value(shift, "seats_taken", taken)


def _pass_on_seat(session: Session, actor: Actor, at: datetime, shift: Shift) -> None:
    """The seat goes to who has waited longest and may take it, or becomes free."""
    _move_seat(session, shift, -1)
    move_up(session, actor, at, shift)


def move_up(session: Session, actor: Actor, at: datetime, shift: Shift) -> None:
    """Free seats go to who waits and may take one, in the order in which they came."""
    if shift.seats is None or shift.seats_taken >= shift.seats:
        return
    for row in waiting(session, shift):
        # Who took another shift at this time while they waited stays there.
        is_busy = guards.overlapping(session, shift, row.person_id) is not None
        if is_busy or not guards.has_room(session, shift, row.person_id, at):
            continue
        if not take_seat(session, shift):
            return
        row.status = "confirmed"
        session.flush()
        _tell(session, actor, at, Action.SIGNED_UP, row)
        telling.moved_up(session, shift, row.person_id, at)


def waiting(session: Session, shift: Shift) -> list[SignUp]:
    """Who waits for a place, in the order in which they came."""
    return list(
        session.scalars(
            select(SignUp)
            .where(
                SignUp.community_id == shift.community_id,
                SignUp.shift_id == shift.id,
                SignUp.status == "waitlisted",
            )
            .order_by(SignUp.signed_up_at, SignUp.id)
        )
    )


def _attended(session: Session, row: SignUp) -> bool:
    found = session.scalar(
        select(Attendance.id)
        .where(
            Attendance.community_id == row.community_id,
            Attendance.shift_id == row.shift_id,
            Attendance.person_id == row.person_id,
            Attendance.status.not_in(("rejected", "voided")),
        )
        .limit(1)
    )
    return found is not None


def _tell(
    session: Session,
    actor: Actor,
    at: datetime,
    action: Action,
    row: SignUp,
    digest: bytes | None = None,
) -> None:
    told = {"shift_id": row.shift_id, "person_id": row.person_id, "status": row.status}
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("sign_up", row.id),
        at=at,
        reason_code=reasons.STATED if digest else None,
        after=told | ({"text_digest": digest} if digest else {}),
    )
