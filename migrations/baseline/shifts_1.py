"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _activities()
    _red_posts()
    _award_rules()
    _calendar_feeds()
    _sample_draws()


def downgrade() -> None:
    op.drop_table("sample_draws")
    op.drop_table("calendar_feeds")
    op.drop_table("award_rules")
    op.drop_table("red_posts")
    op.drop_table("activities")


def _activities() -> None:
    op.create_table(
        "activities",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("earns", sa.Text(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=True),
        sa.Column("unit_id", types.Id(), nullable=True),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.CheckConstraint("earns IN ('points', 'hours')", name=op.f("ck_activities_earns_listed")),
        sa.CheckConstraint(
            "kind = 'service' OR earns = 'hours'", name=op.f("ck_activities_never_paid")
        ),
        sa.CheckConstraint(
            "kind IN ('service', 'study', 'deliberation')", name=op.f("ck_activities_kind_listed")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_activities_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_activities_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_activities")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _red_posts() -> None:
    op.create_table(
        "red_posts",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fund_id", types.Id(), nullable=True),
        sa.Column("unit_id", types.Id(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("earns", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("insured_until", types.Day(), nullable=True),
        sa.Column("insurance_digest", types.Octets, nullable=True),
        sa.Column("quota_unit_kind", sa.Text(), nullable=True),
        sa.Column("quota_seats", types.Amount, nullable=False),
        sa.Column("quota_hours", types.Amount, nullable=False),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.CheckConstraint("earns IN ('points', 'hours')", name=op.f("ck_red_posts_earns_listed")),
        sa.CheckConstraint(
            "kind IN ('publicity', 'patrol', 'environment', 'culture', 'other')",
            name=op.f("ck_red_posts_kind_listed"),
        ),
        sa.CheckConstraint(
            "risk IN ('low', 'medium', 'high')", name=op.f("ck_red_posts_risk_listed")
        ),
        sa.CheckConstraint(
            "quota_seats >= 0 AND quota_hours >= 0", name=op.f("ck_red_posts_quota_seats_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "fund_id"],
            ["funds.community_id", "funds.id"],
            name=op.f("fk_red_posts_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_red_posts_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_red_posts")),
        sa.UniqueConstraint("community_id", "code_ref", name=op.f("uq_red_posts_code_ref")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _award_rules() -> None:
    op.create_table(
        "award_rules",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", types.Amount, nullable=False),
        sa.Column("red_post_id", types.Id(), nullable=True),
        sa.Column("points_per_hour", types.Amount, nullable=False),
        sa.Column("round_down_minutes", types.Amount, nullable=False),
        sa.Column("min_minutes", types.Amount, nullable=False),
        sa.Column("daily_cap_points", types.Amount, nullable=True),
        sa.Column("night_from", sa.Text(), nullable=True),
        sa.Column("night_to", sa.Text(), nullable=True),
        sa.Column("night_points_per_hour", types.Amount, nullable=True),
        sa.Column("effective_from", types.Day(), nullable=False),
        sa.Column("red_post_cap_points", types.Amount, nullable=True),
        sa.Column("fund_cap_points", types.Amount, nullable=True),
        sa.Column("captain_coefficient", types.Amount, nullable=True),
        sa.Column("deputy_coefficient", types.Amount, nullable=True),
        sa.Column("signature_asked_at", types.Instant(), nullable=True),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "(night_from IS NULL) = (night_to IS NULL) AND (night_from IS NULL) = (night_points_per_hour IS NULL)",
            name=op.f("ck_award_rules_night_whole"),
        ),
        sa.CheckConstraint(
            "captain_coefficient >= 1 AND deputy_coefficient >= 1",
            name=op.f("ck_award_rules_coefficients"),
        ),
        sa.CheckConstraint(
            "daily_cap_points >= 0 AND red_post_cap_points >= 0 AND fund_cap_points >= 0",
            name=op.f("ck_award_rules_cap"),
        ),
        sa.CheckConstraint(
            "points_per_hour >= 0 AND night_points_per_hour >= 0", name=op.f("ck_award_rules_rates")
        ),
        sa.CheckConstraint(
            "round_down_minutes >= 1 AND min_minutes >= 0", name=op.f("ck_award_rules_rounding")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_award_rules_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "red_post_id"],
            ["red_posts.community_id", "red_posts.id"],
            name=op.f("fk_award_rules_red_post_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_award_rules")),
        sa.UniqueConstraint(
            "community_id", "name", "version", name=op.f("uq_award_rules_name_version")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_award_rules_red_post_id_effective_from"),
        "award_rules",
        ["community_id", "red_post_id", "effective_from"],
        unique=False,
    )


def _calendar_feeds() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=True),
        sa.Column("red_post_id", types.Id(), nullable=True),
        sa.Column("issue", types.Amount, nullable=False),
        sa.Column("key_no", sa.Text(), nullable=False),
        sa.Column("token_hash", types.Octets, nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (red_post_id IS NULL)",
            name=op.f("ck_calendar_feeds_one_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_calendar_feeds_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_calendar_feeds_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "red_post_id"],
            ["red_posts.community_id", "red_posts.id"],
            name=op.f("fk_calendar_feeds_red_post_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint(
            "community_id", "token_hash", name=op.f("uq_calendar_feeds_token_hash")
        ),
        info={"dist": "community_id", "append_only": False, "changes": ("revoked_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        "ux_calendar_feeds_person",
        "calendar_feeds",
        ["community_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL AND person_id IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NULL AND person_id IS NOT NULL"),
    )
    op.create_index(
        "ux_calendar_feeds_red_post",
        "calendar_feeds",
        ["community_id", "red_post_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL AND red_post_id IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NULL AND red_post_id IS NOT NULL"),
    )


def _sample_draws() -> None:
    op.create_table(
        "sample_draws",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("awarded_on", types.Day(), nullable=False),
        sa.Column("percent", types.Amount, nullable=False),
        sa.Column("population", types.Amount, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_by", types.Id(), nullable=True),
        sa.Column("drawn_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "percent BETWEEN 1 AND 100", name=op.f("ck_sample_draws_percent_bounds")
        ),
        sa.CheckConstraint("population >= 1", name=op.f("ck_sample_draws_population_there")),
        sa.ForeignKeyConstraint(
            ["community_id", "drawn_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_sample_draws_drawn_by"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_sample_draws")),
        sa.UniqueConstraint("community_id", "awarded_on", name=op.f("uq_sample_draws_awarded_on")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
