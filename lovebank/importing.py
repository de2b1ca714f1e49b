"""What `lovebank import` does and says: the faults by sheet and row, what was added, what was not.

Invariant: every fault is printed, each on a line of its own in both languages; the exit is 0 only
where nothing is wrong with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from tqdm import tqdm

from imports import lists, sheets
from imports.faults import LANGUAGES, Fault
from imports.runs import Job, Report, Tell, run
from kit.program import Program

STEPS = {"read": "读取 reading", "judge": "核对 checking", "write": "写入 writing"}


def carry_out(
    program: Program,
    community_id: UUID,
    kind: str,
    path: Path,
    *,
    by: str | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a file of a kind. Raises Invalid where it cannot be read, or nobody may import it."""
    at = program.clock.now()
    job = Job(
        database=program.database,
        community_id=community_id,
        file=sheets.file_at(path),
        kind=kind,
        at=at,
        judge=lists.judge_of(kind, keys=program.keys, at=at, by=by),
    )
    with _steps() as tell:
        return run(job, dry_run=dry_run, tell=tell)


def told(report: Report, *, dry_run: bool) -> Iterator[str]:
    """The report as lines of text."""
    yield from (_line("!", one) for one in report.faults)
    yield from (_line("·", one) for one in report.notes)
    if report.faults:
        kinds = Counter(one.code for one in report.faults)
        listed = ", ".join(f"{code} {count}" for code, count in sorted(kinds.items()))
        yield f"{len(report.faults)} faults 处错误 ({listed})"
        return
    if report.by is not None:
        yield f"in the name of 经办人: {report.by}"
    counts = ", ".join(f"{count} {name}" for name, count in report.added.items())
    verb = "would be added 将新增" if dry_run else "added 新增"
    yield f"{report.lines} rows 行; {verb}: {counts}; there already 已有: {report.known}"


def _line(mark: str, one: Fault) -> str:
    sentences = " / ".join(one.told(language) for language in LANGUAGES)
    return f"{mark} {one.place()}  {sentences}  [{one.code}]"


@contextmanager
def _steps() -> Iterator[Tell]:
    """A bar of the steps, where somebody watches."""
    with tqdm(
        total=len(STEPS), disable=None, leave=False, bar_format="{desc} {bar} {elapsed}"
    ) as bar:

        def tell(step: str) -> None:
            bar.set_description(STEPS[step])
            bar.update()

        yield tell
