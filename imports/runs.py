"""One run of an import: read, judged, and carried out whole or not at all.

Invariant: a file with a fault takes no lock and writes nothing; what is written is judged again in
the unit that writes it, and the trail says which file it was (its digest, no name).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor, system
from imports import sheets
from imports.faults import Fault
from imports.sheets import File, Sheet
from kit import ids
from kit.db import Database

VIA = "import"
Tell = Callable[[str], None]
"""Takes what is done next: ``read``, ``judge``, ``write``."""


@dataclass
class Report:
    """What a run found, and what it did or would do."""

    #: what is added, by its name; everything 0 where the file is in the books already
    added: dict[str, int]
    lines: int
    known: int
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    written: bool = False
    #: in whose name: an import that needs a person says who it was
    by: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether it may be carried out."""
        return not self.faults


class Judged(Protocol):
    """A plan as its kind of list makes it."""

    @property
    def report(self) -> Report:
        """What it would do."""
        ...

    @property
    def actor(self) -> Actor:
        """Who does it: the program, or a person where the books want one."""
        ...

    def carry_out(self, session: Session) -> None:
        """Do it, in the unit that judged it."""
        ...


Judge = Callable[[Session, list[Sheet], Actor], Judged]
"""Judges the sheets in a unit."""


@dataclass(frozen=True)
class Job:
    """What to import, and how."""

    database: Database
    community_id: UUID
    file: File
    kind: str
    at: datetime
    judge: Judge
    #: who imports; the program where a command does
    by: Actor | None = None


def run(job: Job, *, dry_run: bool, tell: Tell) -> Report:
    """Carry out a job. Raises Invalid where the file cannot be read; faults are in the report."""
    actor = job.by or system(job.community_id, VIA)
    tell("read")
    found = sheets.read(job.file)
    tell("judge")
    report: Report = job.database.read(
        lambda session: job.judge(session, found, actor).report, community_id=job.community_id
    )
    if report.faults or dry_run or not any(report.added.values()):
        return report
    tell("write")

    def work(session: Session) -> Report:
        plan = job.judge(session, found, actor)
        made = plan.report
        # Whatever happened since the first look counts: a new fault stops it here as well.
        if made.is_clean and any(made.added.values()):
            plan.carry_out(session)
            _note(session, plan.actor, job, made)
            made.written = True
        return made

    return job.database.write(
        work,
        community_id=job.community_id,
        landed=lambda session: trail.landed(session, actor),
    )


def _note(session: Session, actor: Actor, job: Job, report: Report) -> None:
    facts: dict[str, Any] = {
        "kind": job.kind,
        "file_digest": hashlib.sha256(job.file.content).hexdigest(),
        "added": report.added,
    }
    trail.record(
        session,
        actor=actor,
        action=Action.LIST_IMPORTED,
        subject=("import", ids.new()),
        at=job.at,
        after=facts,
    )
