"""A community into which lists are imported, and what its register then holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from audit.models import Entry
from imports.runs import Report
from kit.clock import StandingClock
from kit.db import Database
from kit.program import Program
from lovebank import importing
from people.models import Community, Person
from reports import check
from tests import factories
from tests.factories import KEYS
from tests.imports.writing import Rows, text_file


@dataclass
class Town:
    """A community with its first person, who is admin and manager."""

    program: Program
    folder: Path
    community: Community
    first: Person

    def bring(
        self, kind: str, rows: Rows, *, dry_run: bool = False, by: str | None = None
    ) -> Report:
        """Import these rows as a .csv; whatever is wrong is in the report."""
        path = text_file(self.folder / "list.csv", rows)
        return importing.carry_out(
            self.program, self.community.id, kind, path, by=by, dry_run=dry_run
        )

    def count(self, model: Any) -> int:
        """How many rows of a table the community has."""
        counted = select(func.count()).where(model.community_id == self.community.id)
        return self.program.database.read(lambda session: session.scalar(counted)) or 0

    def deeds(self, action: str) -> int:
        """How many entries of the trail tell of a deed."""
        counted = select(func.count()).where(
            Entry.community_id == self.community.id, Entry.action == action
        )
        return self.program.database.read(lambda session: session.scalar(counted)) or 0

    def named(self, name: str) -> Person:
        """The one person of this name."""
        query = select(Person).where(Person.community_id == self.community.id, Person.name == name)
        return self.program.database.read(lambda session: session.scalars(query).one())

    def id_of(self, name: str) -> UUID:
        """Their id."""
        return self.named(name).id

    def problems(self) -> set[str]:
        """What the proof of everything finds."""
        return self.program.database.read(
            lambda s: {one.code for one in check.of_community(s, self.community.id)}
        )


def open_town(database: Database, clock: StandingClock, folder: Path) -> Town:
    """A community of its own in a database."""
    community, first = database.write(factories.make_community)
    program = Program(database, clock, KEYS, "https://lovebank.test")
    return Town(program, folder, community, first)


def codes(report: Report) -> list[tuple[int, str]]:
    """Row and code of each fault."""
    return [(one.row, one.code) for one in report.faults]
