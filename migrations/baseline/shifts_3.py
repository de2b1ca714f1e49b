"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _shift_head_counts()
    _shift_moves()
    _sign_ups()
    _approvals()
    _attendance_breaks()
    _attendance_records()


def downgrade() -> None:
    op.drop_table("attendance_records")
    op.drop_table("attendance_breaks")
    op.drop_table("approvals")
    op.drop_table("sign_ups")
    op.drop_table("shift_moves")
    op.drop_table("shift_head_counts")


def _shift_head_counts() -> None:
    op.create_table(
        "shift_head_counts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("counted", types.Amount, nullable=False),
        sa.Column("counted_at", types.Instant(), nullable=False),
        sa.Column("counted_by", types.Id(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_shift_head_counts_counted_bounds")),
        sa.ForeignKeyConstraint(
            ["community_id", "counted_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shift_head_counts_counted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_shift_head_counts_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_shift_head_counts")),
        sa.UniqueConstraint(
            "community_id",
            "shift_id",
            "counted_by",
            "counted_at",
            name=op.f("uq_shift_head_counts_shift_id_counted_by_counted_at"),
        ),
        info={"dist": "community_id", "append_only": True},
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


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("signed_up_at", types.Instant(), nullable=False),
        sa.Column("walked_in_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('confirmed', 'waitlisted', 'withdrawn')",
            name=op.f("ck_sign_ups_status_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_sign_ups_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "shift_id"],
            ["shifts.community_id", "shifts.id"],
            name=op.f("fk_sign_ups_shift_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint(
            "community_id", "shift_id", "person_id", name=op.f("uq_sign_ups_shift_id_person_id")
        ),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_sign_ups_person_id"), "sign_ups", ["community_id", "person_id"], unique=False
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("step", types.Amount, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", types.Id(), nullable=False),
        sa.Column("decided_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.CheckConstraint(
            "decision IN ('approve', 'reject')", name=op.f("ck_approvals_decision_listed")
        ),
        sa.CheckConstraint("step IN (1, 2)", name=op.f("ck_approvals_step_counts")),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_approvals_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "decided_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_approvals_decided_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "community_id",
            "attendance_id",
            "revision",
            "step",
            name=op.f("uq_approvals_attendance_id_revision_step"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _attendance_breaks() -> None:
    op.create_table(
        "attendance_breaks",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=True),
        sa.Column("begun_by", types.Id(), nullable=False),
        sa.Column("ended_by", types.Id(), nullable=True),
        sa.CheckConstraint(
            "(ends_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_attendance_breaks_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR starts_at < ends_at",
            name=op.f("ck_attendance_breaks_begins_before_end"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_attendance_breaks_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "begun_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_attendance_breaks_begun_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "ended_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_attendance_breaks_ended_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_attendance_breaks")),
        info={"dist": "community_id", "append_only": False, "changes": ("ends_at", "ended_by")},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_attendance_breaks_attendance_id_starts_at"),
        "attendance_breaks",
        ["community_id", "attendance_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ux_attendance_breaks_one_open",
        "attendance_breaks",
        ["community_id", "attendance_id"],
        unique=True,
        sqlite_where=sa.text("ends_at IS NULL"),
        postgresql_where=sa.text("ends_at IS NULL"),
    )


def _attendance_records() -> None:
    op.create_table(
        "attendance_records",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("actor_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", types.Amount, nullable=True),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("before", types.Json(), nullable=True),
        sa.Column("after", types.Json(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.CheckConstraint(
            "(kind = 'late_amendment') = (revision IS NOT NULL)",
            name=op.f("ck_attendance_records_late_revision"),
        ),
        sa.CheckConstraint(
            "kind IN ('check_in', 'check_out', 'duplicate', 'entry', 'amendment', 'late_amendment', 'move', 'undo')",
            name=op.f("ck_attendance_records_kind_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "actor_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_attendance_records_actor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_attendance_records_attendance_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_attendance_records")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_attendance_records_attendance_id_actor_id"),
        "attendance_records",
        ["community_id", "attendance_id", "actor_id"],
        unique=False,
    )
