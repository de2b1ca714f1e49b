"""Tables of `people` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _pins()
    _role_grants()
    _sign_in_codes()
    _unit_members()
    _zones()


def downgrade() -> None:
    op.drop_table("zones")
    op.drop_table("unit_members")
    op.drop_table("sign_in_codes")
    op.drop_table("role_grants")
    op.drop_table("pins")


def _pins() -> None:
    op.create_table(
        "pins",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key_no", sa.Text(), nullable=False),
        sa.Column("set_at", types.Instant(), nullable=False),
        sa.Column("failures", types.Amount, nullable=False),
        sa.CheckConstraint("failures BETWEEN 0 AND 5", name=op.f("ck_pins_failures_bounds")),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_pins_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "person_id", name=op.f("pk_pins")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _role_grants() -> None:
    op.create_table(
        "role_grants",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", types.Id(), nullable=True),
        sa.Column("granted_by", types.Id(), nullable=True),
        sa.Column("granted_at", types.Instant(), nullable=False),
        sa.Column("withdrawn_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "role IN ('captain', 'manager', 'clerk', 'treasurer', 'auditor', 'admin')",
            name=op.f("ck_role_grants_role_listed"),
        ),
        sa.CheckConstraint(
            "granted_by <> person_id", name=op.f("ck_role_grants_nobody_grants_themself")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "granted_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_role_grants_granted_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_role_grants_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_role_grants_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_role_grants")),
        info={"dist": "community_id", "append_only": False, "changes": ("withdrawn_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_role_grants_person_id_role"),
        "role_grants",
        ["community_id", "person_id", "role"],
        unique=False,
    )
    op.create_index(
        "ux_role_grants_in_force_community",
        "role_grants",
        ["community_id", "person_id", "role"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL AND unit_id IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND unit_id IS NULL"),
    )
    op.create_index(
        "ux_role_grants_in_force_unit",
        "role_grants",
        ["community_id", "person_id", "role", "unit_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL AND unit_id IS NOT NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND unit_id IS NOT NULL"),
    )


def _sign_in_codes() -> None:
    op.create_table(
        "sign_in_codes",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=False),
        sa.Column("code_hash", types.Octets, nullable=False),
        sa.Column("key_no", sa.Text(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "made_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_sign_in_codes_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_sign_in_codes_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_sign_in_codes")),
        info={"dist": "community_id", "append_only": False, "changes": ("ended_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_sign_in_codes_person_id"),
        "sign_in_codes",
        ["community_id", "person_id"],
        unique=False,
    )


def _unit_members() -> None:
    op.create_table(
        "unit_members",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("unit_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("joined_at", types.Instant(), nullable=False),
        sa.Column("left_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "left_at IS NULL OR left_at >= joined_at", name=op.f("ck_unit_members_left_after")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_unit_members_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_unit_members_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_unit_members")),
        info={"dist": "community_id", "append_only": False, "changes": ("left_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_unit_members_person_id"),
        "unit_members",
        ["community_id", "person_id"],
        unique=False,
    )
    op.create_index(
        "ux_unit_members_in_force",
        "unit_members",
        ["community_id", "unit_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _zones() -> None:
    op.create_table(
        "zones",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("unit_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("begins_on", types.Day(), nullable=False),
        sa.Column("ends_on", types.Day(), nullable=True),
        sa.Column("given_by", types.Id(), nullable=False),
        sa.Column("given_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= begins_on", name=op.f("ck_zones_begins_first")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "given_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_zones_given_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_zones_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_zones_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_zones")),
        info={"dist": "community_id", "append_only": False, "changes": ("ends_on",)},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_zones_person_id"), "zones", ["community_id", "person_id"], unique=False
    )
    op.create_index(op.f("ix_zones_unit_id"), "zones", ["community_id", "unit_id"], unique=False)
