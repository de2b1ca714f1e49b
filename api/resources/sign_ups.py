"""Sign-ups: places in a shift."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.shared import MaybeReason
from api.schemas.shifts import SignUpIn, SignUpOut
from shifts import sign_ups
from shifts.models import SignUp


@call(
    "POST",
    "/shifts/{shift_id}/sign-ups",
    who="volunteer (self), captain, manager",
    body=SignUpIn,
    answer=SignUpOut,
    status=201,
)
def sign_up(ask: Ask) -> SignUp:
    """Take a place; `waitlisted` when the shift is full."""
    return sign_ups.sign_up(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        shift_id=ask.ids["shift_id"],
        person_id=ask.body["person_id"],
    )


@call(
    "POST",
    "/sign-ups/{sign_up_id}/withdraw",
    who="self, captain, manager",
    body=MaybeReason,
    answer=SignUpOut,
)
def withdraw(ask: Ask) -> SignUp:
    """Give the place back."""
    return sign_ups.withdraw(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        sign_up_id=ask.ids["sign_up_id"],
        reason=ask.body["reason"],
    )
