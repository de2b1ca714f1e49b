"""A thing that the proof of the books found wrong; checks report all of them, never the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One finding: a stable code, what it is about (``<type>:<id>``), and the facts."""

    code: str
    subject: str
    facts: dict[str, Any] = field(default_factory=dict)
