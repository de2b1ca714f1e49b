"""Nobody decides about themselves: through the domain, and by SQL through the runtime engine."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit import ids
from kit.errors import DomainError, refusal_in
from people import roles
from people.models import Person
from shifts.approval import approvals, deciders
from shifts.review import corrections
from shifts.tables.attendance import Approval, Attendance
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, make_attendance, make_rule, make_shift

#: decider's role → what they meet when they stand to the attendance as said
ROLES = ("captain", "deputy", "manager", "other_captain", "volunteer", "treasurer")
TIES = ("self", "household", "recorded", "unrelated")


def _expected(role: str, tie: str) -> str | None:
    if role in ("other_captain", "volunteer", "treasurer"):
        return "not_allowed"
    return None if tie == "unrelated" else "own_approval"


CASES = [(role, tie) for role in ROLES for tie in TIES]


@pytest.fixture
def tied(session: Session, town: Town) -> dict[tuple[str, str], tuple[Attendance, Person]]:
    """An attendance for each pair of a decider's role and tie."""
    make_rule(session, town)
    return {case: _make(session, town, *case) for case in CASES}


def test_the_matrix(
    session: Session, town: Town, tied: dict[tuple[str, str], tuple[Attendance, Person]]
) -> None:
    for (role, tie), (row, decider) in tied.items():
        assert _by_domain(session, row, decider) == _expected(role, tie), (role, tie)


def test_the_matrix_by_sql(
    session: Session, town: Town, tied: dict[tuple[str, str], tuple[Attendance, Person]]
) -> None:
    """Even who may approve by role meets the trigger; only the unrelated one passes."""
    for (role, tie), (row, decider) in tied.items():
        refused = _by_sql(session, row, decider.id)
        wanted = _expected(role, tie)
        if wanted == "not_allowed" and tie != "unrelated":
            # Two guards refuse it, and which one speaks first is the engine's own affair.
            assert refused in ("not_allowed", "own_approval"), (role, tie)
        else:
            assert refused == wanted, (role, tie)


def test_a_credit_without_a_decision_is_refused_below_the_program(
    session: Session, town: Town
) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    for status in ("approved", "credited"):
        statement = (
            update(Attendance)
            .where(Attendance.community_id == town.id, Attendance.id == row.id)
            .values(status=status)
            .execution_options(synchronize_session=False)
        )
        with pytest.raises(DBAPIError) as refused, session.begin_nested():
            session.execute(statement)
        found = refusal_in(str(refused.value.orig))
        assert found is not None
        assert found.code == "not_allowed"


def test_who_amended_may_not_approve_and_another_captain_may(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    corrections.amend(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_id=row.id,
        checked_out_at=factories.local(11),
        reason="left early",
    )
    assert _by_domain(session, row, town.captain) == "own_approval"
    assert _by_domain(session, row, town.deputy) is None


def test_a_card_scanned_by_the_captain_is_approved_by_another(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.other, by=town.captain)
    assert _by_domain(session, row, town.captain) == "own_approval"
    assert _by_domain(session, row, town.manager) is None


def test_who_scanned_a_card_again_may_not_approve(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    row = make_attendance(session, shift, town.volunteer)
    factories.scan(session, shift, town.volunteer, factories.local(12, 1), town.captain)
    assert _by_domain(session, row, town.captain) == "own_approval"
    assert _by_sql(session, row, town.captain.id) == "own_approval"
    assert _by_domain(session, row, town.deputy) is None


def test_oneself_is_refused_also_where_another_recorded_it(session: Session, town: Town) -> None:
    """No scan of their own stands between them and their own approval: the tie alone refuses."""
    shift = make_shift(session, town)
    for decider in (town.deputy, town.manager):
        row = make_attendance(session, shift, decider, by=town.captain)
        assert _by_domain(session, row, decider) == "own_approval"
        assert _by_sql(session, row, decider.id) == "own_approval"


def test_a_household_formed_later_counts(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    people.make_household(
        session, community_id=town.id, person_ids=[town.captain.id, town.volunteer.id]
    )
    assert _by_domain(session, row, town.captain) == "own_approval"
    assert _by_sql(session, row, town.captain.id) == "own_approval"


def test_a_captain_who_lost_the_role_decides_nothing(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    roles.set_all(
        session, actor=town.actor("manager"), at=NOW, person_id=town.captain.id, wanted=set()
    )
    assert _by_domain(session, row, town.captain) == "not_allowed"
    assert _by_sql(session, row, town.captain.id) == "not_allowed"


def test_a_rejection_is_a_decision_too(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.captain)
    with pytest.raises(DomainError, match="own_approval"):
        approvals.reject(
            session,
            actor=town.actor("captain"),
            at=NOW,
            attendance_id=row.id,
            reason="no",
        )
    assert deciders.decisions_of(session, town.id, row.id) == []


def _make(session: Session, town: Town, role: str, tie: str) -> tuple[Attendance, Person]:
    decider: Person = getattr(town, role)
    shift = make_shift(session, town)
    if tie == "self":
        return make_attendance(session, shift, decider), decider
    person = people.make_person(session, community_id=town.id)
    if tie == "recorded" and _expected(role, "unrelated") is None:
        return make_attendance(session, shift, person, by=decider), decider
    if tie == "household":
        home = decider.household_id
        if home is None:
            home = people.make_household(session, community_id=town.id, person_ids=[decider.id]).id
        person.household_id = home
        session.flush()
    return make_attendance(session, shift, person), decider


def _by_domain(session: Session, row: Attendance, decider: Person) -> str | None:
    """The refusal's code; none where it was approved."""
    try:
        approvals.approve(session, actor=people.actor_of(decider), at=NOW, attendance_id=row.id)
    except DomainError as refusal:
        return refusal.code
    assert row.status == "credited"
    return None


def _by_sql(session: Session, row: Attendance, decided_by: UUID) -> str | None:
    """The code of the trigger that refused the row; none where it was written."""
    facts = {
        "community_id": row.community_id,
        "id": ids.new(),
        "attendance_id": row.id,
        "revision": row.revision,
        "step": 1,
        "decision": "approve",
        "decided_by": decided_by,
        "decided_at": NOW,
    }
    try:
        with session.begin_nested():
            session.execute(insert(Approval), [facts])
    except DBAPIError as problem:
        refusal = refusal_in(str(problem.orig))
        return refusal.code if refusal is not None else str(problem.orig)
    return None


def test_the_program_itself_decides_nothing(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    with pytest.raises(AssertionError):
        approvals.approve(session, actor=Actor(town.id, None, "tick"), at=NOW, attendance_id=row.id)


def test_an_attendance_stays_whose_it_is_and_what_was_decided(session: Session, town: Town) -> None:
    """Turning a row into another person's, or longer after the credit, is refused below."""
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    for change, message in (
        ({"person_id": town.captain.id}, "append_only|permission denied"),
        ({"entered": "hand"}, "append_only|permission denied"),
        ({"checked_out_at": factories.local(13)}, "already_decided"),
        ({"revision": 2}, "already_decided"),
        ({"status": "submitted"}, "already_decided"),
    ):
        statement = (
            update(Attendance)
            .where(Attendance.community_id == town.id, Attendance.id == row.id)
            .values(**change)
            .execution_options(synchronize_session=False)
        )
        with pytest.raises(DBAPIError, match=message), session.begin_nested():
            session.execute(statement)


def test_an_attendance_does_not_begin_as_credited(session: Session, town: Town) -> None:
    facts = {
        "community_id": town.id,
        "id": ids.new(),
        "shift_id": make_shift(session, town).id,
        "person_id": town.volunteer.id,
        "checked_in_at": factories.local(9),
        "checked_out_at": factories.local(12),
        "entered": "hand",
        "evidence": "d",
        "flags": [],
        "revision": 1,
    }
    for status in ("approved", "credited", "auto_closed"):
        with pytest.raises(DBAPIError, match="not_allowed"), session.begin_nested():
            session.execute(insert(Attendance), [{**facts, "status": status}])
