"""Presence by scan: windows, walk-ins, duplicates, cards; and what each leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.models import Entry
from kit.errors import Conflict
from shifts.presence import attendance, cancelling, records
from shifts.rota import finding, sign_ups
from shifts.tables.rota import SignUp
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import Town, local, make_attendance, make_shift, scan

SECOND = timedelta(seconds=1)


def test_in_and_out_by_oneself(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    outcome, row = scan(session, shift, town.volunteer, local(9, 10))
    assert (outcome, row.status, row.evidence, row.flags) == (
        "checked_in", "open", "c", ["late", "walk_in"],
    )  # fmt: skip
    outcome, row = scan(session, shift, town.volunteer, local(11))
    assert (outcome, row.status, row.evidence, row.entered) == (
        "checked_out", "submitted", "b", "scan",
    )  # fmt: skip
    assert row.flags == ["late", "left_early", "walk_in"]
    kept = records.of(session, town.id, row.id)
    assert [(one.kind, one.actor_id) for one in kept] == [
        ("check_in", town.volunteer.id),
        ("check_out", town.volunteer.id),
    ]


def test_the_window_to_check_in(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for at, wanted in (
        (local(8, 30) - SECOND, "outside_window"),
        (local(8, 30), "checked_in"),
        (local(12) - SECOND, "checked_in"),
        (local(12, 1), "outside_window"),
        (local(13) + SECOND, "outside_window"),
    ):
        person = people.make_person(session, community_id=town.id)
        try:
            found = scan(session, shift, person, at)[0]
        except Conflict as refusal:
            found = refusal.code
        assert found == wanted, at


def test_the_window_to_check_out(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for person, at in ((town.volunteer, local(13)), (town.other, local(13) + SECOND)):
        scan(session, shift, person, local(9))
        if at == local(13):
            assert scan(session, shift, person, at)[0] == "checked_out"
        else:
            with pytest.raises(Conflict, match="outside_window"):
                scan(session, shift, person, at)


def test_duplicates_change_nothing(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    _, row = scan(session, shift, town.volunteer, local(9))
    assert scan(session, shift, town.volunteer, local(9, 5))[0] == "duplicate"
    assert (row.status, row.checked_out_at) == ("open", None)
    assert scan(session, shift, town.volunteer, local(9, 5) + SECOND)[0] == "checked_out"
    for minute in (6, 30):
        outcome, same = scan(session, shift, town.volunteer, local(9, minute))
        assert (outcome, same.id, same.checked_out_at) == (
            "duplicate", row.id, local(9, 5) + SECOND,
        )  # fmt: skip
    assert len(records.of(session, town.id, row.id)) == 2


def test_a_card_scanned_again_by_another_is_recorded_once(session: Session, town: Town) -> None:
    """Who was there at any scan is known, and nothing else changes by a duplicate."""
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    shift = finding.get(session, town.id, row.shift_id)
    before = (row.status, row.revision, row.scanned_at, row.flags, records.times_of(row))
    for by in (town.captain, town.captain, None, town.deputy):
        outcome, same = scan(session, shift, town.volunteer, local(12, 1), by)
        assert (outcome, same.id) == ("duplicate", row.id)
    assert (row.status, row.revision, row.scanned_at, row.flags, records.times_of(row)) == before
    kept = [(one.kind, one.actor_id) for one in records.of(session, town.id, row.id)]
    assert kept[2:] == [("duplicate", town.captain.id), ("duplicate", town.deputy.id)]


def test_who_recorded_it_already_is_not_recorded_again(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    _, row = scan(session, shift, town.volunteer, local(9), town.captain)
    assert scan(session, shift, town.volunteer, local(9, 1), town.captain)[0] == "duplicate"
    assert [one.kind for one in records.of(session, town.id, row.id)] == ["check_in"]


def test_a_duplicate_does_not_prolong_the_five_minutes(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for minute in (0, 4):
        scan(session, shift, town.volunteer, local(9, minute))
    assert scan(session, shift, town.volunteer, local(9, 6))[0] == "checked_out"


def test_a_card_by_who_leads_the_shift(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for number, by in enumerate((town.captain, town.deputy, town.manager)):
        person = people.make_person(session, community_id=town.id)
        outcome, row = scan(session, shift, person, local(9, number), by)
        assert (outcome, row.entered, row.person_id) == ("checked_in", "card", person.id)
        assert records.recorded_by(session, town.id, row.id, by.id)
    for by in (town.other_captain, town.volunteer, town.treasurer):
        with pytest.raises(Conflict, match="not_your_shift"):
            scan(session, shift, town.other, local(9), by)


def test_both_ends_by_card_are_as_good_as_by_code(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.other, by=town.captain)
    assert (row.evidence, row.entered) == ("b", "card")


def test_a_poster_proves_little(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    grades = []
    for person, ends in ((town.volunteer, (True, True)), (town.other, (True, False))):
        for at, by_poster in zip((local(9), local(12)), ends, strict=True):
            _, row = attendance.scan_in_or_out(
                session,
                actor=people.actor_of(person),
                at=at,
                shift=shift,
                person_id=person.id,
                entered="scan",
                by_poster=by_poster,
            )
        grades.append(row.evidence)
    assert grades == ["d", "c"]


def test_nobody_scans_a_code_for_another(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    with pytest.raises(AssertionError):
        attendance.check_in(
            session,
            actor=town.actor("captain"),
            at=local(9),
            shift=shift,
            person_id=town.other.id,
            entered="scan",
        )


def test_walk_ins_take_free_seats_only(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=2)
    signed = sign_ups.sign_up(
        session, actor=town.actor("volunteer"), at=local(8), shift_id=shift.id
    )
    scan(session, shift, town.other, local(9))
    with pytest.raises(Conflict, match="shift_full"):
        scan(session, shift, town.captain, local(9))
    _, row = scan(session, shift, town.volunteer, local(9))
    assert row.flags == []
    assert signed.walked_in_at is None
    walked = sign_ups.of(session, town.id, shift.id, town.other.id)
    assert walked is not None
    assert (walked.status, walked.walked_in_at) == ("confirmed", local(9))
    assert shift.seats_taken == 2


def test_who_waits_takes_a_seat_that_is_free_by_then(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=1)
    rows: list[SignUp] = [
        sign_ups.sign_up(session, actor=town.actor(who), at=local(8), shift_id=shift.id)
        for who in ("volunteer", "other")
    ]
    with pytest.raises(Conflict, match="shift_full"):
        scan(session, shift, town.other, local(9))
    sign_ups.withdraw(session, actor=town.actor("volunteer"), at=local(9), sign_up_id=rows[0].id)
    assert scan(session, shift, town.other, local(9))[0] == "checked_in"
    assert shift.seats_taken == 1


def test_a_cancelled_shift_and_a_draft_take_no_scan(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    cancelling.cancel(
        session, actor=town.actor("captain"), at=local(8), shift_id=shift.id, reason="rain"
    )
    with pytest.raises(Conflict, match="shift_cancelled"):
        scan(session, shift, town.volunteer, local(9))
    with pytest.raises(Conflict, match="outside_window"):
        scan(session, make_shift(session, town, draft=True), town.volunteer, local(9))


def test_who_no_longer_takes_part_is_unknown(session: Session, town: Town) -> None:
    town.other.deactivated_at = local(7)
    session.flush()
    with pytest.raises(Conflict, match="unknown_person"):
        scan(session, make_shift(session, town), town.other, local(9), town.captain)


def test_a_stay_left_open_elsewhere_blocks_nothing(session: Session, town: Town) -> None:
    scan(session, make_shift(session, town), town.volunteer, local(9))
    other = make_shift(session, town, starts_at=local(10), ends_at=local(11))
    assert scan(session, other, town.volunteer, local(10))[0] == "checked_in"


def test_each_scan_leaves_one_entry_with_the_rows_digest(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    found = session.scalars(
        select(Entry)
        .where(Entry.community_id == town.id, Entry.subject_id == row.id)
        .order_by(Entry.id)
    ).all()
    assert [entry.action for entry in found] == [
        "shifts:attendance:checked-in",
        "shifts:attendance:checked-out",
    ]
    assert all(entry.row_digest for entry in found)
    assert factories.NOW > found[0].at == local(9)
