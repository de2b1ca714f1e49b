"""Tables of `redemption` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _stock_changes()
    _order_lines()
    _stock_change_lines()
    _stock_signatures()
    _vouchers()


def downgrade() -> None:
    op.drop_table("vouchers")
    op.drop_table("stock_signatures")
    op.drop_table("stock_change_lines")
    op.drop_table("order_lines")
    op.drop_table("stock_changes")


def _stock_changes() -> None:
    op.create_table(
        "stock_changes",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hands", types.Amount, nullable=False),
        sa.Column("text_digest", types.Octets, nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'stocktake' OR hands = 2", name=op.f("ck_stock_changes_counted_by_two")
        ),
        sa.CheckConstraint(
            "kind IN ('write_off', 'stocktake')", name=op.f("ck_stock_changes_kind_listed")
        ),
        sa.CheckConstraint("hands IN (1, 2)", name=op.f("ck_stock_changes_one_or_two")),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_stock_changes_made_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_stock_changes")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
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


def _stock_change_lines() -> None:
    op.create_table(
        "stock_change_lines",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("change_id", types.Id(), nullable=False),
        sa.Column("goods_id", types.Id(), nullable=False),
        sa.Column("expected", types.Amount, nullable=True),
        sa.Column("counted", types.Amount, nullable=True),
        sa.Column("difference", types.Amount, nullable=False),
        sa.CheckConstraint(
            "(expected IS NULL) = (counted IS NULL)",
            name=op.f("ck_stock_change_lines_counted_whole"),
        ),
        sa.CheckConstraint(
            "expected >= 0 AND counted >= 0", name=op.f("ck_stock_change_lines_counts_bounds")
        ),
        sa.CheckConstraint(
            "expected IS NOT NULL OR difference < 0",
            name=op.f("ck_stock_change_lines_written_off_less"),
        ),
        sa.CheckConstraint(
            "expected IS NULL OR difference = counted - expected",
            name=op.f("ck_stock_change_lines_difference_counted"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "change_id"],
            ["stock_changes.community_id", "stock_changes.id"],
            name=op.f("fk_stock_change_lines_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "goods_id"],
            ["goods.community_id", "goods.id"],
            name=op.f("fk_stock_change_lines_goods_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "change_id", "goods_id", name=op.f("pk_stock_change_lines")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_stock_change_lines_goods_id_change_id"),
        "stock_change_lines",
        ["community_id", "goods_id", "change_id"],
        unique=False,
    )


def _stock_signatures() -> None:
    op.create_table(
        "stock_signatures",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("change_id", types.Id(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("signed_by", types.Id(), nullable=False),
        sa.Column("signed_at", types.Instant(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=True),
        sa.CheckConstraint(
            "decision = 'signed' OR transfer_id IS NULL",
            name=op.f("ck_stock_signatures_rejected_moves_nothing"),
        ),
        sa.CheckConstraint(
            "decision IN ('signed', 'rejected')", name=op.f("ck_stock_signatures_decision_listed")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "change_id"],
            ["stock_changes.community_id", "stock_changes.id"],
            name=op.f("fk_stock_signatures_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "signed_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_stock_signatures_signed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_stock_signatures_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "change_id", name=op.f("pk_stock_signatures")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
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
