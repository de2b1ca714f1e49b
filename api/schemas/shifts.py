"""Red posts, activities, shifts and sign-ups."""

from __future__ import annotations

from api.fields import Choice, Day, Flag, In, Instant, Many, Out, Part, Ref, Text, Whole
from api.queries import InstantOrDay, PageQuery
from api.schemas.award_rules import RateOut
from people.models import UNIT_KINDS
from shifts.tables.rota import ACTIVITY_KINDS, EARNS, POINTS, RED_POST_KINDS, RISKS


class QuotaPart(In):
    """Seats of each shift that are kept for people of units of one kind."""

    unit_kind = Choice(*UNIT_KINDS, required=True)
    seats = Whole(least=1, most=1000, required=True)
    hours_before = Whole(most=720, load_default=0)


class InsuranceIn(In):
    """Which insurance covers who serves, and until which day."""

    until = Day(required=True)
    note = Text(most=500, lines=True, required=True)


class RedPostIn(In):
    """A red post to add."""

    name = Text(most=100, required=True)
    kind = Choice(*RED_POST_KINDS, required=True)
    fund_id = Ref(load_default=None, allow_none=True)
    unit_id = Ref(load_default=None, allow_none=True)
    place = Text(most=200, load_default=None, allow_none=True)
    risk = Choice(*RISKS, load_default="low")
    earns = Choice(*EARNS, load_default=POINTS)
    quota = Part(QuotaPart, load_default=None, allow_none=True)


class RedPostOut(Out):
    """A red post; `rule` is none where no rule is in force, or none ever is (`earns`)."""

    id = Ref(required=True)
    name = Text(required=True)
    kind = Choice(*RED_POST_KINDS, required=True)
    fund_id = Ref(required=True, allow_none=True)
    unit_id = Ref(required=True, allow_none=True)
    place = Text(required=True, allow_none=True)
    risk = Choice(*RISKS, required=True)
    earns = Choice(*EARNS, required=True)
    insured_until = Day(required=True, allow_none=True)
    quota_unit_kind = Text(required=True, allow_none=True)
    quota_seats = Whole(required=True)
    quota_hours = Whole(required=True)
    rule = Part(RateOut, required=True, allow_none=True)


class ActivityIn(In):
    """An activity to add."""

    name = Text(most=100, required=True)
    kind = Choice(*ACTIVITY_KINDS, load_default="service")
    earns = Choice(*EARNS, load_default=None, allow_none=True)
    unit_id = Ref(load_default=None, allow_none=True)
    fund_id = Ref(load_default=None, allow_none=True)


class ActivityOut(Out):
    """An activity; `earns` is `hours` where nobody is ever paid for it in points."""

    id = Ref(required=True)
    name = Text(required=True)
    kind = Choice(*ACTIVITY_KINDS, required=True)
    earns = Choice(*EARNS, required=True)
    unit_id = Ref(required=True, allow_none=True)
    fund_id = Ref(required=True, allow_none=True)


class ShiftIn(In):
    """A shift of a red post or of an activity."""

    red_post_id = Ref(load_default=None, allow_none=True)
    activity_id = Ref(load_default=None, allow_none=True)
    title = Text(most=100, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    seats = Whole(least=1, most=100_000, load_default=None, allow_none=True)
    seats_min = Whole(most=100_000, load_default=0)
    captain_id = Ref(required=True)
    deputy_ids = Many(Ref(), most=20, load_default=list)
    draft = Flag(load_default=False)


class ShiftChange(In):
    """What of one shift changes; what is not named stays."""

    title = Text(most=100)
    starts_at = Instant()
    ends_at = Instant()
    seats = Whole(least=1, most=100_000, allow_none=True)
    seats_min = Whole(most=100_000)
    captain_id = Ref()
    deputy_ids = Many(Ref(), most=20)


class ShiftOut(Out):
    """A shift."""

    id = Ref(required=True)
    title = Text(required=True)
    red_post_id = Ref(required=True, allow_none=True)
    activity_id = Ref(required=True, allow_none=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    seats_min = Whole(required=True)
    seats = Whole(required=True, allow_none=True)
    seats_taken = Whole(required=True)
    template_id = Ref(required=True, allow_none=True)
    slot_on = Day(required=True, allow_none=True)
    captain_id = Ref(required=True)
    deputy_ids = Many(Ref(), required=True)
    status = Text(required=True)


class ShiftsQuery(PageQuery):
    """Shifts that begin in [from, to): instants, or dates in the community's zone."""

    since = InstantOrDay(data_key="from")
    until = InstantOrDay(data_key="to")
    red_post_id = Ref()


class ActivityShiftIn(In):
    """One shift of an activity; those of one call are made together."""

    title = Text(most=100, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    seats = Whole(least=1, most=100_000, load_default=None, allow_none=True)
    seats_min = Whole(most=100_000, load_default=0)
    captain_id = Ref(required=True)
    deputy_ids = Many(Ref(), most=20, load_default=list)


class ActivityShiftsIn(In):
    """All shifts of a festival, say: ten minutes at each stall."""

    shifts = Many(Part(ActivityShiftIn), least=1, most=500, required=True)


class ActivityShiftsOut(Out):
    """What was made, in the order in which it was sent."""

    items = Many(Part(ShiftOut), required=True)


class StandInIn(In):
    """Who is asked to take the place."""

    person_id = Ref(required=True)


class StandInsOut(Out):
    """The places that one is asked to take."""

    items = Many(Part(lambda: SignUpOut()), required=True)


class SignUpIn(In):
    """Whom to sign up; oneself where nobody is named."""

    person_id = Ref(load_default=None, allow_none=True)


class SignUpOut(Out):
    """A person's place in a shift."""

    id = Ref(required=True)
    shift_id = Ref(required=True)
    person_id = Ref(required=True)
    status = Choice("confirmed", "waitlisted", "withdrawn", required=True)


class CodeOut(Out):
    """A code to show."""

    token = Text(required=True)
    url = Text(required=True)


class ShiftCodeOut(CodeOut):
    """The rotating code that is shown now."""

    expires_at = Instant(required=True)
