"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _shifts()
    _template_deputies()
    _attendances()
    _shift_deputies()


def downgrade() -> None:
    op.drop_table("shift_deputies")
    op.drop_table("attendances")
    op.drop_table("template_deputies")
    op.drop_table("shifts")


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("red_post_id", types.Id(), nullable=True),
        sa.Column("activity_id", types.Id(), nullable=True),
        sa.Column("code_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=False),
        sa.Column("seats_min", types.Amount, nullable=False),
        sa.Column("seats", types.Amount, nullable=True),
        sa.Column("seats_taken", types.Amount, nullable=False),
        sa.Column("captain_id", types.Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("template_id", types.Id(), nullable=True),
        sa.Column("slot_on", types.Day(), nullable=True),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("altered_at", types.Instant(), nullable=True),
        sa.Column("reason_digest", types.Octets, nullable=True),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'closed', 'cancelled')",
            name=op.f("ck_shifts_status_listed"),
        ),
        sa.CheckConstraint(
            "(red_post_id IS NULL) <> (activity_id IS NULL)", name=op.f("ck_shifts_one_occasion")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_shifts_revision_counts")),
        sa.CheckConstraint(
            "seats_min >= 0 AND (seats IS NULL OR seats_min <= seats)",
            name=op.f("ck_shifts_seats_min_bounds"),
        ),
        sa.CheckConstraint(
            "seats_taken >= 0 AND (seats IS NULL OR seats_taken <= seats)",
            name=op.f("ck_shifts_seats_bounds"),
        ),
        sa.CheckConstraint(
            "slot_on IS NULL OR template_id IS NOT NULL", name=op.f("ck_shifts_slot_of_template")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_shifts_starts_before_end")),
        sa.ForeignKeyConstraint(
            ["community_id", "activity_id"],
            ["activities.community_id", "activities.id"],
            name=op.f("fk_shifts_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "captain_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shifts_captain_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shifts_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "red_post_id"],
            ["red_posts.community_id", "red_posts.id"],
            name=op.f("fk_shifts_red_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "template_id"],
            ["shift_templates.community_id", "shift_templates.id"],
            name=op.f("fk_shifts_template_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("community_id", "code_ref", name=op.f("uq_shifts_code_ref")),
        sa.UniqueConstraint(
            "community_id", "template_id", "slot_on", name=op.f("uq_shifts_template_id_slot_on")
        ),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_shifts_captain_id_starts_at"),
        "shifts",
        ["community_id", "captain_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shifts_red_post_id_starts_at"),
        "shifts",
        ["community_id", "red_post_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_shifts_starts_at"), "shifts", ["community_id", "starts_at"], unique=False
    )


def _template_deputies() -> None:
    op.create_table(
        "template_deputies",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("template_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_template_deputies_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "template_id"],
            ["shift_templates.community_id", "shift_templates.id"],
            name=op.f("fk_template_deputies_template_id"),
        ),
        sa.PrimaryKeyConstraint(
            "community_id", "template_id", "person_id", name=op.f("pk_template_deputies")
        ),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )


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
