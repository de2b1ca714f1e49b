"""What is reviewed after the fact: head-counts, clean rows, second looks, objections, moves."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import Choice, Day, Flag, In, Instant, Many, Out, Part, Ref, Text, Whole
from api.queries import PageQuery


class HeadCountIn(In):
    """How many people somebody saw, and when; now, unless told."""

    counted = Whole(most=100_000, required=True)
    counted_at = Instant(load_default=None, allow_none=True)


class HeadCountOut(Out):
    """A head-count, beside how many the records say were there at that moment."""

    id = Ref(required=True)
    counted = Whole(required=True)
    counted_at = Instant(required=True)
    counted_by = Ref(required=True)
    recorded = Whole(required=True)


class ListsOut(Out):
    """The captain's three lists, as people: not there yet, there now, gone and not checked."""

    expected = Many(Ref(), required=True)
    present = Many(Ref(), required=True)
    unchecked = Many(Ref(), required=True)


class LeftOut(Out):
    """A row that somebody has to look at, and why."""

    id = Ref(required=True)
    person_id = Ref(required=True)
    reasons = Many(Text(), required=True)


class CleanOut(Out):
    """The clean rows of a shift, and the exceptions; ``credited``: how many this call credited."""

    clean = Many(Ref(), required=True)
    exceptions = Many(Part(LeftOut), required=True)
    credited = Whole(required=True)


class MoveQuery(In):
    """Where the stays belong: another shift, or other times; and whether their times go along."""

    to_shift_id = Ref()
    starts_at = Instant()
    ends_at = Instant()
    along = Choice("yes", "no")


class MoveIn(In):
    """The same, and why."""

    to_shift_id = Ref(load_default=None, allow_none=True)
    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(load_default=None, allow_none=True)
    along = Flag(load_default=False)
    reason = Text(most=500, lines=True, required=True)


class MovedLineOut(Out):
    """What a move makes of one stay."""

    id = Ref(required=True)
    person_id = Ref(required=True)
    outcome = Choice("moved", "waits", "refused", required=True)
    code = Text(required=True, allow_none=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True, allow_none=True)
    minutes_before = Whole(required=True)
    minutes_after = Whole(required=True)


class MovedOut(Out):
    """A move, or what one would do; ``to_shift_id`` none: the shift is still to be made."""

    from_shift_id = Ref(required=True)
    to_shift_id = Ref(required=True, allow_none=True)
    lines = Many(Part(MovedLineOut), required=True)


class SampleIn(In):
    """The local day on which the awards were made."""

    awarded_on = Day(required=True)


class SampledOut(Out):
    """One drawn award; ``outcome`` none: nobody has looked yet."""

    id = Ref(required=True)
    place = Whole(required=True)
    award_id = Ref(required=True)
    attendance_id = Ref(required=True)
    outcome = Choice("confirmed", "amended", required=True, allow_none=True)
    revision = Whole(required=True, allow_none=True)
    looked_by = Ref(required=True, allow_none=True)
    looked_at = Instant(required=True, allow_none=True)


class SampleOut(Out):
    """A draw: its seed is the SHA-256 of ``award_ids``, one on a line."""

    id = Ref(required=True)
    awarded_on = Day(required=True)
    percent = Whole(required=True)
    awards = Whole(required=True)
    seed = Text(required=True)
    drawn_at = Instant(required=True)
    drawn = Whole(required=True)
    looked = Whole(required=True)
    amended = Whole(required=True)
    award_ids = Many(Ref(), required=True)
    lines = Many(Part(SampledOut), required=True)


class LookIn(In):
    """Confirmed, or amended to these times."""

    outcome = Choice("confirmed", "amended", required=True)
    reason = Text(most=500, lines=True, load_default=None, allow_none=True)
    checked_in_at = Instant(load_default=None, allow_none=True)
    checked_out_at = Instant(load_default=None, allow_none=True)


class ObjectionsQuery(PageQuery):
    """Which objections."""

    status = Choice("open", "upheld", "rejected", "withdrawn")


class UpholdIn(In):
    """The times that are right, and why."""

    checked_in_at = Instant(load_default=None, allow_none=True)
    checked_out_at = Instant(load_default=None, allow_none=True)
    reason = Text(most=500, lines=True, required=True)


class ObjectionOut(Out):
    """An objection. ``remedy``: of one that was upheld, whether the amendment (or the entry in the
    place of a rejected line) waits for another person, is done, or was refused."""

    id = Ref(required=True)
    attendance_id = Ref(required=True)
    revision = Whole(required=True)
    ground = Choice("own", "notice", required=True)
    raised_by = Ref(required=True)
    raised_at = Instant(required=True)
    decide_by = Instant(required=True)
    reason = Text(required=True, allow_none=True)
    status = Choice("open", "upheld", "rejected", "withdrawn", required=True)
    overdue = plain.Boolean(required=True)
    decided_by = Ref(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    answer = Text(required=True, allow_none=True)
    amendment_revision = Whole(required=True, allow_none=True)
    entered_id = Ref(required=True, allow_none=True)
    remedy = Choice("waiting", "done", "refused", required=True, allow_none=True)


class ObjectionCountsOut(Out):
    """How many objections there are, by what became of them; ``overdue`` are among the open."""

    open = Whole(required=True)
    overdue = Whole(required=True)
    upheld = Whole(required=True)
    rejected = Whole(required=True)
    withdrawn = Whole(required=True)


class NoticeLineOut(Out):
    """One award on public notice; ``until`` is its last day there."""

    attendance_id = Ref(required=True)
    name = Text(required=True)
    title = Text(required=True)
    service_on = Day(required=True)
    minutes = Whole(required=True)
    points = Whole(required=True)
    until = Day(required=True)


class NoticeOut(Out):
    """What is on public notice."""

    items = Many(Part(NoticeLineOut), required=True)
    next = Text(required=True, allow_none=True)
