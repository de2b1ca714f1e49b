"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _shift_templates()
    _award_rule_signatures()
    _shifts()
    _template_deputies()


def downgrade() -> None:
    op.drop_table("template_deputies")
    op.drop_table("shifts")
    op.drop_table("award_rule_signatures")
    op.drop_table("shift_templates")


def _shift_templates() -> None:
    op.create_table(
        "shift_templates",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("red_post_id", types.Id(), nullable=True),
        sa.Column("activity_id", types.Id(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("weekdays", types.Amount, nullable=False),
        sa.Column("weeks", types.Amount, nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("minutes", types.Amount, nullable=False),
        sa.Column("valid_from", types.Day(), nullable=False),
        sa.Column("valid_until", types.Day(), nullable=True),
        sa.Column("seats_min", types.Amount, nullable=False),
        sa.Column("seats", types.Amount, nullable=True),
        sa.Column("captain_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.Column("filled_until", types.Day(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("set_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "(red_post_id IS NULL) <> (activity_id IS NULL)",
            name=op.f("ck_shift_templates_one_occasion"),
        ),
        sa.CheckConstraint(
            "minutes BETWEEN 1 AND 1440", name=op.f("ck_shift_templates_minutes_bounds")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_shift_templates_revision_counts")),
        sa.CheckConstraint(
            "seats_min >= 0 AND (seats IS NULL OR seats_min <= seats)",
            name=op.f("ck_shift_templates_seats_bounds"),
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from <= valid_until",
            name=op.f("ck_shift_templates_in_order"),
        ),
        sa.CheckConstraint(
            "weekdays BETWEEN 1 AND 127", name=op.f("ck_shift_templates_weekdays_bits")
        ),
        sa.CheckConstraint("weeks BETWEEN 0 AND 31", name=op.f("ck_shift_templates_weeks_bits")),
        sa.ForeignKeyConstraint(
            ["community_id", "activity_id"],
            ["activities.community_id", "activities.id"],
            name=op.f("fk_shift_templates_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "captain_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shift_templates_captain_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_shift_templates_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "red_post_id"],
            ["red_posts.community_id", "red_posts.id"],
            name=op.f("fk_shift_templates_red_post_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_shift_templates")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_shift_templates_filled_until"),
        "shift_templates",
        ["community_id", "filled_until"],
        unique=False,
    )


def _award_rule_signatures() -> None:
    op.create_table(
        "award_rule_signatures",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("rule_id", types.Id(), nullable=False),
        sa.Column("signed_by", types.Id(), nullable=False),
        sa.Column("signed_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "rule_id"],
            ["award_rules.community_id", "award_rules.id"],
            name=op.f("fk_award_rule_signatures_rule_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "signed_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_award_rule_signatures_signed_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "rule_id", name=op.f("pk_award_rule_signatures")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


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
