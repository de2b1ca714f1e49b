"""Tables of what is reviewed after the fact: head-counts, second looks, objections, moved shifts.

Invariant: every row is a fact that never changes; who decides is never who had a hand in it, and a
trigger refuses it below the program (design D8).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, check, index, one_of, owned_key, unique
from kit.types import Amount, Day, Id, Instant, Octets
from shifts.tables import review_guards as guards


class HeadCount(Base, Row):
    """Somebody counted the people who were there."""

    __tablename__ = "head_counts"
    __table_args__ = args(
        owned_key("shift_id", "shifts"),
        owned_key("counted_by", "people"),
        check("counted_bounds", "counted >= 0"),
        unique("shift_id", "counted_by", "counted_at"),
        append_only=True,
    )
    shift_id: Mapped[UUID] = mapped_column(Id)
    counted: Mapped[int] = mapped_column(Amount)
    counted_at: Mapped[datetime] = mapped_column(Instant)
    counted_by: Mapped[UUID] = mapped_column(Id)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ShiftMove(Base, Row):
    """The stays of one shift go to another: the wrong shift, or a wrong time, had been chosen."""

    __tablename__ = "shift_moves"
    __table_args__ = args(
        owned_key("from_shift_id", "shifts"),
        owned_key("to_shift_id", "shifts"),
        owned_key("moved_by", "people"),
        check("elsewhere", "from_shift_id <> to_shift_id"),
        index("from_shift_id"),
        index("to_shift_id"),
        append_only=True,
    )
    from_shift_id: Mapped[UUID] = mapped_column(Id)
    to_shift_id: Mapped[UUID] = mapped_column(Id)
    #: by how much the times of the stays were moved along; 0: they stayed as they are
    seconds: Mapped[int] = mapped_column(Amount)
    moved_by: Mapped[UUID] = mapped_column(Id)
    moved_at: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[bytes] = mapped_column(Octets)


class MovedStay(Base, Row):
    """One stay of a move, and the revision that it makes; after credit a second person decides."""

    __tablename__ = "shift_moved_stays"
    __table_args__ = args(
        owned_key("move_id", "shift_moves"),
        owned_key("attendance_id", "attendances"),
        unique("attendance_id", "revision"),
        index("move_id"),
        append_only=True,
    )
    move_id: Mapped[UUID] = mapped_column(Id)
    attendance_id: Mapped[UUID] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(Amount)


class SampleDraw(Base, Row):
    """Which of a day's awards a second person looks at; anybody can draw the same ones again."""

    __tablename__ = "sample_draws"
    __table_args__ = args(
        owned_key("drawn_by", "people"),
        unique("awarded_on"),
        check("percent_bounds", "percent BETWEEN 1 AND 100"),
        check("population_there", "population >= 1"),
        append_only=True,
    )
    #: the local day on which the awards were made
    awarded_on: Mapped[date] = mapped_column(Day)
    percent: Mapped[int] = mapped_column(Amount)
    #: how many awards the day has
    population: Mapped[int] = mapped_column(Amount)
    #: SHA-256 of the sorted list of their ids, one on a line, in hexadecimal
    seed: Mapped[str] = mapped_column(Text)
    #: none: by the program, as it became due
    drawn_by: Mapped[UUID | None] = mapped_column(Id)
    drawn_at: Mapped[datetime] = mapped_column(Instant)


class SampledAward(Base, Row):
    """One award that was drawn."""

    __tablename__ = "sampled_awards"
    __table_args__ = args(
        owned_key("draw_id", "sample_draws"),
        owned_key("award_id", "awards"),
        owned_key("attendance_id", "attendances"),
        unique("draw_id", "place"),
        unique("award_id"),
        append_only=True,
    )
    draw_id: Mapped[UUID] = mapped_column(Id)
    #: from 1 on, in the order in which they were drawn
    place: Mapped[int] = mapped_column(Amount)
    award_id: Mapped[UUID] = mapped_column(Id)
    attendance_id: Mapped[UUID] = mapped_column(Id)


class SecondLook(Base, Row):
    """Somebody else looked at a drawn award again: it is confirmed, or amended."""

    __tablename__ = "second_looks"
    __table_args__ = args(
        owned_key("sampled_id", "sampled_awards"),
        owned_key("attendance_id", "attendances"),
        owned_key("looked_by", "people"),
        one_of("outcome", ("confirmed", "amended")),
        check("amended_revision", "(outcome = 'amended') = (revision IS NOT NULL)"),
        unique("sampled_id"),
        append_only=True,
    )
    sampled_id: Mapped[UUID] = mapped_column(Id)
    attendance_id: Mapped[UUID] = mapped_column(Id)
    outcome: Mapped[str] = mapped_column(Text)
    #: the amendment that was asked for, which a third person decides
    revision: Mapped[int | None] = mapped_column(Amount)
    looked_by: Mapped[UUID] = mapped_column(Id)
    looked_at: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)


class Objection(Base, Row):
    """Somebody says that a line is wrong: one of their own, or one on public notice."""

    __tablename__ = "objections"
    __table_args__ = args(
        owned_key("attendance_id", "attendances"),
        owned_key("raised_by", "people"),
        one_of("ground", ("own", "notice")),
        unique("attendance_id", "revision", "raised_by"),
        check("in_time", "decide_by > raised_at"),
        index("raised_by", "id"),
        append_only=True,
    )
    attendance_id: Mapped[UUID] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(Amount)
    ground: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[UUID] = mapped_column(Id)
    raised_at: Mapped[datetime] = mapped_column(Instant)
    decide_by: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[bytes] = mapped_column(Octets)


class ObjectionOutcome(Base, Row):
    """What became of an objection: somebody who had no hand in the line decided, or it was taken
    back."""

    __tablename__ = "objection_outcomes"
    __table_args__ = args(
        owned_key("objection_id", "objections"),
        owned_key("attendance_id", "attendances"),
        owned_key("decided_by", "people"),
        owned_key("entered_id", "attendances"),
        one_of("outcome", ("upheld", "rejected", "withdrawn")),
        check("remedy_of_upheld", "outcome = 'upheld' OR revision IS NULL AND entered_id IS NULL"),
        unique("objection_id"),
        append_only=True,
    )
    objection_id: Mapped[UUID] = mapped_column(Id)
    attendance_id: Mapped[UUID] = mapped_column(Id)
    outcome: Mapped[str] = mapped_column(Text)
    #: the amendment that follows from it, which another person approves
    revision: Mapped[int | None] = mapped_column(Amount)
    #: of a line that was rejected or voided: the stay that was entered in its place
    entered_id: Mapped[UUID | None] = mapped_column(Id)
    decided_by: Mapped[UUID] = mapped_column(Id)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)


for _fact in (
    HeadCount,
    ShiftMove,
    MovedStay,
    SampleDraw,
    SampledAward,
    SecondLook,
    Objection,
    ObjectionOutcome,
):
    triggers.append_only(_fact)
for _name, _table, _deed, _code, _condition in (
    ("second_looks_not_own", "second_looks", "INSERT", "own_approval", guards.OWN_LOOK),
    ("second_looks_by_right", "second_looks", "INSERT", "not_allowed", guards.LOOK_WITHOUT_RIGHT),
    (
        "objection_outcomes_not_own",
        "objection_outcomes",
        "INSERT",
        "own_approval",
        guards.OWN_OUTCOME,
    ),
    (
        "objection_outcomes_by_right",
        "objection_outcomes",
        "INSERT",
        "not_allowed",
        guards.OUTCOME_WITHOUT_RIGHT,
    ),
    (
        "attendances_moved_on_record",
        "attendances",
        "UPDATE",
        "not_allowed",
        guards.MOVED_OFF_RECORD,
    ),
):
    triggers.guard(_name, _table, _deed, _code, _condition)
