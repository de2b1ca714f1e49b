"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _second_looks()


def downgrade() -> None:
    op.drop_table("second_looks")


def _second_looks() -> None:
    op.create_table(
        "second_looks",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("sampled_id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("revision", types.Amount, nullable=True),
        sa.Column("looked_by", types.Id(), nullable=False),
        sa.Column("looked_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.CheckConstraint(
            "(outcome = 'amended') = (revision IS NOT NULL)",
            name=op.f("ck_second_looks_amended_revision"),
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'amended')", name=op.f("ck_second_looks_outcome_listed")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_second_looks_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "looked_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_second_looks_looked_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "sampled_id"],
            ["sampled_awards.community_id", "sampled_awards.id"],
            name=op.f("fk_second_looks_sampled_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint("community_id", "sampled_id", name=op.f("uq_second_looks_sampled_id")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
