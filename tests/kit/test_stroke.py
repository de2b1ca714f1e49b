"""Rows that wait for each other are never behind anything that the unit asks, sends or commits."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from audit.models import FreeText, Unsealed
from kit import ids, parts, stroke
from kit.db import Database
from kit.parts import Added, Moved
from kit.stroke import Unit
from ledger import accounts
from ledger.models import Balance
from tests import statement_lint
from tests.factories import AT, make_community

_TABLE = cast("Table", Unsealed.__table__)
_BALANCES = cast("Table", Balance.__table__)


def _row(community_id: UUID, subject_id: UUID | None = None) -> dict[str, object]:
    return {
        "community_id": community_id,
        "kind": "entry",
        "subject_id": subject_id or ids.new(),
        "leaf": b"\1" * 32,
    }


def _write(session: Session, community_id: UUID, count: int = 1, *, once: bool = False) -> None:
    lines = [_row(community_id) for _ in range(count)]
    stroke.write(session, community_id, [Added(_TABLE, lines, once=once)])


def _count(session: Session, community_id: UUID) -> int:
    query = select(func.count()).select_from(Unsealed)
    return session.execute(query.where(Unsealed.community_id == community_id)).scalar_one()


@pytest.mark.parametrize(
    "ask",
    [
        lambda session, query: session.execute(query).scalar_one(),
        lambda session, query: session.scalars(query).one(),
        lambda session, query: session.scalar(query),
        lambda session, query: session.connection().execute(query).scalar_one(),
    ],
    ids=["execute", "scalars", "scalar", "connection"],
)
def test_what_waits_is_there_for_whoever_asks(
    database: Database, ask: Callable[[Session, object], int]
) -> None:
    community_id = ids.new()
    query = select(func.count()).where(Unsealed.community_id == community_id)

    def work(session: Session) -> int:
        _write(session, community_id)
        return ask(session, query)

    assert database.write(work) == 1


def test_what_waits_is_written_before_what_the_mapper_sends(database: Database) -> None:
    community_id = ids.new()

    def work(session: Session) -> None:
        _write(session, community_id)
        text = FreeText(community_id=community_id, digest=b"d", salt=b"s", text="t")
        session.add(text)
        session.flush()
        assert "kit.stroke" not in session.info

    database.write(work)


@pytest.mark.parametrize("kind", [Session, Unit])
def test_nothing_is_left_behind_at_the_end(database: Database, kind: type[Session]) -> None:
    community_id = ids.new()
    with kind(database.engine) as session:
        _write(session, community_id)
        session.commit()
    assert database.read(lambda s: _count(s, community_id)) == 1


def test_a_unit_that_is_given_up_writes_nothing_later(database: Database) -> None:
    community_id = ids.new()
    with Unit(database.engine) as session:
        _write(session, community_id)
        session.rollback()
        session.commit()
    assert database.read(lambda s: _count(s, community_id)) == 0


def test_two_communities_of_one_unit_do_not_mix(database: Database) -> None:
    one, other = ids.new(), ids.new()
    with statement_lint.off(), Unit(database.engine) as session:
        _write(session, one)
        _write(session, other)
        _write(session, other)
        session.commit()
    assert database.read(lambda s: (_count(s, one), _count(s, other))) == (1, 2)


def test_more_than_one_statement_takes_goes_in_pieces(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "VALUES_MAX", 40)
    monkeypatch.setattr(stroke, "VALUES_MAX", 40)
    community_id = ids.new()
    database.write(lambda session: _write(session, community_id, 95))
    assert database.read(lambda s: _count(s, community_id)) == 95


def test_a_taken_key_lets_the_unit_be_run_again(database: Database) -> None:
    community_id, runs = ids.new(), []

    def work(session: Session) -> None:
        runs.append(1)
        row = _row(community_id, ids.NIL if len(runs) < 3 else None)
        stroke.write(session, community_id, [Added(_TABLE, [row], once=True)])

    taken = _row(community_id, ids.NIL)
    database.write(lambda s: stroke.write(s, community_id, [Added(_TABLE, [taken])]))
    database.write(work)
    assert len(runs) == 3


def test_an_amount_out_of_bounds_moves_nothing(database: Database) -> None:
    person_id = ids.new()
    community_id = database.write(lambda s: make_community(s)[0].id)

    def opened(session: Session) -> UUID:
        place = accounts.wallet(person_id)
        known = accounts.open_all(session, community_id=community_id, places=[place], at=AT)
        return known[place].id

    account_id = database.write(opened)

    def move(amount: int) -> Callable[[Session], None]:
        part = Moved(_BALANCES, "account_id", "balance", "{after} >= floor", {account_id: amount})
        return lambda session: stroke.write(session, community_id, [part])

    database.write(move(5))
    with pytest.raises(AssertionError):
        database.write(move(-6))
    balance = select(Balance.balance).where(
        Balance.community_id == community_id, Balance.account_id == account_id
    )
    assert database.read(lambda s: s.scalar(balance)) == 5
