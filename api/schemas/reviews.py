"""What is reviewed after the fact: head-counts, clean rows, second looks, objections, moves."""

from __future__ import annotations

from api.fields import In, Instant, Many, Out, Part, Ref, Text, Whole


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
