"""Shifts, red posts, activities and sign-ups: who may make them, and whose seat it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit.models import Entry
from kit import ids
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from people.models import Person
from shifts import checks, due, views
from shifts.approval import awards
from shifts.presence import cancelling, closing
from shifts.rota import activities, finding, leading, making, red_posts, sign_ups
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift, SignUp
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_rule, make_shift


def test_a_captain_makes_a_shift(session: Session, town: Town) -> None:
    shift = making.add(
        session,
        actor=town.actor("captain"),
        at=NOW,
        title="Patrol",
        starts_at=local(9),
        ends_at=local(12),
        captain_id=town.captain.id,
        deputy_ids=[town.deputy.id, town.captain.id, town.deputy.id],
        red_post_id=town.red_post.id,
    )
    assert (shift.status, leading.deputy_ids(session, shift)) == ("published", [town.deputy.id])
    assert len(shift.code_ref) == 8


def test_a_shift_that_makes_no_sense(session: Session, town: Town) -> None:
    nonsense: list[dict[str, Any]] = [
        {"ends_at": local(9)},
        {"ends_at": local(9) + timedelta(days=8)},
        {"seats": 0},
        {"title": ""},
        {"captain_id": town.volunteer.id},
        {"captain_id": ids.NIL},
        {"deputy_ids": [town.other.id]},
        {"red_post_id": None},
    ]
    for wrong in nonsense:
        with pytest.raises(Invalid) as refused:
            make_shift(session, town, **wrong)
        assert list(refused.value.errors) == list(wrong), wrong


def test_who_makes_nothing(session: Session, town: Town) -> None:
    actor = town.actor("volunteer")
    with pytest.raises(NotAllowed):
        red_posts.add(session, actor=actor, at=NOW, name="A", kind="patrol")
    with pytest.raises(NotAllowed):
        activities.add(session, actor=actor, at=NOW, name="A")
    with pytest.raises(NotAllowed):
        making.add(
            session,
            actor=actor,
            at=NOW,
            title="A",
            starts_at=local(9),
            ends_at=local(12),
            captain_id=town.captain.id,
            red_post_id=town.red_post.id,
        )


def test_what_is_not_there_is_not_found(session: Session, town: Town) -> None:
    actor = town.actor("manager")
    with pytest.raises(NotFound):
        red_posts.add(session, actor=actor, at=NOW, name="A", kind="patrol", fund_id=ids.new())
    with pytest.raises(NotFound):
        activities.add(session, actor=actor, at=NOW, name="A", unit_id=ids.new())
    with pytest.raises(NotFound):
        make_shift(session, town, activity_id=ids.new())
    with pytest.raises(Invalid):
        red_posts.add(session, actor=actor, at=NOW, name="A", kind="sport")


def test_a_draft_is_published_once(session: Session, town: Town) -> None:
    shift = make_shift(session, town, draft=True)
    with pytest.raises(NotAllowed):
        making.publish(session, actor=town.actor("other_captain"), at=NOW, shift_id=shift.id)
    making.publish(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    assert shift.status == "published"
    with pytest.raises(Conflict, match="already_decided"):
        making.publish(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)


def test_a_shift_is_cancelled_once_and_not_when_it_is_over(session: Session, town: Town) -> None:
    shift, over = make_shift(session, town), make_shift(session, town)

    def cancel(which: Shift, hour: int) -> None:
        cancelling.cancel(
            session, actor=town.actor("captain"), at=local(hour), shift_id=which.id, reason="storm"
        )

    cancel(shift, 10)
    for which, hour in ((shift, 10), (over, 14)):
        with pytest.raises(Conflict, match="already_decided"):
            cancel(which, hour)
    assert (shift.status, finding.status_at(over, local(14))) == ("cancelled", "closed")


def test_no_shift_comes_back(session: Session, town: Town) -> None:
    """Transitions outside the drawn ones are refused by the database."""
    shift = make_shift(session, town)
    cancelling.cancel(session, actor=town.actor("captain"), at=NOW - timedelta(hours=12),
                shift_id=shift.id, reason="storm")  # fmt: skip
    statement = (
        update(Shift)
        .where(Shift.community_id == town.id, Shift.id == shift.id)
        .values(status="published")
        .execution_options(synchronize_session=False)
    )
    with pytest.raises(DBAPIError, match="lovebank:already_decided"), session.begin_nested():
        session.execute(statement)


def test_the_shifts_that_are_open_now(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    make_shift(session, town, draft=True)

    def found(at: Any, **whose: Any) -> list[Shift]:
        return finding.open_shifts_at(session, town.id, at, **whose)

    assert found(local(8, 29)) == []
    assert found(local(8, 30)) == found(local(13)) == [shift]
    assert found(local(13) + timedelta(seconds=1)) == []
    assert found(local(10), captain_id=town.captain.id) == [shift]
    assert found(local(10), captain_id=town.deputy.id, red_post_id=town.red_post.id) == [shift]
    assert found(local(10), captain_id=town.other_captain.id) == []
    assert found(local(10), red_post_id=ids.new()) == []


class TestCancelling:
    """Somebody came at nine; the shift from nine to twelve is cancelled."""

    def _cut(
        self, session: Session, town: Town, came: datetime, at: datetime
    ) -> tuple[Shift, Attendance]:
        make_rule(session, town)
        shift = make_shift(session, town)
        row = factories.scan(session, shift, town.volunteer, came)[1]
        cancelling.cancel(
            session, actor=town.actor("captain"), at=at, shift_id=shift.id, reason="storm"
        )
        return shift, row

    def test_what_was_served_is_kept_and_no_more(self, session: Session, town: Town) -> None:
        shift, row = self._cut(session, town, local(9), local(10))
        assert (row.status, row.checked_out_at, row.evidence, row.flags) == (
            "submitted", local(10), "c", ["cancelled", "walk_in"],
        )  # fmt: skip
        due.tick(session, town.id, local(14))
        assert closing.out_at(row, shift, local(14)) == local(10)
        factories.approve(session, town, row)
        award = awards.of(session, town.id, row.id)
        assert award is not None
        assert (award.minutes, award.points) == (60, 10)
        assert list(checks.problems(session, town.id)) == []

    def test_who_came_before_the_start_served_nothing(self, session: Session, town: Town) -> None:
        for at in (local(8, 45), local(8, 40)):
            shift, row = self._cut(session, town, local(8, 40), at)
            assert row.status == "submitted"
            view = views.attendances(session, town.id, [row], local(9))[0]
            assert (view.minutes, shift.status) == (0, "cancelled")

    def test_no_scan_follows_and_the_rest_stays(self, session: Session, town: Town) -> None:
        make_rule(session, town)
        shift = make_shift(session, town)
        gone = factories.make_attendance(session, shift, town.other, left=local(9, 30))
        factories.scan(session, shift, town.volunteer, local(9))
        cancelling.cancel(
            session, actor=town.actor("captain"), at=local(10), shift_id=shift.id, reason="storm"
        )
        assert (gone.checked_out_at, "cancelled" in gone.flags) == (local(9, 30), False)
        for person in (town.volunteer, town.other):
            with pytest.raises(Conflict, match="shift_cancelled"):
                factories.scan(session, shift, person, local(11))

    def test_the_trail_tells_of_it(self, session: Session, town: Town) -> None:
        _, row = self._cut(session, town, local(9), local(10))
        entry = session.scalars(
            select(Entry).where(
                Entry.community_id == town.id, Entry.action == "shifts:attendance:auto-closed"
            )
        ).one()
        assert (entry.subject_id, entry.actor_id) == (row.id, None)
        assert entry.after is not None
        assert entry.after["flags"] == row.flags


class TestSignUps:
    """A shift with one seat."""

    def _up(
        self, session: Session, shift: Shift, person: Person, by: Person | None = None
    ) -> SignUp:
        return sign_ups.sign_up(
            session,
            actor=people.actor_of(by or person),
            at=local(8),
            shift_id=shift.id,
            person_id=person.id,
        )

    def _out(self, session: Session, row: SignUp, by: Person, at: datetime | None = None) -> SignUp:
        return sign_ups.withdraw(
            session,
            actor=people.actor_of(by),
            at=at or local(8),
            sign_up_id=row.id,
            reason="ill",
        )

    def test_the_second_waits_and_moves_up(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        first = self._up(session, shift, town.volunteer)
        second = self._up(session, shift, town.other)
        assert (first.status, second.status) == ("confirmed", "waitlisted")
        self._out(session, first, town.volunteer)
        session.refresh(second)
        assert (first.status, second.status, shift.seats_taken) == ("withdrawn", "confirmed", 1)
        assert self._up(session, shift, town.volunteer).status == "waitlisted"
        self._out(session, second, town.other)
        assert self._up(session, shift, town.other).status == "waitlisted"
        assert (first.status, shift.seats_taken) == ("confirmed", 1)

    def test_the_last_one_out_frees_the_seat(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        self._out(session, self._up(session, shift, town.volunteer), town.volunteer)
        assert shift.seats_taken == 0
        with pytest.raises(Conflict, match="already_decided"):
            self._out(session, session.scalars(_of(town, shift)).one(), town.volunteer)

    def test_twice_is_once(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        first, again = (self._up(session, shift, town.volunteer) for _ in range(2))
        assert (first.id, shift.seats_taken) == (again.id, 1)

    def test_for_others_only_who_leads(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town)
        for by in (town.other, town.other_captain):
            with pytest.raises(NotAllowed):
                self._up(session, shift, town.volunteer, by)
        row = self._up(session, shift, town.volunteer, town.deputy)
        with pytest.raises(NotAllowed):
            self._out(session, row, town.other)
        assert self._out(session, row, town.manager).status == "withdrawn"

    def test_not_for_what_is_cancelled_over_or_a_draft(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town)
        cancelling.cancel(
            session, actor=town.actor("captain"), at=local(8), shift_id=shift.id, reason="storm"
        )
        with pytest.raises(Conflict, match="shift_cancelled"):
            self._up(session, shift, town.volunteer)
        with pytest.raises(Conflict, match="outside_window"):
            self._up(session, make_shift(session, town, draft=True), town.volunteer)
        past = make_shift(session, town, starts_at=local(6), ends_at=local(8))
        with pytest.raises(Conflict, match="outside_window"):
            self._up(session, past, town.volunteer)

    def test_who_came_does_not_withdraw(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        row = self._up(session, shift, town.volunteer)
        factories.scan(session, shift, town.volunteer, local(9))
        with pytest.raises(Conflict, match="already_decided"):
            self._out(session, row, town.volunteer)

    def test_who_was_missing_stays_missing(self, session: Session, town: Town) -> None:
        """Once a shift is over or cancelled nobody withdraws, and no seat is passed on."""
        over, cancelled = (town.volunteer, town.other), (town.second, town.treasurer)
        for ended, code in ((False, "outside_window"), (True, "shift_cancelled")):
            shift = make_shift(session, town, seats=1)
            holder, waiter = cancelled if ended else over
            first = self._up(session, shift, holder)
            second = self._up(session, shift, waiter)
            if ended:
                cancelling.cancel(
                    session,
                    actor=town.actor("captain"),
                    at=local(10),
                    shift_id=shift.id,
                    reason="storm",
                )
            for by in (holder, town.captain):
                with pytest.raises(Conflict, match=code):
                    self._out(session, first, by, local(11 if ended else 12))
            session.refresh(second)
            assert (first.status, second.status) == ("confirmed", "waitlisted")
            assert shift.seats_taken == 1

    def test_until_the_end_one_may_withdraw(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        row = self._up(session, shift, town.volunteer)
        gone = self._out(session, row, town.volunteer, local(12) - timedelta(seconds=1))
        assert (gone.status, shift.seats_taken) == ("withdrawn", 0)


def _of(town: Town, shift: Shift) -> Any:
    return select(SignUp).where(SignUp.community_id == town.id, SignUp.shift_id == shift.id)
