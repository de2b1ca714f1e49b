"""Processes that prove the rooms side by side: each part of them on a snapshot of its own.

Invariant: a room's proof compares rows of one snapshot alone, so it does not matter what another
process reads; one that ends without its answer is an error, never silence.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

import reports.check
from kit import paging
from kit.db import Database
from kit.problems import Problem
from reports.check import Found

#: below this a process of its own costs more than it helps
MANY_ROWS = 40_000
#: rows that are made and not yet dropped before circles are looked for
_ROWS_BETWEEN = 100_000


@dataclass(frozen=True)
class _Done:
    """What a part found."""

    found: Found


def are_possible() -> bool:
    """Whether this process may be doubled: on Linux, while it has one thread."""
    several = (os.cpu_count() or 1) > 1
    return several and sys.platform == "linux" and threading.active_count() == 1


def side_by_side(
    url: str, tell: Callable[[int], object], expect: Callable[[Session], None]
) -> list[Problem]:
    """Every problem of the database, as ``reports.check.every_problem`` finds them.

    ``expect`` may look how much there is, while the parts are at work. Raises RuntimeError where a
    process was lost.
    """
    doubled = multiprocessing.get_context("fork")
    readers: dict[Any, Any] = {}
    for part in reports.check.PARTS:
        reader, writer = doubled.Pipe(duplex=False)
        process = doubled.Process(target=_prove, args=(url, part, writer), daemon=True)
        process.start()
        writer.close()
        readers[reader] = process
    database = Database(url)
    frame = database.read(lambda session: _frame(session, expect))
    database.dispose()
    return reports.check.together(frame, _gathered(readers, tell))


def without_limits(session: Session) -> None:
    """Lift the limits of a request from this snapshot: they are not those of a proof or an export.

    SQLite has none.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _frame(session: Session, expect: Callable[[Session], None]) -> reports.check.Frame:
    without_limits(session)
    expect(session)
    return reports.check.of_frame(session)


def _gathered(readers: dict[Any, Any], tell: Callable[[int], object]) -> Found:
    found: Found = {}
    while readers:
        for reader in cast("list[Connection]", wait(list(readers))):
            try:
                told: Any = reader.recv()
            except EOFError:
                raise RuntimeError("a process of the proof was lost; nothing is proved") from None
            if isinstance(told, _Done):
                found |= told.found
                readers.pop(reader).join()
            else:
                tell(told)
    return found


def _collect_seldom() -> None:
    """A proof makes millions of rows and hardly a circle: looking for those among what the process
    was born with, after each page, would be a tenth of its work."""
    gc.freeze()
    gc.set_threshold(_ROWS_BETWEEN, 10, 10)


def _prove(url: str, rooms: Sequence[str], writer: Connection) -> None:
    """What a process does: its rooms of every community, on one snapshot."""
    _collect_seldom()
    database = Database(url)

    def work(session: Session) -> Found:
        without_limits(session)
        session.info[paging.TELL] = writer.send
        return reports.check.of_rooms(session, rooms)

    writer.send(_Done(database.read(work)))
    writer.close()
    database.dispose()
