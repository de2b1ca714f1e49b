"""A short stretch of the machine in every test run; the long one is the proof ``machine``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import pytest

from kit.db import Database
from tests.machine.deeds import RULES, WEIGHTS, Deed, drawn
from tests.machine.runs import Counts, play
from tests.machine.shortening import shortest

RUNS = 3
#: one for each test run, so that none is luckier than the last; the proof draws others
SEED = 20261122


@pytest.fixture
def both(
    tmp_path: Path, sqlite_template: Path, postgresql_databases: Callable[..., Any]
) -> Iterator[dict[str, Database]]:
    """The two engines, each with a fresh database."""
    path = tmp_path / "lovebank.db"
    copyfile(sqlite_template, path)
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_databases(template=True))
        found = {"sqlite": Database(f"sqlite:///{path}"), "postgresql": Database(url)}
        yield found
        for database in found.values():
            database.dispose()


def test_the_same_deeds_on_paper_and_on_both_engines(
    both: dict[str, Database], record_property: Callable[[str, object], None]
) -> None:
    counts, chance = Counts(), Random(SEED)
    for number in range(1, RUNS + 1):
        play(both, drawn(chance), number, counts, through_http=number == RUNS)
    record_property("steps", counts.steps)
    assert counts.steps >= 30 * RUNS
    assert counts.through_http == 1
    assert counts.rules.keys() <= set(RULES)
    assert len(counts.rules) >= 12, f"too few kinds of deeds: {counts.rules}"
    assert len(counts.checks) >= 10


def test_the_same_seed_draws_the_same_deeds_everywhere() -> None:
    """A planted bug that is caught here is caught on every machine."""
    deeds = drawn(Random(SEED))
    assert deeds[0] == Deed("release", 3, 9, 20, 3)
    assert {deed.rule for number in range(9) for deed in drawn(Random(number))} == set(WEIGHTS)


def test_a_failed_run_is_told_by_the_deeds_that_it_needs() -> None:
    needed = {"award", "reverse"}
    tries: list[int] = []

    def fails(deeds: list[Deed]) -> bool:
        tries.append(len(deeds))
        return needed <= {deed.rule for deed in deeds if deed.rule != "reverse" or deed.how == 7}

    deeds = [*drawn(Random(SEED)), Deed("reverse", 3, 4, 7, 5), *drawn(Random(1)), Deed("award")]
    told = shortest(deeds, fails)
    assert sorted(told) == [Deed("award"), Deed("reverse", how=7)]
    assert len(tries) < 2 * len(deeds)
