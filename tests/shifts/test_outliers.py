"""Who enters unusually much by hand stands first in a list, and nothing follows from it."""

import pytest
from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from shifts.review import outliers
from tests import factories
from tests.shifts.factories import NOW, Town, approve, enter, make_attendance, make_rule, make_shift


def test_a_captain_who_invents_attendances_stands_first(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    people = [
        factories.make_person(session, community_id=town.id, name=f"V {number}")
        for number in range(14)
    ]
    invented = [enter(session, shift, who, by=town.captain) for who in people[:6]]
    scanned = [make_attendance(session, shift, who, by=town.deputy) for who in people[6:13]]
    enter(session, shift, people[13], by=town.deputy)
    for row in invented:
        approve(session, town, row, "second")
    for row in scanned:
        approve(session, town, row, "manager")
    found = outliers.by_hand(session, actor=town.actor("manager"), at=NOW)
    told = [(one.name, one.deed, one.attendances, one.by_hand, one.unusual) for one in found]
    assert sorted(told[:2]) == [
        (town.captain.name, "entered", 6, 6, True),
        (town.second.name, "approved", 6, 6, True),
    ]
    assert sorted(told[2:]) == sorted(
        [
            (town.deputy.name, "entered", 8, 1, False),
            (town.manager.name, "approved", 7, 0, False),
        ]
    )
    with pytest.raises(NotAllowed):
        outliers.by_hand(session, actor=town.actor("captain"), at=NOW)
