"""The minutes of a stay that breaks leave, as runs. Pure; knows no database.

Invariant: a minute is taken out if it begins inside a break, ``[from, to)``; so a break of whole
minutes takes out just as many, wherever it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

MINUTE = timedelta(minutes=1)
#: pauses of a stay, each from and to
Breaks = Sequence[tuple[datetime, datetime]]


def served(first: datetime, minutes: int, breaks: Breaks) -> list[tuple[datetime, int]]:
    """The minutes that no break takes out, as runs: where each begins, and how many they are."""
    runs: list[tuple[datetime, int]] = []
    place = 0
    for starts, ends in sorted(breaks):
        taken, back = before(starts, first, minutes), before(ends, first, minutes)
        if taken > place:
            runs.append((first + place * MINUTE, taken - place))
        place = max(place, back)
    if minutes > place:
        runs.append((first + place * MINUTE, minutes - place))
    return runs


def cut(runs: list[tuple[datetime, int]], minutes: int) -> Iterator[tuple[datetime, int]]:
    """The first so many minutes of the runs."""
    for begins, length in runs:
        if minutes <= 0:
            return
        yield begins, min(length, minutes)
        minutes -= length


def breaks_of(inputs: Mapping[str, Any]) -> Breaks:
    """The breaks that an award was made with."""
    told = inputs.get("breaks", ())
    return [(datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in told]


def before(mark: datetime, first: datetime, minutes: int) -> int:
    """How many of the minutes from ``first`` on begin before the mark."""
    return min(max(-((first - mark) // MINUTE), 0), minutes)
