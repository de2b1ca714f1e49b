"""Templates: the pages' own Jinja environment and what every page can say.

Invariant: everything is escaped, and a name that a template does not find is an error, so that a
page never shows an empty place in silence.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from flask import request
from jinja2 import Environment, PackageLoader, StrictUndefined

from kit import ids
from kit.clock import local_date
from kit.errors import DomainError
from people import masking
from web import text

STATIC = Path(__file__).with_name("static")


class Reader(Protocol):
    """Who reads a page, as far as its words depend on them; a visit is one."""

    @property
    def lang(self) -> str: ...

    @property
    def zone(self) -> str: ...

    @property
    def refusal(self) -> DomainError | None: ...


@functools.cache
def environment() -> Environment:
    """The environment, made once."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["masked"] = masking.masked
    made.filters["yuan"] = text.money
    made.filters["grouped"] = lambda value: f"{value:,}"
    made.filters["picture"] = picture
    made.globals["asset"] = asset
    return made


def page(visit: Reader, template: str, **facts: Any) -> str:
    """A whole page as text."""
    return environment().get_template(template).render(**_words(visit), **facts)


def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so browsers may keep it."""
    return f"/assets/{name}?v={_fingerprint(name)}"


def picture(svg: str) -> str:
    """An SVG as an address for ``img``: no mark-up of another room enters the page."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _words(visit: Reader) -> dict[str, Any]:
    """What every template may use, in the reader's language and the community's zone."""
    lang, zone, refusal = visit.lang, visit.zone, visit.refusal
    faults = getattr(refusal, "errors", {})

    def fault(name: str) -> str:
        return text.fault(lang, faults[name]) if name in faults else ""

    def typed(name: str, otherwise: object = "") -> str:
        """What was typed before the refusal, else what stands there."""
        if request.method == "POST" and refusal is not None and name in request.form:
            return request.form[name]
        return "" if otherwise is None else str(otherwise)

    def day(value: date | datetime) -> str:
        return text.day(lang, _local(value, zone))

    return {
        "visit": visit,
        "lang": lang,
        "t": functools.partial(text.say, lang),
        "refusal_text": text.refusal(lang, refusal) if refusal else "",
        "fault": fault,
        "typed": typed,
        "faults": faults,
        "day": day,
        "time": lambda at: text.clock_time(at, zone),
        "moment": lambda at: text.moment(lang, at, zone),
        "duration": functools.partial(text.duration, lang),
        "once": lambda: str(ids.new()),
        "path": request.path,
        "here": _here(),
        "here_in": lambda language: _here(lang=language),
    }


def _here(**wanted: str) -> str:
    """This page's own address, or the home page where this is the answer to a form."""
    if request.method != "GET":
        return "/" if not wanted else f"/?{urlencode(wanted)}"
    asked = {key: value for key, value in request.args.items() if key not in ("lang", "note")}
    query = urlencode({**asked, **wanted})
    return f"{request.path}?{query}" if query else request.path


def _local(value: date | datetime, zone: str) -> date:
    return local_date(value, zone) if isinstance(value, datetime) else value


@functools.cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
