"""The statement lint lets our manner of speaking pass, and names each fault planted for it."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select
from sqlalchemy.pool import StaticPool

from kit import ids
from kit.types import Id
from tests import statement_lint

TABLES = {"orders", "lots"}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT orders.id FROM orders WHERE orders.community_id = ? AND orders.id = ?",
        "SELECT 1 FROM orders AS o JOIN lots AS l ON l.community_id = o.community_id"
        " AND l.order_id = o.id WHERE o.community_id = %(community_id_1)s::UUID FOR UPDATE",
        "UPDATE lots SET rest = rest - ? WHERE lots.community_id = ? AND rest - ? >= floor",
        "DELETE FROM lots WHERE lots.community_id = ?",
        "INSERT INTO lots (community_id, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        "WITH a AS (INSERT INTO lots (community_id) VALUES ($1) RETURNING id) SELECT 1",
        "SELECT id FROM communities WHERE name = 'from orders, lots'",
        "SELECT 1",
    ],
)
def test_our_manner_of_speaking_passes(statement: str) -> None:
    assert statement_lint.broken_rules(statement, TABLES) == []


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("S01", "SELECT orders.id FROM orders WHERE orders.id = ?"),
        ("S01", "SELECT orders.id, lots.id FROM orders, lots WHERE orders.community_id = ?"),
        ("S01", "SELECT 1 FROM orders WHERE orders.community_id IN (?, ?)"),
        ("S01", "UPDATE lots SET rest = ? WHERE lots.id = ?"),
        ("S01", 'DELETE FROM lovebank."lots" WHERE id = ?'),
        ("S02", "SELECT id FROM orders WHERE status = ? FOR UPDATE SKIP LOCKED"),
        ("S03", "UPDATE lots SET at = clock_timestamp() WHERE lots.community_id = ?"),
        ("S03", "SELECT 1 FROM lots WHERE lots.community_id = ? AND at < CURRENT_TIMESTAMP"),
        ("S04", "INSERT INTO lots (community_id, n) VALUES (?, (SELECT max(n) FROM x))"),
        ("S05", "MERGE INTO lots USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE"),
        ("S06", "INSERT INTO lots (community_id, id) SELECT community_id, id FROM x"),
        ("S07", "SET CONSTRAINTS ALL DEFERRED"),
        ("S07", "PREPARE TRANSACTION 'a'"),
        ("S08", "TRUNCATE lots"),
        ("S09", "SELECT set_config('a.b', ?, true)"),
        ("S10", "SELECT pg_advisory_xact_lock(7)"),
        ("S11", "LOCK TABLE lots"),
        ("S11", "SELECT nextval('numbers')"),
    ],
)
def test_a_planted_fault_is_named(rule: str, statement: str) -> None:
    assert rule in statement_lint.broken_rules(statement, TABLES)


def test_reading_across_communities_has_to_be_asked_for() -> None:
    reads = "SELECT count(*) FROM orders"
    assert statement_lint.broken_rules(reads, TABLES, across=True) == []
    assert statement_lint.broken_rules(reads + " FOR UPDATE", TABLES, across=True)
    assert statement_lint.broken_rules("DELETE FROM orders", TABLES, across=True)


def test_the_listener_refuses_a_second_community_in_a_writing_transaction() -> None:
    table = Table(
        "t",
        MetaData(),
        Column("community_id", Id, primary_key=True),
        Column("n", Integer),
    )
    engine = create_engine("sqlite://", poolclass=StaticPool)
    here, there = ids.new(), ids.new()
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"community_id": here, "n": 1})
        with pytest.raises(statement_lint.StatementRefused, match="S12"):
            connection.execute(table.insert(), {"community_id": there, "n": 1})
    with engine.begin() as connection:
        connection.execute(select(table.c.n).where(table.c.community_id == here))
        connection.execute(select(table.c.n).where(table.c.community_id == there))
    engine.dispose()


def test_the_listener_stands_on_every_engine_of_the_suite() -> None:
    engine = create_engine("sqlite://")
    with (
        engine.connect() as connection,
        pytest.raises(statement_lint.StatementRefused, match="S10"),
    ):
        connection.exec_driver_sql("SELECT pg_advisory_lock(7)")
    engine.dispose()
