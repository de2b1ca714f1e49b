"""Two units that meet: the second begins while the first has written and not yet committed.

Invariant: nothing is timed. On PostgreSQL the first ends once the server says that somebody waits
for it, or the second has ended without waiting; on SQLite no unit that writes begins before the
first has ended, so there is nothing to wait for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from kit.db import Database
from kit.errors import DomainError

T = TypeVar("T")
#: a lock is met within milliseconds; a machine under load may take its time
PATIENCE_SECONDS = 60
_SOMEBODY_WAITS = (
    b"SELECT EXISTS (SELECT FROM pg_locks"
    b" WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


class Meeting:
    """What the first unit does is wrapped in ``stays``; then both are carried ``out``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written, self._ended = threading.Event(), threading.Event()

    def stays(self, work: Callable[[Session], T]) -> Callable[[Session], T]:
        """The unit stays open after its work until the second has met it."""

        def staying(session: Session) -> T:
            done = work(session)
            session.flush()
            self._written.set()
            if self._database.dialect == "postgresql":
                self._wait(session)
            return done

        return staying

    def out(self, first: Callable[[], object], second: Callable[[], object]) -> tuple[str, str]:
        """Both deeds, each in a thread; what became of each: ``done``, or a refusal's code."""
        told: dict[str, str] = {}

        def go_second() -> None:
            try:
                assert self._written.wait(PATIENCE_SECONDS), "the first never wrote"
                told["second"] = _outcome(second)
            finally:
                self._ended.set()

        thread = threading.Thread(target=go_second)
        thread.start()
        told["first"] = _outcome(first)
        thread.join(PATIENCE_SECONDS)
        assert "second" in told, "the second ended in an error that is no refusal"
        return told["first"], told["second"]

    def _wait(self, session: Session) -> None:
        # The server's own view, asked past SQLAlchemy: no statement of the program.
        connection = session.connection().connection.driver_connection
        assert connection is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._ended.is_set():
            if connection.execute(_SOMEBODY_WAITS).fetchone() == (True,):
                return
            assert time.monotonic() < deadline, "the second neither waits nor ends"
            # The server tells nobody that somebody waits: it has to be asked.
            time.sleep(0.005)


def _outcome(deed: Callable[[], object]) -> str:
    try:
        deed()
    except DomainError as refusal:
        return refusal.code
    return "done"
