"""What treasurers decide: adjustments and closed periods."""

from __future__ import annotations

from api.fields import Choice, Day, In, Instant, Out, Ref, Text, Whole
from api.queries import PageQuery
from api.schemas.ledger import signed
from treasury.models import KINDS
from treasury.views import LISTED


class AdjustmentIn(In):
    """Points for a person (or from them, below zero), and why.

    Kind ``opening``: the balance of a passbook on paper.
    """

    person_id = Ref(required=True)
    points = signed(required=True)
    reason = Text(most=500, lines=True, required=True)
    kind = Choice(*KINDS, load_default="adjustment")
    effective_on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "a day in an open period; without it, the day of the approval"},
    )


class AdjustmentsQuery(PageQuery):
    """Which adjustments."""

    status = Choice(*LISTED)


class AdjustmentOut(Out):
    """An adjustment, and what was decided on it."""

    id = Ref(required=True)
    person_id = Ref(required=True)
    kind = Choice(*KINDS, required=True)
    points = signed(required=True)
    effective_on = Day(required=True, allow_none=True)
    status = Choice(*LISTED, required=True)
    reason = Text(required=True, allow_none=True)
    made_by = Ref(required=True)
    made_at = Instant(required=True)
    decided_by = Ref(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, allow_none=True)
    transfer_id = Ref(required=True, allow_none=True)
    reversed_by_id = Ref(required=True, allow_none=True)


class PeriodIn(In):
    """The last day of the month to close."""

    ends_on = Day(required=True)


class PeriodOut(Out):
    """A closed period."""

    id = Ref(required=True)
    ends_on = Day(required=True)
    closed_by = Ref(required=True)
    closed_at = Instant(required=True)
    transfers = Whole(required=True)
