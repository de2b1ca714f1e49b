"""The unit of work: one request or command is one database transaction, opened here at the edge.

Invariant: nothing below the edge commits. A unit that lost a race is run again from its start; a
unit whose commit got no answer is looked up by what it would have left behind, never guessed
(trust.md §1, design D11).
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from kit import afterwards, engines, stroke
from kit.afterwards import Afterwards, Owed
from kit.errors import Again, Conflict, DomainError, Unavailable, refusal_in
from kit.kept import Kept, shared

T = TypeVar("T")
TRIES = 6
#: serialisation failure, deadlock, lock not available: the database asks for another try.
AGAIN = {"40001", "40P01", "55P03"}
#: a sum does not fit into the 64 bits that it is kept in
TOO_LARGE = "22003"
#: the connection went away, or the server is stopping, starting or a standby now.
CUT = ("08", "57P", "25006")


class Turn:
    """A lock whose waiters are served in the order they came (a plain lock starves some)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @contextmanager
    def taken(self, seconds: int = 20) -> Iterator[None]:
        """Hold the turn; Unavailable when it did not come in time."""
        self._take(seconds)
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, seconds: int) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if not mine.acquire(timeout=seconds):
            with self._guard:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    raise Unavailable("busy")

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Database:
    """The two engines of one database: one for units that write, one that can only read."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect = "sqlite" if engines.parse(url).drivername == "sqlite" else "postgresql"
        self.engine = engines.make(url, writes=True)
        self.reader = engines.make(url, writes=False)
        self.afterwards = Afterwards()
        self._kept = Kept()
        self._turn = Turn() if self.dialect == "sqlite" else None

    def write(
        self,
        work: Callable[[Session], T],
        *,
        community_id: UUID | None = None,
        landed: Callable[[Session], bool] | None = None,
    ) -> T:
        """Run ``work`` in one transaction and commit it; the whole unit again where it lost a race.

        ``landed`` tells, in a new unit, whether a commit without an answer took place after all.
        Raises what ``work`` raises (rolled back); Unavailable when the database stays busy, full or
        away, or when a commit's outcome cannot be known.
        """
        for attempt in range(TRIES):
            owed: Owed = set()
            try:
                result = self._once(work, community_id, landed, owed, is_first=attempt == 0)
            except Again:
                time.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)  # noqa: S311 # jitter
            else:
                self.afterwards.carry_out(owed)
                return result
        raise Unavailable("busy")

    def read(self, work: Callable[[Session], T], *, community_id: UUID | None = None) -> T:
        """Run ``work`` on one read-only snapshot; again where the connection was lost."""
        for attempt in range(TRIES):
            try:
                with Session(self.reader, info={"community_id": community_id}) as session:
                    return work(session)
            except PoolTimeout as problem:
                raise Unavailable("busy") from problem
            except DBAPIError as problem:
                found = _translated(problem)
                if not isinstance(found, Again):
                    raise found from problem
            time.sleep(0.02 * 2**attempt)
        raise Unavailable("busy")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.reader.dispose()

    def _once(
        self,
        work: Callable[[Session], T],
        community_id: UUID | None,
        landed: Callable[[Session], bool] | None,
        owed: Owed,
        *,
        is_first: bool,
    ) -> T:
        if self._turn is None:
            return self._unit(work, community_id, landed, owed, is_first=is_first)
        with self._turn.taken():
            return self._unit(work, community_id, landed, owed, is_first=is_first)

    def _unit(
        self,
        work: Callable[[Session], T],
        community_id: UUID | None,
        landed: Callable[[Session], bool] | None,
        owed: Owed,
        *,
        is_first: bool,
    ) -> T:
        info: dict[str, Any] = {"community_id": community_id}
        info |= stroke.first_run(is_first=is_first) | shared(self._kept)
        info |= afterwards.owing(owed)
        with stroke.Unit(self.engine, expire_on_commit=False, info=info) as session:
            try:
                result = work(session)
                session.flush()
                stroke.settle(session)
                backend = _backend(session)
            except PoolTimeout as problem:
                raise Unavailable("busy") from problem
            except DBAPIError as problem:
                session.rollback()
                raise _translated(problem) from problem
            try:
                session.commit()
            except DBAPIError as problem:
                if _state(problem) in AGAIN:
                    raise Again from problem
                if not _is_cut(problem):
                    raise _translated(problem) from problem
                unknown = problem
            else:
                return result
        return self._resolve(result, landed, backend, unknown)

    def _resolve(
        self,
        result: T,
        landed: Callable[[Session], bool] | None,
        backend: int,
        unknown: DBAPIError,
    ) -> T:
        """What became of a commit that got no answer: done, to be run again, or not known."""
        if landed is None:
            raise Unavailable("outcome_unknown") from unknown
        self.engine.dispose()
        for attempt in range(TRIES):
            try:
                with Session(self.engine) as session:
                    works_still = _works(session, backend)
                    if landed(session):
                        return result
                if not works_still:
                    raise Again from unknown
            except DBAPIError:
                pass
            time.sleep(0.05 * 2**attempt)
        raise Unavailable("outcome_unknown") from unknown


def _backend(session: Session) -> int:
    """The number of the server's process that works for this unit; 0 where there is none."""
    driver = session.connection().connection.driver_connection
    return driver.info.backend_pid if isinstance(driver, psycopg.Connection) else 0


def _works(session: Session, backend: int) -> bool:
    """Whether that process may still bring its commit to an end, though nobody hears it."""
    if backend == 0:
        return False
    query = text("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = :pid")
    return bool(session.scalar(query, {"pid": backend}))


def _state(problem: DBAPIError) -> str:
    return getattr(problem.orig, "sqlstate", None) or ""


def _is_cut(problem: DBAPIError) -> bool:
    state = _state(problem)
    # Without a state nothing came from the server: it could not be reached, or went away.
    unreached = isinstance(problem.orig, psycopg.OperationalError) and not state
    return unreached or problem.connection_invalidated or state.startswith(CUT)


def _translated(problem: DBAPIError) -> Exception:
    """A driver's error as a refusal, as "run it again", or as itself where it is our mistake."""
    text = str(problem.orig)
    if _state(problem) in AGAIN or "database is locked" in text or _is_cut(problem):
        return Again()
    refusal: DomainError | None = refusal_in(text)
    if refusal is not None:
        return refusal
    if isinstance(problem, IntegrityError):
        return problem
    if _state(problem) == TOO_LARGE or "integer overflow" in text:
        return Conflict("too_much")
    if "full" in text or "disk I/O" in text or _state(problem) in {"53100", "53300", "57014"}:
        return Unavailable("full_or_slow")
    return problem
