"""Setting a password, and the code that stands in for one, once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from kit import ids
from kit.errors import DomainError, Invalid, NotAllowed, NotFound, NotSignedIn, TooMany
from people import register, sign_in, sign_in_codes
from people.credential_models import SignInCode
from people.sign_in_codes import Code
from tests import factories
from tests.people.test_sign_in import PASSWORD, PHONE, _sign_in, _who
from tests.people.village import EVERYBODY, STAFF, Village

NEW = "quite another phrase"


def test_a_new_password_takes_the_place_of_the_old(village: Village) -> None:
    _person(village, password=PASSWORD)
    mine, elsewhere = _sign_in(village), _sign_in(village)
    _set(village, mine.token, old=PASSWORD, new=NEW)
    assert _who(village, mine.token) is not None
    assert _who(village, elsewhere.token) is None
    assert _sign_in(village, password=NEW).token
    with pytest.raises(NotSignedIn):
        _sign_in(village, password=PASSWORD)


def test_the_old_password_is_asked_and_guesses_are_counted(village: Village) -> None:
    _person(village, password=PASSWORD)
    mine = _sign_in(village)
    for _ in range(10):
        with pytest.raises(NotSignedIn) as refused:
            _set(village, mine.token, old="wrong wrong", new=NEW)
        assert refused.value.code == "wrong_credentials"
    with pytest.raises(TooMany):
        _set(village, mine.token, old=PASSWORD, new=NEW)
    village.clock.at += timedelta(minutes=15)
    _set(village, mine.token, old=PASSWORD, new=NEW)


def test_a_password_has_8_to_128_characters(village: Village) -> None:
    _person(village, password=PASSWORD)
    mine = _sign_in(village)
    for new in ("", "short77", "x" * 129, "\ud800" * 9):
        with pytest.raises(Invalid) as refused:
            _set(village, mine.token, old=PASSWORD, new=new)
        assert refused.value.errors.keys() == {"new"}
    old = PASSWORD
    for new in ("eight ok", "爱" * 8, "x" * 128, "pass\u0000word"):
        _set(village, mine.token, old=old, new=new)
        old = new
        assert _sign_in(village, password=new).token


def test_a_code_works_once_and_then_a_password_must_be_set(village: Village) -> None:
    person = _person(village)
    code = _code(village, "manager")
    assert code.expires_at == factories.AT + timedelta(hours=24)
    spelled = f" {code.code[:4].lower()}-{code.code[4:]} "
    found = _sign_in(village, password=spelled)
    assert found.must_set_password
    seen = _who(village, found.token)
    assert seen is not None
    assert seen.must_set_password
    with pytest.raises(NotSignedIn):
        _sign_in(village, password=code.code)
    _set(village, found.token, old="", new=NEW)
    seen = _who(village, found.token)
    assert seen is not None
    assert not seen.must_set_password
    assert _sign_in(village, password=NEW).person_id == person


def test_a_code_used_twice_at_once_works_once(village: Village) -> None:
    _person(village)
    code = _code(village, "manager")
    outcomes: list[str] = []

    def try_it() -> None:
        try:
            _sign_in(village, password=code.code)
            outcomes.append("in")
        except DomainError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["wrong_credentials"] * 5


def test_a_newer_code_ends_the_one_before(village: Village) -> None:
    _person(village)
    first, second = _code(village, "manager"), _code(village, "manager")
    with pytest.raises(NotSignedIn):
        _sign_in(village, password=first.code)
    assert _sign_in(village, password=second.code).must_set_password


def test_a_code_lapses_after_a_day(village: Village) -> None:
    _person(village)
    code = _code(village, "manager")
    village.clock.at += timedelta(hours=24)
    with pytest.raises(NotSignedIn):
        _sign_in(village, password=code.code)


def test_a_code_of_somebody_else_does_not_fit(village: Village) -> None:
    _person(village)
    other = village.person(phone="13911112222")
    code = village.perform("manager", sign_in_codes.make, keys=factories.KEYS, person_id=other.id)
    with pytest.raises(NotSignedIn):
        _sign_in(village, password=code.code)


def test_a_code_can_be_told_again_from_its_row(village: Village) -> None:
    _person(village)
    code = _code(village, "manager")
    again = village.read(
        lambda s: sign_in_codes.shown(s, factories.KEYS, village.community_id, code.id)
    )
    assert again == code
    [row] = village.rows(SignInCode)
    assert code.code.encode() not in row.code_hash


def test_who_makes_codes(village: Village) -> None:
    _person(village)
    for who in EVERYBODY:
        if who == "manager":
            assert _code(village, who).code
        else:
            with pytest.raises(NotAllowed):
                _code(village, who)


def test_a_trusted_persons_code_is_for_an_admin(village: Village) -> None:
    for role in STAFF:
        _person(village, phone=factories.make_phone(), held=(role,))
        if role in {"captain", "clerk"}:
            assert _code(village, "manager").code
            continue
        with pytest.raises(NotAllowed):
            _code(village, "manager")
        assert _code(village, "admin").code


def test_no_code_without_a_phone(village: Village) -> None:
    village.people["target"] = village.people["volunteer"]
    with pytest.raises(Invalid):
        _code(village, "manager")
    village.people["target"] = ids.new()
    with pytest.raises(NotFound):
        _code(village, "manager")


def test_a_password_needs_a_phone(village: Village) -> None:
    with pytest.raises(Invalid) as refused:
        village.perform(
            "manager", register.add, keys=factories.KEYS, name="Nobody", password=PASSWORD
        )
    assert refused.value.errors.keys() == {"password"}


def _person(village: Village, **facts: Any) -> Any:
    village.people["target"] = village.person(**{"phone": PHONE, **facts}).id
    return village.people["target"]


def _code(village: Village, who: str) -> Code:
    return village.perform(
        who, sign_in_codes.make, keys=factories.KEYS, person_id=village.people["target"]
    )


def _set(village: Village, token: str, *, old: str, new: str) -> None:
    village.perform("target", sign_in.set_password, token=token, old=old, new=new)
