"""The floor on SQLite: the statements that our calls really send, replayed by the bare driver.

Invariant: a replay sends the same statements with the same values in the same order, reads and
BEGIN and COMMIT too, to a copy of the same file on a connection that is set up as ours.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.credits import Ours, Stage
from bench.crews import Deed, Done, together
from kit.db import Database
from kit.engines import parse

Sent = tuple[str, Any, bool]
"""A statement, its values, and whether they are several rows' values."""


@dataclass(frozen=True)
class Replay:
    """A staged file, kept as it was, and what one recording of our calls on it sent."""

    stage: Stage
    sent: list[Sent]

    def ours(self, calls: int) -> float:
        """Calls a second, one writer after the other, on a fresh copy."""
        with _learned(self.stage) as database:
            deed = Ours(self.stage).deed(database)
            return _rate(deed, calls)

    def threads(self, count: int, seconds: float, *, queue: bool = True) -> Done:
        """The same from several threads; without ``queue`` SQLite's own waiting is all there is."""
        with _learned(self.stage) as database:
            if not queue:
                database._turn = None
            return together(lambda: Ours(self.stage).deed(database), count, seconds)

    def floor(self) -> float:
        """Recorded calls a second by the bare driver, on a fresh copy."""
        with _copied(self.stage) as database:
            connection = _bare(database)
            started = time.perf_counter()
            for text, values, many in self.sent:
                if many:
                    connection.executemany(text, values)
                else:
                    connection.execute(text, values).fetchall()
            taken = time.perf_counter() - started
            connection.close()
            return sum(text == "COMMIT" for text, _, _ in self.sent) / taken


def recorded(stage: Stage, calls: int) -> Replay:
    """Make this many calls on a copy and keep what they send."""
    sent: list[Sent] = []
    with _learned(stage) as database:
        deed = Ours(stage).deed(database)

        @event.listens_for(database.engine, "before_cursor_execute")
        def _keep(
            _connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
        ) -> None:
            sent.append((text, values, many))

        @event.listens_for(database.engine, "commit")
        def _keep_commit(_connection: Any) -> None:
            sent.append(("COMMIT", (), False))

        for _ in range(calls):
            deed()
    return Replay(stage, sent)


@contextmanager
def _copied(stage: Stage) -> Iterator[Database]:
    """A database over a copy of the staged file, which is removed afterwards."""
    original = Path(str(parse(stage.url).database))
    copy = original.with_name(f"copy-{threading.get_ident()}.db")
    shutil.copyfile(original, copy)
    database = Database(f"sqlite:///{copy}")
    try:
        yield database
    finally:
        database.dispose()
        for path in copy.parent.glob(f"{copy.name}*"):
            path.unlink()


@contextmanager
def _learned(stage: Stage) -> Iterator[Database]:
    """The same, known to the process that works on it."""
    with _copied(stage) as database:
        Ours(stage).learn(database)
        yield database


def _bare(database: Database) -> Any:
    """A connection of the bare driver, set up as ours, the authorizer included."""
    connection = database.engine.raw_connection()
    bare = connection.driver_connection
    connection.detach()
    assert bare is not None
    return bare


def _rate(deed: Deed, calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        deed()
    return calls / (time.perf_counter() - started)
