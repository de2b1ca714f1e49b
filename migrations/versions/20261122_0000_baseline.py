"""The first schema: every room's tables, then the guards that stand in the database.

Until the first release the tables are written anew by `make baseline`; the triggers and rights come
from their registries, so that they cannot differ from what `lovebank check` compares with.
"""

from alembic import op
from sqlalchemy import text

from kit import roles, triggers
from kit.tables import Base
from migrations.baseline import PARTS

revision = "20261122_0000"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, the triggers and, on PostgreSQL, the runtime role's rights."""
    dialect = op.get_bind().dialect.name
    for part in PARTS:
        part.upgrade()
    for statement in triggers.statements(dialect):
        _execute(statement)
    if dialect == "postgresql":
        for statement in roles.statements(Base.metadata):
            _execute(statement)


def downgrade() -> None:
    """Drop the tables, whose triggers go with them; PostgreSQL's trigger functions go last."""
    for part in reversed(PARTS):
        part.downgrade()
    if op.get_bind().dialect.name == "postgresql":
        for trigger in triggers.registered():
            _execute(f"DROP FUNCTION IF EXISTS {triggers.SCHEMA}.{trigger.name}()")


def _execute(statement: str) -> None:
    # text() doubles the percent signs for the driver; a colon in a trigger is no parameter.
    op.get_bind().execute(text(statement.replace(":", r"\:")))
