"""A thousand clean rows in one call, on each engine; run by the proof ``clean_rows``.

Invariant: the processor's time of the call is what counts, so that a busy machine fails nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from ledger import statements
from shifts.approval import clean_rows
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, make_rule, make_shift

ROWS = 1000
SECONDS = 2


def test_a_thousand_clean_rows(
    session: Session, town: Town, record_property: Callable[[str, object], None]
) -> None:
    make_rule(session, town, daily_cap_points=25)
    shift = make_shift(session, town)
    rows = factories.crowd(session, town, shift.id, ROWS)
    session.flush()
    began = time.process_time()
    told = clean_rows.approve(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    took = time.process_time() - began
    record_property("cases", told.credited)
    record_property("seconds", f"{took:.2f}")
    assert (told.credited, told.exceptions) == (ROWS, [])
    one = statements.wallet(session, town.id, rows[0].person_id, NOW)
    assert (one.available, one.minutes) == (25, 180)
    if session.get_bind().dialect.name == "sqlite":
        assert took < SECONDS, f"{took} s"
