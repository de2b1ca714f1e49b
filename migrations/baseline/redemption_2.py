"""Tables of `redemption` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _order_lines()
    _vouchers()


def downgrade() -> None:
    op.drop_table("vouchers")
    op.drop_table("order_lines")


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
