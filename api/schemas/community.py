"""The community's settings."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import In, Many, Out, Ref, Text, Whole

_EXPIRY = {"description": '"none", "end_of_next_year" or {"months": n}'}


class CommunityIn(In):
    """The settings to change; those of later features take only their default."""

    name = Text(most=100)
    zone = Text(most=60)
    notice_days = Whole(most=60)
    points_expiry = plain.Raw(metadata=_EXPIRY)
    approval_tiers_hours = Many(Whole(most=24), least=2, most=2)
    grade_caps_hours = plain.Raw(allow_none=True)
    order_approval_above = Whole(allow_none=True)
    pickup_days = Whole(least=1, most=365)
    rest_hours = Whole(most=48)
    week_hours = Whole(most=168)
    second_signature = plain.Raw()
    sample_percent = Whole(least=1, most=100)
    objection_days = Whole(least=1, most=60)
    decision_days = Whole(least=1, most=60)


class CommunityOut(Out):
    """The community and its settings."""

    id = Ref(required=True)
    name = Text(required=True)
    zone = Text(required=True)
    general_fund_id = Ref(required=True)
    notice_days = Whole(required=True)
    points_expiry = plain.Raw(required=True, metadata=_EXPIRY)
    approval_tiers_hours = Many(Whole(), required=True)
    grade_caps_hours = plain.Raw(required=True, allow_none=True)
    order_approval_above = Whole(required=True, allow_none=True)
    pickup_days = Whole(required=True)
    rest_hours = Whole(required=True)
    week_hours = Whole(required=True)
    second_signature = plain.Raw(required=True)
    sample_percent = Whole(required=True)
    objection_days = Whole(required=True)
    decision_days = Whole(required=True)
