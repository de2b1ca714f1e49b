"""A backup holds the whole of one instant, and a restore is proved or leaves nothing behind."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from kit import marks
from kit.clock import StandingClock
from kit.db import Database
from kit.errors import SettingsError
from kit.keys import KeyRing
from lovebank import opening, proving
from lovebank.backups import archive, backup, restore, rows
from lovebank.settings import Settings
from people.models import Community, Person
from tests import factories, statement_lint
from treasury import adjustments, periods

KEYS = factories.KEYS
OTHER = KeyRing(("a-foreign-secret-of-the-test",))
TRICKY = "制表\t换行\n反斜\\杠 \\N '引号' \"双\" 〇"


@pytest.fixture
def filled(database_url: str, clock: StandingClock) -> Settings:
    """The settings of a database with a community, a household and text that is hard to write."""
    found = Settings(database_url, KEYS, None, None)
    with opening.running(found, "http://here") as program:
        program.database.write(_fill)
    return found


def _fill(session: Any) -> None:
    community, first = factories.make_community(session, name="和睦社区")
    person = factories.make_person(session, community_id=community.id)
    person.name = TRICKY
    factories.make_person(session, community_id=community.id, guardian_id=first.id)
    factories.make_household(session, community_id=community.id, person_ids=[first.id, person.id])
    _fill_treasury(session, community.id, person.id)


def _fill_treasury(session: Any, community_id: UUID, person_id: UUID) -> None:
    """An adjustment by two treasurers in a month that is closed since: guards would refuse it."""
    treasurers = [
        factories.make_person(session, community_id=community_id, held=("treasurer",))
        for _ in range(2)
    ]
    first, second = (factories.actor_of(one) for one in treasurers)
    asked = adjustments.make(
        session,
        actor=first,
        at=factories.AT,
        person_id=person_id,
        points=7,
        reason="page 3",
        effective_on=date(2026, 10, 5),
    )
    adjustments.approve(session, actor=second, at=factories.AT, adjustment_id=asked.id)
    periods.close(session, actor=first, at=factories.AT, ends_on=date(2026, 10, 31))


@pytest.fixture
def target(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Settings]:
    """A maker of settings for an empty database on the engine that is named."""

    def make(engine: str) -> Settings:
        if engine == "sqlite":
            return Settings(f"sqlite:///{tmp_path / 'target.db'}", KEYS, None, None)
        context = request.getfixturevalue("postgresql_databases")(template=False)
        url = context.__enter__()
        request.addfinalizer(lambda: context.__exit__(None, None, None))
        return Settings(url, KEYS, None, None)

    return make


def _backup(found: Settings, path: Path, clock: StandingClock) -> archive.Manifest:
    with opening.opened(found) as database:
        return backup.make(database, path, clock)


def _lines(path: Path) -> dict[str, list[bytes]]:
    with archive.reading(path) as (file, manifest):
        return {name: sorted(archive.lines(file, name)) for name in manifest.tables}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_each_engine_restores_what_either_wrote(
    engine: str,
    filled: Settings,
    target: Callable[[str], Settings],
    tmp_path: Path,
    clock: StandingClock,
) -> None:
    made = _backup(filled, tmp_path / "first", clock)
    into = target(engine)
    restore.restore(into, tmp_path / "first")
    with opening.running(into, "http://here") as program:
        assert proving.prove(program.database).problems == []
        with statement_lint.off():
            names = program.database.read(lambda s: set(s.scalars(select(Person.name))))
    assert TRICKY in names
    again = _backup(into, tmp_path / "second", clock)
    assert made.rows() == again.rows() > 20
    assert _lines(tmp_path / "first") == _lines(tmp_path / "second")


def test_the_restored_database_has_its_guards(
    engine_name: str,
    filled: Settings,
    target: Callable[[str], Settings],
    tmp_path: Path,
    clock: StandingClock,
) -> None:
    _backup(filled, tmp_path / "file", clock)
    into = target(engine_name)
    restore.restore(into, tmp_path / "file")
    database = Database(into.database_url)
    with statement_lint.off(), pytest.raises(Exception, match=r"append_only|permission denied"):
        database.write(lambda session: session.execute(text("DELETE FROM audit_entries")))
    database.dispose()


def test_a_backup_holds_no_secret_and_says_its_keys(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    made = _backup(filled, tmp_path / "file", clock)
    assert made.keys == [KEYS.newest]
    with zipfile.ZipFile(tmp_path / "file") as file:
        whole = b"".join(file.read(name) for name in file.namelist())
    assert KEYS.secrets[0].encode() not in whole
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0


def test_a_backup_never_replaces_a_file(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    path = tmp_path / "file"
    path.write_text("precious")
    with pytest.raises(SettingsError, match="is there already"):
        _backup(filled, path, clock)
    assert path.read_text() == "precious"
    assert [found.name for found in tmp_path.glob("file*")] == ["file"]


@pytest.mark.parametrize("keys", [OTHER, None])
def test_another_key_is_refused(
    keys: KeyRing | None,
    filled: Settings,
    target: Callable[[str], Settings],
    engine_name: str,
    tmp_path: Path,
    clock: StandingClock,
) -> None:
    _backup(filled, tmp_path / "file", clock)
    into = replace(target(engine_name), keys=keys)
    with pytest.raises(SettingsError, match="LOVEBANK_SECRET_KEY"):
        restore.restore(into, tmp_path / "file")
    assert not (tmp_path / "target.db").exists()


def test_a_database_that_is_not_empty_is_refused_and_unchanged(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    _backup(filled, tmp_path / "file", clock)
    with pytest.raises(SettingsError, match="not empty"):
        restore.restore(filled, tmp_path / "file")
    with opening.opened(filled) as database:
        assert len(database.read(lambda s: list(s.scalars(select(Community.id))))) == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_books_that_do_not_hold_are_not_restored(
    engine: str,
    filled: Settings,
    target: Callable[[str], Settings],
    tmp_path: Path,
    clock: StandingClock,
) -> None:
    """One entry less in the trail, with a manifest that fits: only the proof can tell."""
    _backup(filled, tmp_path / "file", clock)
    _tamper(tmp_path / "file", tmp_path / "bad")
    into = target(engine)
    with pytest.raises(restore.NotProved) as caught:
        restore.restore(into, tmp_path / "bad")
    assert caught.value.problems
    restore.restore(into, tmp_path / "file")


def _tamper(path: Path, bad: Path) -> None:
    with archive.reading(path) as (file, manifest), archive.writing(bad) as writer:
        for name, told in manifest.tables.items():
            lines = list(archive.lines(file, name))
            if name == "audit_entries":
                lines[0] = lines[0].replace(b"people:", b"shifts:", 1)
            writer.table(name, told["columns"], lines)
        writer.manifest(replace(manifest, tables=writer.tables))


def test_a_damaged_file_is_refused(filled: Settings, tmp_path: Path, clock: StandingClock) -> None:
    _backup(filled, tmp_path / "file", clock)
    into = Settings(f"sqlite:///{tmp_path / 'target.db'}", KEYS, None, None)
    whole = (tmp_path / "file").read_bytes()
    for number, damaged in enumerate((b"", whole[:1000], whole[: len(whole) // 2])):
        path = tmp_path / f"damaged-{number}"
        path.write_bytes(damaged)
        with pytest.raises(SettingsError, match="damaged"):
            restore.restore(into, path)
    with zipfile.ZipFile(tmp_path / "file") as file:
        entry = file.getinfo("audit_entries.copy")
    flipped = bytearray(whole)
    flipped[entry.header_offset + 100 + entry.compress_size // 2] ^= 0xFF
    (tmp_path / "flipped").write_bytes(flipped)
    with pytest.raises(SettingsError, match="damaged"):
        restore.restore(into, tmp_path / "flipped")
    assert not (tmp_path / "target.db").exists()


def test_a_file_of_another_schema_is_refused(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    _backup(filled, tmp_path / "file", clock)
    first, old = archive.reading(tmp_path / "file"), archive.writing(tmp_path / "old")
    with first as (file, manifest), old as writer:
        for name, told in manifest.tables.items():
            writer.table(name, told["columns"], archive.lines(file, name))
        writer.manifest(replace(manifest, revision="20200101_0000", tables=writer.tables))
    into = Settings(f"sqlite:///{tmp_path / 'target.db'}", KEYS, None, None)
    with pytest.raises(SettingsError, match="20200101_0000"):
        restore.restore(into, tmp_path / "old")


def test_a_true_backup_is_refused_under_the_test_clock(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    _backup(filled, tmp_path / "file", clock)
    (tmp_path / "clock").write_text("now")
    into = Settings(f"sqlite:///{tmp_path / 'target.db'}", KEYS, None, tmp_path / "clock")
    with pytest.raises(SettingsError, match="LOVEBANK_TEST_CLOCK"):
        restore.restore(into, tmp_path / "file")


def test_the_mark_of_a_test_comes_back(
    database_url: str, tmp_path: Path, clock: StandingClock
) -> None:
    (tmp_path / "clock").write_text("now")
    found = Settings(database_url, KEYS, None, tmp_path / "clock")
    assert _backup(found, tmp_path / "file", clock).test_clock
    into = Settings(f"sqlite:///{tmp_path / 'target.db'}", KEYS, None, None)
    restore.restore(into, tmp_path / "file")
    with opening.opened(into) as database:
        assert marks.TEST_CLOCK in database.read(marks.names)


def test_every_column_of_every_table_is_in_the_file(
    filled: Settings, tmp_path: Path, clock: StandingClock
) -> None:
    made = _backup(filled, tmp_path / "file", clock)
    database = Database(filled.database_url)
    with database.reader.connect() as connection:
        tables = backup.every_table(connection)
    database.dispose()
    assert {t.name: rows.names(t) for t in tables} == {
        name: told["columns"] for name, told in made.tables.items()
    }
    json.dumps(made.tables)
