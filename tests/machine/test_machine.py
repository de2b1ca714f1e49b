"""A short stretch of the machine in every test run; the long one is the proof ``machine``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from kit.db import Database
from tests.machine.deeds import DEEDS, RULES, Deed
from tests.machine.runs import Counts, play

RUNS = 5


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
    counts = Counts()

    @settings(
        max_examples=RUNS,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        # The worker of the proof shrinks; here a failure is told at once, as it was met.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(deeds=DEEDS)
    def runs(deeds: list[Deed]) -> None:
        number = counts.runs + 1
        play(both, deeds, number, counts, through_http=number == RUNS)

    runs()
    record_property("steps", counts.steps)
    assert counts.steps >= 30 * RUNS
    assert counts.through_http == 1
    assert counts.rules.keys() <= set(RULES)
    assert len(counts.rules) >= 12, f"too few kinds of deeds: {counts.rules}"
    assert len(counts.checks) >= 10
