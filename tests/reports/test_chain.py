"""The chain of a number: every link, and its sentences in both languages."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import NotAllowed, NotFound
from ledger import statements
from redemption import orders
from reports import chain, sentences, sight, sources
from shifts.approval import voiding
from shifts.presence import attendance
from shifts.rota import finding
from tests import factories
from tests.factories import AT
from tests.reports.factories import amend_and_approve, make_stay, spend

LATE = AT + timedelta(hours=6)


def test_every_link_from_the_scan_to_the_donor(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        amend_and_approve(session, stay)
        order = spend(session, stay)
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        assert [scan.outcome for scan in found.scans] == ["checked_in", "checked_out"]
        kinds = [record.kind for record in found.records]
        assert kinds == ["check_in", "check_out", "amendment"]
        assert found.records[2].reason == "went home early"
        assert found.records[2].actor_id == stay.captain.id
        assert [(one.decision, one.decided_by, one.revision) for one in found.decisions] == [
            ("approve", stay.manager.id, 2)
        ]
        (award,) = found.awards
        assert (award.minutes, award.points, award.fund_name) == (120, 15, "Grant")
        assert award.inputs["rule"]["name"] == "Patrol"
        (lot,) = award.lots
        assert (lot.original, lot.remaining) == (15, 9)
        (part,) = lot.orders
        assert (part.order_id, part.points, part.status) == (order.id, 6, "ready")
        assert [(one.name, one.quantity, one.fund_name) for one in part.goods] == [
            ("Soap", 2, "Donor")
        ]

    database.write(work)


def test_a_card_that_was_scanned_again_is_told(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        row = attendance.get(session, stay.community_id, stay.attendance_id)
        attendance.scan_in_or_out(
            session,
            actor=factories.actor_of(stay.captain),
            at=AT,
            shift=finding.get(session, stay.community_id, row.shift_id),
            person_id=row.person_id,
            entered="card",
        )
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        assert found.records[-1].kind == "duplicate"
        chinese, english = (sentences.of(found, language) for language in ("zh", "en"))
        assert any("重复扫码" in one for one in chinese)
        assert any(one.startswith("Scanned again at") for one in english)

    database.write(work)


def test_the_sentences_are_made_from_the_stored_steps(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        amend_and_approve(session, stay)
        spend(session, stay)
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        chinese, english = (sentences.of(found, language) for language in ("zh", "en"))
        assert len(chinese) == len(english)
        for told in (
            "120 分钟 → 2.0 小时 × 10 = 20 分",
            "当日上限 15 分，还可得 15 分，计 15 分",
            "其中 6 分换了 Soap × 2（等待领取）",
            "还剩 9 分",
        ):
            assert told in chinese
        assert "Daily cap 15, 15 left: 15 points" in english
        assert "15 points credited, from “Grant”" in english
        assert not any("Chen Bo" in told for told in english), "names are masked"

    database.write(work)


def test_what_an_order_gave_back_is_not_spent(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        amend_and_approve(session, stay)
        order = spend(session, stay)
        volunteer = stay.actor(stay.volunteer)
        orders.cancel(session, actor=volunteer, at=LATE, order_id=order.id)
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        (lot,) = found.awards[0].lots
        assert lot.remaining == 15
        assert [(part.status, part.points) for part in lot.orders] == [("cancelled", 0)]
        assert "15 of them are left" in sentences.of(found, "en")

    database.write(work)


def test_a_reversed_award_says_so(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        amend_and_approve(session, stay)
        before = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        transfer_id = before.awards[0].transfer_id
        assert transfer_id is not None
        undone = voiding.reverse_award(
            session,
            actor=stay.actor(stay.treasurer),
            at=LATE,
            transfer_id=transfer_id,
            reason="another person",
        )
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        assert found.awards[0].reversed_by_id == undone
        assert found.attendance.status == "voided"
        assert "This award was reversed" in sentences.of(found, "en")

    database.write(work)


def test_an_attendance_without_an_award_yet(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        found = chain.explanation(session, stay.community_id, stay.attendance_id, at=LATE)
        assert (found.awards, found.decisions) == ([], [])
        assert len(sentences.of(found, "zh")) == 3
        with pytest.raises(NotFound):
            chain.explanation(session, stay.community_id, ids.new(), at=LATE)

    database.write(work)


def test_each_line_of_a_statement_says_what_it_is_about(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        amend_and_approve(session, stay)
        order = spend(session, stay)
        volunteer = stay.actor(stay.volunteer)
        orders.cancel(session, actor=volunteer, at=LATE, order_id=order.id)
        person: UUID = stay.volunteer.id
        lines = statements.statement(session, stay.community_id, person, 10, None)
        told = sources.explained(session, stay.community_id, lines, "en")
        assert [told[line.transfer_id] for line in lines] == [
            "Order cancelled, points back: Soap × 2",
            "Set aside for an order: Soap × 2",
            "For service: 120 minutes → 2.0 h × 10 = 20 points, Daily cap 15, 15 left: 15 points",
        ]
        assert sources.explained(session, stay.community_id, [], "zh") == {}

    database.write(work)


def test_who_sees_an_account(database: Database) -> None:
    def work(session: Session) -> None:
        stay = make_stay(session)
        person = stay.volunteer.id
        for who in (stay.volunteer, stay.manager, stay.treasurer):
            sight.require_account(session, stay.actor(who), person)
        with pytest.raises(NotAllowed):
            sight.require_account(session, stay.actor(stay.captain), person)
        sight.require_books(session, stay.actor(stay.treasurer))
        with pytest.raises(NotAllowed):
            sight.require_books(session, stay.actor(stay.manager))
        with pytest.raises(NotAllowed):
            sight.require_trail(session, stay.actor(stay.treasurer))
        stranger = factories.make_person(session, community_id=stay.community_id)
        with pytest.raises(NotAllowed):
            sight.require_account(session, stay.actor(stranger), person)

    database.write(work)
