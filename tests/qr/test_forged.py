"""Forged, changed, cut and replayed codes: none is accepted, however good the original was."""

from kit.db import Database
from qr.models import OUTCOMES
from tests.qr import desk, forging

REFUSED = {"bad_code", "code_expired", "clock_skew", "not_allowed", "card_revoked"}


def test_no_forged_code_is_accepted(database: Database) -> None:
    other = desk.open_desk(database, title="Elsewhere")
    gate = desk.open_desk(database, title="Here")
    people = [gate.town.person() for _ in range(4)]
    told = forging.attack(gate, forging.prepared(gate, other, 7), people, 100)
    assert not set(told) & set(OUTCOMES)
    assert set(told) <= REFUSED
    assert gate.scan(people[0], gate.code()).outcome == "checked_in"
