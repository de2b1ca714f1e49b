"""The proof of lapses, notices, reversals and closed days names each planted fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import ids
from kit.db import Database
from ledger import accounts, checks, settling
from ledger.drafts import Leg
from ledger.models import Transfer
from tests.ledger.books import AT, ON, Books, books
from tests.ledger.vandal import vandal

LAST, UNTIL = ON + timedelta(days=8), ON + timedelta(days=3)
LATER = AT + timedelta(days=20)


@dataclass
class Scene:
    """Books with a lapse, a notice that ended, and a reversal."""

    books: Books
    lapse: UUID
    release: UUID
    reversal: UUID

    def problems(self) -> list[str]:
        """The codes of what the check finds."""
        found = self.books.read(lambda s: list(checks.problems(s, self.books.community_id)))
        return [problem.code for problem in found]


def _credit(ours: Books, expires_on: date | None, available_on: date | None) -> UUID:
    person_id = ids.new()
    place = accounts.pending if available_on else accounts.wallet
    source = accounts.fund_points(ours.fund_id)
    leg = Leg(source, place(person_id), 30, expires_on=expires_on, available_on=available_on)
    return ours.record(ours.draft("award", f"award:{ids.new()}", leg))[0]


def _only(ours: Books, kind: str) -> UUID:
    query = select(Transfer.id).where(
        Transfer.community_id == ours.community_id, Transfer.kind == kind
    )
    return ours.read(lambda s: s.scalars(query).one())


@pytest.fixture
def scene(database: Database) -> Scene:
    ours = books(database)
    _credit(ours, LAST, None)
    _credit(ours, LAST + timedelta(days=90), UNTIL)
    reversal = ours.reverse(ours.award(ids.new(), 10))
    while ours.write(lambda s: settling.tick(s, ours.community_id, LATER)):
        pass
    return Scene(ours, _only(ours, "lapse"), _only(ours, "release"), reversal)


def test_the_scene_is_clean(scene: Scene) -> None:
    assert scene.problems() == []


LAPSE = "UPDATE ledger_transfers SET {} WHERE kind = 'lapse'"
RELEASE = "UPDATE ledger_transfers SET {} WHERE kind = 'release'"
FAULTS = [
    (LAPSE.format("natural_key = 'wallet:lapse'"), "lapse_key_wrong"),
    (LAPSE.format("natural_key = natural_key || 'x'"), "lapse_key_wrong"),
    (LAPSE.format("source_id = community_id"), "lapse_key_wrong"),
    (LAPSE.format("effective_on = '2026-11-23'"), "lapse_too_early"),
    (LAPSE.format("recorded_at = '2026-11-30 02:00:00.000000Z'"), "lapse_too_early"),
    ("UPDATE ledger_lots SET expires_on = '2026-12-01' WHERE expires_on = '2026-11-30'",
     "lapse_key_wrong"),
    ("UPDATE ledger_lots SET remaining = 1 WHERE expires_on = '2026-11-30'", "lapse_left_some"),
    ("UPDATE ledger_lot_uses SET lot_id = community_id WHERE taken = 30", "lapse_key_wrong"),
    (RELEASE.format("natural_key = 'award:release'"), "notice_ended_otherwise"),
    (RELEASE.format("effective_on = '2026-11-24'"), "notice_ended_otherwise"),
    ("UPDATE ledger_lots SET expires_on = NULL WHERE available_on IS NULL", "notice_lot_differs"),
    ("UPDATE ledger_lots SET fund_id = NULL WHERE available_on IS NULL", "notice_lot_differs"),
    ("UPDATE ledger_lots SET remaining = 1 WHERE available_on IS NOT NULL", "notice_lot_differs"),
    ("UPDATE ledger_lots SET available_on = NULL", "lot_notice_wrong"),
    ("UPDATE ledger_lots SET available_on = expires_on WHERE available_on IS NULL",
     "lot_notice_wrong"),
    ("UPDATE ledger_transfers SET natural_key = 'other' WHERE kind = 'reversal'",
     "reversal_key_wrong"),
    ("UPDATE ledger_transfers SET source_id = community_id WHERE kind = 'reversal'",
     "reversal_key_wrong"),
    (LAPSE.format("original_on = '2026-11-01'"), "original_day_open"),
    (LAPSE.format("kind = 'collect'"), "flow_not_of_kind"),
    ("UPDATE ledger_transfers SET kind = 'hold' WHERE kind = 'award'", "lot_made_otherwise"),
]  # fmt: skip


def test_each_planted_fault_is_named(scene: Scene, subtests: pytest.Subtests) -> None:
    assert len(FAULTS) >= 20
    with vandal(scene.books.database) as owner:
        for statement, code in FAULTS:
            with subtests.test(statement):
                told = statement
                if scene.books.database.dialect == "sqlite":
                    told = statement.replace(" 02:00:00.000000Z", "T02:00:00.000000Z")
                assert owner.run(told) > 0
                with owner.session() as session:
                    found = list(checks.problems(session, scene.books.community_id))
                owner.undo()
                assert code in {problem.code for problem in found}
