"""The proof of this room's rows: every finding, each said once.

Invariant: it reads alone, and trusts nothing that a row says of itself where it can be worked out
again: sums from their inputs, credits from their decisions, seats from the sign-ups.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from audit import leaves
from kit import paging, texts
from kit.problems import Problem
from ledger.models import Transfer
from shifts.approval import amending, award_checks, award_rows, tier_checks
from shifts.tables.attendance import Approval, Attendance, AttendanceRecord, Award
from shifts.tables.rota import Shift, SignUp


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong in this room, in one community."""
    yield from _awards(session, community_id)
    yield from _unawarded(session, community_id)
    yield from _waiting(session, community_id)
    yield from _own_decisions(session, community_id)
    yield from _seats(session, community_id)


def _awards(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Each award against its attendance, its inputs, its transfer and its signatures."""
    known = award_checks.known_of(session, community_id)
    tiers = tier_checks.begin(session, community_id)
    for page in award_rows.pages(session, community_id):
        yield from award_checks.problems(page, known)
        yield from tiers.problems(page)
    yield from tiers.rest()


def _unawarded(session: Session, community_id: UUID) -> Iterator[Problem]:
    """What is credited or voided without an award, and awards in the books that are none here."""
    credited = (
        select(texts.plain(Attendance.id))
        .where(
            Attendance.community_id == community_id,
            Attendance.status.in_(award_checks.CREDITED),
            # A check-in that was taken back had nothing to be credited.
            ~exists().where(
                Attendance.status == "voided",
                Attendance.checked_out_at.is_(None),
                AttendanceRecord.community_id == community_id,
                AttendanceRecord.attendance_id == Attendance.id,
                AttendanceRecord.kind == "undo",
            ),
            ~exists().where(
                Award.community_id == community_id,
                Award.attendance_id == Attendance.id,
                Award.revision == Attendance.revision,
            ),
        )
        .order_by(Attendance.id)
    )
    for (attendance_id,) in session.execute(credited):
        yield Problem("credited_without_award", f"attendance:{attendance_id}")
    recorded = (
        select(texts.plain(Transfer.id))
        .where(
            Transfer.community_id == community_id,
            Transfer.kind == "award",
            ~exists().where(
                Award.community_id == community_id,
                Award.attendance_id == Transfer.source_id,
                Award.transfer_id == Transfer.id,
            ),
        )
        .order_by(Transfer.id)
    )
    for (transfer_id,) in session.execute(recorded):
        yield Problem("transfer_without_award", f"transfer:{transfer_id}")


def _waiting(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Each amendment that waits is what its record asks for, and was not decided yet."""
    rows = session.execute(
        select(Attendance, AttendanceRecord.after)
        .outerjoin(
            AttendanceRecord,
            (AttendanceRecord.community_id == Attendance.community_id)
            & (AttendanceRecord.attendance_id == Attendance.id)
            & (AttendanceRecord.revision == Attendance.asked_revision),
        )
        .where(Attendance.community_id == community_id, Attendance.asked_revision.is_not(None))
    )
    for row, after in rows:
        if after != leaves.plain(amending.asked_of(row)):
            yield Problem("amendment_off_record", f"attendance:{row.id}")
    refused = session.scalars(
        select(Attendance.id)
        .join(
            Approval,
            (Approval.community_id == Attendance.community_id)
            & (Approval.attendance_id == Attendance.id)
            & (Approval.revision == Attendance.asked_revision),
        )
        .where(
            Attendance.community_id == community_id,
            Approval.community_id == community_id,
            Approval.decision == "reject",
        )
    )
    for attendance_id in refused:
        yield Problem("amendment_decided", f"attendance:{attendance_id}")


def _own_decisions(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Nobody decided on themselves or on what they recorded. Households change, so they are not
    looked at here: the trigger judged them when the decision was written."""
    own = exists().where(
        Attendance.community_id == community_id,
        Attendance.id == Approval.attendance_id,
        Attendance.person_id == Approval.decided_by,
    )
    recorded = exists().where(
        AttendanceRecord.community_id == community_id,
        AttendanceRecord.attendance_id == Approval.attendance_id,
        AttendanceRecord.actor_id == Approval.decided_by,
        # Ids are made in order of time; a business time may stand still. In a CASE, so that no
        # engine takes the index of ids for it and reads every record that is older.
        case((AttendanceRecord.id.is_not(None), AttendanceRecord.id)) < Approval.id,
    )
    rows = session.execute(
        select(texts.plain(Approval.id))
        .where(Approval.community_id == community_id, own | recorded)
        .order_by(Approval.id)
    )
    for (approval_id,) in rows:
        yield Problem("own_approval", f"approval:{approval_id}")


def _seats(session: Session, community_id: UUID) -> Iterator[Problem]:
    """As many seats are taken as there are confirmed sign-ups."""
    confirmed = (
        select(func.count())
        .where(
            SignUp.community_id == community_id,
            SignUp.shift_id == Shift.id,
            SignUp.status == "confirmed",
        )
        .scalar_subquery()
    )
    query = select(texts.plain(Shift.id), Shift.seats_taken, confirmed).where(
        Shift.community_id == community_id
    )
    for page in paging.pages(session, query, [Shift.id]):
        for shift_id, taken, found in page:
            if taken != found:
                yield Problem(
                    "seats_differ", f"shift:{shift_id}", {"taken": taken, "confirmed": found}
                )
