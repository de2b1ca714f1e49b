"""Tables of `redemption` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _funds()
    _goods()
    _goods_receipts()
    _orders()
    _order_lines()
    _vouchers()


def downgrade() -> None:
    op.drop_table("vouchers")
    op.drop_table("order_lines")
    op.drop_table("orders")
    op.drop_table("goods_receipts")
    op.drop_table("goods")
    op.drop_table("funds")


def _funds() -> None:
    op.create_table(
        "funds",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("points_budget", types.Amount, nullable=True),
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
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.CheckConstraint("per_person_limit > 0", name=op.f("ck_goods_limit_positive")),
        sa.CheckConstraint("points > 0", name=op.f("ck_goods_points_positive")),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_goods")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_goods_name")),
        info={"dist": "community_id", "append_only": False},
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
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_goods_receipts_quantity_positive")),
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


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("line", types.Amount, nullable=False),
        sa.Column("goods_id", types.Id(), nullable=False),
        sa.Column("quantity", types.Amount, nullable=False),
        sa.Column("points_each", types.Amount, nullable=False),
        sa.CheckConstraint("points_each > 0", name=op.f("ck_order_lines_points_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["community_id", "goods_id"],
            ["goods.community_id", "goods.id"],
            name=op.f("fk_order_lines_goods_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["orders.community_id", "orders.id"],
            name=op.f("fk_order_lines_order_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "order_id", "line", name=op.f("pk_order_lines")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_order_lines_goods_id_order_id"),
        "order_lines",
        ["community_id", "goods_id", "order_id"],
        unique=False,
    )


def _vouchers() -> None:
    op.create_table(
        "vouchers",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("order_id", types.Id(), nullable=False),
        sa.Column("issue", types.Amount, nullable=False),
        sa.Column("token_hash", types.Octets, nullable=False),
        sa.Column("typed_hash", types.Octets, nullable=False),
        sa.Column("key_no", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("issued_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('issued', 'frozen', 'redeemed', 'void', 'lapsed')",
            name=op.f("ck_vouchers_status_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["orders.community_id", "orders.id"],
            name=op.f("fk_vouchers_order_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_vouchers")),
        sa.UniqueConstraint(
            "community_id", "order_id", "issue", name=op.f("uq_vouchers_order_id_issue")
        ),
        sa.UniqueConstraint("community_id", "token_hash", name=op.f("uq_vouchers_token_hash")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_vouchers_typed_hash"), "vouchers", ["community_id", "typed_hash"], unique=False
    )
    op.create_index(
        "ux_vouchers_one_in_force",
        "vouchers",
        ["community_id", "order_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('issued', 'frozen')"),
        postgresql_where=sa.text("status IN ('issued', 'frozen')"),
    )
