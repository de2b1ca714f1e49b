"""`lovebank export journal` as an operator types it: whose books, in what form, and no name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import Unavailable
from ledger import export
from lovebank import cli, exporting
from people.models import Community
from tests import factories
from tests.ledger import second_opinions
from tests.ledger.books import Books

FORMATS = ("beancount", "hledger", "csv")
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    """Runs the export of this test's database, without any secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOVEBANK_SECRET_KEY", raising=False)

    def run(*options: str) -> Result:
        words = ["export", "journal", *options]
        return CliRunner().invoke(cli.main, words, env={"LOVEBANK_DATABASE_URL": database.url})

    return run


def _community(database: Database, name: str) -> Books:
    """A community of the database, with a person called Li Mei who was paid."""

    def work(session: Session) -> tuple[Community, Any]:
        community, _first = factories.make_community(session, name=name)
        return community, factories.make_person(session, community_id=community.id, name="Li Mei")

    community, person = database.write(work)
    ours = Books(database, community_id=community.id, fund_id=community.general_fund_id)
    ours.award(person.id, 30, minutes=180)
    return ours


@pytest.mark.parametrize("form", FORMATS)
def test_the_only_community_need_not_be_named(database: Database, run: Run, form: str) -> None:
    ours = _community(database, "和睦社区")
    done = run("--format", form)
    assert done.exit_code == 0, done.output
    wanted = ours.read(lambda s: "".join(export.FORMATS[form](s, ours.community_id)))
    assert done.stdout_bytes == wanted.encode()
    assert wanted.isascii()
    assert str(ours.community_id) in wanted or form == "csv"
    assert "Li Mei" not in wanted
    assert "Wang Fang" not in wanted


def test_bean_check_takes_what_is_printed(database: Database, run: Run, tmp_path: Path) -> None:
    _community(database, "和睦社区")
    path = tmp_path / "journal.beancount"
    path.write_bytes(run("--format", "beancount").stdout_bytes)
    assert second_opinions.bean_check(path) == (0, "")
    assert "transfers" in path.read_text(encoding="utf-8").splitlines()[-1]


def test_one_of_several_must_be_named(database: Database, run: Run) -> None:
    first, second = _community(database, "和睦社区"), _community(database, "春风社区")
    done = run("--format", "csv")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("lovebank: --community is required where there are several")
    assert done.stderr.count("\n") == 1
    assert f"{first.community_id} (和睦社区)" in done.stderr
    for ours, other in ((first, second), (second, first)):
        told = run("--format", "csv", "--community", str(ours.community_id))
        assert told.exit_code == 0
        assert str(ours.fund_id) in told.stdout
        assert str(other.fund_id) not in told.stdout


def test_an_unknown_community_is_refused(database: Database, run: Run) -> None:
    assert run("--format", "csv").exit_code == 1
    _community(database, "和睦社区")
    done = run("--format", "csv", "--community", str(ids.new()))
    assert done.exit_code == 1
    assert done.stderr.startswith("lovebank: --community is not here")
    assert run("--format", "csv", "--community", "和睦社区").exit_code == 2
    assert run("--format", "pdf").exit_code == 2
    assert run().exit_code == 2


def test_what_was_cut_off_is_not_begun_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost connection makes the unit run again: not behind what is printed already."""

    def lines(session: Session, _community_id: object) -> Iterator[str]:
        yield "half\n"
        lost = psycopg.OperationalError("the connection is lost")
        raise OperationalError("SELECT 1", {}, lost)

    monkeypatch.setitem(export.FORMATS, "csv", lines)
    out = BytesIO()
    with pytest.raises(Unavailable, match="cut_off"):
        exporting.journal(database, ids.new(), "csv", out)
    assert out.getvalue() == b"half\n"
