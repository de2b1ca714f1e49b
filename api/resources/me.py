"""Oneself."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.resources.people import shown
from api.schemas.people import PasswordIn, PersonOut
from people import sign_in


@call("GET", "/me", who="anyone signed in", answer=PersonOut, before_password=True)
def show(ask: Ask) -> dict[str, Any]:
    """Oneself, with phone and roles."""
    return shown(ask, ask.actor.person)


@call(
    "PUT",
    "/me/password",
    who="anyone signed in",
    body=PasswordIn,
    status=204,
    before_password=True,
)
def set_password(ask: Ask) -> None:
    """Set one's password; every other sign-in ends."""
    assert ask.token is not None, "a signed-in call has its token"
    sign_in.set_password(ask.session, actor=ask.actor, at=ask.at, token=ask.token, **ask.body)
