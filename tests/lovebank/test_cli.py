"""Each command as an operator types it: what it says, what it leaves, how it ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import schema
from kit.db import Database
from lovebank import cli
from people import communities
from people.models import Community

SECRET = "a-secret-of-enough-characters"
INIT = ("init", "--community", "和睦社区", "--admin-name", "林岚", "--admin-phone", "13800000001")

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty folder; settings by name."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **environment: str) -> Result:
        set_here = {
            "LOVEBANK_SECRET_KEY": SECRET,
            "LOVEBANK_ADMIN_PASSWORD": "a long password",
            **environment,
        }
        return CliRunner().invoke(cli.main, list(arguments), env=set_here)

    return run


def _names(url: str) -> list[str]:
    database = Database(url)
    found = database.read(lambda session: [row.name for row in communities.everything(session)])
    database.dispose()
    return found


def test_init_makes_the_schema_and_a_community(run: Run, empty_database_url: str) -> None:
    url = empty_database_url
    done = run(*INIT, LOVEBANK_DATABASE_URL=url)
    assert done.exit_code == 0, done.output
    assert schema.current(url) == schema.head()
    again = run(*INIT, LOVEBANK_DATABASE_URL=url)
    assert again.exit_code == 1
    assert again.output.startswith("lovebank: name")
    other = run(*INIT[:2], "春风社区", *INIT[3:], LOVEBANK_DATABASE_URL=url)
    assert other.exit_code == 0, other.output
    assert _names(url) == ["和睦社区", "春风社区"]
    assert run("check", LOVEBANK_DATABASE_URL=url).exit_code == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOVEBANK_SECRET_KEY", ""),
        ("LOVEBANK_SECRET_KEY", "short"),
        ("LOVEBANK_DATABASE_URL", "mysql://h/d"),
        ("LOVEBANK_BASE_URL", "nonsense"),
    ],
)
def test_a_bad_setting_stops_with_one_line(run: Run, name: str, value: str, tmp_path: Path) -> None:
    for command in (INIT, ("serve",), ("tick",)):
        done = run(*command, **{name: value})
        assert done.exit_code == 2
        assert done.output.startswith(f"lovebank: {name}")
        assert done.output.count("\n") == 1
    assert not list(tmp_path.glob("*.db"))


def test_a_short_password_makes_no_community(run: Run, database_url: str) -> None:
    url = database_url
    done = run(*INIT, LOVEBANK_DATABASE_URL=url, LOVEBANK_ADMIN_PASSWORD="short")
    assert done.exit_code == 1
    assert "password" in done.output
    assert _names(url) == []


def test_who_comes_second_with_a_name_is_told_so(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(*INIT, LOVEBANK_DATABASE_URL=database_url).exit_code == 0
    found, asked = communities.is_named, []

    def at_the_same_instant(session: Session, name: str) -> bool:
        asked.append(name)
        return len(asked) > 1 and found(session, name)

    monkeypatch.setattr(communities, "is_named", at_the_same_instant)
    done = run(*INIT, LOVEBANK_DATABASE_URL=database_url)
    assert (done.exit_code, done.output) == (1, f"lovebank: name {communities.TAKEN}\n")
    assert len(_names(database_url)) == 1


def test_an_older_schema_stops_serve_with_the_command_to_run(
    run: Run, empty_database_url: str
) -> None:
    url = empty_database_url
    Database(url).dispose()
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    for command in ("serve", "check", "tick"):
        done = run(command, LOVEBANK_DATABASE_URL=url)
        assert done.exit_code == 2
        assert "lovebank db upgrade" in done.output
    assert run("db", "check", LOVEBANK_DATABASE_URL=url).exit_code == 2
    assert run("db", "upgrade", LOVEBANK_DATABASE_URL=url).exit_code == 0
    assert run("db", "check", LOVEBANK_DATABASE_URL=url).exit_code == 0


def test_check_needs_no_secret_and_speaks_json(run: Run, database_url: str) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    done = run("check", "--json", LOVEBANK_DATABASE_URL=url, LOVEBANK_SECRET_KEY="")
    assert done.exit_code == 0
    assert json.loads(done.output) == {"clean": True, "test_clock": False, "problems": []}


def test_check_says_that_a_database_is_a_test(run: Run, database_url: str, tmp_path: Path) -> None:
    url = database_url
    (tmp_path / "clock").write_text("2026-01-02T03:04:05+08:00")
    clock = {"LOVEBANK_TEST_CLOCK": str(tmp_path / "clock")}
    assert run(*INIT, LOVEBANK_DATABASE_URL=url, **clock).exit_code == 0
    done = run("check", LOVEBANK_DATABASE_URL=url)
    assert done.exit_code == 0
    assert "TEST" in done.output
    database = Database(url)
    opened_at = database.read(lambda session: session.scalar(select(Community.opened_at)))
    database.dispose()
    assert opened_at is not None
    assert opened_at.isoformat() == "2026-01-01T19:04:05+00:00"


def test_a_true_database_refuses_the_test_clock(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    (tmp_path / "clock").write_text("now")
    for command in ("serve", "tick", "check"):
        done = run(command, LOVEBANK_DATABASE_URL=url, LOVEBANK_TEST_CLOCK=str(tmp_path / "clock"))
        assert done.exit_code == 2
        assert done.output.startswith("lovebank: LOVEBANK_TEST_CLOCK is set")


def test_another_secret_is_refused(run: Run, database_url: str) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    for command in ("serve", "tick"):
        done = run(command, LOVEBANK_DATABASE_URL=url, LOVEBANK_SECRET_KEY="a-foreign-one-" * 2)
        assert done.exit_code == 2
        assert "made under another key" in done.output


def test_tick_says_what_it_did(run: Run, database_url: str) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    done = run("tick", LOVEBANK_DATABASE_URL=url)
    assert done.exit_code == 0
    told = "planned auto-closed reminded drawn lapsed settled purged forgotten folded sent"
    assert done.output == ", ".join(f"{name}: 0" for name in told.split()) + "\n"


def test_refold_says_how_many_checkpoints_there_are(run: Run, database_url: str) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    done = run("db", "refold", LOVEBANK_DATABASE_URL=url)
    assert done.exit_code == 0, done.output
    assert done.output.endswith(": 0 checkpoints made from the postings\n")


def test_backup_says_that_the_secret_is_not_in_it(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    url = database_url
    assert run(*INIT, LOVEBANK_DATABASE_URL=url).exit_code == 0
    done = run("backup", "file", LOVEBANK_DATABASE_URL=url, LOVEBANK_SECRET_KEY="")
    assert done.exit_code == 0
    assert "NOT in it" in done.output
    into = f"sqlite:///{tmp_path / 'new.db'}"
    back = run("restore", "file", LOVEBANK_DATABASE_URL=into)
    assert back.exit_code == 0, back.output
    assert run("restore", "file", LOVEBANK_DATABASE_URL=into).exit_code == 2
    assert run("restore", "none", LOVEBANK_DATABASE_URL=into).exit_code == 2
    assert _names(into) == ["和睦社区"]


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(cli.main.commands) == {
        "serve", "init", "demo", "db", "check", "tick", "export", "import", "backup", "restore",
        "bench",
    }  # fmt: skip
