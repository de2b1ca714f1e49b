"""One line of a CSV, for whoever opens it in a spreadsheet.

Invariant: a number stays one, and no text begins a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def line(values: Iterable[Any]) -> str:
    """The line with its end."""
    kept = io.StringIO()
    csv.writer(kept).writerow([_cell(value) for value in values])
    return kept.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
