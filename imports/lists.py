"""The kinds of lists, and who judges each: what both doors, the command and the page, call.

Invariant: the same list is judged in the same way wherever it comes in.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from imports import attendance_list, balances_list, people_list
from imports.runs import Judge
from kit.keys import KeyRing

#: kind → the role, for the whole community, of who may import it
KINDS = {"people": "manager", "attendance": "manager", "balances": "treasurer"}


def judge_of(kind: str, *, keys: KeyRing, at: datetime, by: str | UUID | None) -> Judge:
    """Who judges a list of this kind; ``by``: in whose name, as ``importers.choose`` has it."""
    if kind == "people":
        return partial(people_list.judge, keys=keys, at=at)
    if kind == "attendance":
        return partial(attendance_list.judge, keys=keys, at=at, by=by)
    return partial(balances_list.judge, keys=keys, at=at, by=by)
