"""Who enters or approves how much by hand."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import Choice, Many, Out, Part, Ref, Text, Whole


class OutlierOut(Out):
    """One person's attendances of 90 days, and how many of them came in by hand."""

    person_id = Ref(required=True)
    name = Text(required=True)
    deed = Choice("entered", "approved", required=True)
    attendances = Whole(required=True)
    by_hand = Whole(required=True)
    percent = Whole(required=True)
    others_percent = Whole(required=True)
    unusual = plain.Boolean(required=True)


class OutliersOut(Out):
    """Everybody who records or approves, the most unusual first."""

    items = Many(Part(OutlierOut), required=True)
