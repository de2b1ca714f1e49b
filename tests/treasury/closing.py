"""Closing a month against what is recorded into it at the same instant, round after round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier
from typing import Any

from kit.errors import DomainError
from tests.treasury.scene import Treasury
from treasury import periods

FIRST = date(1990, 1, 31)
#: what the proof of the books would say of a transfer that came in after the closing
WRONG = {"period_changed", "recorded_into_closed_period", "closed_through_differs"}
#: how an adjustment with a chosen day, and an award, may end
BEFORE, REFUSED = "chosen day: done", "chosen day: period_closed"
AWARDED, MOVED = "award: done", "award: moved"


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[str]:
    """How each of them ended, started together: ``done``, or the code of its refusal."""
    gate = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> str:
        gate.wait()
        try:
            deed()
        except DomainError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def race(books: Treasury, rounds: int) -> Counter[str]:
    """Months closed one after another while others write into them; how each deed ended."""
    month, seen = FIRST, Counter[str]()
    for _ in range(rounds):
        asked = books.ask(1, effective_on=month)
        deeds: list[Callable[[], Any]] = [
            partial(books.close, month),
            partial(books.approve, asked),
            partial(books.award, month),
        ]
        closed, chosen, awarded = at_once(deeds)
        assert closed == "done", f"closing {month}: {closed}"
        seen[f"chosen day: {chosen}"] += 1
        if chosen != "done":
            books.withdraw(asked)
        was_moved = books.transfer(books.awards[-1]).original_on == month
        seen[MOVED if was_moved else f"award: {awarded}"] += 1
        month = periods.next_after(month)
    return seen
