"""The proof of this room: each planted fault is named, and an honest history is clean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kit import ids
from kit.db import Database
from tests.ledger.vandal import Vandal, vandal
from tests.treasury import scene
from tests.treasury.scene import Treasury
from treasury import checks

OCTOBER = date(2026, 10, 31)


@dataclass
class Planted:
    """Books with one of each thing, and the owner's own connection to them."""

    books: Treasury
    owner: Vandal
    ids: dict[str, UUID]

    def codes(self) -> set[str]:
        """What the room's check finds now."""
        with self.owner.session() as session:
            return {one.code for one in checks.problems(session, self.books.town.community_id)}

    def after(self, statement: str, **values: Any) -> set[str]:
        """What it finds after this SQL, which is taken back."""
        facts = self.ids | values
        used = {name: value for name, value in facts.items() if f":{name}" in statement}
        assert self.owner.run(statement, **used) > 0, statement
        found = self.codes()
        self.owner.undo()
        return found


@pytest.fixture
def planted(database: Database) -> Iterator[Planted]:
    books = scene.open_treasury(database, points=100)
    approved = books.ask(25, effective_on=date(2026, 10, 5))
    moved = books.approve(approved).transfer_id
    assert moved is not None
    opening = books.approve(books.ask(40, kind="opening")).transfer_id
    taken = books.approve(books.ask(-10)).transfer_id
    books.reject(books.ask(1))
    books.withdraw(books.ask(1))
    waiting = books.ask(5)
    period = books.close(OCTOBER)
    named = {"approved": approved.id, "moved": moved, "opening": opening, "taken": taken}
    named |= {
        "waiting": waiting.id,
        "period": period.id,
        "new": ids.new(),
        "li": books.li.id,
        "maker": books.first.id,
        "clerk": books.town.clerk.id,
    }
    with vandal(database) as owner:
        yield Planted(books, owner, {name: one for name, one in named.items() if one is not None})


def test_each_planted_fault_is_named_and_nothing_else(planted: Planted) -> None:
    assert planted.codes() == set()
    decided = "UPDATE treasury_decisions SET {} WHERE adjustment_id = :approved"
    asked = "UPDATE treasury_adjustments SET {} WHERE id = :approved"
    heads = "UPDATE ledger_transfers SET {} WHERE id = :moved"
    nobody = "DELETE FROM treasury_decisions WHERE adjustment_id = :approved"
    into = "UPDATE ledger_transfers SET effective_on = '2026-10-31' WHERE id = :taken"
    less = "UPDATE ledger_postings SET amount = 24 WHERE transfer_id = :moved"
    swapped = {"adjustment_not_moved", "moved_without_approval"}
    for statement, codes in (
        (nobody, {"moved_without_approval"}),
        (decided.format("transfer_id = :new"), swapped),
        (decided.format("transfer_id = :taken"), swapped),
        (asked.format("points = 26"), {"adjustment_moved_otherwise"}),
        (asked.format("points = -25"), {"adjustment_moved_otherwise"}),
        (asked.format("made_by = :li"), {"adjusted_own"}),
        (asked.format("person_id = :clerk"), {"adjustment_of_another"}),
        (asked.format("kind = 'opening'"), {"adjustment_not_moved"}),
        (decided.format("decided_by = :li"), {"adjustment_decided_own"}),
        (decided.format("decided_by = :maker"), {"adjustment_decided_by_maker"}),
        (heads.format("effective_on = '2026-11-05'"), {"period_changed"}),
        (into, {"period_changed"}),
        (less, {"adjustment_moved_otherwise", "period_changed"}),
        (_PERIOD_GONE, {"closed_through_differs"}),
        (_PERIOD_MOVED, {"closed_through_differs", "period_out_of_order"}),
        (_REOPENED, {"closed_through_differs"}),
    ):
        assert planted.after(statement) == codes, statement


_PERIOD_GONE = "DELETE FROM treasury_periods WHERE id = :period"
_PERIOD_MOVED = "UPDATE treasury_periods SET ends_on = '2026-10-30' WHERE id = :period"
_REOPENED = "UPDATE ledger_books SET closed_through = NULL WHERE closed_through IS NOT NULL"


def test_points_from_nowhere_and_late_comers_are_named(planted: Planted) -> None:
    late = "effective_on = '2026-10-31', recorded_at = '2026-11-23T06:00:00.000000Z'"
    found = planted.after(f"UPDATE ledger_transfers SET {late} WHERE id = :taken")
    assert found == {"period_changed", "recorded_into_closed_period"}
    for name in ("moved", "opening", "taken"):
        other = "source_type = 'other', source_id = :new"
        found = planted.after(f"UPDATE ledger_transfers SET {other} WHERE id = :{name}")
        assert found == {"adjustment_not_moved"}, name


def test_a_reversal_by_its_own_person_is_named(planted: Planted) -> None:
    reversal = (
        "UPDATE ledger_transfers SET kind = 'reversal', reverses_id = :moved, actor_id = :li"
        " WHERE id = :taken"
    )
    assert "adjustment_reversed_own" in planted.after(reversal)


def test_the_whole_proof_calls_this_room(database: Database) -> None:
    books = scene.open_treasury(database)
    books.close(OCTOBER)
    assert books.problems() == set()
    with vandal(database) as owner:
        owner.run("DELETE FROM treasury_periods")
    assert {"closed_through_differs", "covered_row_missing"} <= books.problems()
