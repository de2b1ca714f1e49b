"""Two at once: one award, never above the cap, no seat given twice; in threads, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import units
from audit.actor import Actor
from kit.db import Database
from kit.errors import DomainError
from ledger import statements
from people.models import Person
from shifts import checks
from shifts.approval import approvals, awards, voiding
from shifts.presence import cancelling
from shifts.review import corrections
from shifts.rota import finding, sign_ups
from shifts.rules import rule_book
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import Shift, SignUp
from tests import factories as people
from tests.meeting import Meeting
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift

AT_ONCE = 8


def _at_once(deeds: list[Callable[[], object]]) -> list[str]:
    """Run all deeds from one starting line; each one's refusal code, or ``done``."""
    line = threading.Barrier(len(deeds))
    told: list[str] = []

    def run(deed: Callable[[], object]) -> None:
        line.wait()
        try:
            deed()
        except DomainError as refusal:
            told.append(refusal.code)
        else:
            told.append("done")

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == len(deeds), "a deed ended in an error that is no refusal"
    return sorted(told)


def _approval(database: Database, town: Town, by: str, attendance_id: UUID) -> Callable[[], object]:
    actor = town.actor(by)

    def work(session: Session) -> Attendance:
        return approvals.approve(session, actor=actor, at=NOW, attendance_id=attendance_id)

    return lambda: units.perform(database, work, actor=actor, at=NOW, call="race")


def _unit(
    database: Database, work: Callable[[Session], object], actor: Actor, at: datetime
) -> Callable[[], object]:
    return lambda: units.perform(database, work, actor=actor, at=at, call="race")


def test_a_day_is_counted_by_one_unit_at_a_time(database: Database) -> None:
    """The second award is worked out when the first, of the same day, is in the books."""

    def prepare(session: Session) -> tuple[Town, list[UUID]]:
        town = factories.make_town(session)
        make_rule(session, town, daily_cap_points=15)
        shifts = [
            make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 1))
            for hour in (8, 10)
        ]
        return town, [make_attendance(session, shift, town.volunteer).id for shift in shifts]

    town, row_ids = database.write(prepare)
    actor, meeting = town.actor("manager"), Meeting(database)
    early, late = (
        partial(approvals.approve, actor=actor, at=NOW, attendance_id=row_id) for row_id in row_ids
    )
    first = _unit(database, meeting.stays(early), actor, NOW)
    assert meeting.out(first, _unit(database, late, actor, NOW)) == ("done", "done")
    left = database.read(lambda s: statements.wallet(s, town.id, town.volunteer.id, NOW).available)
    assert left == 15


def test_an_attendance_approved_at_once_is_awarded_once(database: Database) -> None:
    def prepare(session: Session) -> tuple[Town, UUID]:
        town = factories.make_town(session)
        make_rule(session, town)
        return town, make_attendance(session, make_shift(session, town), town.volunteer).id

    town, row_id = database.write(prepare)
    people_at_once = ("captain", "deputy", "manager", "second") * 2
    told = _at_once([_approval(database, town, by, row_id) for by in people_at_once])
    assert told == ["already_decided"] * 7 + ["done"]

    def prove(session: Session) -> None:
        found = session.scalars(select(Award).where(Award.community_id == town.id)).all()
        assert [award.points for award in found] == [30]
        assert statements.wallet(session, town.id, town.volunteer.id, NOW).available == 30

    database.read(prove)


def test_an_amendment_is_approved_refused_and_reversed_at_once(database: Database) -> None:
    """One of the first two wins; the reversal voids whichever award stands when its turn comes."""

    def prepare(session: Session) -> tuple[Town, UUID, UUID]:
        town = factories.make_town(session)
        make_rule(session, town)
        row = make_attendance(session, make_shift(session, town), town.volunteer)
        factories.approve(session, town, row, "deputy")
        corrections.amend(
            session,
            actor=town.actor("captain"),
            at=NOW,
            attendance_id=row.id,
            checked_out_at=local(11),
            reason="left early",
        )
        award = awards.of(session, town.id, row.id)
        assert award is not None
        assert award.transfer_id is not None
        return town, row.id, award.transfer_id

    def deed(by: str, work: Callable[..., object], **facts: Any) -> Callable[[], object]:
        actor = town.actor(by)
        return lambda: units.perform(
            database, lambda s: work(s, actor=actor, at=NOW, **facts), actor=actor, at=NOW, call="r"
        )

    for _round in range(4):
        town, row_id, transfer_id = database.write(prepare)
        approved = [
            deed(by, approvals.approve, attendance_id=row_id) for by in ("deputy", "second")
        ]
        refused = deed("manager", approvals.reject, attendance_id=row_id, reason="stayed")
        undone = deed(
            "treasurer", voiding.reverse_award, transfer_id=transfer_id, reason="wrong person"
        )
        told = _at_once([*approved, refused, undone])
        assert told.count("done") in (1, 2), told

        def prove(session: Session, town: Town = town, row_id: UUID = row_id) -> None:
            assert list(checks.problems(session, town.id)) == []
            row = session.get_one(Attendance, (town.id, row_id))
            left = {("credited", 1): 30, ("credited", 2): 20}.get((row.status, row.revision), 0)
            wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
            assert (wallet.available, wallet.owed, wallet.minutes) == (left, 0, left * 6)

        database.read(prove)


def test_attendances_of_one_day_approved_at_once_stay_below_the_cap(database: Database) -> None:
    def prepare(session: Session) -> tuple[Town, list[UUID]]:
        town = factories.make_town(session)
        make_rule(session, town, daily_cap_points=25)
        rows = [
            make_attendance(
                session,
                make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 1)),
                town.volunteer,
            )
            for hour in range(8, 8 + 6)
        ]
        return town, [row.id for row in rows]

    town, row_ids = database.write(prepare)
    told = _at_once([_approval(database, town, "manager", row_id) for row_id in row_ids])
    assert told == ["done"] * 6

    def prove(session: Session) -> None:
        day = rule_book.earned_on(session, town.id, town.volunteer.id, local(9).date())
        assert day == 25
        wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
        assert (wallet.available, wallet.minutes) == (25, 360)

    database.read(prove)


def test_calls_that_name_the_same_lines_in_any_order_all_end(database: Database) -> None:
    def prepare(session: Session) -> tuple[Town, list[UUID]]:
        town = factories.make_town(session)
        make_rule(session, town)
        shift = make_shift(session, town)
        crowd = [people.make_person(session, community_id=town.id) for _ in range(4)]
        return town, [make_attendance(session, shift, person).id for person in crowd]

    town, row_ids = database.write(prepare)

    def call(by: str, named: list[UUID]) -> Callable[[], object]:
        actor = town.actor(by)

        def work(session: Session) -> list[approvals.Line]:
            return approvals.approve_all(
                session, actor=actor, at=NOW, attendance_ids=named, mode="each"
            )

        return lambda: units.perform(database, work, actor=actor, at=NOW, call="race")

    told = _at_once([call("manager", row_ids), call("captain", row_ids[::-1])] * 2)
    assert told == ["done"] * 4
    assert database.read(
        lambda session: session.scalar(
            select(func.count()).select_from(Award).where(Award.community_id == town.id)
        )
    ) == len(row_ids)


@pytest.mark.parametrize("way", ["sign_up", "walk_in"])
def test_no_seat_is_given_twice(database: Database, way: str) -> None:
    def prepare(session: Session) -> tuple[Town, Shift, list[Person]]:
        town = factories.make_town(session)
        crowd = [people.make_person(session, community_id=town.id) for _ in range(AT_ONCE)]
        return town, make_shift(session, town, seats=3), crowd

    town, shift, crowd = database.write(prepare)

    def deed(person: Person) -> Callable[[], object]:
        actor = people.actor_of(person)

        def work(session: Session) -> object:
            if way == "walk_in":
                return factories.scan(
                    session, finding.get(session, town.id, shift.id), person, local(9)
                )
            return sign_ups.sign_up(session, actor=actor, at=local(8), shift_id=shift.id)

        return lambda: units.perform(database, work, actor=actor, at=local(9), call="race")

    told = _at_once([deed(person) for person in crowd])
    assert told == (["done"] * 3 + ["shift_full"] * 5 if way == "walk_in" else ["done"] * 8)

    def prove(session: Session) -> None:
        rows = session.scalars(select(SignUp).where(SignUp.community_id == town.id)).all()
        assert sum(row.status == "confirmed" for row in rows) == 3
        taken = session.scalar(
            select(Shift.seats_taken).where(Shift.community_id == town.id, Shift.id == shift.id)
        )
        assert taken == 3

    database.read(prove)


def test_one_person_scanning_at_once_checks_in_once(database: Database) -> None:
    def prepare(session: Session) -> tuple[Town, Shift]:
        town = factories.make_town(session)
        return town, make_shift(session, town)

    town, shift = database.write(prepare)
    outcomes: list[str] = []

    def deed() -> object:
        actor = town.actor("volunteer")

        def work(session: Session) -> str:
            return factories.scan(
                session, finding.get(session, town.id, shift.id), town.volunteer, local(9)
            )[0]

        outcome = units.perform(database, work, actor=actor, at=local(9), call="race")
        outcomes.append(outcome)
        return outcome

    assert _at_once([deed] * AT_ONCE) == ["done"] * AT_ONCE
    assert sorted(outcomes) == ["checked_in"] + ["duplicate"] * (AT_ONCE - 1)


@pytest.mark.parametrize("way", ["signed_up", "walk_in", "by_hand"])
def test_nobody_comes_to_a_shift_that_is_just_being_cancelled(database: Database, way: str) -> None:
    """Whoever read the shift while it was open waits for the cancelling, and is refused."""

    def prepare(session: Session) -> tuple[Town, Shift]:
        town = factories.make_town(session)
        shift = make_shift(session, town)
        if way != "walk_in":
            sign_ups.sign_up(session, actor=town.actor("volunteer"), at=local(8), shift_id=shift.id)
        return town, shift

    town, shift = database.write(prepare)
    captain, volunteer = town.actor("captain"), town.actor("volunteer")
    meeting = Meeting(database)

    def cancel(session: Session) -> None:
        cancelling.cancel(session, actor=captain, at=local(10), shift_id=shift.id, reason="storm")

    def come(session: Session) -> object:
        if way == "by_hand":
            return factories.enter(
                session, shift, town.volunteer, by=town.captain, left=local(10), at=local(10)
            )
        found = finding.get(session, town.id, shift.id)
        return factories.scan(session, found, town.volunteer, local(10))

    first = _unit(database, meeting.stays(cancel), captain, local(10))
    late = _unit(database, come, volunteer, local(10))
    assert meeting.out(first, late) == ("done", "shift_cancelled")
    rows = database.read(
        lambda session: session.scalar(
            select(func.count()).select_from(Attendance).where(Attendance.community_id == town.id)
        )
    )
    assert rows == 0


def test_a_stay_that_begins_while_its_shift_is_cancelled_is_cut_too(database: Database) -> None:
    """The cancelling waits for the check-in and then ends it: no stay is left open."""

    def prepare(session: Session) -> tuple[Town, Shift]:
        town = factories.make_town(session)
        return town, make_shift(session, town)

    town, shift = database.write(prepare)
    captain, volunteer = town.actor("captain"), town.actor("volunteer")
    meeting = Meeting(database)

    def come(session: Session) -> None:
        factories.scan(session, finding.get(session, town.id, shift.id), town.volunteer, local(9))

    def cancel(session: Session) -> object:
        return cancelling.cancel(
            session, actor=captain, at=local(10), shift_id=shift.id, reason="storm"
        )

    first = _unit(database, meeting.stays(come), volunteer, local(9))
    late = _unit(database, cancel, captain, local(10))
    assert meeting.out(first, late) == ("done", "done")

    def prove(session: Session) -> None:
        row = session.scalars(select(Attendance).where(Attendance.community_id == town.id)).one()
        assert (row.status, row.checked_out_at) == ("submitted", local(10))

    database.read(prove)
