"""What is wrong with a row, and what is worth knowing: named by sheet, row and cause, zh and en.

Invariant: every fault has its sentence in both languages, and says what to do where that is not
plain; a note never stops an import.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
SHOWN_MAX = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in one row (row 0: with the whole sheet)."""

    sheet: str
    row: int
    code: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    def place(self) -> str:
        """``名单!12``, as a spreadsheet names it."""
        return f"{self.sheet}!{self.row}" if self.row else self.sheet

    def told(self, language: str) -> str:
        """The cause as a sentence."""
        return sentence(self.code, self.facts, language)


Note = Callable[..., None]
"""Takes (sheet, row, code, **facts): what is worth knowing and stops nothing."""


def sentence(code: str, facts: dict[str, Any], language: str) -> str:
    """The sentence of a fault or a note, with its facts."""
    shown = {name: str(value)[:SHOWN_MAX] for name, value in facts.items()}
    return str(table()[code][language]).format_map(shown)


@cache
def table() -> dict[str, dict[str, str]]:
    """Every code with its sentences."""
    path = Path(__file__).with_name("faults.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
