"""Marks of the installation: made once, kept for ever, by however many processes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from kit import marks
from kit.db import Database

AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_mark_is_made_once(database: Database) -> None:
    for _ in range(2):
        database.write(lambda session: marks.make(session, marks.TEST_CLOCK, at=AT))
    assert database.read(marks.names) == {"test_clock"}


def test_marks_made_at_once_are_one(database: Database) -> None:
    start, failures = threading.Barrier(8), []

    def starter() -> None:
        start.wait()
        try:
            database.write(lambda session: marks.make(session, "key:1", at=AT))
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=starter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.read(marks.names) == {"key:1"}
