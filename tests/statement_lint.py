"""The statement rules that keep a distributed PostgreSQL possible, as a listener on every engine.

Each statement of the whole suite is read as text: a safety net, not a proof. Invariant: a statement
on a tenant table names its community, and a transaction that writes names one community only
(design D1). The one way out is a *reading* statement with the execution option
`across_communities="<why>"`. test_statement_lint.py plants a fault against each rule.
"""

import contextlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event

from kit import ids
from kit.tables import Base

_SEEN = "statement_lint.communities"
_WROTE = "statement_lint.wrote"

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_READS = re.compile(r"\b(?:FROM|JOIN|UPDATE|USING|,)\s+(?:ONLY\s+)?(?:lovebank\.)?(\w+)\b(?![.\w])")
_EQUALS = re.compile(r"\bcommunity_id\s*=")
_BOUND = re.compile(r"\bcommunity_id\s*=\s*(?:\?|%|\$|:|''|CAST\s*\()")
_LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE\s+\w+|DELETE\s+FROM)\b", re.IGNORECASE)
_STATEMENT = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE)\b", re.IGNORECASE)

#: rules that one expression decides
_NEVER = {
    "S03": (
        r"\b(?:clock_timestamp|statement_timestamp|now|random|gen_random_uuid|uuidv7|randomblob"
        r"|julianday|unixepoch)\s*\(|\bcurrent_(?:timestamp|date|time)\b|\blocaltime(?:stamp)?\b"
    ),
    "S04": r"\bVALUES\s*\((?:[^()]|\([^()]*\))*\(\s*SELECT\b",
    "S05": r"^\s*(?:WITH\b.*)?\bMERGE\s+INTO\b",
    "S06": r"\bINSERT\s+(?:OR\s+\w+\s+)?INTO\s+[\w.]+\s*(?:\([^()]*\)\s*)?\(?\s*(?:SELECT|WITH)\b",
    "S07": r"\bSET\s+CONSTRAINTS\b|\bPREPARE\s+TRANSACTION\b|\b(?:COMMIT|ROLLBACK)\s+PREPARED\b"
    r"|\bDEFERRABLE\b",
    "S08": r"^\s*TRUNCATE\b",
    "S09": r"\bset_config\s*\(",
    "S10": r"\bpg_(?:try_)?advisory_\w+\s*\(",
    "S11": r"^\s*LOCK\b|\b(?:nextval|setval|currval|lastval)\s*\(",
}
_NEVER_COMPILED = {
    rule: re.compile(text, re.IGNORECASE | re.DOTALL) for rule, text in _NEVER.items()
}


class StatementRefused(AssertionError):
    """A statement that a distributed engine would refuse, or would get wrong without saying so."""


_off = 0


def install() -> None:
    """Listen on every engine of this process, made and to be made."""
    event.listen(Engine, "before_cursor_execute", _before_cursor_execute)
    for name in ("begin", "commit", "rollback"):
        event.listen(Engine, name, _forget)


@contextlib.contextmanager
def off() -> Iterator[None]:
    """For a test that plays the vandal, and sends what the program never would."""
    global _off
    _off += 1
    try:
        yield
    finally:
        _off -= 1


def broken_rules(statement: str, tenant_tables: set[str], *, across: bool = False) -> list[str]:
    """The rules that a statement breaks, as their numbers."""
    text = _LITERAL.sub("''", statement).replace('"', "")
    found = [rule for rule, pattern in _NEVER_COMPILED.items() if pattern.search(text)]
    if not _STATEMENT.match(text):
        return found
    writes = _CHANGES.search(text) is not None
    locks = _LOCKS.search(text) is not None
    touched = [name for name in _READS.findall(text) if name in tenant_tables]
    named = len(_EQUALS.findall(text)) >= len(touched) and _BOUND.search(text) is not None
    if touched and not named and (writes or locks or not across):
        found.append("S01")
    if locks and touched and not named:
        found.append("S02")
    return sorted(found)


def _before_cursor_execute(
    connection: Connection,
    _cursor: Any,
    statement: str,
    parameters: Any,
    context: Any,
    _executemany: bool,
) -> None:
    if _off or not _applies(statement):
        return
    across = bool(context is not None and context.execution_options.get("across_communities"))
    broken = _judged(statement, across, len(Base.metadata.tables))
    if broken:
        raise StatementRefused(f"{', '.join(broken)}: {statement}")
    _one_community(connection, statement, context, parameters)


@lru_cache(maxsize=10_000)
def _judged(statement: str, across: bool, _tables: int) -> list[str]:
    """Each text is judged once for the tables there are: rooms are loaded one after the other."""
    tenants = {
        t.name for t in Base.metadata.tables.values() if t.info.get("dist") == "community_id"
    }
    return broken_rules(statement, tenants, across=across)


@lru_cache(maxsize=10_000)
def _applies(statement: str) -> bool:
    """Migrations and the drivers' own questions are not the program's statements."""
    plain = statement.lower()
    return not any(word in plain for word in ("alembic_version", "pg_catalog", "sqlite_master"))


def _one_community(connection: Connection, statement: str, context: Any, sent: Any) -> None:
    """S12: two communities in one transaction that writes."""
    info = connection.info
    seen: set[UUID] = info.setdefault(_SEEN, set())
    # What is sent to the driver as it is (kit.rows) names its community beside the text.
    own = [sent] if isinstance(sent, dict) else []
    for parameters in [*(getattr(context, "compiled_parameters", None) or []), *own]:
        for key, value in parameters.items():
            if key.startswith("community_id") and isinstance(value, UUID) and value != ids.NIL:
                seen.add(value)
    info[_WROTE] = info.get(_WROTE, False) or _changes(statement)
    if info[_WROTE] and len(seen) > 1:
        raise StatementRefused(f"S12: {len(seen)} communities in one transaction: {statement}")


@lru_cache(maxsize=10_000)
def _changes(statement: str) -> bool:
    return _CHANGES.search(statement) is not None


def _forget(connection: Connection) -> None:
    connection.info.pop(_SEEN, None)
    connection.info.pop(_WROTE, None)
