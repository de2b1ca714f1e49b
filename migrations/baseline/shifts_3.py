"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _attendances()
    _head_counts()
    _shift_deputies()
    _shift_moves()


def downgrade() -> None:
    op.drop_table("shift_moves")
    op.drop_table("shift_deputies")
    op.drop_table("head_counts")
    op.drop_table("attendances")


def _attendances() -> None:
    op.create_table(
        "attendances",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("checked_in_at", types.Instant(), nullable=False),
        sa.Column("checked_out_at", types.Instant(), nullable=True),
        sa.Column("entered", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("flags", types.Json(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("seen", types.Json(), nullable=False),
        sa.Column("breaks", types.Json(), nullable=False),
        sa.Column("scanned_at", types.Instant(), nullable=True),
        sa.Column("available_on", types.Day(), nullable=True),
        sa.Column("asked_revision", types.Amount, nullable=True),
        sa.Column("asked_in_at", types.Instant(), nullable=True),
        sa.Column("asked_out_at", types.Instant(), nullable=True),
        sa.Column("asked_shift_id", types.Id(), nullable=True),
        sa.CheckConstraint(
            "asked_revision IS NULL OR (status = 'credited' AND asked_revision > revision AND asked_in_at < asked_out_at)",
            name=op.f("ck_attendances_asked_later"),
        ),
        sa.CheckConstraint(
            "entered IN ('scan', 'card', 'hand')", name=op.f("ck_attendances_entered_listed")
        ),
        sa.CheckConstraint(
            "evidence IN ('a', 'b', 'c', 'd')", name=op.f("ck_attendances_evidence_listed")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'auto_closed', 'submitted', 'approved', 'rejected', 'credited', 'voided')",
            name=op.f("ck_attendances_status_listed"),
        ),
        sa.CheckConstraint(
            "(asked_revision IS NULL) = (asked_in_at IS NULL) AND (asked_revision IS NULL) = (asked_out_at IS NULL)",
            name=op.f("ck_attendances_asked_whole"),
        ),
        sa.CheckConstraint(
            "asked_shift_id IS NULL OR asked_revision IS NOT NULL",
            name=op.f("ck_attendances_asked_shift"),
        ),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_in_at < checked_out_at",
            name=op.f("ck_attendances_in_before_out"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_attendances_revision_counts")),
        sa.ForeignKeyConstraint(
            ["community_id", "asked_shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_attendances_asked_shift_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_attendances_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_attendances_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_attendances")),
        info={
            "dist": "community_id",
            "append_only": False,
            "changes": (
                "shift_id",
                "status",
                "checked_in_at",
                "checked_out_at",
                "evidence",
                "flags",
                "seen",
                "breaks",
                "revision",
                "scanned_at",
                "available_on",
                "asked_revision",
                "asked_in_at",
                "asked_out_at",
                "asked_shift_id",
            ),
        },
        sqlite_strict=True,
    )
    op.create_index(
        "ix_attendances_asked",
        "attendances",
        ["community_id", "id"],
        unique=False,
        sqlite_where=sa.text("asked_revision IS NOT NULL"),
        postgresql_where=sa.text("asked_revision IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_attendances_person_id_id"),
        "attendances",
        ["community_id", "person_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attendances_shift_id_status"),
        "attendances",
        ["community_id", "shift_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attendances_status_id"),
        "attendances",
        ["community_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        "ux_attendances_one_stay",
        "attendances",
        ["community_id", "shift_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('rejected', 'voided')"),
        postgresql_where=sa.text("status NOT IN ('rejected', 'voided')"),
    )


def _head_counts() -> None:
    op.create_table(
        "head_counts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("counted", types.Amount, nullable=False),
        sa.Column("counted_at", types.Instant(), nullable=False),
        sa.Column("counted_by", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_head_counts_counted_bounds")),
        sa.ForeignKeyConstraint(
            ["community_id", "counted_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_head_counts_counted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_head_counts_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_head_counts")),
        sa.UniqueConstraint(
            "community_id",
            "shift_id",
            "counted_by",
            "counted_at",
            name=op.f("uq_head_counts_shift_id_counted_by_counted_at"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _shift_deputies() -> None:
    op.create_table(
        "shift_deputies",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shift_deputies_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_shift_deputies_shift_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "shift_id", "person_id", name=op.f("pk_shift_deputies")
        ),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )


def _shift_moves() -> None:
    op.create_table(
        "shift_moves",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("from_shift_id", types.Id(), nullable=False),
        sa.Column("to_shift_id", types.Id(), nullable=False),
        sa.Column("seconds", types.Amount, nullable=False),
        sa.Column("moved_by", types.Id(), nullable=False),
        sa.Column("moved_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("text_digest", types.Octets, nullable=False),
        sa.CheckConstraint("from_shift_id <> to_shift_id", name=op.f("ck_shift_moves_elsewhere")),
        sa.ForeignKeyConstraint(
            ["community_id", "from_shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_shift_moves_from_shift_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "moved_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shift_moves_moved_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "to_shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_shift_moves_to_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_shift_moves")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_shift_moves_from_shift_id"),
        "shift_moves",
        ["community_id", "from_shift_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shift_moves_to_shift_id"),
        "shift_moves",
        ["community_id", "to_shift_id"],
        unique=False,
    )
