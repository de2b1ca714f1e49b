"""What people are told of an adjustment, and of a day that was moved out of a closed month."""

from datetime import date, timedelta

from kit.db import Database
from ledger import statements
from reports import chain, sentences, sources
from shifts.approval import approvals
from tests import factories
from tests.factories import AT
from tests.reports.factories import make_stay
from tests.treasury import scene
from treasury import periods


def test_the_passbook_says_why(shared_database: Database) -> None:
    books = scene.open_treasury(shared_database, points=100)
    books.approve(books.ask(-5))

    def told(language: str) -> list[str]:
        return books.town.read(
            lambda session: list(
                sources.explained(
                    session,
                    books.town.community_id,
                    statements.statement(session, books.town.community_id, books.li.id, 9, None),
                    language,
                ).values()
            )
        )

    assert told("en") == [f"Adjustment: {scene.WHY}", f"Opening: {scene.WHY}"]
    assert told("zh") == [f"调整: {scene.WHY}", f"期初: {scene.WHY}"]


def test_an_award_that_came_late_says_where_it_counts(shared_database: Database) -> None:
    december = AT + timedelta(days=12)
    stay = shared_database.write(make_stay)
    treasurer, manager = stay.actor(stay.treasurer), stay.actor(stay.manager)
    shared_database.write(
        lambda session: periods.close(
            session, actor=treasurer, at=december, ends_on=date(2026, 11, 30)
        )
    )
    shared_database.write(
        lambda session: approvals.approve(
            session, actor=manager, at=december, attendance_id=stay.attendance_id
        )
    )

    def told(language: str) -> list[str]:
        return shared_database.read(
            lambda session: sentences.of(
                chain.explanation(session, stay.community_id, stay.attendance_id, at=december),
                language,
            )
        )

    assert "2026-11-22 所在月份的账已结，这笔记在 2026-12-01" in told("zh")
    assert "The books of 2026-11-22 are closed, so it counts on 2026-12-01" in told("en")


def test_an_award_in_time_says_nothing_of_it(shared_database: Database) -> None:
    stay = shared_database.write(make_stay)
    manager, at = factories.actor_of(stay.manager), AT + timedelta(hours=4)
    shared_database.write(
        lambda session: approvals.approve(
            session, actor=manager, at=at, attendance_id=stay.attendance_id
        )
    )
    found = shared_database.read(
        lambda session: chain.explanation(session, stay.community_id, stay.attendance_id, at=at)
    )
    assert [award.moved_to for award in found.awards] == [None]
