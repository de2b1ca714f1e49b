"""Tables of `people` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types


def upgrade() -> None:
    _communities()
    _households()
    _limits()
    _sign_in_handles()
    _units()
    _people()
    _access_tokens()
    _cards()
    _consents()
    _passwords()


def downgrade() -> None:
    op.drop_table("passwords")
    op.drop_table("consents")
    op.drop_table("cards")
    op.drop_table("access_tokens")
    op.drop_table("people")
    op.drop_table("units")
    op.drop_table("sign_in_handles")
    op.drop_table("limits")
    op.drop_table("households")
    op.drop_table("communities")


def _communities() -> None:
    op.create_table(
        "communities",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("general_fund_id", types.Id(), nullable=False),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("opened_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communities")),
        info={"dist": ("own", "id"), "append_only": False},
        sqlite_strict=True,
    )
    op.create_index("ux_communities_name", "communities", ["name"], unique=True)


def _households() -> None:
    op.create_table(
        "households",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("formed_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_households")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )


def _limits() -> None:
    op.create_table(
        "limits",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("window_starts_at", types.Instant(), nullable=False),
        sa.Column("failures", types.Amount, nullable=False),
        sa.PrimaryKeyConstraint(
            "community_id", "bucket", "window_starts_at", name=op.f("pk_limits")
        ),
        info={"dist": "community_id", "append_only": False, "erasable": True},
        sqlite_strict=True,
    )


def _sign_in_handles() -> None:
    op.create_table(
        "sign_in_handles",
        sa.Column("handle_hash", types.Octets, nullable=False),
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("handle_hash", "community_id", name=op.f("pk_sign_in_handles")),
        info={"dist": ("own", "handle_hash"), "append_only": False, "erasable": True},
        sqlite_strict=True,
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('street', 'community', 'grid', 'building_group', 'party_branch', 'team', 'squad', 'other')",
            name=op.f("ck_units_kind_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "parent_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_units_parent_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_units")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_units_parent_id"), "units", ["community_id", "parent_id"], unique=False
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone_sealed", types.Octets, nullable=True),
        sa.Column("household_id", types.Id(), nullable=True),
        sa.Column("unit_id", types.Id(), nullable=True),
        sa.Column("birth_year", types.Amount, nullable=True),
        sa.Column("guardian_id", types.Id(), nullable=True),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.Column("deactivated_at", types.Instant(), nullable=True),
        sa.CheckConstraint(
            "birth_year BETWEEN 1900 AND 2200", name=op.f("ck_people_birth_year_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "guardian_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_people_guardian_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "household_id"],
            ["households.community_id", "households.id"],
            name=op.f("fk_people_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "unit_id"],
            ["units.community_id", "units.id"],
            name=op.f("fk_people_unit_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_people")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_people_household_id"), "people", ["community_id", "household_id"], unique=False
    )
    op.create_index(op.f("ix_people_name"), "people", ["community_id", "name"], unique=False)
    op.create_index(op.f("ix_people_unit_id"), "people", ["community_id", "unit_id"], unique=False)


def _access_tokens() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("token_hash", types.Octets, nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("must_set_password_since", types.Instant(), nullable=True),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('api', 'browser')", name=op.f("ck_access_tokens_kind_listed")),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_access_tokens_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("community_id", "token_hash", name=op.f("uq_access_tokens_token_hash")),
        info={
            "dist": "community_id",
            "append_only": False,
            "changes": ("ended_at", "must_set_password_since"),
        },
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_access_tokens_person_id"),
        "access_tokens",
        ["community_id", "person_id"],
        unique=False,
    )


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("issue", types.Amount, nullable=False),
        sa.Column("token_hash", types.Octets, nullable=False),
        sa.Column("key_no", sa.Text(), nullable=False),
        sa.Column("issued_at", types.Instant(), nullable=False),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_cards_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_cards")),
        sa.UniqueConstraint(
            "community_id", "person_id", "issue", name=op.f("uq_cards_person_id_issue")
        ),
        sa.UniqueConstraint("community_id", "token_hash", name=op.f("uq_cards_token_hash")),
        info={"dist": "community_id", "append_only": False, "changes": ("revoked_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        "ux_cards_one_in_force",
        "cards",
        ["community_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("given_at", types.Instant(), nullable=False),
        sa.Column("given_by", types.Id(), nullable=False),
        sa.Column("given_to", types.Id(), nullable=False),
        sa.Column("withdrawn_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "given_by"],
            ["people.community_id", "people.id"],
            name=op.f("fk_consents_given_by"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "given_to"],
            ["people.community_id", "people.id"],
            name=op.f("fk_consents_given_to"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_consents_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "id", name=op.f("pk_consents")),
        info={"dist": "community_id", "append_only": False, "changes": ("withdrawn_at",)},
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_consents_person_id_purpose_field"),
        "consents",
        ["community_id", "person_id", "purpose", "field"],
        unique=False,
    )


def _passwords() -> None:
    op.create_table(
        "passwords",
        sa.Column("community_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "person_id"],
            ["people.community_id", "people.id"],
            name=op.f("fk_passwords_person_id"),
        ),
        sa.PrimaryKeyConstraint("community_id", "person_id", name=op.f("pk_passwords")),
        info={"dist": "community_id", "append_only": False},
        sqlite_strict=True,
    )
