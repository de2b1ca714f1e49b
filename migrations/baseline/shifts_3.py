"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _awards()


def downgrade() -> None:
    op.drop_table("awards")


def _awards() -> None:
    op.create_table(
        "awards",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("service_on", types.Day(), nullable=False),
        sa.Column("rule_id", types.Id(), nullable=True),
        sa.Column("minutes", types.Amount, nullable=False),
        sa.Column("points", types.Amount, nullable=False),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("steps", types.Json(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=True),
        sa.Column("available_on", types.Day(), nullable=True),
        sa.Column("expires_on", types.Day(), nullable=True),
        sa.Column("awarded_at", types.Instant(), nullable=False),
        sa.CheckConstraint("minutes >= 0 AND points >= 0", name=op.f("ck_awards_amounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_awards_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_awards_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_awards_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "rule_id"],
            ["award_rules.community_id", "award_rules.id"],
            name=op.f("fk_awards_rule_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_awards_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_awards")),
        sa.UniqueConstraint(
            "community_id",
            "attendance_id",
            "revision",
            name=op.f("uq_awards_attendance_id_revision"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_awards_person_id_service_on"),
        "awards",
        ["community_id", "person_id", "service_on"],
        unique=False,
    )
    op.create_index(op.f("ix_awards_rule_id"), "awards", ["community_id", "rule_id"], unique=False)
