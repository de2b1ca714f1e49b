"""Scans of presence: rotating codes, posters and cards, in and out, and each way to be refused."""

from datetime import timedelta

from kit import ids, tokens
from kit.db import Database
from kit.errors import DomainError, Invalid, NotFound
from people import cards, register
from qr import codes
from shifts.presence import cancelling
from shifts.rota import activities, sign_ups
from tests import factories
from tests.qr import desk
from tests.qr.desk import KEYS


def test_in_duplicate_and_out_by_the_rotating_code(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    first = gate.scan(li, gate.code())
    assert first.outcome == "checked_in"
    assert first.attendance is not None
    assert (first.attendance.person_id, first.attendance.entered) == (li.id, "scan")
    gate.town.later(minutes=4)
    assert gate.scan(li, gate.code()).outcome == "duplicate"
    gate.town.later(minutes=30)
    last = gate.scan(li, gate.code())
    assert last.outcome == "checked_out"
    assert last.attendance is not None
    assert last.attendance.id == first.attendance.id
    assert gate.scan(li, gate.code()).outcome == "duplicate"
    kept = [(one.code_kind, one.outcome, one.refused) for one in gate.scans()]
    assert kept == [
        ("shift", "checked_in", None),
        ("shift", "duplicate", None),
        ("shift", "checked_out", None),
        ("shift", "duplicate", None),
    ]
    assert {one.attendance_id for one in gate.scans()} == {first.attendance.id}
    assert {one.shift_id for one in gate.scans()} == {gate.shift.id}


def test_this_step_and_the_last_are_accepted(database: Database) -> None:
    gate = desk.open_desk(database)
    begin, token = gate.town.at, gate.code()
    people = [gate.town.person() for _ in range(4)]
    found = {}
    for person, seconds in zip(people, (29, 59, 60, 3_599), strict=True):
        gate.town.at = begin + timedelta(seconds=seconds)
        try:
            address = f"http://a.example/s/{token.lower()}"
            found[seconds] = gate.scan(person, address).outcome
        except DomainError as refusal:
            found[seconds] = refusal.code
    assert found == {29: "checked_in", 59: "checked_in", 60: "code_expired", 3_599: "code_expired"}
    kept = [(one.refused, one.shift_id) for one in gate.scans() if one.refused]
    assert kept == [("code_expired", gate.shift.id)] * 2


def test_a_code_from_the_future_tells_of_the_clock(database: Database) -> None:
    gate = desk.open_desk(database)
    token = gate.code()
    gate.town.later(seconds=-31)
    assert gate.refused(gate.town.person(), token).code == "clock_skew"


def test_forged_codes_are_bad_and_stand_apart(database: Database) -> None:
    gate = desk.open_desk(database)
    li, token = gate.town.person(), gate.code()
    forged = [
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        codes.shift_code(KEYS, gate.shift, gate.town.at.replace(year=2027)).token[:16] + token[16:],
        "R" + tokens.random_ref(31),
        "E" + tokens.random_ref(16),
        "C" + tokens.random_ref(28),
        "V" + tokens.random_ref(28),
        "hello",
        "",
        "\ud800",
    ]
    for text in forged:
        assert gate.refused(li, text).code == "bad_code"
    assert gate.scans() == []
    assert len(gate.unknown()) == len(forged)


def test_a_code_of_another_community_is_bad(database: Database) -> None:
    gate, other = desk.open_desk(database), desk.open_desk(database)
    li = gate.town.person()
    theirs = [other.code(), other.poster(), other.card(other.captain)]
    for token in theirs:
        assert gate.refused(li, token).code == "bad_code"


def test_thirty_bad_codes_a_minute_and_no_more(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    for _ in range(30):
        assert gate.refused(li, "nonsense").code == "bad_code"
    assert gate.refused(li, gate.code()).code == "too_many_requests"
    assert gate.refused(li, "nonsense").code == "too_many_requests"
    assert (len(gate.unknown()), len(gate.scans())) == (30, 0)
    gate.town.later(seconds=61)
    assert gate.scan(li, gate.code()).outcome == "checked_in"


def test_the_window_and_the_seats_and_a_cancelled_shift(database: Database) -> None:
    gate = desk.open_desk(database)
    li, zhao = gate.town.person(), gate.town.person()
    early = gate.another_shift(starts=1, red_post_id=gate.red_post.id)
    assert gate.refused(li, gate.code(early)).code == "outside_window"
    small = gate.another_shift(seats=1)
    assert gate.scan(li, gate.code(small)).outcome == "checked_in"
    assert gate.refused(zhao, gate.code(small)).code == "shift_full"
    gate.town.do(gate.captain, cancelling.cancel, shift_id=gate.shift.id, reason="rain")
    assert gate.refused(zhao, gate.code()).code == "shift_cancelled"
    refusals = [one.refused for one in gate.scans() if one.refused]
    assert refusals == ["outside_window", "shift_full", "shift_cancelled"]


def test_who_signed_up_comes_in_although_the_seats_are_taken(database: Database) -> None:
    gate = desk.open_desk(database, seats=1)
    li = gate.town.person()
    gate.town.do(li, sign_ups.sign_up, shift_id=gate.shift.id)
    assert gate.refused(gate.town.person(), gate.code()).code == "shift_full"
    assert gate.scan(li, gate.code()).outcome == "checked_in"


def test_a_poster_means_the_open_shift_of_its_red_post(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    answer = gate.scan(li, gate.poster())
    assert answer.outcome == "checked_in"
    assert answer.attendance is not None
    assert answer.attendance.shift_id == gate.shift.id
    assert gate.scans()[0].code_kind == "poster"
    gate.town.later(minutes=30)
    out = gate.scan(li, gate.code()).attendance
    assert out is not None
    assert (out.evidence, "poster_in" in out.flags) == ("c", True)
    gate.town.later(hours=3)
    assert gate.refused(gate.town.person(), gate.poster()).code == "outside_window"


def test_several_shifts_of_a_poster_are_a_question(database: Database) -> None:
    gate = desk.open_desk(database)
    li, second = gate.town.person(), gate.another_shift(starts=0)
    refused = gate.refused(li, gate.poster(), nonce="n1")
    assert refused.code == "choose_shift"
    assert [one["id"] for one in refused.facts["shifts"]] == [gate.shift.id, second.id]
    chosen = gate.scan(li, gate.poster(), nonce="n1", shift_id=second.id)
    assert chosen.attendance is not None
    assert chosen.attendance.shift_id == second.id
    assert [one.refused for one in gate.scans()] == ["choose_shift", None]


def test_a_shift_that_is_over_fits_only_who_was_there(database: Database) -> None:
    gate = desk.open_desk(database)
    li, zhao = gate.town.person(), gate.town.person()
    gate.scan(li, gate.code())
    following = gate.another_shift(starts=1)
    gate.town.later(hours=1, minutes=10)
    answer = gate.scan(zhao, gate.poster())
    assert answer.attendance is not None
    assert answer.attendance.shift_id == following.id
    assert gate.refused(li, gate.poster()).code == "choose_shift"
    assert gate.scan(li, gate.poster(), shift_id=gate.shift.id).outcome == "checked_out"


def test_a_shift_named_with_a_poster_is_one_of_its_red_post(database: Database) -> None:
    gate, other = desk.open_desk(database), desk.open_desk(database)
    li = gate.town.person()
    elsewhere = gate.another_shift(
        red_post_id=None,
        activity_id=gate.town.do(gate.town.manager, activities.add, name="Day").id,
    )
    assert isinstance(gate.refused(li, gate.poster(), shift_id=elsewhere.id), Invalid)
    for foreign in (other.shift.id, ids.new()):
        assert isinstance(gate.refused(li, gate.poster(), shift_id=foreign), NotFound)


def test_a_captain_scans_a_card_in_and_out_of_their_shift(database: Database) -> None:
    gate = desk.open_desk(database)
    elder = gate.town.person()
    answer = gate.scan(gate.captain, gate.card(elder))
    assert answer.outcome == "checked_in"
    assert answer.attendance is not None
    assert (answer.attendance.person_id, answer.attendance.entered) == (elder.id, "card")
    gate.town.later(minutes=30)
    assert gate.scan(gate.captain, gate.card(elder)).outcome == "checked_out"
    row = gate.scans()[0]
    assert (row.code_kind, row.actor_id, row.person_id) == ("card", gate.captain.id, elder.id)


def test_a_card_is_no_use_to_a_captain_of_another_shift(database: Database) -> None:
    gate = desk.open_desk(database)
    elder, other = gate.town.person(), gate.town.person(0, "captain")
    assert gate.refused(other, gate.card(elder)).code == "not_your_shift"
    refused = gate.refused(other, gate.card(elder), shift_id=gate.shift.id)
    assert refused.code == "not_your_shift"
    gate.town.later(hours=5)
    assert gate.refused(gate.captain, gate.card(elder)).code == "outside_window"
    assert [one.refused for one in gate.scans()] == [
        "not_your_shift",
        "not_your_shift",
        "outside_window",
    ]


def test_a_manager_scans_a_card_for_a_shift_that_is_named(database: Database) -> None:
    gate = desk.open_desk(database)
    answer = gate.scan(gate.town.manager, gate.card(gate.town.person()), shift_id=gate.shift.id)
    assert answer.outcome == "checked_in"


def test_a_captain_of_two_open_shifts_is_asked_which(database: Database) -> None:
    gate = desk.open_desk(database)
    elder, second = gate.town.person(), gate.another_shift()
    assert gate.refused(gate.captain, gate.card(elder)).code == "choose_shift"
    answer = gate.scan(gate.captain, gate.card(elder), shift_id=second.id)
    assert answer.attendance is not None
    assert answer.attendance.shift_id == second.id


def test_a_clerk_and_a_purpose_identify_and_change_nothing(database: Database) -> None:
    gate = desk.open_desk(database)
    elder = gate.town.person(40, name="Zhou Wei")
    for who, facts, available in (
        (gate.town.clerk, {}, 40),
        (gate.town.clerk, {"purpose": "identify"}, 40),
        (gate.captain, {"purpose": "identify"}, None),
    ):
        answer = gate.scan(who, gate.card(elder), **facts)
        assert (answer.outcome, answer.attendance) == ("identified", None)
        assert answer.person is not None
        assert (answer.person.id, answer.person.available) == (elder.id, available)
        assert answer.person.name == "Zhou Wei"


def test_anybody_else_is_told_nothing_by_a_card(database: Database) -> None:
    gate = desk.open_desk(database)
    elder = gate.town.person()
    old = gate.card(elder)
    gate.town.do(gate.town.manager, cards.issue, keys=KEYS, person_id=elder.id, reason="lost")
    for who in (gate.town.person(), elder, gate.town.treasurer):
        for token in (gate.card(elder), old):
            refused = gate.refused(who, token, purpose="identify")
            assert (refused.code, refused.facts) == ("not_allowed", {})


def test_a_revoked_card_and_one_of_somebody_who_left(database: Database) -> None:
    gate = desk.open_desk(database)
    elder, gone = gate.town.person(), gate.town.person()
    old, gone_card = gate.card(elder), gate.card(gone)
    gate.town.do(gate.town.manager, cards.issue, keys=KEYS, person_id=elder.id, reason="lost")
    gate.town.do(gate.town.manager, register.change, keys=KEYS, person_id=gone.id, active=False)
    for who in (gate.captain, gate.town.clerk):
        assert gate.refused(who, old).code == "card_revoked"
        assert gate.refused(who, gone_card).code in ("unknown_person", "card_revoked")
    assert gate.scan(gate.captain, gate.card(elder)).outcome == "checked_in"


def test_a_clerk_of_a_unit_learns_nothing_from_a_card_of_another(database: Database) -> None:
    gate = desk.open_desk(database)
    near, far = (
        gate.town.write(
            lambda session: factories.make_unit(session, community_id=gate.town.community_id)
        )
        for _ in range(2)
    )
    clerk = gate.town.person()
    gate.town.write(
        lambda session: factories.grant_role(
            session,
            community_id=gate.town.community_id,
            person_id=clerk.id,
            role="clerk",
            unit_id=near.id,
        )
    )
    theirs, other = gate.town.person(7, unit_id=near.id), gate.town.person(7, unit_id=far.id)
    told = gate.scan(clerk, gate.card(theirs), purpose="identify").person
    assert told is not None
    assert told.available == 7
    for facts in ({"purpose": "identify"}, {}):
        refused = gate.refused(clerk, gate.card(other), **facts)
        assert (refused.code, refused.facts) == ("not_allowed", {})


def test_a_code_of_one_shift_is_not_taken_for_another(database: Database) -> None:
    gate = desk.open_desk(database)
    other, li = gate.another_shift(), gate.town.person()
    refused = gate.refused(li, gate.code(), shift_id=other.id)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"shift_id"}
    assert gate.scan(li, gate.code(), shift_id=gate.shift.id).outcome == "checked_in"
