"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _sign_ups()
    _approvals()
    _attendance_records()
    _awards()
    _objections()


def downgrade() -> None:
    op.drop_table("objections")
    op.drop_table("awards")
    op.drop_table("attendance_records")
    op.drop_table("approvals")
    op.drop_table("sign_ups")


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("shift_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("signed_up_at", types.Instant(), nullable=False),
        sa.Column("stand_in_id", types.Id(), nullable=True),
        sa.Column("walked_in_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('confirmed', 'waitlisted', 'withdrawn')",
            name=op.f("ck_sign_ups_status_listed"),
        ),
        sa.CheckConstraint(
            "stand_in_id <> person_id", name=op.f("ck_sign_ups_stand_in_is_another")
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
        sa.ForeignKeyConstraint(
            ["community_id", "stand_in_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_sign_ups_stand_in_id"),
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
        sa.Column("undoes_id", types.Id(), nullable=True),
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
            "(kind = 'undo') = (undoes_id IS NOT NULL)",
            name=op.f("ck_attendance_records_undo_of_a_scan"),
        ),
        sa.CheckConstraint(
            "kind IN ('check_in', 'check_out', 'duplicate', 'entry', 'amendment', 'late_amendment', 'move', 'undo', 'break_begun', 'break_ended')",
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
        sa.ForeignKeyConstraint(
            ["community_id", "undoes_id"],
            ["attendance_records.community_id", "attendance_records.id"],
            name=op.f("fk_attendance_records_undoes_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_attendance_records")),
        sa.UniqueConstraint(
            "community_id", "undoes_id", name=op.f("uq_attendance_records_undoes_id")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_attendance_records_attendance_id_actor_id"),
        "attendance_records",
        ["community_id", "attendance_id", "actor_id"],
        unique=False,
    )


def _awards() -> None:
    op.create_table(
        "awards",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("service_on", types.Day(), nullable=False),
        sa.Column("rule_id", types.Id(), nullable=True),
        sa.Column("minutes", types.Amount, nullable=False),
        sa.Column("points", types.Amount, nullable=False),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("steps", types.Json(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=False),
        sa.Column("transfer_id", types.Id(), nullable=True),
        sa.Column("available_on", types.Day(), nullable=True),
        sa.Column("expires_on", types.Day(), nullable=True),
        sa.Column("awarded_at", types.Instant(), nullable=False),
        sa.CheckConstraint("minutes >= 0 AND points >= 0", name=op.f("ck_awards_amounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_awards_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_awards_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_awards_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "rule_id"],
            ["award_rules.community_id", "award_rules.id"],
            name=op.f("fk_awards_rule_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "transfer_id"],
            ["ledger_transfers.community_id", "ledger_transfers.id"],
            name=op.f("fk_awards_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_awards")),
        sa.UniqueConstraint(
            "community_id",
            "attendance_id",
            "revision",
            name=op.f("uq_awards_attendance_id_revision"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_awards_awarded_at"), "awards", ["community_id", "awarded_at"], unique=False
    )
    op.create_index(
        op.f("ix_awards_person_id_service_on"),
        "awards",
        ["community_id", "person_id", "service_on"],
        unique=False,
    )
    op.create_index(op.f("ix_awards_rule_id"), "awards", ["community_id", "rule_id"], unique=False)


def _objections() -> None:
    op.create_table(
        "objections",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("raised_by", types.Id(), nullable=False),
        sa.Column("raised_at", types.Instant(), nullable=False),
        sa.Column("decide_by", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("text_digest", types.Octets, nullable=False),
        sa.CheckConstraint("ground IN ('own', 'notice')", name=op.f("ck_objections_ground_listed")),
        sa.CheckConstraint("decide_by > raised_at", name=op.f("ck_objections_in_time")),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_objections_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "raised_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_objections_raised_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_objections")),
        sa.UniqueConstraint(
            "community_id",
            "attendance_id",
            "revision",
            "raised_by",
            name=op.f("uq_objections_attendance_id_revision_raised_by"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_objections_raised_by_id"),
        "objections",
        ["community_id", "raised_by", "id"],
        unique=False,
    )
