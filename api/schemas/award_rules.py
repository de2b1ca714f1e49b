"""Award rules: versions of minutes → points, and what a draft of one would change."""

from __future__ import annotations

from api.fields import Day, In, Instant, Many, Match, Out, Part, Ref, Text, Whole
from kit.types import AMOUNT_MAX

CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"


class NightIn(In):
    """The night window, in the community's zone, and what its minutes earn instead."""

    starts = Match(CLOCK, "not_clock", required=True, data_key="from")
    ends = Match(CLOCK, "not_clock", required=True, data_key="to")
    points_per_hour = Whole(most=100_000, required=True)


class AwardRuleIn(In):
    """A rule, or the next version of the one with this name."""

    name = Text(most=100, required=True)
    points_per_hour = Whole(most=100_000, required=True)
    round_down_minutes = Whole(least=1, most=1440, load_default=1)
    min_minutes = Whole(most=1440, load_default=0)
    daily_cap_points = Whole(most=10_000_000, load_default=None, allow_none=True)
    night = Part(NightIn, load_default=None, allow_none=True)
    effective_from = Day(required=True)
    red_post_id = Ref(load_default=None, allow_none=True)
    red_post_cap_points = Whole(most=10_000_000, load_default=None, allow_none=True)
    fund_cap_points = Whole(most=10_000_000, load_default=None, allow_none=True)
    captain_coefficient = Whole(least=1, most=1000, load_default=None, allow_none=True)
    deputy_coefficient = Whole(least=1, most=1000, load_default=None, allow_none=True)


class ReplayIn(AwardRuleIn):
    """A draft of a rule, and the service dates on which it is tried."""

    since = Day(required=True)
    until = Day(required=True)


class ChangeOut(Out):
    """Points that were awarded, and that the draft would have awarded."""

    attendances = Whole(required=True)
    was = Whole(required=True)
    would = Whole(required=True)
    difference = Whole(least=-AMOUNT_MAX, required=True)


class PersonChangeOut(ChangeOut):
    """The same of one person."""

    person_id = Ref(required=True)


class FundChangeOut(ChangeOut):
    """The same of what one fund pays."""

    fund_id = Ref(required=True)


class ReplayOut(ChangeOut):
    """What the draft would have changed: who gains, who loses, the cost to each fund."""

    since = Day(required=True)
    until = Day(required=True)
    gain = Whole(required=True)
    lose = Whole(required=True)
    funds = Many(Part(FundChangeOut), required=True)
    people = Many(Part(PersonChangeOut), required=True)


class NightOut(Out):
    """The night window and its rate."""

    starts = Text(required=True, data_key="from")
    ends = Text(required=True, data_key="to")
    points_per_hour = Whole(required=True)


class RateOut(Out):
    """What an hour earns by the version of a rule that is in force today."""

    id = Ref(required=True)
    name = Text(required=True)
    version = Whole(required=True)
    points_per_hour = Whole(required=True)
    night = Part(NightOut, required=True, allow_none=True)
    round_down_minutes = Whole(required=True)
    min_minutes = Whole(required=True)
    daily_cap_points = Whole(required=True, allow_none=True)
    effective_from = Day(required=True)


class AwardRuleOut(Out):
    """One version of a rule."""

    id = Ref(required=True)
    name = Text(required=True)
    version = Whole(required=True)
    points_per_hour = Whole(required=True)
    round_down_minutes = Whole(required=True)
    min_minutes = Whole(required=True)
    daily_cap_points = Whole(required=True, allow_none=True)
    night = Part(NightOut, required=True, allow_none=True)
    effective_from = Day(required=True)
    red_post_id = Ref(required=True, allow_none=True)
    red_post_cap_points = Whole(required=True, allow_none=True)
    fund_cap_points = Whole(required=True, allow_none=True)
    captain_coefficient = Whole(required=True, allow_none=True)
    deputy_coefficient = Whole(required=True, allow_none=True)
    signature_asked_at = Instant(required=True, allow_none=True)
    signed_at = Instant(required=True, allow_none=True)
    signed_by = Ref(required=True, allow_none=True)
