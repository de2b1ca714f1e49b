"""The registry of the API's calls: each is declared once, and served, described and tested from it.

Invariant: a route exists only through ``call``; so the OpenAPI document and the rights table of the
tests know every one.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID

from marshmallow import Schema
from sqlalchemy.orm import Session

from api import bodies
from audit.actor import Actor
from kit.program import Program

Run = TypeVar("Run", bound=Callable[["Ask"], Any])


@dataclass(frozen=True)
class Ask:
    """One request as a call sees it, inside its unit of work."""

    program: Program
    session: Session
    actor: Actor
    #: business time, read once per request
    at: datetime
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    #: ids of the path, by name
    ids: Mapping[str, UUID]
    #: bearer token of the request; none where nobody need be signed in
    token: str | None
    #: the other end's address and program, for limits and scan traces
    address: str
    agent: str
    #: en or zh, for sentences
    language: str
    #: what the call's ``before`` made
    made: Any = None

    @property
    def community_id(self) -> UUID:
        """The caller's community."""
        return self.actor.community_id


@dataclass(frozen=True)
class Image:
    """An answer that is a picture."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; ``last`` is the id to go on from, none at the end."""

    items: list[Any]
    last: UUID | None
    #: what stands beside the items, for the call's ``beside``
    more: Mapping[str, Any] = field(default_factory=dict)


Remake = Callable[[Ask, Mapping[str, Any]], Any]


class Told(TypedDict, total=False):
    """What a declaration may say of a call besides its method, its path and who may make it."""

    body: type[Schema]
    query: type[Schema]
    answer: type[Schema]
    status: int
    #: a list in pages, newest first
    paged: bool
    #: what a list tells beside its items
    beside: type[Schema]
    #: the media type of a picture
    image: str
    #: told by the method unless said
    writes: bool
    #: needs no token
    anyone: bool
    #: open to one who must first set a password
    before_password: bool
    #: opens its units itself, one for each of its parts; ``Ask.session`` is bound to nothing then
    own_units: bool
    #: runs before the unit, in units of its own, unless the call was answered before
    before: Callable[[Ask], Any]
    body_most: int
    #: dotted fields of the answer that are never stored, and how each is made again
    remade: Mapping[str, Remake]


@dataclass(frozen=True)
class Call:
    """One method and path."""

    method: str
    path: str
    run: Callable[[Ask], Any]
    #: who may make it, for the document; the domain decides it
    who: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    status: int = 200
    paged: bool = False
    beside: type[Schema] | None = None
    image: str | None = None
    writes: bool = False
    anyone: bool = False
    before_password: bool = False
    own_units: bool = False
    before: Callable[[Ask], Any] | None = None
    body_most: int = bodies.BODY_MAX
    remade: Mapping[str, Remake] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The operation's id: the function's room and name."""
        return f"{self.run.__module__.split('.')[-1]}.{self.run.__name__}"

    @property
    def text(self) -> str:
        """What the call does, as its function says."""
        return inspect.getdoc(self.run) or ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The full path as an expression; ids are any text without a slash."""
        return re.compile(re.sub(r"\{\w+\}", "[^/]+", self.path.replace(".", r"\.")))

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key counts: every POST but the one that signs in."""
        return self.method == "POST" and not self.anyone


CALLS: list[Call] = []


def call(method: str, path: str, *, who: str, **told: Unpack[Told]) -> Callable[[Run], Run]:
    """Declare a call; the function below is its work."""
    told.setdefault("writes", method != "GET")

    def declare(run: Run) -> Run:
        taken = [one for one in CALLS if (one.method, one.path) == (method, path)]
        assert not taken, f"{method} {path} is declared twice"
        CALLS.append(Call(method, path, run, who, **told))
        return run

    return declare


def methods_of(path: str) -> list[str]:
    """The methods that a path answers to; none where there is no such path."""
    return sorted({one.method for one in CALLS if one.pattern.fullmatch(path)})
