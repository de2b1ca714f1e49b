"""Alembic's way in. The program hands over a connection; there is no alembic.ini and no URL here.

Invariant: all migrations of one upgrade are one transaction, which the caller commits.
"""

from alembic import context
from sqlalchemy import Connection

from kit.tables import Base
from migrations import tables


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        # SQLite undoes DDL as PostgreSQL does, once its driver leaves BEGIN to us.
        transactional_ddl=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


tables.load()
_run(context.config.attributes["connection"])
