"""The schema lint finds nothing in our tables, and finds each fault that is planted for it."""

from collections.abc import Callable

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.schema import SchemaItem

from kit.tables import Base
from kit.types import Id
from migrations import tables
from tests import schema_lint

TENANT = {"dist": "community_id"}


def test_our_schema_is_clean() -> None:
    tables.load()
    found = schema_lint.lint(Base.metadata)
    assert not found, "\n".join(str(finding) for finding in found)


def test_only_two_tables_are_outside_a_tenant() -> None:
    tables.load()
    outside = {t.name for t in Base.metadata.sorted_tables if not schema_lint.is_tenant(t)}
    assert outside == {"communities", "sign_in_handles"}


def test_a_clean_schema_is_clean() -> None:
    metadata = MetaData()
    _table(metadata, "shelves", Index("ix_shelves_name", "community_id", "name"))
    _table(
        metadata,
        "boxes",
        ForeignKeyConstraint(
            ["community_id", "shelf_id"], ["shelves.community_id", "shelves.id"], name="fk_boxes"
        ),
        UniqueConstraint("community_id", "name", name="uq_boxes_name"),
        Column("shelf_id", Id),
    )
    assert schema_lint.lint(metadata) == []


def _undeclared(metadata: MetaData) -> None:
    _table(metadata, "t", info={})


def _reference(metadata: MetaData) -> None:
    _table(metadata, "t", info={"dist": "reference"})


def _no_tenant(metadata: MetaData) -> None:
    Table("t", metadata, Column("id", Id, primary_key=True), info=TENANT)


def _text_tenant(metadata: MetaData) -> None:
    id_ = Column("id", Id, primary_key=True)
    Table("t", metadata, Column("community_id", Text, primary_key=True), id_, info=TENANT)


def _id_first(metadata: MetaData) -> None:
    id_ = Column("id", Id, primary_key=True)
    Table("t", metadata, id_, Column("community_id", Id, primary_key=True), info=TENANT)


def _global_unique(metadata: MetaData) -> None:
    _table(metadata, "t", UniqueConstraint("name", name="uq_t_name"))


def _global_unique_index(metadata: MetaData) -> None:
    _table(metadata, "t", Index("ux_t_name", "name", unique=True))


def _shelf(metadata: MetaData, **options: str | bool) -> None:
    _table(metadata, "shelves")
    key = ForeignKeyConstraint(
        ["community_id", "shelf_id"],
        ["shelves.community_id", "shelves.id"],
        name="fk_t",
        **options,  # type: ignore[arg-type] # one helper for the options of several types
    )
    _table(metadata, "t", Column("shelf_id", Id), key)


def _loose_foreign_key(metadata: MetaData) -> None:
    _table(metadata, "shelves", UniqueConstraint("community_id", "name", name="uq_shelves"))
    key = ForeignKeyConstraint(
        ["name", "community_id"], ["shelves.name", "shelves.community_id"], name="fk_t"
    )
    _table(metadata, "t", key)


def _set_null(metadata: MetaData) -> None:
    _shelf(metadata, ondelete="SET NULL")


def _on_update(metadata: MetaData) -> None:
    _shelf(metadata, onupdate="CASCADE")


def _deferrable(metadata: MetaData) -> None:
    _shelf(metadata, deferrable=True)


def _counted(metadata: MetaData) -> None:
    _table(metadata, "t", Column("number", Integer, primary_key=True, autoincrement=True))


def _database_clock(metadata: MetaData) -> None:
    _table(metadata, "t", Column("made_at", DateTime, server_default=func.now()))


def _long_name(metadata: MetaData) -> None:
    _table(metadata, "t", CheckConstraint("1 = 1", name="ck_" + "long" * 12))


def _unnamed(metadata: MetaData) -> None:
    _table(metadata, "t", CheckConstraint("1 = 1"))


def _global_index(metadata: MetaData) -> None:
    _table(metadata, "t", Index("ix_t_name", "name"))


def _enum(metadata: MetaData) -> None:
    _table(metadata, "t", Column("kind", Enum("a", "b", name="kinds")))


@pytest.mark.parametrize(
    ("rule", "plant"),
    [
        ("L01", _undeclared),
        ("L01", _reference),
        ("L02", _no_tenant),
        ("L02", _text_tenant),
        ("L03", _id_first),
        ("L04", _global_unique),
        ("L04", _global_unique_index),
        ("L05", _loose_foreign_key),
        ("L06", _set_null),
        ("L06", _on_update),
        ("L07", _deferrable),
        ("L08", _counted),
        ("L09", _database_clock),
        ("L10", _long_name),
        ("L11", _unnamed),
        ("L12", _global_index),
        ("L13", _enum),
    ],
)
def test_a_planted_fault_is_named(rule: str, plant: Callable[[MetaData], None]) -> None:
    metadata = MetaData()
    plant(metadata)
    found = schema_lint.lint(metadata)
    assert rule in {finding.rule for finding in found}
    assert all(finding.where.split("/")[0].split(".")[0] == "t" for finding in found), found


def _table(
    metadata: MetaData, name: str, *parts: SchemaItem, info: dict[str, str] = TENANT
) -> None:
    # Indexes and constraints are attached after the columns that they name.
    items = sorted(parts, key=lambda part: not isinstance(part, Column))
    table = Table(
        name,
        metadata,
        Column("community_id", Id, primary_key=True),
        Column("id", Id, primary_key=True),
        Column("name", Text),
        *items,
        info=info,
    )
    table.primary_key.name = f"pk_{name}"
