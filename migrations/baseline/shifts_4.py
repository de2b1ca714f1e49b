"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _approvals()
    _attendance_breaks()
    _attendance_records()
    _awards()
    _objections()


def downgrade() -> None:
    op.drop_table("objections")
    op.drop_table("awards")
    op.drop_table("attendance_records")
    op.drop_table("attendance_breaks")
    op.drop_table("approvals")


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
