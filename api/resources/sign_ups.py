"""Sign-ups: places in a shift."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.shared import MaybeReason
from api.schemas.shifts import SignUpIn, SignUpOut, StandInIn, StandInsOut
from shifts.rota import sign_ups, stand_ins
from shifts.tables.rota import SignUp


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


@call(
    "POST",
    "/sign-ups/{sign_up_id}/stand-in",
    who="self, captain, manager",
    body=StandInIn,
    answer=SignUpOut,
)
def ask_to_stand_in(ask: Ask) -> SignUp:
    """Ask somebody to take one's place; a captain puts them in at once."""
    return stand_ins.ask(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        sign_up_id=ask.ids["sign_up_id"],
        person_id=ask.body["person_id"],
    )


@call(
    "POST",
    "/sign-ups/{sign_up_id}/stand-in/accept",
    who="who was asked",
    answer=SignUpOut,
)
def stand_in(ask: Ask) -> SignUp:
    """Take the place that one was asked to take."""
    return stand_ins.accept(
        ask.session, actor=ask.actor, at=ask.at, sign_up_id=ask.ids["sign_up_id"]
    )


@call("GET", "/me/stand-ins", who="anyone signed in", answer=StandInsOut)
def asked_of_me(ask: Ask) -> dict[str, Any]:
    """The places that one is asked to take, by their begin."""
    return {"items": stand_ins.asked_of(ask.session, ask.community_id, ask.actor.person, ask.at)}
