"""The migrations make, on both engines, the schema that the models describe, and take it away."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from kit import engines, schema, triggers
from kit.tables import Base
from migrations import regenerate, tables


def test_there_is_one_head() -> None:
    assert ScriptDirectory.from_config(_config()).get_heads() == [schema.head()]


def test_the_baseline_is_what_the_models_say() -> None:
    """Until the first release; afterwards the baseline stands and this test goes."""
    written = {path.name: path.read_text("utf-8") for path in regenerate.FOLDER.glob("*.py")}
    assert written == regenerate.rendered(), "run: make baseline"


def test_upgrade_makes_what_the_models_describe(database_url: str) -> None:
    with engines.make(database_url, writes=True, owner=True).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_is_strict_or_in_our_schema(database_url: str) -> None:
    wanted = {table.name for table in Base.metadata.sorted_tables}
    with engines.make(database_url, writes=True, owner=True).connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT name FROM pragma_table_list WHERE strict = 1"))
        else:
            rows = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"),
                {"schema": triggers.SCHEMA},
            )
            assert inspect(connection).get_table_names(schema="public") == []
        assert wanted <= set(rows.scalars())


def test_every_trigger_stands(database_url: str) -> None:
    with engines.make(database_url, writes=True, owner=True).connect() as connection:
        assert _triggers(connection) == _wanted(connection.dialect.name)


def test_down_to_nothing_and_up_again(empty_database_url: str) -> None:
    schema.upgrade(empty_database_url)
    with engines.make(empty_database_url, writes=True, owner=True).connect() as connection:
        command.downgrade(_config(connection), "base")
        connection.commit()
    with engines.make(empty_database_url, writes=True, owner=True).connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert _triggers(connection) == set()
    schema.upgrade(empty_database_url)
    assert schema.current(empty_database_url) == schema.head()
    schema.require_head(empty_database_url)


def _config(connection: Connection | None = None) -> Config:
    tables.load()
    config = Config()
    config.set_main_option("script_location", "migrations:")
    config.attributes["connection"] = connection
    return config


def _triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.execute(text(query)).scalars())


def _wanted(dialect: str) -> set[str]:
    return {t.name for t in triggers.registered() if t.only in (None, dialect)}
