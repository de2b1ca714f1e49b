"""Tables of `ledger` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _ledger_accounts()
    _ledger_books()
    _ledger_transfers()
    _ledger_unfolded()
    _ledger_balances()
    _ledger_checkpoints()
    _ledger_postings()


def downgrade() -> None:
    op.drop_table("ledger_postings")
    op.drop_table("ledger_checkpoints")
    op.drop_table("ledger_balances")
    op.drop_table("ledger_unfolded")
    op.drop_table("ledger_transfers")
    op.drop_table("ledger_books")
    op.drop_table("ledger_accounts")


def _ledger_accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("owner_id", types.Id(), nullable=True),
        sa.Column("floor", types.Amount, nullable=True),
        sa.Column("opened_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('wallet', 'pending', 'held', 'hours', 'owed', 'shelf', 'set_aside', 'fund_points', 'fund_fen', 'granted', 'served', 'redeemed', 'lapsed', 'adjusted', 'carried_over', 'supplied', 'handed_over', 'purchases', 'donated', 'written_off')",
            name=op.f("ck_ledger_accounts_kind_listed"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_ledger_accounts_code")),
        sa.UniqueConstraint(
            "community_id", "id", "commodity", name=op.f("uq_ledger_accounts_id_commodity")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_ledger_accounts_owner_id_kind"),
        "ledger_accounts",
        ["community_id", "owner_id", "kind"],
        unique=False,
    )


def _ledger_books() -> None:
    op.create_table(
        "ledger_books",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("closed_through", types.Day(), nullable=True),
        sa.Column("grace_until", types.Day(), nullable=True),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_ledger_books")),
        info={
            "dist": "community_id",
            "append_only": False,
            "changes": ("zone", "closed_through", "grace_until"),
        },
        sqlite_strict=True,
    )


def _ledger_transfers() -> None:
    op.create_table(
        "ledger_transfers",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("effective_on", types.Day(), nullable=False),
        sa.Column("original_on", types.Day(), nullable=True),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=True),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", types.Id(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.Column("reverses_id", types.Id(), nullable=True),
        sa.Column("request_id", types.Id(), nullable=False),
        sa.Column("leaf", types.Octets, nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_ledger_transfers_reversal_linked"),
        ),
        sa.CheckConstraint(
            "evidence IN ('a', 'b', 'c', 'd')", name=op.f("ck_ledger_transfers_evidence_listed")
        ),
        sa.CheckConstraint(
            "kind IN ('opening', 'award', 'hold', 'release', 'collect', 'return', 'lapse', 'adjustment', 'reversal', 'receipt', 'write_off')",
            name=op.f("ck_ledger_transfers_kind_listed"),
        ),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_ledger_transfers_leaf_whole")),
        sa.CheckConstraint(
            "original_on IS NULL OR original_on < effective_on",
            name=op.f("ck_ledger_transfers_original_earlier"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "reverses_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_ledger_transfers_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_ledger_transfers")),
        sa.UniqueConstraint(
            "community_id", "natural_key", name=op.f("uq_ledger_transfers_natural_key")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_ledger_transfers_effective_on"),
        "ledger_transfers",
        ["community_id", "effective_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_transfers_recorded_at"),
        "ledger_transfers",
        ["community_id", "recorded_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_transfers_source_id"),
        "ledger_transfers",
        ["community_id", "source_id"],
        unique=False,
    )
    op.create_index(
        "ux_ledger_transfers_reverses_id",
        "ledger_transfers",
        ["community_id", "reverses_id"],
        unique=True,
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )


def _ledger_unfolded() -> None:
    op.create_table(
        "ledger_unfolded",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "transfer_id", name=op.f("pk_ledger_unfolded")),
        info={"dist": "community_id", "append_only": False, "erasable": True, "changes": ()},
        sqlite_strict=True,
    )


def _ledger_balances() -> None:
    op.create_table(
        "ledger_balances",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("balance", types.Amount, nullable=False),
        sa.Column("floor", types.Amount, nullable=False),
        sa.CheckConstraint("balance >= floor", name=op.f("ck_ledger_balances_above_floor")),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["ledger_accounts.community_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_balances_account_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "account_id", name=op.f("pk_ledger_balances")),
        info={"dist": "community_id", "append_only": False, "changes": ("balance",)},
        sqlite_strict=True,
    )


def _ledger_checkpoints() -> None:
    op.create_table(
        "ledger_checkpoints",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("begins_on", types.Day(), nullable=False),
        sa.Column("debits", types.Amount, nullable=False),
        sa.Column("credits", types.Amount, nullable=False),
        sa.CheckConstraint(
            "span IN ('day', 'month')", name=op.f("ck_ledger_checkpoints_span_listed")
        ),
        sa.CheckConstraint(
            "debits >= 0 AND credits >= 0", name=op.f("ck_ledger_checkpoints_turnover_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "account_id"],
            ["ledger_accounts.community_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_checkpoints_account_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "account_id", "span", "begins_on", name=op.f("pk_ledger_checkpoints")
        ),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )


def _ledger_postings() -> None:
    op.create_table(
        "ledger_postings",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=False),
        sa.Column("line", types.Amount, nullable=False),
        sa.Column("debit_account_id", types.Id(), nullable=False),
        sa.Column("credit_account_id", types.Id(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("amount", types.Amount, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_postings_amount_positive")),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_ledger_postings_accounts_differ")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "credit_account_id", "commodity"],
            ["ledger_accounts.community_id", "ledger_accounts.id", "ledger_accounts.commodity"],
            name=op.f("fk_ledger_postings_credit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "debit_account_id", "commodity"],
            ["ledger_accounts.community_id", "ledger_accounts.id", "ledger_accounts.commodity"],
            name=op.f("fk_ledger_postings_debit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_ledger_postings_transfer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "transfer_id", "line", name=op.f("pk_ledger_postings")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_ledger_postings_credit_account_id_transfer_id"),
        "ledger_postings",
        ["community_id", "credit_account_id", "transfer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_postings_debit_account_id_transfer_id"),
        "ledger_postings",
        ["community_id", "debit_account_id", "transfer_id"],
        unique=False,
    )
