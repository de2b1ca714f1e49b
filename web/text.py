"""The words of the pages, from locale/zh.toml and locale/en.toml.

Invariant: both languages have the same keys with the same places to fill; every refusal that a
domain function can raise has a sentence in both.
"""

from __future__ import annotations

import functools
import re
import string
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kit.errors import DomainError, Invalid, TooMany

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("locale")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@functools.cache
def catalogue(lang: str) -> dict[str, str]:
    """Every text of a language by its dotted key."""
    with (_FOLDER / f"{lang}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


def say(lang: str, key: str, **facts: Any) -> str:
    """One text with its places filled; a key that is not there is our own mistake."""
    return catalogue(lang)[key].format(**facts)


def has(key: str) -> bool:
    """Whether there is such a text."""
    return key in catalogue(LANGUAGES[0])


def places(text: str) -> set[str]:
    """The names of the places to fill in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def refusal(lang: str, found: DomainError) -> str:
    """The sentence of a refusal: with its facts where they are all known, else the plain one."""
    facts = {name: fact for name, fact in found.facts.items() if isinstance(fact, str | int)}
    if isinstance(found, TooMany):
        facts["n"] = -(-found.retry_after_seconds // 60)
    if isinstance(found, Invalid):
        facts["n"] = len(found.errors)
    for key in (f"refused_with.{found.code}", f"refused.{found.code}"):
        if has(key) and places(catalogue(lang)[key]) <= facts.keys():
            return say(lang, key, **facts)
    return say(lang, "refused.other")


def fault(lang: str, told: str) -> str:
    """What is wrong with one field: a key of ours, or a room's English sentence."""
    for key in (f"fault.{told}", f"said.{re.sub(r'[0-9]+', '#', told)}"):
        if has(key):
            return say(lang, key)
    return told if lang == "en" else say(lang, "fault.other", told=told)


def clock_time(at: datetime, zone: str) -> str:
    """Hours and minutes in the community's zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def day(lang: str, on: date) -> str:
    """A date as people say it: ``11 月 22 日 周日``, ``Sun 22 Nov``."""
    weekday = _WEEKDAYS[lang][on.weekday()]
    if lang == "zh":
        return f"{on.month} 月 {on.day} 日 {weekday}"
    return f"{weekday} {on.day} {_MONTHS[on.month - 1]}"


def moment(lang: str, at: datetime, zone: str) -> str:
    """A date and a time in the community's zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(lang, local.date())} {local:%H:%M}"


def duration(lang: str, minutes: int) -> str:
    """Minutes as hours and minutes."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return say(lang, "unit.minutes", m=rest)
    return say(lang, "unit.hours_minutes" if rest else "unit.hours", h=hours, m=rest)


def money(fen: int) -> str:
    """Fen as yuan with two places, by whole numbers only."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}¥{yuan:,}.{rest:02d}"


def _flat(table: dict[str, Any], before: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{before}{name}.")
        else:
            assert isinstance(value, str), f"{before}{name} is no text"
            found.append((f"{before}{name}", value))
    return found
