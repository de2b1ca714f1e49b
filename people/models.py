"""Tables of communities, people, households, units and roles.

Invariant: names and contact data live here and nowhere else (design D12); people are tenant rows,
and a person in two communities is two rows with one phone (D1).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import ids, triggers
from kit.tables import (
    Base,
    Row,
    args,
    check,
    index,
    one_of,
    owned_key,
    unique_where,
)
from kit.types import Amount, Id, Instant, Json, Octets

ROLES = ("captain", "manager", "clerk", "treasurer", "auditor", "admin")
UNIT_KINDS = (
    "street",
    "community",
    "grid",
    "building_group",
    "party_branch",
    "team",
    "squad",
    "other",
)


class Community(Base):
    """The tenant. Its settings have the contract's defaults; a change never acts backwards."""

    __tablename__ = "communities"
    __table_args__ = args(Index("ux_communities_name", "name", unique=True), dist=("own", "id"))
    id: Mapped[UUID] = mapped_column(Id, primary_key=True, default=ids.new)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text, default="Asia/Shanghai")
    #: pays where neither the activity nor the red post names a fund
    general_fund_id: Mapped[UUID] = mapped_column(Id)
    #: the contract's settings, those that differ from the defaults (people.communities)
    settings: Mapped[Any] = mapped_column(Json, default=dict)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class SignInHandle(Base):
    """Phone hash → community and person: the one look-up before a community is known."""

    __tablename__ = "sign_in_handles"
    __table_args__ = args(dist=("own", "handle_hash"))
    handle_hash: Mapped[bytes] = mapped_column(Octets, primary_key=True)
    community_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id)


class Household(Base, Row):
    """People who may act for one another, and who may not approve one another."""

    __tablename__ = "households"
    __table_args__ = args()
    formed_at: Mapped[datetime] = mapped_column(Instant)


class Unit(Base, Row):
    """A unit of organisation: a node of the community's tree."""

    __tablename__ = "units"
    __table_args__ = args(
        owned_key("parent_id", "units"), one_of("kind", UNIT_KINDS), index("parent_id")
    )
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(Id)
    added_at: Mapped[datetime] = mapped_column(Instant)


class Person(Base, Row):
    """A resident or volunteer, with or without a phone."""

    __tablename__ = "people"
    __table_args__ = args(
        owned_key("household_id", "households"),
        owned_key("unit_id", "units"),
        owned_key("guardian_id", "people"),
        check("birth_year_bounds", "birth_year BETWEEN 1900 AND 2200"),
        index("household_id"),
        index("unit_id"),
        index("name"),
    )
    name: Mapped[str] = mapped_column(Text)
    #: AES-256-GCM under the key of purpose ``phone``, bound to this row (kit.keys)
    phone_sealed: Mapped[bytes | None] = mapped_column(Octets)
    household_id: Mapped[UUID | None] = mapped_column(Id)
    unit_id: Mapped[UUID | None] = mapped_column(Id)
    birth_year: Mapped[int | None] = mapped_column(Amount)
    #: who consents for a child under 14 (PIPL art. 31)
    guardian_id: Mapped[UUID | None] = mapped_column(Id)
    added_at: Mapped[datetime] = mapped_column(Instant)
    #: none while active
    deactivated_at: Mapped[datetime | None] = mapped_column(Instant)


class RoleGrant(Base, Row):
    """A role held for the community (no unit) or for a unit and all below it."""

    __tablename__ = "role_grants"
    __table_args__ = args(
        owned_key("person_id", "people"),
        owned_key("unit_id", "units"),
        owned_key("granted_by", "people"),
        one_of("role", ROLES),
        check("nobody_grants_themself", "granted_by <> person_id"),
        index("person_id", "role"),
        unique_where(
            "role_grants",
            "in_force_community",
            "person_id",
            "role",
            where="withdrawn_at IS NULL AND unit_id IS NULL",
        ),
        unique_where(
            "role_grants",
            "in_force_unit",
            "person_id",
            "role",
            "unit_id",
            where="withdrawn_at IS NULL AND unit_id IS NOT NULL",
        ),
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    role: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(Id)
    #: none: granted by ``lovebank init`` to the first person
    granted_by: Mapped[UUID | None] = mapped_column(Id)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Consent(Base, Row):
    """Consent to show one field for one purpose, under one version of the text (PIPL art. 14)."""

    __tablename__ = "consents"
    __table_args__ = args(
        owned_key("person_id", "people"),
        owned_key("given_by", "people"),
        owned_key("given_to", "people"),
        index("person_id", "purpose", "field"),
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    #: ``board``, ``honours``, ``photo``
    purpose: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    text_version: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Instant)
    #: the person, or the guardian of a child under 14
    given_by: Mapped[UUID] = mapped_column(Id)
    #: the member of staff who took it down
    given_to: Mapped[UUID] = mapped_column(Id)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


SignInHandle.__table__.info["erasable"] = True  # type: ignore[attr-defined] # Table has info
triggers.no_delete(Person)
triggers.only_changes(RoleGrant, "withdrawn_at")
triggers.only_changes(Consent, "withdrawn_at")
