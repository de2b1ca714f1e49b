"""Tables of `qr` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _unknown_scans()
    _scans()
    _scan_traces()


def downgrade() -> None:
    op.drop_table("scan_traces")
    op.drop_table("scans")
    op.drop_table("unknown_scans")


def _unknown_scans() -> None:
    op.create_table(
        "unknown_scans",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("token_digest", types.Octets, nullable=False),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "actor_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_unknown_scans_actor_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_unknown_scans")),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_unknown_scans_actor_id_nonce"),
        "unknown_scans",
        ["community_id", "actor_id", "nonce"],
        unique=False,
    )
    op.create_index(
        op.f("ix_unknown_scans_received_at"),
        "unknown_scans",
        ["community_id", "received_at"],
        unique=False,
    )


def _scans() -> None:
    op.create_table(
        "scans",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("code_kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("shift_id", types.Id(), nullable=True),
        sa.Column("person_id", types.Id(), nullable=True),
        sa.Column("attendance_id", types.Id(), nullable=True),
        sa.Column("order_id", types.Id(), nullable=True),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.Column("captured_at", types.Instant(), nullable=True),
        sa.Column("claim", types.Octets, nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "code_kind IN ('shift', 'poster', 'card', 'voucher')",
            name=op.f("ck_scans_code_kind_listed"),
        ),
        sa.CheckConstraint(
            "outcome IN ('checked_in', 'checked_out', 'duplicate', 'collected', 'identified')",
            name=op.f("ck_scans_outcome_listed"),
        ),
        sa.CheckConstraint(
            "refused IN ('bad_code', 'code_expired', 'outside_window', 'not_your_shift', 'shift_full', 'shift_cancelled', 'card_revoked', 'unknown_person', 'choose_shift', 'voucher_used', 'voucher_void', 'voucher_lapsed', 'clock_skew', 'blocked', 'not_allowed', 'own_approval')",
            name=op.f("ck_scans_refused_listed"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) <> (refused IS NULL)", name=op.f("ck_scans_accepted_or_refused")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "actor_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_scans_actor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_scans_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["orders.community_id", "orders.id"],
            name=op.f("fk_scans_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_scans_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_scans_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_scans")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_scans_attendance_id"), "scans", ["community_id", "attendance_id"], unique=False
    )
    op.create_index(
        "ix_scans_latest",
        "scans",
        ["community_id", "shift_id", "received_at"],
        unique=False,
        sqlite_where=sa.text("attendance_id IS NOT NULL"),
        postgresql_where=sa.text("attendance_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_scans_shift_id_id"), "scans", ["community_id", "shift_id", "id"], unique=False
    )
    op.create_index(
        "ux_scans_claim",
        "scans",
        ["community_id", "actor_id", "claim"],
        unique=True,
        sqlite_where=sa.text("claim IS NOT NULL"),
        postgresql_where=sa.text("claim IS NOT NULL"),
    )
    op.create_index(
        "ux_scans_nonce",
        "scans",
        ["community_id", "actor_id", "nonce"],
        unique=True,
        sqlite_where=sa.text("nonce IS NOT NULL"),
        postgresql_where=sa.text("nonce IS NOT NULL"),
    )


def _scan_traces() -> None:
    op.create_table(
        "scan_traces",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("scan_id", types.Id(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("device_seq", types.Amount, nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "scan_id"],
            ["scans.community_id", "scans.id"],
            name=op.f("fk_scan_traces_scan_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "scan_id", name=op.f("pk_scan_traces")),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )
