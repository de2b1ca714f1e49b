"""The proof of the books as the command line tells it: clean, or every problem.

Invariant: each room is proved on one snapshot, and no secret is needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session
from tqdm import tqdm

import reports.check
from audit.leaves import plain
from kit import paging
from kit.db import Database
from kit.problems import Problem
from lovebank import opening, provers

#: what is proved sooner needs no bar
DELAY_SECONDS = 0.5


@dataclass(frozen=True)
class Verdict:
    """What the proof found."""

    problems: list[Problem]
    test_clock: bool


def prove(database: Database, *, shown: bool = False) -> Verdict:
    """Prove the books of every community; ``shown``: how far it is, on the standard error.

    Where there is much to read, the rooms are shared out to processes.
    """
    # Its thread would keep this process from being doubled.
    tqdm.monitor_interval = 0
    with tqdm(
        total=0, desc="proving 核对", unit="row", unit_scale=True, leave=False,
        file=sys.stderr, disable=not shown, delay=DELAY_SECONDS,
    ) as bar:  # fmt: skip

        def expect(session: Session) -> None:
            # To count takes a while: only for who looks.
            if shown:
                bar.total = reports.check.rows_to_read(session)

        found = (
            provers.side_by_side(database.url, bar.update, expect)
            if provers.are_possible() and database.read(_is_much)
            else database.read(lambda session: _every_problem(session, bar.update, expect))
        )
        bar.update(max((bar.total or 0) - bar.n, 0))
    return Verdict(found, opening.is_test(database))


def _is_much(session: Session) -> bool:
    provers.without_limits(session)
    return reports.check.reads_more_than(session, provers.MANY_ROWS)


def _every_problem(
    session: Session, tell: Callable[[int], object], expect: Callable[[Session], None]
) -> list[Problem]:
    provers.without_limits(session)
    expect(session)
    session.info[paging.TELL] = tell
    return reports.check.every_problem(session)


def as_json(verdict: Verdict) -> str:
    """The verdict for another program."""
    told = {
        "clean": not verdict.problems,
        "test_clock": verdict.test_clock,
        "problems": [plain(asdict(problem)) for problem in verdict.problems],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def as_text(verdict: Verdict) -> str:
    """The verdict for a person."""
    lines = []
    if verdict.test_clock:
        lines.append("TEST database 测试库: its times may have been made by hand")
    if verdict.problems:
        lines.append(listed(verdict.problems))
        lines.append(f"{len(verdict.problems)} problems 账目有问题")
    else:
        lines.append("the books are clean 账目无误")
    return "\n".join(lines)


def listed(problems: list[Problem]) -> str:
    """One line for each problem."""
    return "\n".join(_line(problem) for problem in problems)


def _line(problem: Problem) -> str:
    facts = ", ".join(f"{name}={value}" for name, value in sorted(plain(problem.facts).items()))
    return f"{problem.code} {problem.subject}" + (f" ({facts})" if facts else "")
