"""The one proof of everything: clean after a day's work, and no tampering goes unnamed."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.problems import Problem
from reports import check
from shifts.approval import approvals, voiding
from shifts.review import corrections
from tests.ledger.vandal import vandal
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local


@pytest.fixture
def town_id(database: Database) -> UUID:
    """A town in which a day's work is kept: scans, a hand entry, an amendment, decisions."""

    def work(session: Session) -> UUID:
        town = factories.make_town(session)
        factories.make_rule(session, town)
        shift = factories.make_shift(session, town)
        scanned = factories.make_attendance(session, shift, town.volunteer)
        entered = factories.enter(session, shift, town.other, by=town.captain)
        _amend(session, town, scanned.id)
        factories.approve(session, town, scanned, by="deputy")
        approvals.reject(
            session, actor=town.actor("manager"), at=NOW, attendance_id=entered.id, reason="no"
        )
        other = factories.make_attendance(session, shift, town.second, by=town.captain)
        factories.approve(session, town, other, by="deputy")
        _void(session, town, town.second.id)
        return town.id

    return database.write(work)


def _amend(session: Session, town: Town, attendance_id: UUID) -> None:
    corrections.amend(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_id=attendance_id,
        checked_in_at=local(9, 5),
        reason="came late",
    )


def _void(session: Session, town: Town, person_id: UUID) -> None:
    from ledger import statements

    line = statements.statement(session, town.id, person_id, 1, None)[0]
    voiding.reverse_award(
        session,
        actor=town.actor("treasurer"),
        at=NOW,
        transfer_id=line.transfer_id,
        reason="not there",
    )


def _found(database: Database) -> list[Problem]:
    return database.read(check.every_problem)


def test_a_days_work_is_clean(database: Database, town_id: UUID) -> None:
    assert _found(database) == []
    assert database.read(lambda session: list(check.of_community(session, town_id))) == []


def test_an_empty_database_is_clean(database: Database) -> None:
    assert _found(database) == []


TAMPERED = [
    ("UPDATE approvals SET decided_at = '2020-01-01T00:00:00.000000Z'", "row_not_covered"),
    ("UPDATE approvals SET decision = 'reject'", "row_not_covered"),
    ("DELETE FROM approvals", "covered_row_missing"),
    ("UPDATE attendance_records SET actor_id = community_id", "row_not_covered"),
    ("DELETE FROM attendance_records WHERE kind = 'amendment'", "covered_row_missing"),
    ("UPDATE awards SET points = points + 1", "row_not_covered"),
    ("UPDATE awards SET steps = '[]'", "covered_row_missing"),
    ("UPDATE audit_entries SET actor_id = NULL", "entry_leaf_wrong"),
    ("UPDATE audit_entries SET action = 'shifts:attendance:blessed'", "action_unknown"),
    ("UPDATE audit_entries SET row_digest = NULL", "row_not_covered"),
    ("DELETE FROM audit_entries WHERE action = 'shifts:attendance:approved'", "row_not_covered"),
    ("DELETE FROM audit_entries", "unsealed_without_entry"),
    ("DELETE FROM audit_unsealed WHERE kind = 'entry'", "unsealed_leaf_missing"),
    ("UPDATE audit_unsealed SET leaf = :leaf WHERE kind = 'entry'", "unsealed_leaf_wrong"),
    ("UPDATE audit_texts SET text = 'something else'", "text_changed"),
    ("UPDATE ledger_balances SET balance = balance + 1", "balance_wrong"),
    (
        "INSERT INTO ledger_transfers (community_id, id, kind, natural_key, effective_on,"
        " recorded_at, source_type, source_id, fund_id, request_id, leaf) SELECT community_id,"
        " source_id, kind, natural_key || '-forged', effective_on, recorded_at, source_type,"
        " source_id, fund_id, request_id, leaf FROM ledger_transfers WHERE kind = 'award'",
        "transfer_without_award",
    ),
    (
        "UPDATE ledger_transfers SET natural_key = natural_key || '-2' WHERE kind = 'award'",
        "award_key_wrong",
    ),
    (
        "UPDATE ledger_transfers SET source_id = request_id WHERE kind = 'award'",
        "award_key_wrong",
    ),
    ("UPDATE funds SET points_budget = 1", "budget_not_granted"),
    ("DELETE FROM communities", "community_unknown"),
]


def test_each_tampering_is_named(
    database: Database, town_id: UUID, subtests: pytest.Subtests
) -> None:
    assert town_id != ids.NIL
    with vandal(database) as owner:
        for statement, code in TAMPERED:
            with subtests.test(statement):
                facts = {"leaf": bytes(32)} if ":leaf" in statement else {}
                assert owner.run(statement, **facts) > 0
                with owner.session() as session:
                    found = {problem.code for problem in check.every_problem(session)}
                owner.undo()
                assert code in found


def test_erasing_a_text_is_no_problem(database: Database, town_id: UUID) -> None:
    from sqlalchemy import delete

    from audit.models import FreeText

    erased = delete(FreeText).where(FreeText.community_id == town_id)
    database.write(lambda session: session.execute(erased))
    assert _found(database) == []


def test_a_row_that_cannot_be_read_is_a_problem_and_not_a_crash(
    database: Database, town_id: UUID
) -> None:
    with vandal(database) as owner:
        owner.run("UPDATE awards SET inputs = 'nothing'")
    found = {problem.code: problem for problem in _found(database)}
    assert found["check_not_finished"].subject == f"community:{town_id}"
    assert found["check_not_finished"].facts["room"] == "shifts"


def test_an_id_that_is_none_is_named_where_it_stands(database: Database, town_id: UUID) -> None:
    if database.dialect == "postgresql":
        return  # a native uuid column takes nothing else
    with vandal(database) as owner:
        owner.run("UPDATE ledger_transfers SET request_id = 'nobody'")
    found = {problem.code for problem in _found(database)}
    assert town_id != ids.NIL
    assert found - {"trigger_missing"} == {"transfer_leaf_wrong", "request_without_entry"}


def test_a_community_does_not_see_another_ones_problems(database: Database, town_id: UUID) -> None:
    other = database.write(lambda session: factories.make_town(session).id)
    with vandal(database) as owner:
        owner.run("UPDATE ledger_lots SET remaining = 0 WHERE community_id = :c", c=town_id)
    assert database.read(lambda session: list(check.of_community(session, other))) == []
    assert database.read(lambda session: list(check.of_community(session, town_id))) != []
