"""Sign in and out: bearer tokens."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.people import TokenIn, TokenOut
from people import sign_in
from people.roles import Held


def roles_told(held: tuple[Held, ...]) -> list[Any]:
    """Roles as the API tells them: a name, or {role, unit_id}."""
    return [one.told() for one in held]


@call("POST", "/tokens", who="anyone", body=TokenIn, answer=TokenOut, status=201, anyone=True)
def make(ask: Ask) -> dict[str, Any]:
    """Sign in with a phone and a password, or a sign-in code in its place."""
    signed = sign_in.sign_in(
        ask.program.database,
        **ask.body,
        address=ask.address,
        kind="api",
        keys=ask.program.keys,
        at=ask.at,
        request_id=ask.actor.request_id,
    )
    return {
        "token": signed.token,
        "expires_at": signed.expires_at,
        "person_id": signed.person_id,
        "community_id": signed.community_id,
        "roles": roles_told(signed.roles),
        "must_set_password": signed.must_set_password,
    }


@call("DELETE", "/tokens/current", who="anyone signed in", status=204, before_password=True)
def end(ask: Ask) -> None:
    """Sign out, at once."""
    assert ask.token is not None, "a signed-in call has its token"
    sign_in.sign_out(ask.session, actor=ask.actor, at=ask.at, token=ask.token)
