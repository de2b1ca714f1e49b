"""What a unit writes, in as few strokes as it can: rows wait for each other and go together.

Invariant: nothing that waits is ever behind anything else that the unit asks or sends, and nothing
waits when the unit ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit import kept, rows
from kit.errors import Again
from kit.parts import VALUES_MAX, Added, NotSo, Part

#: where a session keeps what waits, and whether this run may hope
_WAITING, _HOPES = "kit.stroke", "kit.stroke.hopes"


class Unit(Session):
    """The session of a unit that writes: what is still to be written comes before all else."""

    def execute(self, *args: Any, **facts: Any) -> Any:
        """Run a statement after those before it."""
        settle(self)
        return super().execute(*args, **facts)

    def scalars(self, *args: Any, **facts: Any) -> Any:
        """The same for the first column of each row."""
        settle(self)
        return super().scalars(*args, **facts)

    def scalar(self, *args: Any, **facts: Any) -> Any:
        """The same for the first column of the first row."""
        settle(self)
        return super().scalar(*args, **facts)

    def connection(self, *args: Any, **facts: Any) -> Connection:
        """The connection itself; what is sent over it comes after what was written before."""
        settle(self)
        return super().connection(*args, **facts)

    def commit(self) -> None:
        """Commit what was written, to the last row."""
        settle(self)
        super().commit()
        kept.commit(self)

    def rollback(self) -> None:
        """Give up what was written and what still waits."""
        self.info.pop(_WAITING, None)
        kept.forget(self)
        super().rollback()


@event.listens_for(Unit, "before_flush")
def _settle_first(session: Session, _context: Any, _objects: Any) -> None:
    settle(session)


def write(session: Session, community_id: UUID, parts: Sequence[Part]) -> None:
    """Write parts of one community, in their order; asserts that each row was written.

    In a ``Unit`` on PostgreSQL they wait for what else it writes, and go with it in one statement
    before anything else is asked or sent: what the database refuses is raised there. Raises
    Again where a row that is written once has its key taken, or what was hoped is not so. A part
    does not see what another part of the same statement changed: whoever needs that settles in
    between.
    """
    session.flush()
    parts = [part for part in parts if part.there]
    if session.get_bind().dialect.name != "postgresql":
        connection = session.connection()
        with _run_again(parts):
            for part in parts:
                rows.on_sqlite(connection, community_id, part)
        return
    waiting = session.info.setdefault(_WAITING, {})
    if waiting and community_id not in waiting:
        settle(session)
        waiting = session.info.setdefault(_WAITING, {})
    waiting.setdefault(community_id, []).extend(parts)
    if not isinstance(session, Unit):
        settle(session)


def settle(session: Session) -> None:
    """Send what waits; raises as ``write``."""
    waiting = session.info.pop(_WAITING, None)
    if not waiting:
        return
    ((community_id, parts),) = waiting.items()
    connection = session.connection()
    with _run_again(parts):
        if sum(part.values for part in parts) <= VALUES_MAX:
            rows.on_postgresql(connection, community_id, parts)
            return
        for part in parts:
            for piece in part.pieces():
                rows.on_postgresql(connection, community_id, [piece])


def hopes(session: Session) -> bool:
    """Whether this run of the unit may write before it has looked (``parts.Unmoved``)."""
    return bool(session.info.get(_HOPES))


def first_run(*, is_first: bool) -> dict[str, bool]:
    """What a session is told: only the first run of a unit hopes, those after it look first."""
    return {_HOPES: is_first}


@contextmanager
def _run_again(parts: Sequence[Part]) -> Iterator[None]:
    """What was hoped and is not so, and a key that another unit took meanwhile, are found by the
    next run of this unit."""
    try:
        yield
    except NotSo as problem:
        raise Again from problem
    except IntegrityError as problem:
        if any(part.hoped for part in parts):
            raise Again from problem
        told = str(problem.orig).lower()
        if "unique constraint" in told and any(
            part.table.name in told for part in parts if isinstance(part, Added) and part.once
        ):
            raise Again from problem
        raise
