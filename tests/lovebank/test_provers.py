"""The proof shared out to processes finds what one process finds, in the same order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

import reports.check
from kit.db import Database
from lovebank import provers, proving
from tests.ledger.vandal import vandal
from tests.shifts import factories


def _town(session: Session) -> None:
    town = factories.make_town(session)
    factories.make_rule(session, town)
    shift = factories.make_shift(session, town)
    factories.approve(session, town, factories.make_attendance(session, shift, town.volunteer))


@pytest.fixture
def tampered(database: Database) -> Database:
    """Two towns with an award each, and something wrong in several rooms."""
    for _ in range(2):
        database.write(_town)
    with vandal(database) as owner:
        owner.run("UPDATE ledger_lots SET remaining = remaining - 1")
        owner.run("UPDATE awards SET points = points + 1")
        owner.run("UPDATE audit_entries SET via = 'tick'")
    return database


def test_every_room_is_in_one_part() -> None:
    shared = [room for part in reports.check.PARTS for room in part]
    assert sorted(shared) == sorted(room for room, _check in reports.check.ROOMS)


def test_processes_find_what_one_finds(tampered: Database) -> None:
    read: list[int] = []
    found = provers.side_by_side(tampered.url, read.append, lambda _session: None)
    assert found == tampered.read(reports.check.every_problem)
    codes = {problem.code for problem in found}
    assert {"lot_remaining_wrong", "sum_differs", "entry_leaf_wrong", "row_not_covered"} <= codes
    assert sum(read) > 0


def test_a_lost_process_is_an_error(tampered: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_session: Session, _rooms: Any) -> Any:
        raise SystemExit(1)

    monkeypatch.setattr(reports.check, "of_rooms", lost)
    with pytest.raises(RuntimeError, match="nothing is proved"):
        provers.side_by_side(tampered.url, lambda _rows: None, lambda _session: None)


def test_much_to_read_is_shared_out(tampered: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = proving.prove(tampered).problems
    rows = tampered.read(reports.check.rows_to_read)
    assert tampered.read(lambda session: reports.check.reads_more_than(session, rows - 1))
    assert not tampered.read(lambda session: reports.check.reads_more_than(session, rows))
    monkeypatch.setattr(provers, "MANY_ROWS", 0)
    monkeypatch.setattr(provers, "are_possible", lambda: True)
    assert proving.prove(tampered).problems == alone != []


def test_the_bar_is_on_the_standard_error_alone(
    tampered: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "DELAY_SECONDS", 0)
    proving.prove(tampered, shown=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "proving" in shown.err
    proving.prove(tampered)
    assert capsys.readouterr().err == ""
