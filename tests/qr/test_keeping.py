"""What is kept of a scan: nonces and their first answers, digests, traces, batches, erasure."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from audit import leaves
from audit.models import Entry
from kit.db import Database
from kit.errors import DomainError, Invalid, NotAllowed
from qr import batch, due
from qr.asks import Trace
from qr.models import Scan, ScanTrace
from tests import factories
from tests.qr import desk
from tests.qr.desk import Desk


def test_the_same_nonce_has_one_answer(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    first = gate.scan(li, gate.code(), nonce="n1")
    gate.town.later(minutes=30)
    again = gate.scan(li, gate.code(), nonce="n1")
    assert (again.outcome, first.outcome) == ("checked_in", "checked_in")
    assert again.attendance is not None
    assert first.attendance is not None
    assert again.attendance.id == first.attendance.id
    assert again.attendance.checked_out_at is None
    assert len(gate.scans()) == 1
    other = gate.scan(gate.town.person(), gate.code(), nonce="n1")
    assert other.outcome == "checked_in"
    assert gate.scan(li, gate.code(), nonce="n2").outcome == "checked_out"


def test_the_same_nonce_is_refused_the_same_way(database: Database) -> None:
    gate = desk.open_desk(database)
    li, old = gate.town.person(), gate.code()
    gate.town.later(minutes=5)
    assert gate.refused(li, old, nonce="n1").code == "code_expired"
    assert gate.refused(li, gate.code(), nonce="n1").code == "code_expired"
    assert len(gate.scans()) == 1
    for _ in range(40):
        assert gate.refused(li, "nonsense", nonce="n2").code == "bad_code"
    assert len(gate.unknown()) == 1
    own = gate.refused(li, gate.card(li), nonce="n3")
    again = gate.refused(li, gate.card(li), nonce="n3")
    assert (type(own), type(again), again.code) == (NotAllowed, NotAllowed, "not_allowed")


def test_the_nonce_of_a_collected_voucher_and_of_an_identified_card(database: Database) -> None:
    gate = desk.open_desk(database)
    town = gate.town
    li = town.person(50)
    voucher, card = gate.voucher(town.order(li, (town.goods(), 1))), gate.card(li)
    for nonce, token, outcome in (("n1", voucher, "collected"), ("n2", card, "identified")):
        first = gate.scan(town.clerk, token, nonce=nonce)
        again = gate.scan(town.clerk, token, nonce=nonce)
        assert (first.outcome, again.outcome) == (outcome, outcome)
        assert first.person == again.person
    town.assert_clean()


def test_twenty_scans_with_one_nonce_at_once_are_one(database: Database) -> None:
    gate = desk.open_desk(database)
    li, old = gate.town.person(), gate.code()
    gate.town.later(minutes=2)
    new = gate.code()

    def accepted(_number: int) -> str:
        return gate.scan(li, new, nonce="n1").outcome

    def refused(_number: int) -> str:
        return gate.refused(li, old, nonce="n2").code

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(accepted, range(20))) == {"checked_in": 20}
        assert Counter(pool.map(refused, range(20))) == {"code_expired": 20}
    assert [one.nonce for one in gate.scans()] == ["n1", "n2"]


def test_fifty_people_scan_one_code_at_once(database: Database) -> None:
    gate = desk.open_desk(database, seats=20)
    people, token = [gate.town.person() for _ in range(50)], gate.code()

    def run(person: Any) -> str:
        try:
            return gate.scan(person, token).outcome
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(run, people)) == {"checked_in": 20, "shift_full": 30}


def test_each_scan_is_covered_by_the_digest_of_its_row(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    captured = gate.town.at - timedelta(seconds=3)
    gate.scan(li, gate.code(), nonce="n1", captured_at=captured)
    gate.refused(li, gate.card(li))
    community_id = gate.town.community_id

    def entries(session: Any) -> dict[Any, Entry]:
        rows = session.scalars(
            select(Entry).where(Entry.community_id == community_id, Entry.subject_type == "scan")
        )
        return {row.subject_id: row for row in rows}

    kept = gate.town.read(entries)
    scans = gate.scans()
    assert [one.captured_at for one in scans] == [captured, None]
    assert len(kept) == len(scans) == 2
    for row in scans:
        facts = {column.name: getattr(row, column.name) for column in Scan.__table__.columns}
        assert kept[row.id].row_digest == leaves.digest(facts)
        assert kept[row.id].refused == row.refused


def test_traces_stand_apart(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    trace = Trace(address="127.0.0.1", agent="a browser", device_id="d1", device_seq=7)
    gate.scan(li, gate.code(), trace=trace)
    gate.refused(li, gate.card(li), trace=trace)
    gate.scan(gate.town.clerk, gate.card(li), trace=Trace())
    assert len(_traces(gate)) == 2
    assert {(one.device_id, one.device_seq, one.agent) for one in _traces(gate)} == {
        ("d1", 7, "a browser")
    }


def _traces(gate: Desk) -> list[ScanTrace]:
    return gate.town.read(
        lambda session: list(
            session.scalars(
                select(ScanTrace).where(ScanTrace.community_id == gate.town.community_id)
            )
        )
    )


def test_time_erases_unknown_scans_and_traces_and_never_a_scan(database: Database) -> None:
    gate = desk.open_desk(database)
    town = gate.town
    li = town.person()
    gate.scan(li, gate.code(), trace=Trace(device_id="d1"))
    gate.refused(li, "nonsense")

    def tick() -> int:
        return town.write(lambda session: due.tick(session, town.community_id, town.at))

    town.later(days=90)
    assert tick() == 0
    town.later(seconds=1)
    assert (tick(), tick(), len(gate.unknown()), len(_traces(gate))) == (1, 0, 0, 1)
    town.later(days=641)
    assert (tick(), len(_traces(gate)), len(gate.scans())) == (1, 0, 1)


def test_what_no_client_sends_is_refused_and_not_kept(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    wrong: list[dict[str, Any]] = [
        {"purpose": "spend"},
        {"nonce": ""},
        {"nonce": "x" * 101},
        {"nonce": "a\x00b"},
        {"trace": Trace(device_id="\x00")},
        {"trace": Trace(device_seq=-1)},
    ]
    for facts in wrong:
        assert isinstance(gate.refused(li, gate.code(), **facts), Invalid), facts
    assert (gate.scans(), gate.unknown()) == ([], [])


def _batch(gate: Desk, person: Any, items: list[batch.Item]) -> list[batch.Result]:
    return batch.scan_all(
        gate.town.database,
        actor=factories.actor_of(person),
        keys=factories.KEYS,
        at=gate.town.at,
        items=items,
        call="POST /api/v1/scans/batch",
    )


def test_a_batch_answers_each_scan_by_itself(database: Database) -> None:
    gate = desk.open_desk(database)
    li, zhao = gate.town.person(), gate.town.person()
    items = [
        batch.Item(gate.card(li), "n1"),
        batch.Item("nonsense", "n2"),
        batch.Item(gate.card(zhao), "n3"),
        batch.Item(gate.card(li), "n1"),
        batch.Item(gate.card(li), "n4"),
    ]
    expected = [
        batch.Result("n1", outcome="checked_in"),
        batch.Result("n2", code="bad_code"),
        batch.Result("n3", outcome="checked_in"),
        batch.Result("n1", outcome="checked_in"),
        batch.Result("n4", outcome="duplicate"),
    ]
    assert _batch(gate, gate.captain, items) == expected
    assert _batch(gate, gate.captain, items) == expected
    assert (len(gate.scans()), len(gate.unknown())) == (3, 1)


def test_a_batch_has_its_bounds_and_its_captain(database: Database) -> None:
    gate = desk.open_desk(database)
    one = batch.Item(gate.card(gate.captain), "n")
    for items in ([], [one] * 501):
        with pytest.raises(Invalid):
            _batch(gate, gate.captain, items)
    for who in (gate.town.person(), gate.town.clerk):
        with pytest.raises(NotAllowed):
            _batch(gate, who, [one])
    assert gate.scans() == []
