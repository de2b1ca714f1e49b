"""A setting that is bad or missing is one clear line; the environment stands above the file."""

from pathlib import Path

import pytest

from kit.clock import FileClock, SystemClock
from kit.errors import SettingsError
from lovebank import settings

SECRET = "a-secret-of-enough-characters"


def test_what_nobody_set_has_the_contracts_default(tmp_path: Path) -> None:
    found = settings.read({}, tmp_path)
    assert found.database_url == "sqlite:///lovebank.db"
    assert found.keys is None
    assert found.base_url is None
    assert isinstance(found.clock(), SystemClock)


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    lines = f"LOVEBANK_SECRET_KEY={SECRET}\nLOVEBANK_BASE_URL=https://file.example\n"
    (tmp_path / ".env").write_text(lines)
    found = settings.read({"LOVEBANK_BASE_URL": "https://bank.example/"}, tmp_path)
    assert found.base_url == "https://bank.example"
    assert found.need_keys().secrets == (SECRET,)


def test_several_secrets_stand_newest_first(tmp_path: Path) -> None:
    environment = {"LOVEBANK_SECRET_KEY": f" {SECRET}-2 , {SECRET}-1 ,"}
    assert settings.read(environment, tmp_path).need_keys().secrets == (
        f"{SECRET}-2",
        f"{SECRET}-1",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOVEBANK_DATABASE_URL", "mysql://somewhere/db"),
        ("LOVEBANK_DATABASE_URL", "not an address"),
        ("LOVEBANK_DATABASE_URL", "sqlite:///:memory:"),
        ("LOVEBANK_DATABASE_URL", "postgresql://host/db"),
        ("LOVEBANK_SECRET_KEY", "short"),
        ("LOVEBANK_BASE_URL", "bank.example"),
        ("LOVEBANK_BASE_URL", "https://bank.example/path"),
        ("LOVEBANK_TEST_CLOCK", "/nowhere/clock"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.read({name: value}, tmp_path)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_password_in_a_bad_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.read({"LOVEBANK_DATABASE_URL": "postgresql:/me:geheim@host"}, tmp_path)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22T10:00:00", "2026-11-22"])
def test_a_test_clock_without_an_instant_is_refused(text: str, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text(text)
    with pytest.raises(SettingsError):
        settings.read({"LOVEBANK_TEST_CLOCK": str(clock)}, tmp_path)


def test_the_test_clock_is_read_anew_at_every_call(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text("2026-11-22T10:00:00+08:00\n")
    clock = settings.read({"LOVEBANK_TEST_CLOCK": str(path)}, tmp_path).clock()
    assert isinstance(clock, FileClock)
    assert clock.now().isoformat() == "2026-11-22T02:00:00+00:00"
    path.write_text("2026-11-23T10:00:00Z")
    assert clock.now().isoformat() == "2026-11-23T10:00:00+00:00"
    path.write_text("now")
    assert clock.now().year >= 2026


def test_a_missing_secret_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="token_hex"):
        settings.read({}, tmp_path).need_keys()
