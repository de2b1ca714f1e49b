"""Signing in and out, a new password after a code, and how a page is read (size, language).

Invariant: nothing here tells whether a phone is known; the way back is a path of our own.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, request

from kit.errors import Conflict, DomainError, Invalid, NotSignedIn
from people import sign_in
from web import security
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.get("/sign-in", strangers=True)
def ask(visit: Visit) -> Response:
    """Ask who it is."""
    mark = security.cookie(request, visit.program, "lovebank_form")
    if visit.signed_in is not None and visit.refusal is None:
        return visit.go(security.safe_path(request.args.get("next")))
    if mark is None:
        mark = security.new_browser_mark()
        token = security.form_token(visit.program.keys, None, mark)
        visit = replace(visit, form_token=token)
    response = visit.page(
        "sign_in.html",
        next=security.safe_path(request.values.get("next")),
        communities=_communities(visit.refusal),
    )
    security.set_cookie(response, visit.program, "lovebank_form", mark)
    return response


@pages.post("/sign-in", strangers=True, again=ask)
def enter(visit: Visit) -> Response:
    """Sign in; on a shared phone the cookie goes with the browser."""
    fields = Fields(request.form)
    phone = fields.text("phone", most=20)
    password = fields.secret("password")
    community_id = fields.maybe_id("community_id")
    fields.done()
    found = _sign_in(visit, phone, password, community_id)
    goal = "/me/password" if found.must_set_password else request.form.get("next")
    response = visit.go(security.safe_path(goal))
    # The server ends the sign-in; the cookie's own age is no more than that.
    left = int((found.expires_at - visit.at).total_seconds())
    seconds = None if request.form.get("shared") else left
    security.set_cookie(response, visit.program, "lovebank", found.token, seconds=seconds)
    security.drop_cookie(response, visit.program, "lovebank_form")
    return response


@pages.post("/sign-out", unsettled=True)
def leave(visit: Visit) -> Response:
    """End the sign-in on the server, at once."""
    token = visit.me.token
    visit.write(lambda s: sign_in.sign_out(s, actor=visit.actor, at=visit.at, token=token))
    response = visit.go("/")
    security.drop_cookie(response, visit.program, "lovebank")
    return response


@pages.get("/me/password", unsettled=True)
def password_form(visit: Visit) -> Response:
    """Ask for a new password."""
    return visit.page("password.html")


@pages.post("/me/password", unsettled=True, again=password_form)
def set_password(visit: Visit) -> Response:
    """Set a new password; all other sign-ins end."""
    fields = Fields(request.form)
    old = "" if visit.me.must_set_password else fields.secret("old")
    new = fields.secret("new")
    if fields.secret("again") != new:
        fields.errors.setdefault("again", "differs")
    fields.done()
    token, at = visit.me.token, visit.at
    try:
        visit.write(
            lambda s: sign_in.set_password(
                s, actor=visit.actor, at=at, token=token, old=old, new=new
            )
        )
    except NotSignedIn as refusal:
        if refusal.code != "wrong_credentials":
            raise
        raise Invalid(old="wrong_password") from refusal
    return visit.go("/", "password_set")


@pages.post("/view", strangers=True, tokenless=True)
def change_view(visit: Visit) -> Response:
    """Remember large print or a theme in a cookie; nothing of the business changes."""
    response = visit.go(security.safe_path(request.form.get("next")))
    for name, among in (("size", ("", "large")), ("theme", ("", "light", "dark"))):
        wish = request.form.get(name)
        if wish is not None and wish in among:
            seconds = security.YEAR_SECONDS if wish else 0
            security.set_cookie(response, visit.program, name, wish, seconds=seconds)
    return response


def _sign_in(
    visit: Visit, phone: str, password: str, community_id: UUID | None
) -> sign_in.SignedIn:
    """Sign in with what the form said."""
    return sign_in.sign_in(
        visit.program.database,
        phone=phone,
        password=password,
        community_id=community_id,
        address=request.remote_addr or "",
        kind="browser",
        keys=visit.program.keys,
        at=visit.at,
    )


def _communities(refusal: DomainError | None) -> list[tuple[str, str]]:
    if isinstance(refusal, Conflict) and refusal.code == "choose_community":
        return [(one["id"], one["name"]) for one in refusal.facts["communities"]]
    return []
