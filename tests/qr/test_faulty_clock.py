"""Clock faults: no double credit, no revived code, the order unchanged."""

from datetime import timedelta

from kit.db import Database
from tests.qr import desk
from tests.qr.faulty_clock import Faulty


def test_a_clock_that_was_put_back_revives_no_code(database: Database) -> None:
    gate = desk.open_desk(database)
    li, zhao, old = gate.town.person(), gate.town.person(), gate.code()
    begin = gate.town.at
    gate.town.later(minutes=10)
    assert gate.refused(li, old).code == "code_expired"
    gate.scan(li, gate.code())
    gate.town.at = begin
    assert gate.refused(zhao, old).code == "clock_skew"
    assert gate.refused(zhao, gate.code()).code == "clock_skew"
    # Who has a card, or is written down, is not kept waiting by it.
    assert gate.scan(gate.captain, gate.card(zhao)).outcome == "checked_in"
    gate.town.at = begin + timedelta(minutes=10)
    assert gate.scan(gate.town.person(), gate.code()).outcome == "checked_in"


def test_ten_years_ahead_for_a_moment_stops_nothing(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    gate.scan(li, gate.code())
    begin = gate.town.at
    gate.town.later(days=3652)
    assert gate.refused(gate.town.person(), gate.code()).code == "outside_window"
    gate.town.at = begin + timedelta(minutes=1)
    assert gate.scan(gate.town.person(), gate.code()).outcome == "checked_in"


def test_a_server_and_phones_that_are_often_wrong(database: Database) -> None:
    gate = desk.open_desk(database)
    fault = Faulty(gate, [gate.town.person() for _ in range(6)], seed=3)
    fault.run(40)
    assert {"checked_in", "clock_skew"} <= fault.told.keys()
    assert (fault.revived, fault.stamped_wrong, fault.out_of_order()) == (0, 0, 0)
    first, again = fault.approve_twice()
    assert first > 0
    assert (again, fault.credited_twice()) == (0, 0)
    gate.town.assert_clean()
