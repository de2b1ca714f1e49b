"""The sentence of a message, in Chinese or English, made from its kind and facts when it is read.

Invariant: a sentence holds nothing that the facts, the zone and the given titles do not hold.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ("zh", "en")


@functools.cache
def texts() -> dict[str, dict[str, str]]:
    """The sentences of every kind, by language."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def said(
    kind: str, facts: Mapping[str, Any], language: str, *, zone: str, titles: Mapping[str, str]
) -> str:
    """One message in one language; ``titles`` are those of shifts, by id."""
    told = {name: _told(name, fact, zone) for name, fact in facts.items()}
    shift = titles.get(facts.get("shift_id", ""), "—")
    return texts()[kind][language].format(**told, shift=shift)


def _told(name: str, fact: Any, zone: str) -> Any:
    if not name.endswith("_at"):
        return fact
    return datetime.fromisoformat(fact).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
