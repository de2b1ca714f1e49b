"""Templates of shifts, and what a change of one did to the shifts that were made already."""

from __future__ import annotations

from api.fields import Choice, Day, In, Many, Match, Out, Part, Ref, Text, Whole
from api.schemas.award_rules import CLOCK
from shifts.rota.replanning import ALTERED, SIGNED_UP
from shifts.slots import EVERY_DAY, MINUTES_MAX


class ShiftTemplateChange(In):
    """What of a template changes; what is not named stays."""

    title = Text(most=100)
    weekdays = Many(Whole(least=1, most=7), least=1, most=7)
    weeks = Many(Whole(least=-1, most=4), most=5)
    starts = Match(CLOCK, "not_clock")
    minutes = Whole(least=1, most=MINUTES_MAX)
    valid_from = Day()
    valid_until = Day(allow_none=True)
    seats_min = Whole(most=100_000)
    seats = Whole(least=1, most=100_000, allow_none=True)
    captain_id = Ref()
    deputy_ids = Many(Ref(), most=20)


class ShiftTemplateIn(In):
    """A template: weekdays 1 (Monday) to 7; weeks 1 to 4 and -1 (the last) of the month."""

    red_post_id = Ref(load_default=None, allow_none=True)
    activity_id = Ref(load_default=None, allow_none=True)
    title = Text(most=100, required=True)
    weekdays = Many(Whole(least=1, most=7), least=1, most=7, load_default=lambda: list(EVERY_DAY))
    weeks = Many(Whole(least=-1, most=4), most=5, load_default=list)
    starts = Match(CLOCK, "not_clock", required=True)
    minutes = Whole(least=1, most=MINUTES_MAX, required=True)
    valid_from = Day(required=True)
    valid_until = Day(load_default=None, allow_none=True)
    seats_min = Whole(most=100_000, load_default=0)
    seats = Whole(least=1, most=100_000, load_default=None, allow_none=True)
    captain_id = Ref(required=True)
    deputy_ids = Many(Ref(), most=20, load_default=list)


class EndIn(In):
    """The last date that it holds for; today unless told."""

    last_on = Day(load_default=None, allow_none=True)


class ShiftTemplateOut(Out):
    """A template."""

    id = Ref(required=True)
    red_post_id = Ref(required=True, allow_none=True)
    activity_id = Ref(required=True, allow_none=True)
    title = Text(required=True)
    weekdays = Many(Whole(), required=True)
    weeks = Many(Whole(least=-1), required=True)
    starts = Text(required=True)
    minutes = Whole(required=True)
    valid_from = Day(required=True)
    valid_until = Day(required=True, allow_none=True)
    seats_min = Whole(required=True)
    seats = Whole(required=True, allow_none=True)
    captain_id = Ref(required=True)
    deputy_ids = Many(Ref(), required=True)
    revision = Whole(required=True)


class KeptOut(Out):
    """A coming shift that the change left alone, and why."""

    shift_id = Ref(required=True)
    slot_on = Day(required=True)
    why = Choice(SIGNED_UP, ALTERED, required=True)


class OutcomeOut(Out):
    """What became of the coming shifts."""

    added = Whole(required=True)
    changed = Whole(required=True)
    cancelled = Whole(required=True)
    kept = Many(Part(KeptOut), required=True)


class ReplannedOut(ShiftTemplateOut):
    """A template, and what became of the coming shifts."""

    outcome = Part(OutcomeOut, required=True)
