"""Tables of `treasury` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _treasury_adjustments()
    _treasury_periods()
    _treasury_decisions()


def downgrade() -> None:
    op.drop_table("treasury_decisions")
    op.drop_table("treasury_periods")
    op.drop_table("treasury_adjustments")


def _treasury_adjustments() -> None:
    op.create_table(
        "treasury_adjustments",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("points", types.Amount, nullable=False),
        sa.Column("effective_on", types.Day(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("text_digest", types.Octets, nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'opening' OR points > 0", name=op.f("ck_treasury_adjustments_opening_positive")
        ),
        sa.CheckConstraint(
            "kind IN ('adjustment', 'opening')", name=op.f("ck_treasury_adjustments_kind_listed")
        ),
        sa.CheckConstraint(
            "points <> 0 AND abs(points) <= 9007199254740991",
            name=op.f("ck_treasury_adjustments_points_bounds"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_treasury_adjustments_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_treasury_adjustments_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_treasury_adjustments")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_treasury_adjustments_person_id_id"),
        "treasury_adjustments",
        ["community_id", "person_id", "id"],
        unique=False,
    )


def _treasury_periods() -> None:
    op.create_table(
        "treasury_periods",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=False),
        sa.Column("closed_by", types.Id(), nullable=False),
        sa.Column("closed_at", types.Instant(), nullable=False),
        sa.Column("transfers", types.Amount, nullable=False),
        sa.Column("turnover_digest", types.Octets, nullable=False),
        sa.CheckConstraint(
            "length(turnover_digest) = 32", name=op.f("ck_treasury_periods_digest_whole")
        ),
        sa.CheckConstraint("transfers >= 0", name=op.f("ck_treasury_periods_transfers_count")),
        sa.ForeignKeyConstraint(
            ["community_id", "closed_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_treasury_periods_closed_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_treasury_periods")),
        sa.UniqueConstraint("community_id", "ends_on", name=op.f("uq_treasury_periods_ends_on")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _treasury_decisions() -> None:
    op.create_table(
        "treasury_decisions",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("adjustment_id", types.Id(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", types.Id(), nullable=False),
        sa.Column("decided_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.Column("transfer_id", types.Id(), nullable=True),
        sa.CheckConstraint(
            "(decision = 'approve') = (transfer_id IS NOT NULL)",
            name=op.f("ck_treasury_decisions_approved_moves"),
        ),
        sa.CheckConstraint(
            "decision IN ('reject', 'withdraw', 'approve')",
            name=op.f("ck_treasury_decisions_decision_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "adjustment_id"],
            ["treasury_adjustments.community_id", "treasury_adjustments.id"],
            name=op.f("fk_treasury_decisions_adjustment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "decided_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_treasury_decisions_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_treasury_decisions_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_treasury_decisions")),
        sa.UniqueConstraint(
            "community_id", "adjustment_id", name=op.f("uq_treasury_decisions_adjustment_id")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
