"""The exported journal: independent programs prove it, and what is wrong does not pass them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from kit import ids
from kit.db import Database
from ledger import accounts, export, statements
from ledger.drafts import Leg
from ledger.export import words
from ledger.export.rows import Opened
from ledger.kinds import ACCOUNT_KINDS, FEN, MINUTES, POINTS, goods
from tests.ledger import second_opinions
from tests.ledger.books import AT, Books, books
from tests.ledger.histories import WEIGHTS, History
from tests.ledger.second_opinions import Balances
from tests.ledger.vandal import vandal


def _text(ours: Books, form: str) -> str:
    lines = export.FORMATS[form]
    return ours.read(lambda session: "".join(lines(session, ours.community_id)))


def _history(database: Database, seed: int, deeds: int = 60) -> History:
    past = History(books(database, budget=900), Random(seed))
    past.go_on(deeds)
    return past


def _ours(ours: Books) -> Balances:
    """Our balances as the other programs tell them: a debit is positive."""
    rows = ours.read(lambda session: statements.trial_balance(session, ours.community_id))
    told = {_name(row.kind, row.owner_id, row.commodity): -row.balance for row in rows}
    return {spot: balance for spot, balance in told.items() if balance}


def _name(kind: str, owner_id: object, commodity: str) -> tuple[str, str]:
    """Told anew here, not asked of the export: the name is a promise to those who read it."""
    symbol = commodity.replace("goods:", "GOODS-").upper()
    root = {"owed": "Assets"}.get(kind, "Liabilities") if owner_id else "Equity"
    parts = [root, kind.replace("_", "-").title(), *([str(owner_id).upper()] if owner_id else [])]
    return ":".join([*parts, symbol]), symbol


def test_beancount_proves_random_histories(database: Database) -> None:
    done: Counter[str] = Counter()
    owing = 0
    for seed in range(4):
        past = _history(database, seed)
        text = _text(past.ours, "beancount")
        assert second_opinions.beancount_errors(text) == []
        assert second_opinions.beancount_balances(text) == _ours(past.ours)
        assert text == _text(past.ours, "beancount")
        done += past.done
        owing += "Assets:Owed:" in text
    wanted = {*WEIGHTS, "insufficient_points", "out_of_stock", "already_reversed"}
    assert wanted <= done.keys(), "the histories did not try everything"
    assert owing, "nobody came to owe anything"


def test_every_account_is_asserted(database: Database) -> None:
    text = _text(_history(database, 7).ours, "beancount")
    opens = re.findall(r"^\S+ open (\S+)", text, re.MULTILINE)
    asserted = re.findall(r"^\S+ balance (\S+)", text, re.MULTILINE)
    assert len(opens) == len(set(opens)) > 10
    assert asserted == opens


def test_bean_check_refuses_a_wrong_balance(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "journal.beancount"
    text = _text(_history(database, 1, deeds=20).ours, "beancount")
    path.write_text(text, encoding="utf-8")
    assert second_opinions.bean_check(path) == (0, "")
    path.write_text(second_opinions.planted(text), encoding="utf-8")
    status, told = second_opinions.bean_check(path)
    assert status == 1
    assert "Balance failed" in told


def test_a_kept_balance_that_the_postings_do_not_tell_is_caught(database: Database) -> None:
    ours, person_id = books(database), ids.new()
    ours.award(person_id, 30)
    with vandal(database) as wreck:
        met = wreck.run(
            "UPDATE ledger_balances SET balance = 31 WHERE community_id = :ours AND balance = 30",
            ours=ours.community_id,
        )
        assert met == 1
    [error] = second_opinions.beancount_errors(_text(ours, "beancount"))
    assert f"Liabilities:Wallet:{person_id}:POINTS".upper() in error.upper()


def test_hledger_is_told_the_same(database: Database) -> None:
    """hledger itself is asked by the proof `second_opinion`; here its text is read by eye."""
    past = _history(database, 3)
    text = _text(past.ours, "hledger")
    declared = set(re.findall(r"^account (\S+)", text, re.MULTILINE))
    used = set(re.findall(r"^    (\w+:\S+)  ", text, re.MULTILINE))
    assert used == declared
    asserted = re.findall(r'^    (\S+)  0 \S+ == (-?\d+) "?([^"\n]+)"?$', text, re.MULTILINE)
    assert {name for name, _, _ in asserted} == declared
    told = {(name, symbol): int(number) for name, number, symbol in asserted if number != "0"}
    assert told == _ours(past.ours)
    assert text == _text(past.ours, "hledger")


def test_csv_is_one_line_a_posting(database: Database) -> None:
    past = _history(database, 5)
    text = _text(past.ours, "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["credit"]] += int(row["amount"])
        sums[row["debit"]] -= int(row["amount"])
    trial = past.ours.read(lambda s: statements.trial_balance(s, past.ours.community_id))
    assert sums == {row.code: row.balance for row in trial}
    assert [row["transfer"] for row in rows] == sorted(row["transfer"] for row in rows)
    assert text.count("\r\n") == len(rows) + 1


def test_hostile_text_stays_text(database: Database) -> None:
    """A key that an import may bring neither runs in a spreadsheet nor breaks out of its line."""
    ours, hostile = books(database), '=1+1\n2026-01-01 open Assets:X "\\'
    place = accounts.wallet(ids.new())
    leg = Leg(accounts.fund_points(ours.fund_id), place, 5)
    ours.record(ours.draft("award", hostile, leg))
    [row] = list(csv.DictReader(io.StringIO(_text(ours, "csv"), newline="")))
    assert row["key"] == f"'{hostile}"
    for form in ("beancount", "hledger"):
        text = _text(ours, form)
        assert "\n2026-01-01" not in text
        assert "=1+1 2026-01-01 open" in text
    assert second_opinions.beancount_errors(_text(ours, "beancount")) == []


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
def test_every_kind_has_a_name_of_its_own(kind: str) -> None:
    """A kind that is added later must have a name that Beancount takes."""
    goods_id, owner_id = ids.new(), ids.new()
    names = set()
    for commodity in (POINTS, MINUTES, FEN, goods(goods_id)):
        for owner in (None, owner_id):
            one = Opened(ids.new(), "", kind, owner, commodity, AT, AT.date(), 0)
            name, symbol = words.account(one), words.commodity(commodity)
            text = f"2026-01-01 open {name} {symbol}\n2026-01-02 balance {name} 0 {symbol}\n"
            assert second_opinions.beancount_errors(text) == []
            names.add(name)
    assert len(names) == 8


@pytest.mark.parametrize("form", ["beancount", "hledger", "csv"])
def test_books_without_anything(database: Database, form: str) -> None:
    text = _text(Books(database), form)
    assert text.endswith("\n")
    if form == "beancount":
        assert second_opinions.beancount_errors(text) == []


def test_pages_leave_nothing_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    past = _history(database, 6, deeds=25)
    whole = _text(past.ours, "csv")
    for size in (1, 7):
        monkeypatch.setattr("ledger.export.rows.PAGE", size)
        assert _text(past.ours, "csv") == whole


def test_other_communities_stay_out(database: Database) -> None:
    ours, other = books(database), books(database)
    ours.award(ids.new(), 5)
    other.award(ids.new(), 7)
    for form in export.FORMATS:
        text = _text(ours, form).lower()
        assert str(other.fund_id) not in text
        assert str(ours.fund_id) in text
