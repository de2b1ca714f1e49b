"""Periods: closed in order, by a treasurer, after their time, and never opened again."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from kit.clock import local_date
from kit.db import Database
from kit.errors import Conflict, DomainError, Invalid, NotAllowed
from ledger import books as calendars
from ledger.models import Transfer
from tests import factories
from tests.treasury import scene
from tests.treasury.scene import Treasury
from treasury import periods

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def books(shared_database: Database) -> Treasury:
    return scene.open_treasury(shared_database)


def test_a_closed_month_takes_nothing_and_what_belongs_to_it_says_so(books: Treasury) -> None:
    books.award(date(2026, 9, 3))
    closed = books.close(OCTOBER)
    assert (closed.ends_on, closed.closed_by, closed.transfers) == (OCTOBER, books.first.id, 1)
    late = books.transfer(books.award(date(2026, 10, 20)))
    assert (late.effective_on, late.original_on) == (date(2026, 11, 1), date(2026, 10, 20))
    own = books.transfer(books.award(date(2026, 11, 1)))
    assert (own.effective_on, own.original_on) == (date(2026, 11, 1), None)
    assert books.town.wallet(books.li).available == 3


def test_months_are_closed_in_order_and_once(books: Treasury) -> None:
    books.award(date(2026, 7, 20))
    assert books.closable() == [date(2026, month, day) for month, day in
                                ((7, 31), (8, 31), (9, 30), (10, 31))]  # fmt: skip
    books.close(date(2026, 8, 31))
    assert books.closable() == [date(2026, 9, 30)]
    for closed in (date(2026, 8, 31), date(2026, 7, 31)):
        with pytest.raises(Conflict, match="period_closed"):
            books.close(closed)
    with pytest.raises(Invalid, match="2026-09-30"):
        books.close(OCTOBER)
    books.close(date(2026, 9, 30))
    books.close(OCTOBER)
    assert books.closable() == []
    assert books.problems() & {"closed_through_differs", "period_out_of_order"} == set()


def test_a_month_is_closed_once_a_whole_day_has_passed(books: Treasury) -> None:
    november = date(2026, 11, 30)
    books.award(date(2026, 11, 2))
    # Where the community is, 1 December ends at 16:00 UTC.
    for at in (
        datetime(2026, 11, 30, 15, 59, tzinfo=UTC),
        datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC),
    ):
        books.town.at = at
        with pytest.raises(Invalid, match="ends_on"):
            books.close(november)
        assert november not in books.closable()
    books.town.at = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert books.closable()[-1] == november
    books.close(november)


def test_only_a_months_last_day_and_only_a_treasurer(books: Treasury) -> None:
    for day in (date(2026, 10, 30), date(2026, 2, 27)):
        with pytest.raises(Invalid, match="ends_on"):
            books.close(day)
    for person in (books.town.manager, books.town.clerk, books.li):
        with pytest.raises(NotAllowed):
            books.close(OCTOBER, by=person)
    assert periods.month_end(date(2028, 2, 3)) == date(2028, 2, 29)
    assert periods.next_after(date(2026, 12, 31)) == date(2027, 1, 31)


def test_nothing_is_closable_before_the_first_transfer(books: Treasury) -> None:
    """A community with only its fund has nothing older than its opening day."""
    first = local_date(factories.AT, "Asia/Shanghai")
    assert [day for day in books.closable() if day < first] == []


def test_the_database_refuses_to_reopen_or_to_write_into_a_closed_day(books: Treasury) -> None:
    moved = books.award(date(2026, 10, 20))
    books.close(OCTOBER)

    def reopen(session: Session) -> None:
        calendars.change(session, books.town.community_id, closed_through=date(2026, 9, 30))

    with pytest.raises((DomainError, DBAPIError), match="append_only"):
        books.town.write(reopen)

    def slip_in(session: Session) -> None:
        head = session.execute(
            select(*Transfer.__table__.columns).where(
                Transfer.community_id == books.town.community_id, Transfer.id == moved
            )
        ).one()
        row = head._asdict() | {"id": ids.new(), "natural_key": "slipped"}
        session.execute(insert(Transfer), [row])

    with pytest.raises((DomainError, DBAPIError), match="period_closed"):
        books.town.write(slip_in)
