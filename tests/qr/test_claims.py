"""Claim tickets: a slow sign-in does not lose the code, and a ticket is worth no more than that."""

from datetime import timedelta

from kit.db import Database
from qr import claims, codes, due
from qr.asks import Trace
from shifts.presence import attendance
from tests.qr import desk
from tests.qr.desk import KEYS, Desk


def _ticket(gate: Desk, token: str | None = None) -> str:
    return claims.issue(KEYS, token or gate.code(), gate.town.at)


def test_a_ticket_is_good_for_ten_minutes_and_not_a_second_longer(database: Database) -> None:
    gate = desk.open_desk(database)
    begin, code, ticket = gate.town.at, gate.code(), _ticket(gate)
    people = [gate.town.person() for _ in range(3)]
    gate.town.at = begin + timedelta(minutes=4)
    assert gate.refused(people[0], code).code == "code_expired"
    assert gate.scan(people[0], ticket).outcome == "checked_in"
    gate.town.at = begin + timedelta(minutes=10)
    assert gate.scan(people[1], f"HTTPS://BANK.EXAMPLE/S/{ticket}").outcome == "checked_in"
    gate.town.at += timedelta(seconds=1)
    assert gate.refused(people[2], ticket).code == "code_expired"
    gate.town.at = begin - timedelta(seconds=1)
    assert gate.refused(people[2], ticket).code == "clock_skew"


def test_a_ticket_is_used_once_by_each_person(database: Database) -> None:
    gate = desk.open_desk(database)
    li, ticket = gate.town.person(), _ticket(gate)
    first = gate.scan(li, ticket).attendance
    gate.town.later(minutes=8)
    again = gate.scan(li, ticket)
    assert first is not None
    assert again.attendance is not None
    assert (again.outcome, again.attendance.id) == ("duplicate", first.id)
    assert again.attendance.checked_out_at is None
    assert gate.scan(li, _ticket(gate)).outcome == "checked_out"
    assert [one.claim is not None for one in gate.scans()] == [True, False, True]


def test_no_ticket_is_given_for_what_is_not_accepted_now(database: Database) -> None:
    gate = desk.open_desk(database)
    old = gate.code()
    gate.town.later(minutes=1)
    ahead = codes.shift_code(KEYS, gate.shift, gate.town.at + timedelta(minutes=1)).token
    for token in (old, ahead, gate.poster(), gate.card(gate.captain)):
        assert _ticket(gate, token) == token
    ticket = _ticket(gate)
    gate.town.later(minutes=9)
    assert _ticket(gate, ticket) == ticket
    assert _ticket(gate, "nonsense") == ""


def test_a_ticket_for_a_forged_code_or_changed_anywhere_is_bad(database: Database) -> None:
    gate = desk.open_desk(database)
    li, token = gate.town.person(), gate.code()
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert gate.refused(li, _ticket(gate, forged)).code == "bad_code"
    ticket = _ticket(gate)
    for place in (1, 10, 20, 34, 40, 50, 62):
        other = "0" if ticket[place] != "0" else "1"
        assert gate.refused(li, ticket[:place] + other + ticket[place + 1 :]).code == "bad_code"
    assert gate.refused(li, ticket[:-1]).code == "bad_code"
    assert gate.scans() == []


def test_two_tickets_of_one_code_differ(database: Database) -> None:
    gate = desk.open_desk(database)
    assert len({_ticket(gate) for _ in range(20)}) == 20


def test_a_device_is_forgotten_with_its_trace(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    row = gate.scan(li, _ticket(gate), trace=Trace(device_id="phone-1")).attendance
    assert row is not None
    assert {"kind", "step", "ticket", "device"} == row.seen["in"].keys()
    assert "phone-1" not in str(row.seen)
    gate.town.later(days=731)
    gate.town.write(lambda session: due.tick(session, gate.town.community_id, gate.town.at))
    kept = gate.town.read(
        lambda session: attendance.get(session, gate.town.community_id, row.id).seen
    )
    assert kept["in"].keys() == {"kind", "step", "ticket"}
