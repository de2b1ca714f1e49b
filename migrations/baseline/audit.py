"""Tables of `audit` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _audit_entries()
    _audit_texts()
    _audit_unsealed()


def downgrade() -> None:
    op.drop_table("audit_unsealed")
    op.drop_table("audit_texts")
    op.drop_table("audit_entries")


def _audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.Column("request_id", types.Id(), nullable=False),
        sa.Column("before", types.Json(), nullable=True),
        sa.Column("after", types.Json(), nullable=True),
        sa.Column("row_digest", types.Octets, nullable=True),
        sa.Column("leaf", types.Octets, nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_audit_entries")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_audit_entries_request_id"),
        "audit_entries",
        ["community_id", "request_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entries_subject_type_subject_id_id"),
        "audit_entries",
        ["community_id", "subject_type", "subject_id", "id"],
        unique=False,
    )


def _audit_texts() -> None:
    op.create_table(
        "audit_texts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("digest", types.Octets, nullable=False),
        sa.Column("salt", types.Octets, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "digest", name=op.f("pk_audit_texts")),
        info={"dist": "community_id", "append_only": False, "erasable": True, "changes": ()},
        sqlite_strict=True,
    )


def _audit_unsealed() -> None:
    op.create_table(
        "audit_unsealed",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("leaf", types.Octets, nullable=False),
        sa.CheckConstraint(
            "kind IN ('transfer', 'entry')", name=op.f("ck_audit_unsealed_kind_listed")
        ),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_audit_unsealed_leaf_whole")),
        sa.PrimaryKeyConstraint(
            "community_id", "kind", "subject_id", name=op.f("pk_audit_unsealed")
        ),
        info={"dist": "community_id", "append_only": False, "erasable": True, "changes": ()},
        sqlite_strict=True,
    )
