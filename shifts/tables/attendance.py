"""Tables of attendance: presence, who recorded it, who decided on it, what it was worth.

Invariant: nobody decides about themselves, their household or what they recorded; a trigger refuses
it below the program (design D8, contract "Who decides").
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import (
    Base,
    Row,
    args,
    check,
    index,
    index_where,
    one_of,
    owned_key,
    unique,
    unique_where,
)
from kit.types import Amount, Day, Id, Instant, Json, Octets
from shifts.tables import attendance_guards as guards

#: ``closed`` of the contract is passed in the same instant: a check-out submits.
RECORD_KINDS = (
    "check_in",
    "check_out",
    "duplicate",
    "entry",
    "amendment",
    "late_amendment",
    "move",
    "undo",
    "break_begun",
    "break_ended",
)
STATUSES = ("open", "auto_closed", "submitted", "approved", "rejected", "credited", "voided")


class Attendance(Base, Row):
    """One person's presence at one shift."""

    __tablename__ = "attendances"
    __table_args__ = args(
        owned_key("shift_id", "shifts"),
        owned_key("person_id", "people"),
        owned_key("asked_shift_id", "shifts"),
        one_of("status", STATUSES),
        one_of("entered", ("scan", "card", "hand")),
        one_of("evidence", ("a", "b", "c", "d")),
        check("in_before_out", "checked_out_at IS NULL OR checked_in_at < checked_out_at"),
        check("revision_counts", "revision >= 1"),
        check(
            "asked_whole",
            "(asked_revision IS NULL) = (asked_in_at IS NULL)"
            " AND (asked_revision IS NULL) = (asked_out_at IS NULL)",
        ),
        check(
            "asked_later",
            "asked_revision IS NULL OR (status = 'credited' AND asked_revision > revision"
            " AND asked_in_at < asked_out_at)",
        ),
        check("asked_shift", "asked_shift_id IS NULL OR asked_revision IS NOT NULL"),
        unique_where(
            "attendances",
            "one_stay",
            "shift_id",
            "person_id",
            where="status NOT IN ('rejected', 'voided')",
        ),
        index("shift_id", "status"),
        index("person_id", "id"),
        index("status", "id"),
        index_where("attendances", "asked", "id", where="asked_revision IS NOT NULL"),
    )
    shift_id: Mapped[UUID] = mapped_column(Id)
    person_id: Mapped[UUID] = mapped_column(Id)
    #: ``credited`` from the award on, also while its points are still on notice (shifts.notice)
    status: Mapped[str] = mapped_column(Text)
    checked_in_at: Mapped[datetime] = mapped_column(Instant)
    checked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    #: how the presence first came in; a hand entry stays marked for ever
    entered: Mapped[str] = mapped_column(Text)
    #: grade of the evidence, a (best) to d
    evidence: Mapped[str] = mapped_column(Text)
    #: what a reviewer should see, e.g. ``late``, ``walk_in``, ``hand``
    flags: Mapped[Any] = mapped_column(Json)
    #: grows with each amendment; approvals and awards are of one revision
    revision: Mapped[int] = mapped_column(Amount, default=1)
    #: what a scan told of each end besides its time, for signals alone: ``in`` and ``out``, each a
    #: ``shifts.presence.evidence.Sight`` as data; of the device a keyed digest,
    #: erased with its trace
    seen: Mapped[Any] = mapped_column(Json, default=dict)
    #: pauses, oldest first, each ``[from, to]`` as text; no ``to``: it goes on. Who made them is on
    #: record (``break_begun``, ``break_ended``), and they stay as they are once it is decided on.
    breaks: Mapped[Any] = mapped_column(Json, default=list)
    #: of its last accepted scan, for the five minutes in which another is a duplicate
    scanned_at: Mapped[datetime | None] = mapped_column(Instant)
    #: the first day on which the points of its award are no longer on notice; none: never were
    available_on: Mapped[date | None] = mapped_column(Day)
    #: an amendment after credit that waits for a second person: the revision that it would make,
    #: and its times. Who asked for it, when and why is in the record of that revision.
    asked_revision: Mapped[int | None] = mapped_column(Amount)
    asked_in_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    #: where the amendment also says that it was another shift
    asked_shift_id: Mapped[UUID | None] = mapped_column(Id)


class AttendanceRecord(Base, Row):
    """Somebody recorded something of an attendance: a scan, a hand entry or an amendment.

    Its actor may not decide on that attendance. ``duplicate``: somebody else's scan of the person's
    card that changed nothing, kept once for each who made one. ``late_amendment``: one of an
    attendance that is credited already; it counts once a second person approves it (D13).
    ``move``: it goes to another shift, before credit. ``undo``: who scanned took the scan back
    within two minutes.
    """

    __tablename__ = "attendance_records"
    __table_args__ = args(
        owned_key("attendance_id", "attendances"),
        owned_key("actor_id", "people"),
        one_of("kind", RECORD_KINDS),
        owned_key("undoes_id", "attendance_records"),
        # A scan is taken back once.
        unique("undoes_id"),
        check("late_revision", "(kind = 'late_amendment') = (revision IS NOT NULL)"),
        check("undo_of_a_scan", "(kind = 'undo') = (undoes_id IS NOT NULL)"),
        index("attendance_id", "actor_id"),
        append_only=True,
    )
    attendance_id: Mapped[UUID] = mapped_column(Id)
    actor_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    #: of a late amendment: the revision that it would make
    revision: Mapped[int | None] = mapped_column(Amount)
    #: of an undo: the scan that was taken back
    undoes_id: Mapped[UUID | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Instant)
    #: ``{checked_in_at, checked_out_at}`` before and after
    before: Mapped[Any | None] = mapped_column(Json)
    after: Mapped[Any] = mapped_column(Json)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)


class Approval(Base, Row):
    """A decision on one revision of an attendance; the second step credits above the upper tier."""

    __tablename__ = "approvals"
    __table_args__ = args(
        owned_key("attendance_id", "attendances"),
        owned_key("decided_by", "people"),
        one_of("decision", ("approve", "reject")),
        check("step_counts", "step IN (1, 2)"),
        unique("attendance_id", "revision", "step"),
        append_only=True,
    )
    attendance_id: Mapped[UUID] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(Amount)
    step: Mapped[int] = mapped_column(Amount)
    decision: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[UUID] = mapped_column(Id)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)


class Award(Base, Row):
    """The rule version applied to one revision of an attendance, with inputs and sum (D9)."""

    __tablename__ = "awards"
    __table_args__ = args(
        owned_key("attendance_id", "attendances"),
        owned_key("person_id", "people"),
        owned_key("rule_id", "award_rules"),
        owned_key("transfer_id", "ledger_transfers"),
        owned_key("fund_id", "funds"),
        unique("attendance_id", "revision"),
        check("amounts", "minutes >= 0 AND points >= 0"),
        index("person_id", "service_on"),
        index("awarded_at"),
        index("rule_id"),
        append_only=True,
    )
    attendance_id: Mapped[UUID] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(Amount)
    person_id: Mapped[UUID] = mapped_column(Id)
    #: local date of the shift's start
    service_on: Mapped[date] = mapped_column(Day)
    #: none: no rule was in force, 0 points
    rule_id: Mapped[UUID | None] = mapped_column(Id)
    minutes: Mapped[int] = mapped_column(Amount)
    points: Mapped[int] = mapped_column(Amount)
    #: everything the sum was made from
    inputs: Mapped[Any] = mapped_column(Json)
    #: the worked sum, step by step, as data; sentences are made from it
    steps: Mapped[Any] = mapped_column(Json)
    fund_id: Mapped[UUID] = mapped_column(Id)
    #: none: neither a minute nor a point to record
    transfer_id: Mapped[UUID | None] = mapped_column(Id)
    #: the first day on which its points are no longer on notice; none: they never were
    available_on: Mapped[date | None] = mapped_column(Day)
    #: the last day on which its points may be spent; none: they never lapse
    expires_on: Mapped[date | None] = mapped_column(Day)
    awarded_at: Mapped[datetime] = mapped_column(Instant)


for _fact in (AttendanceRecord, Approval, Award):
    triggers.append_only(_fact)
triggers.only_changes(
    Attendance,
    "shift_id",
    "status",
    "checked_in_at",
    "checked_out_at",
    "evidence",
    "flags",
    "seen",
    "breaks",
    "revision",
    "scanned_at",
    "available_on",
    "asked_revision",
    "asked_in_at",
    "asked_out_at",
    "asked_shift_id",
)
triggers.arrows(
    Attendance,
    "status",
    (
        ("open", "submitted"),
        ("open", "auto_closed"),
        ("auto_closed", "submitted"),
        ("submitted", "approved"),
        ("submitted", "credited"),
        ("submitted", "rejected"),
        ("approved", "credited"),
        ("approved", "rejected"),
        # An amendment of what one manager has approved is decided anew.
        ("approved", "submitted"),
        ("credited", "voided"),
        # A scan that was taken back within two minutes, on record (shifts.undoing).
        ("open", "voided"),
        ("submitted", "open"),
    ),
)
guards.stand()
