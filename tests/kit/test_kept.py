"""Facts are kept from the commit on that made them so, and the oldest make room."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from kit import kept
from kit.db import Database


def _learn(session: Session) -> None:
    kept.learn(session, {"a": 1})


def test_a_fact_is_known_to_the_units_after_the_one_that_learned_it(database: Database) -> None:
    database.write(_learn)
    assert database.write(lambda session: kept.find(session, "a")) == 1


def test_what_a_unit_learned_that_was_given_up_is_not_known(database: Database) -> None:
    def given_up(session: Session) -> None:
        _learn(session)
        raise RuntimeError("given up")

    with pytest.raises(RuntimeError):
        database.write(given_up)
    assert database.write(lambda session: kept.find(session, "a")) is None


def test_a_session_of_no_unit_knows_and_learns_nothing(database: Database) -> None:
    database.write(_learn)
    with Session(database.engine) as session:
        _learn(session)
        assert kept.find(session, "a") is None


def test_the_oldest_facts_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FACTS_MAX", 3)
    facts = kept.Kept()
    for number in range(5):
        facts.add({number: number})
    assert [facts.get(number) for number in range(5)] == [None, None, 2, 3, 4]
