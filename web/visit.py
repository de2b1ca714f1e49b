"""One visit of one page: who came, in which language, and the ways to read, write and answer.

Invariant: a write is one unit with an audit entry; a form that is sent twice (a double tap, a
reload) acts once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from flask import Response, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import units
from audit.actor import Actor
from audit.models import Entry
from kit import errors, ids
from kit.program import Program
from people import communities, register, sign_in
from people.models import Person
from web import render, security, text

T = TypeVar("T")

STATUSES: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Invalid, 422),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
    (errors.DomainError, 409),
)


#: the time of a visit while the clock tells none; only the page that says so is made with it
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Repeated(Exception):
    """This form has been sent before and has done its work."""


@dataclass(frozen=True)
class Visit:
    """Who came, and how they want to read."""

    program: Program
    at: datetime
    lang: str
    size: str
    theme: str
    form_token: str
    signed_in: sign_in.SignedIn | None = None
    settings: communities.Settings | None = None
    name: str = ""
    refusal: errors.DomainError | None = None
    #: the key of a calm sentence above the page, e.g. after a form did its work
    note: str | None = None

    @property
    def me(self) -> sign_in.SignedIn:
        """The person who is signed in; our mistake on a page for strangers."""
        assert self.signed_in is not None, "this page is for people who are signed in"
        return self.signed_in

    @property
    def community_id(self) -> UUID:
        """The community of the person who is signed in."""
        return self.me.community_id

    @property
    def zone(self) -> str:
        """The community's time zone."""
        return self.settings.zone if self.settings else "Asia/Shanghai"

    @property
    def actor(self) -> Actor:
        """The person as the rooms know them; the request is named by the form that was sent."""
        once = request.form.get("once", "") if request.method == "POST" else ""
        if not once:
            return Actor(self.community_id, self.me.person_id, "web")
        mac = self.program.keys.mac("once", f"{self.me.person_id}:{once}")
        return Actor(self.community_id, self.me.person_id, "web", UUID(bytes=mac[:16], version=4))

    def holds(self, *roles: str) -> bool:
        """Whether the person holds one of these roles, anywhere; the rooms judge the place."""
        if self.signed_in is None:
            return False
        return bool({held.role for held in self.signed_in.roles} & set(roles))

    def read(self, work: Callable[[Session], T]) -> T:
        """Read on one snapshot."""
        return self.program.database.read(work, community_id=self.community_id)

    def write(self, work: Callable[[Session], T], *, repeatable: bool = False) -> T:
        """Act in one unit. Raises Repeated when this very form has acted before.

        ``repeatable``: the work itself answers a repeated call as it did the first time.
        """
        actor = self.actor

        def once(session: Session) -> T:
            if not repeatable and request.form.get("once"):
                _refuse_repeated(session, actor)
            return work(session)

        return units.perform(self.program.database, once, actor=actor, at=self.at, call=_call())

    def ahead(self, work: Callable[[], T]) -> T:
        """Do what comes before a write in units of its own; a refusal leaves its trace."""
        database, actor = self.program.database, self.actor
        return units.traced(database, work, actor=actor, at=self.at, call=_call())

    def say(self, key: str, **facts: Any) -> str:
        """One text in the reader's language."""
        return text.say(self.lang, key, **facts)

    def refused(self, refusal: errors.DomainError) -> Visit:
        """The same visit, with a refusal to tell of."""
        return replace(self, refusal=refusal)

    def noted(self, key: str) -> Visit:
        """The same visit, with a sentence to say."""
        return replace(self, note=key)

    def page(self, template: str, status: int | None = None, **facts: Any) -> Response:
        """Answer with a page; a refusal that is told gives the status."""
        body = render.page(self, template, **facts)
        found = status or (status_of(self.refusal) if self.refusal else 200)
        response = Response(body, found, mimetype="text/html")
        if isinstance(self.refusal, errors.TooMany):
            response.headers["Retry-After"] = str(self.refusal.retry_after_seconds)
        return response

    def go(self, path: str, note: str | None = None) -> Response:
        """Answer with the way to another page of ours, which says the note."""
        path = security.safe_path(path)
        if note:
            path += ("&" if "?" in path else "?") + "note=" + quote(note)
        response = redirect(path, 303, Response)
        assert isinstance(response, Response)
        return response


def status_of(refusal: errors.DomainError) -> int:
    """The HTTP number of a refusal."""
    return next(number for kind, number in STATUSES if isinstance(refusal, kind))


def greet(program: Program) -> Visit:
    """Find out who came: their sign-in, community and wishes for reading.

    Where the clock tells no time, a stranger with that refusal, to be answered with its page.
    """
    refusal = None
    try:
        at = program.clock.now()
    except errors.SettingsError:
        at, refusal = _NO_TIME, errors.Unavailable("clock")
    token = security.cookie(request, program, "lovebank")
    browser = security.cookie(request, program, "lovebank_form")
    stranger = Visit(
        program=program,
        at=at,
        lang=_language(program),
        size=_wish(program, "size", ("large",)),
        theme=_wish(program, "theme", ("light", "dark")),
        form_token=security.form_token(program.keys, None, browser),
        note=_note(),
        refusal=refusal,
    )
    if token is None or refusal is not None:
        return stranger

    def find(session: Session) -> Visit:
        found = sign_in.who(session, token, at)
        if found is None:
            return stranger
        person = register.person(session, found.community_id, found.person_id)
        return replace(
            stranger,
            signed_in=found,
            settings=communities.settings_of(session, found.community_id),
            name=person.name,
            form_token=security.form_token(program.keys, token, None),
        )

    return program.database.read(find)


def new_once() -> str:
    """A name for one form on one page."""
    return str(ids.new())


def _refuse_repeated(session: Session, actor: Actor) -> None:
    """Raise Repeated when this form's request has left an entry of a deed that was done.

    The person's row is locked first, so that the second of two taps waits for the first.
    """
    session.execute(
        select(Person.id)
        .where(Person.community_id == actor.community_id, Person.id == actor.person)
        .with_for_update(key_share=True)
    )
    done = session.scalar(
        select(Entry.id)
        .where(
            Entry.community_id == actor.community_id,
            Entry.request_id == actor.request_id,
            Entry.refused.is_(None),
        )
        .limit(1)
    )
    if done is not None:
        raise Repeated


def _call() -> str:
    """The rule, not the path: paths hold tokens, and the trail must not."""
    return f"{request.method} {request.url_rule.rule if request.url_rule else '-'}"


def _language(program: Program) -> str:
    asked = request.args.get("lang") or security.cookie(request, program, "lang")
    if asked in text.LANGUAGES:
        return asked
    return request.accept_languages.best_match(text.LANGUAGES) or text.LANGUAGES[0]


def _wish(program: Program, name: str, among: tuple[str, ...]) -> str:
    found = security.cookie(request, program, name)
    return found if found in among else ""


def _note() -> str | None:
    asked = request.args.get("note", "")
    return asked if text.has(f"note.{asked}") else None
