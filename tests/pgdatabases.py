"""The databases of one throw-away PostgreSQL: copied from a template, emptied and lent again.

Invariant: a database that is lent has the template's schema and not one row more than the
template. To empty one costs a tenth of copying one. What a test did to the schema cannot be
emptied away: such a database is dropped, and so is one that was lent `LENT_AT_MOST` times.
"""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from kit import schema
from kit.triggers import SCHEMA
from tests.pgserver import PostgresServer

#: emptied tables keep their dead rows until the next vacuum
LENT_AT_MOST = 40

_numbers = itertools.count()
_out: dict[str, "Lent"] = {}

#: every object of the schema by the transaction that changed it last; vacuum leaves these as is
_SCHEMA_AS_IT_STANDS = "SELECT " + ", ".join(
    f"(SELECT (count(*), sum(xmin::text::bigint))::text FROM pg_catalog.{name} WHERE {own})"
    for name, own in [
        *(
            (f"pg_{name}", "oid >= 16384")
            for name in ("class", "proc", "trigger", "constraint", "type", "policy", "rewrite")
        ),
        *(("pg_attribute", "attrelid >= 16384"), ("pg_index", "indexrelid >= 16384")),
        *((f"pg_{name}", "true") for name in ("namespace", "extension", "default_acl", "attrdef")),
    ]
)
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
#: a closed connection is gone within milliseconds
PATIENCE_SECONDS = 5.0
#: bytes of a copied table that is empty: head and end
NO_ROW = 21


def lent_at(url: str) -> "Lent | None":
    """The lent database at this address, if it is one of ours."""
    return _out.get(url)


class Databases:
    """A maker of databases on one server: `with databases(template=True) as url`."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._admin = self._connect("postgres")
        # The process in the name: workers may share a server given by LB_TEST_PG_URL.
        self._template = f"lb_template_{os.getpid()}"
        self._create(self._template, "template0")
        schema.upgrade(server.url(self._template))
        self._free: list[Lent] = []

    @contextmanager
    def __call__(self, *, template: bool) -> Iterator[str]:
        """The address of a database for the length of the block: migrated, or without schema."""
        if not template:
            name = self._new_name()
            self._create(name, "template0")
            try:
                yield self._server.url(name)
            finally:
                self._drop(name)
            return
        lent = self._free.pop() if self._free else self._copy()
        url = self._server.url(lent.name)
        _out[url] = lent
        try:
            yield url
        finally:
            del _out[url]
            if lent.emptied():
                self._free.append(lent)
            else:
                lent.owner.close()
                self._drop(lent.name)

    def close(self) -> None:
        """Drop what is left on a server that may not be ours."""
        for lent in self._free:
            lent.owner.close()
            self._drop(lent.name)
        self._drop(self._template)
        self._admin.close()

    def _copy(self) -> "Lent":
        name = self._new_name()
        self._create(name, self._template)
        return Lent(name, self._connect(name))

    def _connect(self, name: str) -> psycopg.Connection:
        url = make_url(self._server.url(name)).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _new_name(self) -> str:
        return f"lb_test_{os.getpid()}_{next(_numbers)}"

    def _create(self, name: str, template: str) -> None:
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        # Statements of this file alone; the names are quoted as identifiers.
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Lent:
    """A migrated database and its owner's connection, kept from one loan to the next."""

    def __init__(self, name: str, owner: psycopg.Connection) -> None:
        self.name, self.owner = name, owner
        self._loans = 1
        self._as_made = self._schema_as_it_stands()
        # The rows that the migrations made are part of the template, and stay.
        self._emptied = [table for table in self._tables() if not self._holds_rows(table)]
        self._kept = {table: self._rows(table) for table in self._tables() - set(self._emptied)}
        # The owner's own: neither foreign keys nor the triggers of append-only tables are asked.
        owner.execute("SET session_replication_role = replica")

    def emptied(self) -> bool:
        """Whether it is as it was made again; if not, nobody may have it."""
        self._loans += 1
        if self._loans > LENT_AT_MOST or not self._is_alone():
            return False
        if self._schema_as_it_stands() != self._as_made:
            return False
        self.owner.execute(b"; ".join(b"DELETE FROM %s" % table for table in self._emptied))
        return all(self._rows(table) == rows for table, rows in self._kept.items())

    def rows(self) -> dict[bytes, bytes]:
        """Every row beyond the template's, in the server's own form."""
        found = {}
        for table in self._emptied:
            with self.owner.cursor().copy(b"COPY %s TO STDOUT (FORMAT BINARY)" % table) as copy:
                found[table] = b"".join(bytes(part) for part in copy)
        return {table: rows for table, rows in found.items() if len(rows) > NO_ROW}

    def fill(self, rows: dict[bytes, bytes]) -> None:
        """The rows that were read from a database like this one."""
        for table, found in rows.items():
            with self.owner.cursor().copy(b"COPY %s FROM STDIN (FORMAT BINARY)" % table) as copy:
                copy.write(found)

    def _is_alone(self) -> bool:
        """End whoever is still connected, and wait until they are gone."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.owner.execute(_END_OTHERS).fetchall():
            if time.monotonic() > deadline:
                return False
            # A backend that was told to end says nothing when it has: it has to be asked again.
            time.sleep(0.002)
        return True

    def _schema_as_it_stands(self) -> object:
        return self.owner.execute(_SCHEMA_AS_IT_STANDS.encode()).fetchone()

    def _tables(self) -> set[bytes]:
        found = self.owner.execute(
            "SELECT c.oid::regclass::text FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relnamespace = %s::regnamespace",
            (SCHEMA,),
        )
        return {str(name).encode() for (name,) in found}

    def _holds_rows(self, table: bytes) -> bool:
        return bool(self._rows(table))

    def _rows(self, table: bytes) -> object:
        return self.owner.execute(b"SELECT t::text FROM %s t ORDER BY 1" % table).fetchall()
