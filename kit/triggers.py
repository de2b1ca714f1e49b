"""Guarantees that live in the database: one registry of triggers, written for both engines.

Invariant: a room states a guard once, as a portable SQL condition over NEW and OLD; the same guard
stands on SQLite and PostgreSQL, and ``lovebank check`` compares what is installed with this
registry (design D3). Message texts are ``lovebank:<code>``; kit.errors.refusal_in reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table

SCHEMA = "lovebank"
#: pg_temp last: a temporary table never stands in front of one of ours
SEARCH_PATH = f"{SCHEMA}, pg_temp"


@dataclass(frozen=True)
class Trigger:
    """One trigger: it refuses with ``code`` when ``condition`` holds (always, without one)."""

    name: str
    table: str
    event: str
    code: str
    condition: str | None = None
    each: str = "ROW"
    only: str | None = None  #: the one engine that needs it, or both

    def sqlite(self) -> str:
        """The trigger for SQLite; TRUNCATE does not exist there."""
        when = f" WHEN {self.condition}" if self.condition else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table}"
            f" FOR EACH ROW{when} BEGIN SELECT RAISE(ABORT, 'lovebank:{self.code}'); END"
        )

    def body(self) -> str:
        """What PostgreSQL's trigger function does."""
        back = "OLD" if self.event in {"DELETE", "TRUNCATE"} else "NEW"
        raised = f"RAISE EXCEPTION 'lovebank:{self.code}' USING ERRCODE = 'check_violation';"
        if self.condition:
            raised = f"IF {self.condition} THEN {raised} END IF;"
        done = "RETURN NULL;" if self.each == "STATEMENT" else f"RETURN {back};"
        return f" BEGIN {raised} {done} END "

    def postgresql(self) -> list[str]:
        """The function and the trigger for PostgreSQL."""
        return [
            f"CREATE FUNCTION {SCHEMA}.{self.name}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = {SEARCH_PATH} AS $${self.body()}$$",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {SCHEMA}.{self.table}"
            f" FOR EACH {self.each} EXECUTE FUNCTION {SCHEMA}.{self.name}()",
        ]


_registry: dict[str, Trigger] = {}


def register(trigger: Trigger) -> None:
    """Add a trigger; its name is unique and short enough for every engine."""
    assert len(trigger.name) <= 50, f"{trigger.name} is too long"
    assert trigger.name not in _registry, f"{trigger.name} is registered twice"
    _registry[trigger.name] = trigger


def registered() -> list[Trigger]:
    """Every trigger, by name."""
    return [_registry[name] for name in sorted(_registry)]


def guard(name: str, table: str, event: str, code: str, condition: str) -> None:
    """Refuse ``event`` on ``table`` with ``code`` when the condition over NEW and OLD holds."""
    register(Trigger(name, table, event, code, condition))


def append_only(model: type) -> None:
    """Refuse every UPDATE, DELETE, TRUNCATE and replacing INSERT on the model's table (D3).

    The guard on INSERT stands beside SQLite's ``recursive_triggers``: a row whose key is there is
    refused before ``INSERT OR REPLACE`` can take its place.
    """
    table = _table(model)
    for event in ("UPDATE", "DELETE"):
        register(Trigger(f"{table}_no_{event.lower()}", str(table), event, "append_only"))
    key = " AND ".join(f"t.{column.name} = NEW.{column.name}" for column in table.primary_key)
    there = f"EXISTS (SELECT 1 FROM {table} t WHERE {key})"  # noqa: S608 # names of our own tables
    register(
        Trigger(f"{table}_no_replace", str(table), "INSERT", "append_only", there, only="sqlite")
    )
    no_truncate(model)


def no_delete(model: type) -> None:
    """Refuse DELETE and TRUNCATE on the model's table."""
    table = _table(model)
    register(Trigger(f"{table}_no_delete", str(table), "DELETE", "append_only"))
    no_truncate(model)


def no_update(model: type) -> None:
    """Refuse every UPDATE on the model's table: its rows come and go, and never change."""
    table = _table(model)
    table.info["changes"] = ()
    register(Trigger(f"{table}_no_update", str(table), "UPDATE", "append_only"))


def no_truncate(model: type) -> None:
    """Refuse TRUNCATE; SQLite has none."""
    table = _table(model)
    name = f"{table}_no_truncate"
    register(
        Trigger(name, str(table), "TRUNCATE", "append_only", None, "STATEMENT", only="postgresql")
    )


def only_changes(model: type, *columns: str) -> None:
    """Refuse an UPDATE that changes any column but these, and every DELETE."""
    table = _table(model)
    table.info["changes"] = columns
    fixed = [column.name for column in table.columns if column.name not in columns]
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in fixed)
    register(Trigger(f"{table}_fixed", str(table), "UPDATE", "append_only", f"({changed})"))
    no_delete(model)


def arrows(model: type, column: str, allowed: tuple[tuple[str, str], ...]) -> None:
    """Refuse a change of ``column`` that is not one of the drawn arrows (design §5)."""
    table = _table(model)
    drawn = " OR ".join(
        f"(OLD.{column} = '{old}' AND NEW.{column} = '{new}')" for old, new in allowed
    )
    moved = f"NEW.{column} IS DISTINCT FROM OLD.{column} AND NOT ({drawn})"
    register(Trigger(f"{table}_{column}_arrows", str(table), "UPDATE", "already_decided", moved))


def wanted_on(dialect: str) -> list[Trigger]:
    """The triggers that an engine needs, by name."""
    return [trigger for trigger in registered() if trigger.only in (None, dialect)]


def statements(dialect: str) -> list[str]:
    """Every statement that installs the registry on an engine."""
    wanted = wanted_on(dialect)
    if dialect == "sqlite":
        return [trigger.sqlite() for trigger in wanted]
    return [statement for trigger in wanted for statement in trigger.postgresql()]


def _table(model: type) -> Table:
    table = model.__table__  # type: ignore[attr-defined] # every mapped class has its table
    assert isinstance(table, Table)
    return table
