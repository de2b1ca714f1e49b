"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _attendances()
    _shift_deputies()
    _sign_ups()
    _approvals()
    _attendance_records()


def downgrade() -> None:
    op.drop_table("attendance_records")
    op.drop_table("approvals")
    op.drop_table("sign_ups")
    op.drop_table("shift_deputies")
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
        sa.Column("scanned_at", types.Instant(), nullable=True),
        sa.Column("available_on", types.Day(), nullable=True),
        sa.Column("asked_revision", types.Amount, nullable=True),
        sa.Column("asked_in_at", types.Instant(), nullable=True),
        sa.Column("asked_out_at", types.Instant(), nullable=True),
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
            "checked_out_at IS NULL OR checked_in_at < checked_out_at",
            name=op.f("ck_attendances_in_before_out"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_attendances_revision_counts")),
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
                "status",
                "checked_in_at",
                "checked_out_at",
                "evidence",
                "flags",
                "revision",
                "scanned_at",
                "available_on",
                "asked_revision",
                "asked_in_at",
                "asked_out_at",
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
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
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
            "kind IN ('check_in', 'check_out', 'duplicate', 'entry', 'amendment', 'late_amendment')",
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
