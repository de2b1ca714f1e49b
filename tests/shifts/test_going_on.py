"""Moving between red posts in mid-shift: each stay is summed under its own shift."""

import pytest
from sqlalchemy.orm import Session

from kit.errors import Conflict, NotAllowed
from shifts import checks
from shifts.approval import awards
from shifts.presence import going_on, signals
from shifts.rota import red_posts
from shifts.tables.rota import Shift
from tests.shifts.factories import NOW, Town, approve, local, make_rule, make_shift, scan


def _east(session: Session, town: Town) -> Shift:
    post = red_posts.add(session, actor=town.actor("manager"), at=NOW, name="East", kind="patrol")
    return make_shift(session, town, red_post_id=post.id)


def test_each_stay_is_summed_under_its_own_shift(session: Session, town: Town) -> None:
    make_rule(session, town)
    gate, east = make_shift(session, town), _east(session, town)
    first = scan(session, gate, town.volunteer, local(9))[1]
    second = scan(session, east, town.volunteer, local(10, 30))[1]
    both = signals.of(session, town.id, [first, second], local(11))
    assert set(map(tuple, both.values())) == {(signals.TWO_PLACES,)}
    done = going_on.go_on(
        session, actor=town.actor("volunteer"), at=local(10, 31), attendance_id=first.id
    )
    assert (done.checked_out_at, done.status, done.evidence) == (local(10, 30), "submitted", "b")
    assert done.flags == ["moved_on", "walk_in"]
    scan(session, east, town.volunteer, local(12))
    assert signals.of(session, town.id, [first, second], NOW) == {}
    minutes = []
    for row in (first, second):
        approve(session, town, row)
        award = awards.of(session, town.id, row.id)
        assert award is not None
        minutes.append(award.minutes)
    assert minutes == [90, 90]
    assert not list(checks.problems(session, town.id))


def test_nobody_goes_on_to_nowhere_or_for_somebody_else(session: Session, town: Town) -> None:
    gate, east = make_shift(session, town), _east(session, town)
    first = scan(session, gate, town.volunteer, local(9))[1]

    def go(name: str) -> None:
        going_on.go_on(session, at=local(10), actor=town.actor(name), attendance_id=first.id)

    with pytest.raises(Conflict, match="not_elsewhere"):
        go("volunteer")
    second = scan(session, east, town.volunteer, local(10))[1]
    with pytest.raises(NotAllowed):
        go("other")
    assert [row.id for row, _shift in going_on.still_open(session, second, local(10))] == [first.id]
    go("captain")
    assert going_on.still_open(session, second, local(10)) == []
    with pytest.raises(Conflict, match="not_there"):
        go("volunteer")
