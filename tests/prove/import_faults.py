"""A town's list that LibreOffice wrote, with faults of twelve kinds: all named, nothing written.

Invariant: which rows are wrong is known beforehand, and the rows that are named must be exactly
those; "nothing" is counted over every table of the database.
"""

import csv
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from kit.db import Database
from kit.tables import Base
from people.models import Household, Person
from tests import statement_lint
from tests.prove import import_lists
from tests.prove.import_lists import SPOILERS, List
from tests.prove.stage import ENGINES, Stage, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof

TIMES = 5
_NAMED = re.compile(r"^! (\S+)  .*\[(\w+)\]$", re.MULTILINE)


@dataclass(frozen=True)
class _Files:
    """The list with its faults, and without."""

    bad: Path
    good: Path


@proof("import_faults", "a list with faults of 12 kinds: each named, nothing written; then once")
def import_faults(run: Run) -> list[Figure]:
    assert shutil.which("soffice"), "no soffice: install libreoffice-calc-nogui"
    count, each = run.length(5_000, 360), run.length(25, 4)
    wrong = import_lists.spoilt(count, each, run.seed)
    right = import_lists.whole(count, run.seed)
    figures = [
        at_least("people in the list", sum(map(len, wrong.sheets.values())), count),
        exactly("kinds of fault", len(set(wrong.wrong.values())), len(SPOILERS)),
        exactly("faults", len(wrong.wrong), each * len(SPOILERS)),
    ]
    with tempfile.TemporaryDirectory(prefix="lb-lists-") as name:
        files = _Files(
            import_lists.office_file(Path(name), "bad", wrong),
            import_lists.office_file(Path(name), "good", right),
        )
        for engine in ENGINES[: run.length(2, 1)]:
            with stage(engine, serving=False) as one:
                figures += _on(one, engine, files, wrong, run.length(TIMES, 1))
    return figures


def _on(one: Stage, engine: str, files: _Files, wrong: List, times: int) -> list[Figure]:
    known = one.folder / "known.csv"
    with known.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(import_lists.registered(25))
    one.must("import", "people", str(known))
    before = _rows(one)
    refused = one.run("import", "people", str(files.bad))
    named = dict(_NAMED.findall(refused.stdout))
    figures = [
        exactly(f"{engine}: refused", refused.returncode, 1),
        exactly(f"{engine}: rows and causes named wrongly or not", _apart(named, wrong), []),
        exactly(f"{engine}: rows written by the refused import", _grown(one, before), {}),
    ]
    one.must("import", "people", str(files.good), "--dry-run")
    figures.append(exactly(f"{engine}: rows written by a dry run", _grown(one, before), {}))
    one.must("import", "people", str(files.good))
    after = _rows(one)
    added = after[Person.__tablename__] - before[Person.__tablename__]
    wanted = sum(map(len, wrong.sheets.values()))
    for _ in range(times):
        one.must("import", "people", str(files.good))
    figures += [
        exactly(f"{engine}: people imported", added, wanted),
        at_least(f"{engine}: households formed", after[Household.__tablename__], wanted // 4),
        exactly(f"{engine}: rows written by {times} more imports", _grown(one, after), {}),
    ]
    one.must("check")
    return figures


def _apart(named: dict[str, str], wrong: List) -> list[str]:
    """What was named and is not wrong, or the other way round."""
    every = named.keys() | wrong.wrong.keys()
    return sorted(
        f"{place}: {named.get(place)}, not {wrong.wrong.get(place)}"
        for place in every
        if named.get(place) != wrong.wrong.get(place)
    )[:20]


def _rows(one: Stage) -> dict[str, int]:
    """How many rows each table has."""
    database = Database(one.url)
    try:
        with statement_lint.off():
            return database.read(
                lambda session: {
                    table.name: session.scalar(select(func.count()).select_from(table)) or 0
                    for table in Base.metadata.sorted_tables
                }
            )
    finally:
        database.dispose()


def _grown(one: Stage, before: dict[str, int]) -> dict[str, int]:
    """How many rows more each table has now; what did not grow is left out."""
    return {
        name: count - before[name] for name, count in _rows(one).items() if count != before[name]
    }
