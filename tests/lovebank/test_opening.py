"""A database is run under its own keys and its own kind of time, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from kit import ids, marks
from kit.clock import StandingClock
from kit.db import Database
from kit.errors import SettingsError
from kit.keys import KeyRing
from lovebank import opening
from lovebank.settings import Settings
from people.models import Community

KEYS = KeyRing(("the-first-secret-of-the-test",))
NEWER = KeyRing(("the-second-secret-of-the-test", "the-first-secret-of-the-test"))
OTHER = KeyRing(("a-foreign-secret-of-the-test",))


@pytest.fixture
def found(database_url: str) -> Settings:
    return Settings(database_url, KEYS, None, None)


@pytest.fixture
def test_clock(tmp_path: Path) -> Path:
    path = tmp_path / "clock"
    path.write_text("2026-11-20T08:00:00+08:00")
    return path


def _open_community(url: str, clock: StandingClock) -> None:
    database = Database(url)
    row = Community(id=ids.new(), name="和睦", general_fund_id=ids.new(), opened_at=clock.now())
    database.write(lambda session: session.add(row))
    database.dispose()


def test_a_database_belongs_to_the_key_that_it_was_first_run_under(found: Settings) -> None:
    with opening.running(found, "http://here") as program:
        assert not program.is_test
        assert program.base_url == "http://here"
    with (
        pytest.raises(SettingsError, match=KEYS.newest),
        opening.running(replace(found, keys=OTHER), "http://here"),
    ):
        pass


def test_an_older_key_stays_needed_after_a_newer_one_came(found: Settings) -> None:
    for keys in (KEYS, NEWER, NEWER):
        with opening.running(replace(found, keys=keys), "http://here") as program:
            known = program.database.read(marks.names)
    assert known == {f"key:{number}" for number in NEWER.numbers}
    with (
        pytest.raises(SettingsError, match="another key"),
        opening.running(replace(found, keys=KEYS), "http://here"),
    ):
        pass


def test_an_empty_database_opened_with_the_test_clock_is_marked_for_ever(
    found: Settings, test_clock: Path, clock: StandingClock
) -> None:
    with opening.running(replace(found, test_clock=test_clock), "http://here") as program:
        assert program.is_test
        assert program.clock.now().isoformat() == "2026-11-20T00:00:00+00:00"
    _open_community(found.database_url, clock)
    with opening.running(found, "http://here") as program:
        assert program.is_test
        assert program.clock.now().isoformat() > "2026-11-20T01"
    with opening.running(replace(found, test_clock=test_clock), "http://here") as program:
        assert program.is_test


def test_a_true_database_refuses_the_test_clock(
    found: Settings, test_clock: Path, clock: StandingClock
) -> None:
    _open_community(found.database_url, clock)
    with (
        pytest.raises(SettingsError, match="LOVEBANK_TEST_CLOCK"),
        opening.opened(replace(found, test_clock=test_clock)),
    ):
        pass
    with opening.opened(found) as database:
        assert marks.TEST_CLOCK not in database.read(marks.names)


def test_a_database_without_a_schema_says_what_to_run(empty_database_url: str) -> None:
    with (
        pytest.raises(SettingsError, match="lovebank init"),
        opening.opened(Settings(empty_database_url, KEYS, None, None)),
    ):
        pass


def test_looking_for_a_missing_file_does_not_make_one(tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match="no database at"),
        opening.opened(Settings(f"sqlite:///{tmp_path}/none.db", KEYS, None, None)),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_answer_is_one_line_without_its_password() -> None:
    url = "postgresql+psycopg://me:geheim@127.0.0.1:1/none"
    with (
        pytest.raises(SettingsError, match="does not answer") as caught,
        opening.opened(Settings(url, KEYS, None, None)),
    ):
        pass
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"no database at all, " * 400, b"SQLite format 3\x00" + b"?" * 5_000]
)
def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bank.db"
    path.write_bytes(content)
    with (
        pytest.raises(SettingsError, match=r"bank\.db is no SQLite database"),
        opening.opened(Settings(f"sqlite:///{path}", KEYS, None, None)),
    ):
        pass
    assert path.read_bytes() == content
