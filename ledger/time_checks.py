"""Proof of what time brought about: lapses, ended notices, and days that were closed already.

Invariant: a lapse takes a lot whole, after its last day and under its wallet's key; a notice that
ended passes its lot on as it was. Only such transfers and reversals have keys of the ledger's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from kit import texts
from kit.problems import Problem
from ledger.models import Account, Books, Lot, LotUse, Transfer

#: the earliest midnight of a day anywhere, before that of UTC: a community may move to another zone
_EAST = timedelta(hours=14)


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with transfers that time alone brought about."""
    yield from _lapses(session, community_id)
    yield from _notices(session, community_id)
    yield from _reversals(session, community_id)
    yield from _closed(session, community_id)


def _lapses(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Each lapsed lot is empty, had its last day, and stands under that wallet and day."""
    rows = session.execute(
        select(
            texts.plain(Transfer.id),
            Transfer.natural_key,
            texts.plain(Transfer.source_id),
            texts.plain(Transfer.effective_on),
            texts.plain(Transfer.original_on),
            Transfer.recorded_at,
            texts.plain(LotUse.lot_id),
            texts.plain(Lot.expires_on),
            Lot.remaining,
            texts.plain(Account.owner_id),
        )
        .outerjoin(
            LotUse, and_(LotUse.community_id == community_id, LotUse.transfer_id == Transfer.id)
        )
        .outerjoin(Lot, and_(Lot.community_id == community_id, Lot.id == LotUse.lot_id))
        .outerjoin(
            Account, and_(Account.community_id == community_id, Account.id == Lot.account_id)
        )
        .where(Transfer.community_id == community_id, Transfer.kind == "lapse")
        .order_by(Transfer.id)
    )
    for row in rows:
        transfer_id, key, source_id, effective_on, original_on, recorded_at, *lot = row
        lot_id, expires_on, remaining, owner_id = lot
        subject, day = f"transfer:{transfer_id}", _day_of(key, source_id)
        if (
            day is None
            or owner_id != source_id
            or (expires_on or day.isoformat()) != day.isoformat()
        ):
            facts = {"natural_key": key, "lot": lot_id, "expires_on": expires_on}
            yield Problem("lapse_key_wrong", subject, facts)
            continue
        after = (day + timedelta(days=1)).isoformat()
        if (original_on or effective_on) != after or _before(recorded_at, day):
            yield Problem("lapse_too_early", subject, {"last_day": day.isoformat()})
        if remaining and expires_on is not None:
            yield Problem("lapse_left_some", f"lot:{lot_id}", {"remaining": remaining})


def _day_of(key: str, owner_id: str) -> date | None:
    """The last day that a lapse's key names (ledger.settling); none where it is no such key."""
    start = f"wallet:{owner_id}:lapse:"
    if not key.startswith(start):
        return None
    try:
        return date.fromisoformat(key[len(start) :].partition(":")[0])
    except ValueError:
        return None


def _before(recorded_at: datetime, day: date) -> bool:
    """Whether the day was not over yet anywhere."""
    return (recorded_at + _EAST).date() <= day


def _notices(session: Session, community_id: UUID) -> Iterator[Problem]:
    """What leaves ``pending`` at a notice's end: the whole lot, on its day, to a lot like it."""
    waited, made, first = aliased(Lot), aliased(Lot), aliased(Transfer)
    rows = session.execute(
        select(
            texts.plain(Transfer.id),
            Transfer.natural_key,
            texts.plain(Transfer.effective_on),
            texts.plain(Transfer.original_on),
            texts.plain(waited.id),
            waited.remaining,
            texts.plain(waited.available_on),
            texts.plain(waited.expires_on),
            texts.plain(waited.fund_id),
            first.natural_key,
            texts.plain(made.id),
            texts.plain(made.expires_on),
            texts.plain(made.fund_id),
        )
        .join(LotUse, and_(LotUse.community_id == community_id, LotUse.transfer_id == Transfer.id))
        .join(waited, and_(waited.community_id == community_id, waited.id == LotUse.lot_id))
        .join(Account, and_(Account.community_id == community_id, Account.id == waited.account_id))
        .outerjoin(first, and_(first.community_id == community_id, first.id == waited.transfer_id))
        .outerjoin(made, and_(made.community_id == community_id, made.transfer_id == Transfer.id))
        .where(
            Transfer.community_id == community_id,
            Transfer.kind == "release",
            Account.kind == "pending",
        )
        .order_by(Transfer.id)
    )
    for row in rows:
        transfer_id, key, effective_on, original_on, lot_id, remaining = row[:6]
        available_on, expires_on, fund_id, first_key, made_id, *like = row[6:]
        subject = f"transfer:{transfer_id}"
        if key != f"{first_key}:release" or (original_on or effective_on) != available_on:
            facts = {"natural_key": key, "available_on": available_on}
            yield Problem("notice_ended_otherwise", subject, facts)
        if remaining or (made_id is not None and like != [expires_on, fund_id]):
            facts = {"lot": lot_id, "remaining": remaining, "made": made_id}
            yield Problem("notice_lot_differs", subject, facts)


def _reversals(session: Session, community_id: UUID) -> Iterator[Problem]:
    """A reversal has the key and the source of what it reverses."""
    first = aliased(Transfer)
    rows = session.execute(
        select(
            texts.plain(Transfer.id),
            Transfer.natural_key,
            texts.plain(first.id),
            Transfer.source_id == first.source_id,
        )
        .join(first, and_(first.community_id == community_id, first.id == Transfer.reverses_id))
        .where(Transfer.community_id == community_id, Transfer.reverses_id.is_not(None))
        .order_by(Transfer.id)
    )
    for transfer_id, key, first_id, same in rows:
        if key != f"transfer:{first_id}:reversal" or not same:
            yield Problem("reversal_key_wrong", f"transfer:{transfer_id}", {"natural_key": key})


def _closed(session: Session, community_id: UUID) -> Iterator[Problem]:
    """A transfer was moved to a later day only where its own day is closed."""
    closed = exists().where(
        Books.community_id == community_id, Books.closed_through >= Transfer.original_on
    )
    rows = session.execute(
        select(texts.plain(Transfer.id), texts.plain(Transfer.original_on))
        .where(Transfer.community_id == community_id, Transfer.original_on.is_not(None), ~closed)
        .order_by(Transfer.id)
    )
    for transfer_id, original_on in rows:
        facts = {"original_on": original_on}
        yield Problem("original_day_open", f"transfer:{transfer_id}", facts)
