"""Tables of `kit` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _marks()


def downgrade() -> None:
    op.drop_table("marks")


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "name", name=op.f("pk_marks")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
