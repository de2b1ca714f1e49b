"""Tables of `shifts` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _shift_moved_stays()
    _objection_outcomes()
    _sampled_awards()
    _second_looks()


def downgrade() -> None:
    op.drop_table("second_looks")
    op.drop_table("sampled_awards")
    op.drop_table("objection_outcomes")
    op.drop_table("shift_moved_stays")


def _shift_moved_stays() -> None:
    op.create_table(
        "shift_moved_stays",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("move_id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("revision", types.Amount, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_shift_moved_stays_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "move_id"],
            ["shift_moves.community_id", "shift_moves.id"],
            name=op.f("fk_shift_moved_stays_move_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_shift_moved_stays")),
        sa.UniqueConstraint(
            "community_id",
            "attendance_id",
            "revision",
            name=op.f("uq_shift_moved_stays_attendance_id_revision"),
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_shift_moved_stays_move_id"),
        "shift_moved_stays",
        ["community_id", "move_id"],
        unique=False,
    )


def _objection_outcomes() -> None:
    op.create_table(
        "objection_outcomes",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("objection_id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("revision", types.Amount, nullable=True),
        sa.Column("entered_id", types.Id(), nullable=True),
        sa.Column("decided_by", types.Id(), nullable=False),
        sa.Column("decided_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.CheckConstraint(
            "outcome = 'upheld' OR revision IS NULL AND entered_id IS NULL",
            name=op.f("ck_objection_outcomes_remedy_of_upheld"),
        ),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'rejected', 'withdrawn')",
            name=op.f("ck_objection_outcomes_outcome_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_objection_outcomes_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "decided_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_objection_outcomes_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "entered_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_objection_outcomes_entered_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "objection_id"],
            ["objections.community_id", "objections.id"],
            name=op.f("fk_objection_outcomes_objection_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_objection_outcomes")),
        sa.UniqueConstraint(
            "community_id", "objection_id", name=op.f("uq_objection_outcomes_objection_id")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _sampled_awards() -> None:
    op.create_table(
        "sampled_awards",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("draw_id", types.Id(), nullable=False),
        sa.Column("place", types.Amount, nullable=False),
        sa.Column("award_id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_sampled_awards_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "award_id"],
            ["awards.community_id", "awards.id"],
            name=op.f("fk_sampled_awards_award_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "draw_id"],
            ["sample_draws.community_id", "sample_draws.id"],
            name=op.f("fk_sampled_awards_draw_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_sampled_awards")),
        sa.UniqueConstraint("community_id", "award_id", name=op.f("uq_sampled_awards_award_id")),
        sa.UniqueConstraint(
            "community_id", "draw_id", "place", name=op.f("uq_sampled_awards_draw_id_place")
        ),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )


def _second_looks() -> None:
    op.create_table(
        "second_looks",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("sampled_id", types.Id(), nullable=False),
        sa.Column("attendance_id", types.Id(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("revision", types.Amount, nullable=True),
        sa.Column("looked_by", types.Id(), nullable=False),
        sa.Column("looked_at", types.Instant(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("text_digest", types.Octets, nullable=True),
        sa.CheckConstraint(
            "(outcome = 'amended') = (revision IS NOT NULL)",
            name=op.f("ck_second_looks_amended_revision"),
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'amended')", name=op.f("ck_second_looks_outcome_listed")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "attendance_id"],
            ["attendances.community_id", "attendances.id"],
            name=op.f("fk_second_looks_attendance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "looked_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_second_looks_looked_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "sampled_id"],
            ["sampled_awards.community_id", "sampled_awards.id"],
            name=op.f("fk_second_looks_sampled_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint("community_id", "sampled_id", name=op.f("uq_second_looks_sampled_id")),
        info={"dist": "community_id", "append_only": True},
        sqlite_strict=True,
    )
