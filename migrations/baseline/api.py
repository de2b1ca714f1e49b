"""Tables of `api` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _kept_answers()


def downgrade() -> None:
    op.drop_table("kept_answers")


def _kept_answers() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("body_digest", types.Octets, nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.Column("status", types.Amount, nullable=True),
        sa.Column("answer", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "person_id", "key", name=op.f("pk_kept_answers")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
