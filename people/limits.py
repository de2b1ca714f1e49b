"""Limits: failures counted per bucket, so that guessing ends; only failures count.

Invariant: the count lies in the database, so it outlives a restart and is shared by all processes;
a failure weighs for exactly its window and no longer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import TooMany
from people.credential_models import Limit

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
#: no window is longer: older rows are of no use to anyone
KEPT = timedelta(days=1)


_COUNTED = (
    Limit.community_id == bindparam("community_id"),
    Limit.bucket == bindparam("bucket"),
    Limit.window_starts_at > bindparam("since"),
)
_SINCE = (
    select(Limit.window_starts_at, Limit.failures).where(*_COUNTED).order_by(Limit.window_starts_at)
)
#: for a question that asks other things too: whether ``refuse_if_over`` has anything to judge.
#: Its facts: ``community_id``, ``bucket``, and ``since``, a window before now.
ANY_SINCE = select(Limit.bucket).where(*_COUNTED).limit(1).scalar_subquery()


def refuse_if_over(
    session: Session,
    bucket: str,
    at: datetime,
    most: int,
    window_minutes: int,
    community_id: UUID = ids.NIL,
) -> None:
    """TooMany when the bucket saw ``most`` failures in the window that ends now."""
    window = timedelta(minutes=window_minutes)
    facts = {"community_id": community_id, "bucket": bucket, "since": at - window}
    rows = session.execute(_SINCE, facts).all()
    failed = sum(row.failures for row in rows)
    for row in rows:
        if failed < most:
            return
        failed -= row.failures
        if failed < most:
            wait = row.window_starts_at + window - at
            raise TooMany(max(1, -(-wait // timedelta(seconds=1))))


def serialise(session: Session, bucket: str, community_id: UUID = ids.NIL) -> None:
    """Let one unit at a time judge this bucket; the unit that loses is run again from its start.

    The row that they meet on weighs nothing, and goes with the next failure or tick.
    """
    _add(session, bucket, _LONG_AGO, 0, community_id)


def give_back(session: Session, bucket: str, at: datetime, community_id: UUID = ids.NIL) -> None:
    """Take one failure back that was counted at ``at``: it turned out to be none."""
    row = (
        Limit.community_id == community_id,
        Limit.bucket == bucket,
        Limit.window_starts_at == at,
    )
    counts = update(Limit).where(*row, Limit.failures > 0).values(failures=Limit.failures - 1)
    session.execute(counts.execution_options(synchronize_session=False))
    session.execute(delete(Limit).where(*row, Limit.failures == 0))


def count_failure(
    session: Session,
    bucket: str,
    at: datetime,
    window_minutes: int,
    community_id: UUID = ids.NIL,
) -> None:
    """Count one failure, and forget those of this bucket that weigh no more."""
    _add(session, bucket, at, 1, community_id)
    session.execute(
        delete(Limit).where(
            Limit.community_id == community_id,
            Limit.bucket == bucket,
            Limit.window_starts_at <= at - timedelta(minutes=window_minutes),
        )
    )


def forget(session: Session, at: datetime, community_id: UUID = ids.NIL) -> int:
    """Delete every count that is older than the longest window; returns how many (tick)."""
    gone = session.scalars(
        delete(Limit)
        .where(Limit.community_id == community_id, Limit.window_starts_at < at - KEPT)
        .returning(Limit.bucket)
    )
    return len(gone.all())


def _add(session: Session, bucket: str, start: datetime, failures: int, community_id: UUID) -> None:
    """Add to a row, which stays locked until the unit ends."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "community_id": community_id,
        "bucket": bucket,
        "window_starts_at": start,
        "failures": failures,
    }
    session.execute(
        insert(Limit)
        .values(row)
        .on_conflict_do_update(
            index_elements=["community_id", "bucket", "window_starts_at"],
            set_={"failures": Limit.failures + failures},
        )
    )
