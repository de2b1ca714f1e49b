"""Open and find accounts by code.

Invariant: an account is opened once, with its floor, and never changed; a guarded one has its
balance row from the same transaction on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kit import ids
from ledger.kinds import ACCOUNT_KINDS, FEN, GUARDED, MINUTES, POINTS, goods
from ledger.models import Account, Balance

_ACCOUNTS, _BALANCES = cast("Table", Account.__table__), cast("Table", Balance.__table__)

#: The owed account goes below zero without bound; its row is there to be locked and read.
NO_FLOOR = -(2**62)


@dataclass(frozen=True)
class Place:
    """An account as transfers name it, before it need exist: kind, owner and commodity."""

    kind: str
    owner_id: UUID | None
    commodity: str

    @cached_property
    def code(self) -> str:
        """The account's code, unique in its community."""
        owner = f":{self.owner_id}" if self.owner_id else ""
        return f"{self.kind}{owner}:{self.commodity}"


def wallet(person_id: UUID) -> Place:
    """The points a person may spend."""
    return Place("wallet", person_id, POINTS)


def pending(person_id: UUID) -> Place:
    """The points a person earned that are still on public notice."""
    return Place("pending", person_id, POINTS)


def held(person_id: UUID) -> Place:
    """The points set aside for a person's orders."""
    return Place("held", person_id, POINTS)


def owed(person_id: UUID) -> Place:
    """The points a person was credited too much."""
    return Place("owed", person_id, POINTS)


def hours(person_id: UUID) -> Place:
    """The minutes a person served."""
    return Place("hours", person_id, MINUTES)


def fund_points(fund_id: UUID) -> Place:
    """The points of a fund: what its budget leaves, or all it issued (below zero)."""
    return Place("fund_points", fund_id, POINTS)


def fund_fen(fund_id: UUID) -> Place:
    """The money of a fund."""
    return Place("fund_fen", fund_id, FEN)


def shelf(goods_id: UUID) -> Place:
    """The pieces of a kind of goods that may be ordered."""
    return Place("shelf", goods_id, goods(goods_id))


def set_aside(goods_id: UUID) -> Place:
    """The pieces held for orders."""
    return Place("set_aside", goods_id, goods(goods_id))


def contra(kind: str, commodity: str) -> Place:
    """One of the community's own accounts, e.g. ``redeemed`` points."""
    return Place(kind, None, commodity)


def find(session: Session, community_id: UUID, places: Iterable[Place]) -> dict[Place, Account]:
    """The accounts that exist already, by place."""
    by_code = {place.code: place for place in places}
    rows = session.scalars(
        select(Account).where(Account.community_id == community_id, Account.code.in_(list(by_code)))
    )
    return {by_code[row.code]: row for row in rows}


def open_all(
    session: Session,
    *,
    community_id: UUID,
    places: Iterable[Place],
    at: datetime,
    budgeted: bool | None = None,
) -> dict[Place, Account]:
    """The accounts of these places, opened where they were missing.

    ``budgeted`` is said by the room that opens a fund: with a budget its points have a floor,
    without one they are issued without bound. Nobody else opens a fund's points.
    """
    wanted = sorted(set(places), key=lambda place: place.code)
    found = find(session, community_id, wanted)
    missing = [place for place in wanted if place not in found]
    if missing:
        rows = [_row(community_id, place, at, budgeted) for place in missing]
        _insert_missing(session, _ACCOUNTS, rows, ["community_id", "code"])
        found |= find(session, community_id, missing)
        guarded = [
            _balance_row(found[place]) for place in missing if found[place].floor is not None
        ]
        if guarded:
            _insert_missing(session, _BALANCES, guarded, ["community_id", "account_id"])
    return found


def _row(
    community_id: UUID, place: Place, at: datetime, budgeted: bool | None
) -> dict[str, object]:
    assert place.kind in ACCOUNT_KINDS, f"{place.kind} is not a kind of account"
    floor = 0 if place.kind in GUARDED else None
    if place.kind == "owed":
        floor = NO_FLOOR
    if place.kind == "fund_points":
        assert budgeted is not None, f"{place.code}: a fund is opened by its own room"
        floor = 0 if budgeted else None
    return {
        "community_id": community_id,
        "id": ids.new(),
        "code": place.code,
        "kind": place.kind,
        "commodity": place.commodity,
        "owner_id": place.owner_id,
        "floor": floor,
        "opened_at": at,
    }


def _balance_row(account: Account) -> dict[str, object]:
    return {
        "community_id": account.community_id,
        "account_id": account.id,
        "balance": 0,
        "floor": account.floor,
    }


def _insert_missing(
    session: Session, table: Table, rows: list[dict[str, object]], key: list[str]
) -> None:
    """Insert rows; one that another unit put there first stays as it is."""
    if session.get_bind().dialect.name == "sqlite":
        # One statement for all of them would be made anew each time.
        session.execute(sqlite.insert(table).on_conflict_do_nothing(index_elements=key), rows)
        return
    session.execute(
        postgresql.insert(table).values(rows).on_conflict_do_nothing(index_elements=key)
    )
