"""The texts that the database makes of rows are those that fingerprints were made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from audit.leaves import plain
from audit.models import Entry
from kit import ids, paging, texts
from kit.db import Database
from kit.types import canonical
from ledger.models import Lot
from tests.ledger.vandal import vandal

COMMUNITY = ids.new()
NASTY = [
    "", "plain", 'a "quoted" word', "back\\slash", "tab\tnew\nline\r", "\x01\x1f\x7f\x08\x0c",
    "爱心银行 é 🎈", "'; --", "</script>", "\u2028", "null",
]  # fmt: skip


def _entry(text: str, number: int) -> dict[str, Any]:
    chance = Random(number)
    return {
        "community_id": COMMUNITY,
        "id": ids.new(),
        "at": datetime(1970 + number, 1, 2, 3, 4, 5, chance.randrange(10**6), tzinfo=UTC),
        "actor_id": ids.new() if number % 2 else None,
        "via": "api",
        "action": text,
        "subject_type": text,
        "subject_id": ids.new(),
        "refused": text if number % 3 else None,
        "reason_code": None,
        "text_digest": chance.randbytes(32) if number % 2 else None,
        "request_id": ids.new(),
        "before": None if number % 2 else {"text": text, "z": [1, None, {"b": -2, "a": text}]},
        "after": [text] if number % 2 else None,
        "row_digest": None,
        "leaf": bytes(32),
    }


def test_an_entrys_text_is_its_canonical_encoding(database: Database) -> None:
    rows = [_entry(text, number) for number, text in enumerate(NASTY)]
    database.write(lambda s: s.execute(insert(Entry), rows), community_id=COMMUNITY)
    columns = [column for column in Entry.__table__.columns if column.name != "leaf"]
    query = select(texts.plain(Entry.id), texts.of_row(columns)).where(
        Entry.community_id == COMMUNITY
    )
    found = database.read(lambda s: {row[0]: row[1] for row in s.execute(query)})
    for row in rows:
        facts = {name: value for name, value in row.items() if name != "leaf"}
        assert found[str(row["id"])] == canonical(plain(facts))


def test_a_text_in_two_parts_leaves_a_place_for_a_name(database: Database) -> None:
    row = _entry("x", 1)
    database.write(lambda s: s.execute(insert(Entry), [row]), community_id=COMMUNITY)
    query = select(*texts.around(Entry.__table__.columns, "deeds")).where(
        Entry.community_id == COMMUNITY
    )
    begin, end = database.read(lambda s: s.execute(query).one())
    assert f'{begin},"deeds":[1]{end}' == canonical(plain(row | {"deeds": [1]}))


def test_a_list_tells_numbers_days_and_nothing(database: Database) -> None:
    facts = {
        "community_id": COMMUNITY, "id": ids.new(), "account_id": ids.new(),
        "transfer_id": ids.new(), "line": 0, "original": 2**53, "remaining": 1,
        "expires_on": date(2027, 1, 31),
    }  # fmt: skip
    names = ", ".join(facts)
    with vandal(database) as owner:
        marks = ", ".join(f":{name}" for name in facts)
        told = {name: str(v) if isinstance(v, UUID | date) else v for name, v in facts.items()}
        owner.run(f"INSERT INTO ledger_lots ({names}) VALUES ({marks})", **told)
    columns = (Lot.original, Lot.available_on, Lot.expires_on, Lot.id)
    query = select(texts.of_list(columns)).where(Lot.community_id == COMMUNITY)
    wanted = [2**53, None, date(2027, 1, 31), facts["id"]]
    assert database.read(lambda s: s.scalar(query)) == canonical(plain(wanted))


def test_pages_leave_nothing_out(database: Database, monkeypatch: Any) -> None:
    rows = [_entry("x", number) for number in range(7)]
    database.write(lambda s: s.execute(insert(Entry), rows), community_id=COMMUNITY)
    monkeypatch.setattr(paging, "PAGE", 3)
    key = [Entry.subject_type, Entry.id]
    query = select(Entry.subject_type, texts.plain(Entry.id)).where(Entry.community_id == COMMUNITY)
    found = database.read(lambda s: [list(page) for page in paging.pages(s, query, key)])
    assert [len(page) for page in found] == [3, 3, 1]
    assert [row[1] for page in found for row in page] == [str(row["id"]) for row in rows]
