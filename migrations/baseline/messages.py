"""Tables of `messages` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _messages()


def downgrade() -> None:
    op.drop_table("messages")


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", types.Json(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("told_at", types.Instant(), nullable=False),
        sa.Column("read_at", types.Instant(), nullable=True),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_messages_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "community_id",
            "person_id",
            "natural_key",
            name=op.f("uq_messages_person_id_natural_key"),
        ),
        info={"dist": "community_id", "append_only": False, "changes": ("read_at", "sent_at")},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_messages_person_id_id"),
        "messages",
        ["community_id", "person_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_messages_unread",
        "messages",
        ["community_id", "person_id", "id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_messages_unsent",
        "messages",
        ["community_id", "id"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
