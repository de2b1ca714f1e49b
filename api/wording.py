"""The sentences of refusals, from one table, in English and Chinese.

Invariant: every code and fault that the API can answer has its sentence in both languages; the code
is what programs read, the sentence is for people.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")


@functools.cache
def table() -> dict[str, Any]:
    """The whole table."""
    path = Path(__file__).with_name("wording.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def title(code: str) -> str:
    """The short English title of a code."""
    known: str | None = table()["codes"].get(code, {}).get("title")
    return known or code.replace("_", " ").capitalize()


def detail(code: str, facts: Mapping[str, Any], language: str) -> str:
    """The sentence of a code, with its facts."""
    for sentence in table()["codes"].get(code, {}).get(language, []):
        wanted = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        if wanted <= set(facts):
            return str(sentence.format_map(facts))
    return title(code)


def fault(told: str, language: str) -> str:
    """What is wrong with one field: a key of the table with its figures, or a sentence as it is."""
    key, _, figures = told.partition(":")
    known = table()["faults"].get(key)
    return str(known[language]).format(*figures.split(":")) if known else told
