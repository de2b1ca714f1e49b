"""Races of two treasurers, and closing a month against what is recorded into it."""

from collections import Counter
from functools import partial

from kit.db import Database
from tests.treasury import closing, scene
from tests.treasury.closing import FIRST, at_once
from treasury import periods

#: a hundred and more run in ``make prove closing``
ROUNDS = 12


def test_a_month_is_closed_while_others_write_into_it(shared_database: Database) -> None:
    """A chosen day is recorded before the closing or refused; an award's is moved; none after."""
    books = scene.open_treasury(shared_database)
    seen = closing.race(books, ROUNDS)
    assert seen.keys() <= {closing.BEFORE, closing.REFUSED, closing.AWARDED, closing.MOVED}
    assert books.town.wallet(books.li).available == seen[closing.BEFORE] + ROUNDS
    assert books.problems() & closing.WRONG == set()


def test_two_treasurersat_once_decide_once(shared_database: Database) -> None:
    books = scene.open_treasury(shared_database, points=100)
    third = books.staff()
    for number in range(10):
        asked = books.ask(-5)
        deeds = [partial(books.approve, asked), partial(books.approve, asked, by=third)]
        deeds.append(partial(books.withdraw, asked) if number % 2 else partial(books.reject, asked))
        assert Counter(at_once(deeds)) == {"done": 1, "already_decided": 2}
    assert books.problems() == set()


def test_taking_and_spendingat_once_never_overdraw(shared_database: Database) -> None:
    books = scene.open_treasury(shared_database, points=100)
    asked = [books.ask(-30) for _ in range(6)]
    found = Counter(at_once([partial(books.approve, one) for one in asked]))
    assert found == {"done": 3, "insufficient_points": 3}
    assert books.town.wallet(books.li).available == 10
    assert books.problems() == set()


def test_two_treasurers_close_the_same_month_once(shared_database: Database) -> None:
    books = scene.open_treasury(shared_database)
    month = FIRST
    for _ in range(10):
        deeds = [partial(books.close, month), partial(books.close, month, by=books.second)]
        assert Counter(at_once(deeds)) == {"done": 1, "period_closed": 1}
        month = periods.next_after(month)
    assert books.problems() == set()
