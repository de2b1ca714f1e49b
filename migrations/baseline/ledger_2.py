"""Tables of `ledger` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _ledger_lots()
    _ledger_lot_uses()


def downgrade() -> None:
    op.drop_table("ledger_lot_uses")
    op.drop_table("ledger_lots")


def _ledger_lots() -> None:
    op.create_table(
        "ledger_lots",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("line", types.Amount, nullable=False),
        sa.Column("original", types.Amount, nullable=False),
        sa.Column("remaining", types.Amount, nullable=False),
        sa.Column("available_on", types.Day(), nullable=True),
        sa.Column("expires_on", types.Day(), nullable=True),
        sa.Column("fund_id", types.Id(), nullable=True),
        sa.Column("unit_cost_fen", types.Amount, nullable=True),
        sa.CheckConstraint(
            "expires_on IS NULL OR available_on IS NULL OR available_on <= expires_on",
            name=op.f("ck_ledger_lots_usable_for_a_day"),
        ),
        sa.CheckConstraint("original > 0", name=op.f("ck_ledger_lots_original_positive")),
        sa.CheckConstraint(
            "remaining >= 0 AND remaining <= original", name=op.f("ck_ledger_lots_remaining_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["ledger_accounts.community_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_lots_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id", "line"],
            ["ledger_postings.community_id", "ledger_postings.transfer_id", "ledger_postings.line"],
            name=op.f("fk_ledger_lots_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_ledger_lots")),
        sa.UniqueConstraint(
            "community_id", "transfer_id", "line", name=op.f("uq_ledger_lots_transfer_id_line")
        ),
        info={"dist": "community_id", "append_only": False, "changes": ("remaining",)},
        sqlite_strict=True,
    )
    op.create_index(
        "ix_ledger_lots_last_day",
        "ledger_lots",
        ["community_id", "expires_on", "id"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(
        "ix_ledger_lots_left",
        "ledger_lots",
        ["community_id", "account_id", "expires_on", "id"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(
        "ix_ledger_lots_on_notice",
        "ledger_lots",
        ["community_id", "available_on"],
        unique=False,
        sqlite_where=sa.text("available_on IS NOT NULL"),
        postgresql_where=sa.text("available_on IS NOT NULL"),
    )


def _ledger_lot_uses() -> None:
    op.create_table(
        "ledger_lot_uses",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("line", types.Amount, nullable=False),
        sa.Column("lot_id", types.Id(), nullable=False),
        sa.Column("taken", types.Amount, nullable=False),
        sa.CheckConstraint("taken <> 0", name=op.f("ck_ledger_lot_uses_taken_something")),
        sa.ForeignKeyConstraint(
            ["community_id", "lot_id"],
            ["ledger_lots.community_id", "ledger_lots.id"],
            name=op.f("fk_ledger_lot_uses_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id", "line"],
            ["ledger_postings.community_id", "ledger_postings.transfer_id", "ledger_postings.line"],
            name=op.f("fk_ledger_lot_uses_transfer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "transfer_id", "line", "lot_id", name=op.f("pk_ledger_lot_uses")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_ledger_lot_uses_lot_id_transfer_id"),
        "ledger_lot_uses",
        ["community_id", "lot_id", "transfer_id"],
        unique=False,
    )
