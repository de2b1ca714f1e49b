"""What is installed against the registry: clean as migrated, and each tampering is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kit import engines, installed, roles, triggers
from kit.db import Database
from kit.problems import Problem
from kit.tables import Base
from tests import statement_lint


def _found(database: Database) -> list[Problem]:
    return database.read(lambda session: list(installed.problems(session)))


def _as_owner(database: Database, *statements: str) -> None:
    engine = engines.make(database.url, writes=True, owner=True)
    with statement_lint.off(), engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()


def test_a_migrated_database_is_as_it_should_be(database: Database) -> None:
    assert _found(database) == []


def test_every_missing_trigger_is_named(database: Database) -> None:
    wanted = triggers.wanted_on(database.dialect)
    assert len(wanted) > 40
    on = "" if database.dialect == "sqlite" else " ON {table}"
    _as_owner(
        database,
        *(f"DROP TRIGGER {trigger.name}{on.format(table=trigger.table)}" for trigger in wanted),
    )
    assert {(problem.code, problem.subject) for problem in _found(database)} == {
        ("trigger_missing", f"trigger:{trigger.name}") for trigger in wanted
    }


GUARD = "ledger_transfers_no_update"
CHANGED = {
    "sqlite": [
        (
            "trigger_changed",
            f"DROP TRIGGER {GUARD}",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON ledger_transfers BEGIN SELECT 1; END",
        ),
        (
            "trigger_unknown",
            "CREATE TRIGGER quiet AFTER INSERT ON ledger_transfers BEGIN SELECT 1; END",
        ),
        ("constraint_missing", "DROP INDEX ux_ledger_transfers_reverses_id"),
        (
            "table_not_strict",
            "CREATE TABLE copied AS SELECT * FROM audit_texts",
            "DROP TABLE audit_texts",
            "ALTER TABLE copied RENAME TO audit_texts",
        ),
    ],
    "postgresql": [
        (
            "trigger_changed",
            f"CREATE OR REPLACE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql"
            " SET search_path = lovebank, pg_temp AS $$ BEGIN RETURN NEW; END $$",
        ),
        ("trigger_changed", f"ALTER FUNCTION {GUARD}() RESET search_path"),
        (
            "trigger_changed",
            f"DROP TRIGGER {GUARD} ON ledger_transfers",
            f"CREATE TRIGGER {GUARD} AFTER UPDATE ON ledger_transfers"
            f" FOR EACH ROW EXECUTE FUNCTION {GUARD}()",
        ),
        (
            "trigger_changed",
            f"DROP TRIGGER {GUARD} ON ledger_transfers",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON ledger_transfers"
            f" FOR EACH ROW WHEN (NEW.kind = 'none') EXECUTE FUNCTION {GUARD}()",
        ),
        (
            "trigger_changed",
            f"DROP TRIGGER {GUARD} ON ledger_transfers",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE OF kind ON ledger_transfers"
            f" FOR EACH ROW EXECUTE FUNCTION {GUARD}()",
        ),
        (
            "trigger_changed",
            f"DROP TRIGGER {GUARD} ON ledger_transfers",
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON ledger_transfers"
            " FOR EACH ROW EXECUTE FUNCTION ledger_postings_no_update()",
        ),
        ("trigger_disabled", f"ALTER TABLE ledger_transfers DISABLE TRIGGER {GUARD}"),
        ("trigger_disabled", f"ALTER TABLE ledger_transfers ENABLE REPLICA TRIGGER {GUARD}"),
        (
            "trigger_unknown",
            "CREATE TRIGGER quiet AFTER INSERT ON ledger_transfers"
            f" FOR EACH ROW EXECUTE FUNCTION {GUARD}()",
        ),
        ("constraint_missing", "DROP INDEX ux_ledger_transfers_reverses_id"),
        (
            "constraint_missing",
            "ALTER TABLE ledger_balances DROP CONSTRAINT ck_ledger_balances_above_floor",
        ),
        ("rights_too_wide", "GRANT UPDATE ON ledger_transfers TO lovebank_runtime"),
        ("rights_too_wide", "GRANT TRUNCATE ON ledger_postings TO lovebank_runtime"),
        ("rights_too_wide", "GRANT DELETE ON audit_entries TO PUBLIC"),
        ("rights_too_wide", "GRANT UPDATE (floor) ON ledger_balances TO lovebank_runtime"),
        ("rights_missing", "REVOKE INSERT ON ledger_postings FROM lovebank_runtime"),
        ("role_too_wide", "GRANT CREATE ON SCHEMA lovebank TO lovebank_runtime"),
    ],
}


def test_each_tampering_is_named(database: Database, subtests: pytest.Subtests) -> None:
    engine = engines.make(database.url, writes=True, owner=True)
    with statement_lint.off(), engine.connect() as connection:
        for code, *statements in CHANGED[database.dialect]:
            with subtests.test(statements[0]):
                for statement in statements:
                    connection.execute(text(statement))
                with Session(connection) as session:
                    found = {problem.code for problem in installed.problems(session)}
                connection.rollback()
                assert found == {code} or (code == "table_not_strict" and code in found)
    engine.dispose()


def test_the_runtime_role_changes_only_what_may_change() -> None:
    tables = Base.metadata.tables
    assert roles.of(tables["ledger_transfers"]).columns == frozenset()
    assert roles.of(tables["ledger_transfers"]).whole == {"SELECT", "INSERT"}
    assert roles.of(tables["ledger_balances"]).columns == {"balance"}
    assert roles.of(tables["ledger_lots"]).columns == {"remaining"}
    assert roles.of(tables["audit_unsealed"]).whole == {"SELECT", "INSERT", "DELETE"}
    assert roles.of(tables["audit_unsealed"]).columns == frozenset()
    for table in tables.values():
        assert not roles.of(table).columns & {column.name for column in table.primary_key}
