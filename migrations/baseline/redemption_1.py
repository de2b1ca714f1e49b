"""Tables of `redemption` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _funds()
    _goods()
    _fund_uses()
    _goods_receipts()
    _fund_receipts()
    _orders()


def downgrade() -> None:
    op.drop_table("orders")
    op.drop_table("fund_receipts")
    op.drop_table("goods_receipts")
    op.drop_table("fund_uses")
    op.drop_table("goods")
    op.drop_table("funds")


def _funds() -> None:
    op.create_table(
        "funds",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("points_budget", types.Amount, nullable=True),
        sa.Column("ends_on", types.Day(), nullable=True),
        sa.Column("opened_at", types.Instant(), nullable=False),
        sa.CheckConstraint("points_budget >= 0", name=op.f("ck_funds_budget_bounds")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_funds")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_funds_name")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _goods() -> None:
    op.create_table(
        "goods",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("points", types.Amount, nullable=False),
        sa.Column("per_person_limit", types.Amount, nullable=True),
        sa.Column("per_household_limit", types.Amount, nullable=True),
        sa.Column("limit_days", types.Amount, nullable=True),
        sa.Column("category", sa.Text(), server_default="other", nullable=False),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "category IN ('food', 'household', 'health', 'school', 'culture', 'other')",
            name=op.f("ck_goods_category_listed"),
        ),
        sa.CheckConstraint("limit_days > 0", name=op.f("ck_goods_limit_days_positive")),
        sa.CheckConstraint(
            "per_household_limit > 0", name=op.f("ck_goods_household_limit_positive")
        ),
        sa.CheckConstraint("per_person_limit > 0", name=op.f("ck_goods_limit_positive")),
        sa.CheckConstraint("points > 0", name=op.f("ck_goods_points_positive")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_goods")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_goods_name")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _fund_uses() -> None:
    op.create_table(
        "fund_uses",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "category IN ('food', 'household', 'health', 'school', 'culture', 'other')",
            name=op.f("ck_fund_uses_category_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_fund_uses_fund_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "fund_id", "category", name=op.f("pk_fund_uses")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _goods_receipts() -> None:
    op.create_table(
        "goods_receipts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("goods_id", types.Id(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=False),
        sa.Column("quantity", types.Amount, nullable=False),
        sa.Column("unit_cost_fen", types.Amount, nullable=False),
        sa.Column("total_fen", types.Amount, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("best_before", types.Day(), nullable=True),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('purchase', 'donation')", name=op.f("ck_goods_receipts_kind_listed")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_goods_receipts_quantity_positive")),
        sa.CheckConstraint(
            "total_fen >= quantity * unit_cost_fen AND total_fen < quantity * (unit_cost_fen + 1)",
            name=op.f("ck_goods_receipts_total_whole"),
        ),
        sa.CheckConstraint("unit_cost_fen >= 0", name=op.f("ck_goods_receipts_cost_bounds")),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_goods_receipts_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "goods_id"],
            ["goods.community_id", "goods.id"],
            name=op.f("fk_goods_receipts_goods_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_goods_receipts_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_goods_receipts")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_goods_receipts_goods_id_id"),
        "goods_receipts",
        ["community_id", "goods_id", "id"],
        unique=False,
    )


def _fund_receipts() -> None:
    op.create_table(
        "fund_receipts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=False),
        sa.Column("fen", types.Amount, nullable=False),
        sa.Column("text_digest", types.Octets, nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("received_by", types.Id(), nullable=False),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_receipts_fen_positive")),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_fund_receipts_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "received_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_fund_receipts_received_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_fund_receipts_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_fund_receipts")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_fund_receipts_fund_id_id"),
        "fund_receipts",
        ["community_id", "fund_id", "id"],
        unique=False,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("points", types.Amount, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("placed_by", types.Id(), nullable=False),
        sa.Column("witness_id", types.Id(), nullable=True),
        sa.Column("placed_at", types.Instant(), nullable=False),
        sa.Column("lapses_at", types.Instant(), nullable=False),
        sa.Column("held_above", types.Amount, nullable=True),
        sa.Column("approved_by", types.Id(), nullable=True),
        sa.Column("approved_at", types.Instant(), nullable=True),
        sa.Column("collected_by", types.Id(), nullable=True),
        sa.Column("collected_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "held_above IS NULL OR approved_by IS NOT NULL OR status IN ('held', 'cancelled', 'lapsed')",
            name=op.f("ck_orders_approved_before_ready"),
        ),
        sa.CheckConstraint(
            "status <> 'held' OR (held_above IS NOT NULL AND approved_by IS NULL)",
            name=op.f("ck_orders_held_if_above"),
        ),
        sa.CheckConstraint(
            "status IN ('held', 'ready', 'collected', 'cancelled', 'lapsed', 'returned')",
            name=op.f("ck_orders_status_listed"),
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_orders_approved_whole")
        ),
        sa.CheckConstraint(
            "(collected_by IS NULL) = (collected_at IS NULL)",
            name=op.f("ck_orders_collected_whole"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR held_above IS NOT NULL", name=op.f("ck_orders_approved_if_held")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_orders_points_positive")),
        sa.CheckConstraint("points > held_above", name=op.f("ck_orders_above_the_limit")),
        sa.CheckConstraint(
            "witness_id <> placed_by AND witness_id <> person_id",
            name=op.f("ck_orders_witness_differs"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "approved_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_orders_approved_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "collected_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_orders_collected_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_orders_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "placed_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_orders_placed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "witness_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_orders_witness_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_orders")),
        info={
            "dist": "community_id",
            "append_only": False,
            "changes": ("status", "approved_by", "approved_at", "collected_by", "collected_at"),
        },
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_orders_person_id_id"), "orders", ["community_id", "person_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_orders_status_id"), "orders", ["community_id", "status", "id"], unique=False
    )
    op.create_index(
        op.f("ix_orders_status_lapses_at"),
        "orders",
        ["community_id", "status", "lapses_at"],
        unique=False,
    )
