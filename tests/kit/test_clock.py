"""Business time: aware UTC instants, and the test clock of the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kit.clock import FileClock, StandingClock, SystemClock, local_date, parse_instant
from kit.errors import SettingsError


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_test_clock_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = FileClock(file)
    file.write_text("2026-11-22T14:00:00+08:00\n")
    assert clock.now() == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert clock.now() == clock.now()
    file.write_text("2031-01-01T00:00:00Z")
    assert clock.now().year == 2031
    file.write_text("now")
    before = SystemClock().now()
    assert before <= clock.now() <= SystemClock().now()


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22", "2026-11-22T14:00:00", "14:00"])
def test_a_test_clock_that_tells_no_instant_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    with pytest.raises(SettingsError, match="LOVEBANK_TEST_CLOCK"):
        FileClock(file).now()


def test_a_test_clock_without_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LOVEBANK_TEST_CLOCK"):
        FileClock(tmp_path / "none").now()


def test_a_file_that_is_being_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock"
    file.write_text("")
    monkeypatch.setattr("time.sleep", lambda _seconds: file.write_text("2031-01-01T00:00:00Z"))
    assert FileClock(file).now().year == 2031


def test_an_instant_has_an_offset() -> None:
    with pytest.raises(SettingsError, match="X: the instant has no offset"):
        parse_instant("2026-11-22T00:00:00", "X")


def test_the_local_date_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert local_date(late, "Asia/Shanghai") == date(2026, 11, 23)
    assert local_date(late, "UTC") == date(2026, 11, 22)
    clock = StandingClock(late)
    assert clock.now() == late
