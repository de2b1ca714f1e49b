"""The register of pages, and the one way in which each is answered.

Invariant: no view runs before the sign-in, the form's token and the role were looked at; a refusal
is told on the page that the form came from, with what was typed.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge

from audit import units
from audit.actor import Actor
from kit.errors import Conflict, DomainError, NotAllowed
from kit.program import Program
from web import security, text
from web.visit import Repeated, Visit, greet

logger = logging.getLogger(__name__)
View = Callable[..., Response]
YEAR = security.YEAR_SECONDS


@dataclass(frozen=True)
class Page:
    """One page or one form's target."""

    rules: tuple[str, ...]
    method: str
    view: View
    #: one of these roles; empty: everybody who is signed in
    roles: tuple[str, ...] = ()
    strangers: bool = False
    #: open also while a new password has still to be set
    unsettled: bool = False
    #: changes cookies alone, so it needs no token
    tokenless: bool = False
    #: how many bytes a form of this page may have
    body_max: int = security.FORM_BYTES_MAX
    #: the page that tells a refusal
    again: View | None = None
    #: where who has to sign in first comes back to; otherwise the page's own address
    way_back: Callable[..., str] | None = None


class Pages:
    """The pages of one audience."""

    def __init__(self, *roles: str) -> None:
        self.roles = roles
        self.all: list[Page] = []

    def get(self, *rules: str, roles: tuple[str, ...] = (), **more: Any) -> Callable[[View], View]:
        """Register a page that changes nothing."""
        return self._add("GET", rules, roles, more)

    def post(self, *rules: str, roles: tuple[str, ...] = (), **more: Any) -> Callable[[View], View]:
        """Register the target of a form."""
        return self._add("POST", rules, roles, more)

    def attach(self, blueprint: Blueprint, program: Program) -> None:
        """Give every page its address."""
        for page in self.all:
            room = page.view.__module__.rsplit(".", 1)[-1]
            endpoint = f"{page.method.lower()}_{room}_{page.view.__name__}"
            answer = _answering(page, program)
            for rule in page.rules:
                blueprint.add_url_rule(rule, endpoint, answer, methods=[page.method])

    def _add(
        self, method: str, rules: tuple[str, ...], roles: tuple[str, ...], more: dict[str, Any]
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            self.all.append(Page(rules, method, view, roles or self.roles, **more))
            return view

        return register


def _answering(page: Page, program: Program) -> View:
    def answer(**args: Any) -> Response:
        request.max_content_length = request.max_form_memory_size = page.body_max
        visit = greet(program)
        if visit.refusal is not None:
            return _finish(refuse(visit), visit)
        try:
            response = _stopped(page, visit, args) or page.view(visit, **args)
        except Repeated:
            response = _once_more(page, visit.noted("already"), args)
        except DomainError as refusal:
            _keep(page, visit, refusal)
            response = _once_more(page, visit.refused(refusal), args)
        except IntegrityError:
            logger.exception("%s met a constraint that nothing named", page.rules[0])
            response = refuse(visit.refused(Conflict("conflict")))
        except RequestEntityTooLarge:
            response = refuse(visit.refused(DomainError("too_large")), 413)
        return _finish(response, visit)

    return answer


def _stopped(page: Page, visit: Visit, args: dict[str, Any]) -> Response | None:
    """Why the view may not run: nobody known, a password still to set, a foreign form, a role."""
    if visit.signed_in is None and not page.strangers:
        back = page.way_back(visit, **args) if page.way_back is not None else _way_back()
        return visit.go(f"/sign-in?next={quote(back)}", "not_signed_in")
    if visit.signed_in and visit.me.must_set_password and not (page.unsettled or page.strangers):
        return visit.go("/me/password", "set_password")
    if page.method == "POST" and not _is_ours(page, visit):
        return refuse(visit.refused(NotAllowed("stale_form")), 403)
    if page.roles and not visit.holds(*page.roles):
        raise NotAllowed
    return None


def _keep(page: Page, visit: Visit, refusal: DomainError) -> None:
    """A refusal by right is in the trail, also of a page that only reads (units keep their own)."""
    shut_out = page.roles and not visit.holds(*page.roles)
    if isinstance(refusal, NotAllowed) and visit.signed_in and (page.method == "GET" or shut_out):
        units.keep_refusal(
            visit.program.database,
            refusal,
            actor=Actor(visit.community_id, visit.me.person_id, "web"),
            at=visit.at,
            call=f"{page.method} {page.rules[0]}",
        )


def _is_ours(page: Page, visit: Visit) -> bool:
    if not security.own_origin(request, visit.program):
        return False
    return page.tokenless or security.is_own_form(request.form.get("csrf", ""), visit.form_token)


def _once_more(page: Page, visit: Visit, args: dict[str, Any]) -> Response:
    """Tell a refusal where the form was; a page of refusals where there is none or it refuses."""
    allowed = not page.roles or visit.holds(*page.roles)
    if page.again is not None and allowed and visit.signed_in is not None:
        try:
            return page.again(visit, **_for(page.again, args))
        except DomainError as refusal:
            visit = visit.refused(refusal)
    elif page.again is not None and page.strangers:
        return page.again(visit, **_for(page.again, args))
    return refuse(visit)


def _for(view: View, args: dict[str, Any]) -> dict[str, Any]:
    """What of a form's address its page takes: that of a list is of no one line."""
    taken = inspect.signature(view).parameters
    return {name: value for name, value in args.items() if name in taken}


def refuse(visit: Visit, status: int | None = None) -> Response:
    """A page that tells a refusal calmly, with a way on."""
    return visit.page("refused.html", status)


def _finish(response: Response, visit: Visit) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    asked = request.args.get("lang")
    if asked in text.LANGUAGES:
        security.set_cookie(response, visit.program, "lang", asked, seconds=YEAR)
    return response


def _way_back() -> str:
    if request.method == "GET":
        return security.safe_path(request.full_path.rstrip("?"))
    came_from = request.form.get("came_from")
    return security.safe_path(came_from or "/")
