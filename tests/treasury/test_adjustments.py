"""Adjustments: in force by two treasurers, never for one's own, each decided once."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, refusal_in
from people import communities
from shifts.approval import voiding
from tests import factories
from tests.treasury import scene
from tests.treasury.scene import Treasury, noon
from treasury.models import Adjustment, Decision


@pytest.fixture
def books(shared_database: Database) -> Treasury:
    return scene.open_treasury(shared_database, points=100)


def _code(deed: Any, *args: Any, **facts: Any) -> str:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value.code


def test_points_move_only_once_a_second_treasurer_approves(books: Treasury) -> None:
    asked = books.ask(25)
    assert books.see(asked).status == "waiting"
    assert books.town.wallet(books.li).available == 100
    done = books.approve(asked)
    assert books.town.wallet(books.li).available == 125
    seen = books.see(asked)
    assert (seen.status, seen.transfer_id) == ("approved", done.transfer_id)
    assert (seen.reason, seen.made_by, seen.decided_by) == (
        scene.WHY,
        books.first.id,
        books.second.id,
    )
    told = books.transfer(done.transfer_id)
    assert (told.kind, told.natural_key) == ("adjustment", f"adjustment:{asked.id}")
    assert [(one.debit, one.credit, one.amount) for one in told.postings] == [
        ("adjusted:points", f"wallet:{books.li.id}:points", 25)
    ]
    assert books.problems() == set()


def test_points_are_taken_as_well_and_never_more_than_there_are(books: Treasury) -> None:
    books.approve(books.ask(-30))
    assert books.town.wallet(books.li).available == 70
    asked = books.ask(-71)
    assert _code(books.approve, asked) == "insufficient_points"
    assert books.see(asked).status == "waiting"
    assert books.town.wallet(books.li).available == 70
    books.reject(asked)
    assert books.problems() == set()


def test_every_status_is_reached_by_a_call_and_left_by_none(books: Treasury) -> None:
    ways = {"approved": books.approve, "rejected": books.reject, "withdrawn": books.withdraw}
    for status, way in ways.items():
        asked = books.ask(10)
        way(asked)
        assert books.see(asked).status == status
        for again in ways.values():
            assert _code(again, asked) == "already_decided"
    assert books.town.wallet(books.li).available == 110
    assert books.see(asked).decision_reason is None
    assert books.problems() == set()


def test_a_rejection_says_why(books: Treasury) -> None:
    asked = books.ask(10)
    books.reject(asked)
    assert books.see(asked).decision_reason == "not so"


def test_nobody_adjusts_or_decides_for_themself_their_household_or_what_they_asked(
    books: Treasury,
) -> None:
    third, wife, fourth = books.staff(), books.town.person(), books.staff()
    books.town.household(books.first, wife, fourth)
    assert _code(books.ask, 10, person_id=books.first.id) == "own_approval"
    assert _code(books.ask, 10, person_id=wife.id) == "own_approval"
    about_wife = books.ask(10, by=third, person_id=wife.id)
    about_first = books.ask(10, by=third, person_id=books.first.id)
    asked = books.ask(10)
    for deed, one, by in (
        (books.approve, about_wife, books.first),
        (books.reject, about_wife, books.first),
        (books.approve, about_wife, fourth),
        (books.approve, about_first, books.first),
        (books.approve, asked, books.first),
        (books.reject, asked, books.first),
        (books.approve, asked, fourth),
    ):
        assert _code(deed, one, by=by) == "own_approval"
    assert _code(books.withdraw, asked, by=books.second) == "not_allowed"
    for person in (books.town.manager, books.town.clerk, books.li):
        assert _code(books.ask, 10, by=person) == "not_allowed"
        assert _code(books.approve, asked, by=person) == "not_allowed"
    books.approve(asked, by=third)
    assert books.problems() == set()


def test_the_database_refuses_below_the_program(books: Treasury) -> None:
    """The same rules, tried with rows that no function of the room would write."""
    third, wife = books.staff(), books.town.person()
    books.town.household(books.first, wife)
    asked, other = books.ask(10), books.ask(10, by=third)
    moved = books.approve(books.ask(10)).transfer_id
    assert _forged(books, _row(books, made_by=books.town.clerk.id)) == "not_allowed"
    assert _forged(books, _row(books, person_id=books.first.id)) == "own_approval"
    assert _forged(books, _row(books, person_id=wife.id)) == "own_approval"
    for facts, code in (
        ({"decided_by": books.first.id}, "own_approval"),
        ({"decided_by": books.town.clerk.id}, "not_allowed"),
        ({"decided_by": books.second.id, "decision": "withdraw"}, "not_allowed"),
        ({"transfer_id": moved, "decision": "approve"}, "not_allowed"),
    ):
        assert _forged(books, _decision(books, asked, **facts), Decision) == code
    assert _forged(books, _decision(books, asked), Decision) == ""
    assert _forged(books, _decision(books, other, decided_by=third.id), Decision) == "own_approval"


def test_a_day_may_be_chosen_within_open_periods(books: Treasury) -> None:
    asked = books.ask(10, effective_on=date(2026, 10, 31))
    done = books.approve(asked)
    assert books.transfer(done.transfer_id).effective_on == date(2026, 10, 31)
    with pytest.raises(Invalid):
        books.ask(10, effective_on=date(2026, 11, 23))
    late = books.ask(10, effective_on=date(2026, 9, 30))
    books.close(date(2026, 9, 30))
    assert _code(books.ask, 10, effective_on=date(2026, 9, 30)) == "period_closed"
    assert _code(books.approve, late) == "period_closed"
    assert books.see(late).status == "waiting"
    books.withdraw(late)
    assert books.town.wallet(books.li).available == 110
    assert books.problems() == set()


def test_a_passbook_on_paper_becomes_an_opening_balance(books: Treasury) -> None:
    books.town.do(books.town.manager, communities.change, points_expiry={"months": 2})
    elder, on_paper = books.town.person(), date(2026, 10, 15)
    asked = books.ask(240, kind="opening", effective_on=on_paper, person_id=elder.id)
    books.town.later(days=10)
    done = books.approve(asked)
    told = books.transfer(done.transfer_id)
    assert (told.kind, told.effective_on) == ("opening", date(2026, 10, 15))
    assert told.postings[0].debit == "carried_over:points"
    expiry = books.town.wallet(elder).next_expiry
    # Counted from the day of the approval, 2 December, and not from the day on paper.
    assert expiry is not None
    assert (expiry.points, expiry.on) == (240, date(2027, 2, 28))
    with pytest.raises(Invalid):
        books.ask(-1, kind="opening")
    assert books.problems() == set()


def test_a_wrong_request_is_refused(books: Treasury) -> None:
    for points in (0, 2**60):
        with pytest.raises(Invalid):
            books.ask(points)
    with pytest.raises(Invalid):
        books.ask(1, kind="gift")
    with pytest.raises(Invalid):
        books.ask(1, reason="  ")
    with pytest.raises(NotFound):
        books.ask(1, person_id=ids.new())


@pytest.mark.parametrize("points", [40, -40])
def test_a_reversal_undoes_it_and_stays_linked(books: Treasury, points: int) -> None:
    asked = books.ask(points, effective_on=date(2026, 9, 10))
    done = books.approve(asked)
    books.close(date(2026, 9, 30))
    made = books.town.do(
        books.second, voiding.reverse_award, transfer_id=done.transfer_id, reason="wrong person"
    )
    assert books.town.wallet(books.li).available == 100
    told = books.transfer(made)
    assert (told.effective_on, told.original_on) == (date(2026, 10, 1), date(2026, 9, 10))
    assert books.see(asked).reversed_by_id == made
    reverse = {"transfer_id": done.transfer_id, "reason": "again"}
    with pytest.raises(Conflict, match="already_reversed"):
        books.town.do(books.second, voiding.reverse_award, **reverse)
    assert books.problems() == set()


def test_nobody_reverses_for_themself_or_their_household(books: Treasury) -> None:
    third = books.staff()
    books.town.household(third, books.li)
    asked = books.ask(-40)
    done = books.approve(asked)
    reverse = {"transfer_id": done.transfer_id, "reason": "for me"}
    with pytest.raises(NotAllowed, match="own_approval"):
        books.town.do(third, voiding.reverse_award, **reverse)
    books.town.do(books.first, voiding.reverse_award, **reverse)
    assert books.town.wallet(books.li).available == 100


def test_what_was_spent_meanwhile_is_owed(books: Treasury) -> None:
    done = books.approve(books.ask(40))
    books.approve(books.ask(-120))
    reverse = {"transfer_id": done.transfer_id, "reason": "counted twice"}
    books.town.do(books.first, voiding.reverse_award, **reverse)
    wallet = books.town.wallet(books.li)
    assert (wallet.available, wallet.owed) == (0, 20)
    books.approve(books.ask(50))
    wallet = books.town.wallet(books.li)
    assert (wallet.available, wallet.owed) == (30, 0)
    assert books.problems() == set()


def _row(books: Treasury, **facts: Any) -> dict[str, Any]:
    return {
        "community_id": books.town.community_id,
        "id": ids.new(),
        "person_id": books.li.id,
        "kind": "adjustment",
        "points": 10,
        "reason_code": "stated",
        "text_digest": bytes(32),
        "made_by": books.first.id,
        "made_at": noon(2026, 11, 22),
    } | facts


def _decision(books: Treasury, one: Adjustment, **facts: Any) -> dict[str, Any]:
    return {
        "community_id": books.town.community_id,
        "id": ids.new(),
        "adjustment_id": one.id,
        "decision": "reject",
        "decided_by": books.second.id,
        "decided_at": factories.AT,
    } | facts


def _forged(books: Treasury, row: dict[str, Any], model: type = Adjustment) -> str:
    """The code with which the database refuses the row; empty where it takes it."""

    def work(session: Session) -> None:
        session.execute(insert(model), [row])
        raise _Given

    try:
        books.town.write(work)
    except _Given:
        return ""
    except (DomainError, DBAPIError) as refused:
        found = refused if isinstance(refused, DomainError) else refusal_in(str(refused))
        return found.code if found else str(refused)
    raise AssertionError


class _Given(Exception):
    """Give the unit up."""
