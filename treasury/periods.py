"""Periods: months that are closed in order and never opened again.

Invariant: whoever closes holds the books alone, and whoever writes into a past month holds them
shared: so a transfer is in its month before the closing counts it, or finds the month closed.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid
from ledger import books
from ledger.errors import PeriodClosed
from ledger.models import Books, Transfer
from people import roles
from treasury import turnovers
from treasury.models import Period

#: whole days that must lie between a period's last day and the day it is closed on
DAYS_BETWEEN = 1


def close(session: Session, *, actor: Actor, at: datetime, ends_on: date) -> Period:
    """Close everything up to and with ``ends_on``, the last day of a month; for ever.

    After the first, periods follow month by month. Raises, in this order: NotAllowed (treasurer),
    Conflict ``period_closed``, Invalid (no month's last day, too early, not the next).
    """
    roles.require(session, actor, "treasurer")
    found = books.hold(session, actor.community_id, alone=True)
    before = found.closed_through
    _refuse_unless_next(found, ends_on, at)
    moved = turnovers.between(session, actor.community_id, before, ends_on)
    row: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "ends_on": ends_on,
        "closed_by": actor.person,
        "closed_at": at,
        "transfers": moved.transfers,
        "turnover_digest": moved.digest,
    }
    session.execute(insert(Period), [row])
    books.change(session, actor.community_id, closed_through=ends_on)
    trail.record(
        session,
        actor=actor,
        action=Action.PERIOD_CLOSED,
        subject=("period", row["id"]),
        at=at,
        before={"closed_through": before},
        after={"closed_through": ends_on, "transfers": moved.transfers},
        row=row,
    )
    return session.scalars(
        select(Period).where(Period.community_id == actor.community_id, Period.id == row["id"])
    ).one()


def listed(
    session: Session, *, actor: Actor, limit: int, before: UUID | None = None
) -> list[Period]:
    """Closed periods, newest first. Raises NotAllowed (treasurer, auditor)."""
    roles.require(session, actor, "treasurer", "auditor")
    query = select(Period).where(Period.community_id == actor.community_id)
    if before is not None:
        query = query.where(Period.id < before)
    return list(session.scalars(query.order_by(Period.id.desc()).limit(limit)))


def closable(session: Session, *, actor: Actor, at: datetime) -> list[date]:
    """The last days that may be closed on now, the oldest first.

    One at most once a period is closed; before that each month from the first transfer on. Raises
    NotAllowed (treasurer, auditor).
    """
    roles.require(session, actor, "treasurer", "auditor")
    found = books.of(session, actor.community_id)
    if found.closed_through is not None:
        following = next_after(found.closed_through)
        return [following] if following <= _last_closable(found, at) else []
    first = session.scalar(
        select(func.min(Transfer.effective_on)).where(Transfer.community_id == actor.community_id)
    )
    if first is None:
        return []
    days = [month_end(first)]
    while days[-1] < _last_closable(found, at):
        days.append(next_after(days[-1]))
    return [day for day in days if day <= _last_closable(found, at)]


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_after(ends_on: date) -> date:
    """The last day of the month after."""
    return month_end(ends_on + timedelta(days=1))


def _refuse_unless_next(found: Books, ends_on: date, at: datetime) -> None:
    before = found.closed_through
    if before is not None and ends_on <= before:
        raise PeriodClosed(before)
    if ends_on != month_end(ends_on):
        raise Invalid(ends_on="is not the last day of a month")
    if ends_on > _last_closable(found, at):
        raise Invalid(ends_on="is too early to close: a whole day must have passed since")
    if before is not None and ends_on != next_after(before):
        raise Invalid(ends_on=f"the next month to close ends on {next_after(before)}")


def _last_closable(found: Books, at: datetime) -> date:
    """The newest month's end since which a whole day of the community has passed."""
    latest = books.today(found, at) - timedelta(days=DAYS_BETWEEN + 1)
    return latest if latest == month_end(latest) else latest.replace(day=1) - timedelta(days=1)
