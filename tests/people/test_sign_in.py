"""Signing in: one answer for all that is wrong, limits, choosing a community, tokens that end."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.models import Entry
from kit import ids
from kit.db import Database
from kit.errors import Conflict, NotSignedIn, TooMany
from people import admission, limits, passwords, register, sign_in
from people.credential_models import AccessToken, Limit, Password
from people.roles import Held
from people.sign_in import SignedIn
from tests import factories, quick
from tests.people.village import Village

PHONE = "13800138000"
PASSWORD = factories.PASSWORD


def test_any_spelling_of_the_phone_signs_in(village: Village) -> None:
    person = village.person(phone=PHONE, password=PASSWORD, held=("clerk",))
    found = _sign_in(village, phone="＋８６ 138-0013-8000")
    assert (found.person_id, found.community_id) == (person.id, village.community_id)
    assert found.roles == (Held("clerk"),)
    assert found.expires_at == factories.AT + timedelta(days=30)
    assert not found.must_set_password
    assert _who(village, found.token) == found


def test_whatever_is_wrong_gets_one_answer(village: Village) -> None:
    village.person(phone=PHONE, password=PASSWORD)
    wrong: list[dict[str, Any]] = [
        {"phone": "13800138001"},
        {"password": PASSWORD + "x"},
        {"phone": "no number at all"},
        {"password": ""},
        {"password": "\ud800 half a character"},
        {"community_id": ids.new()},
    ]
    for facts in wrong:
        with pytest.raises(NotSignedIn) as refused:
            _sign_in(village, **facts)
        assert (refused.value.code, refused.value.facts) == ("wrong_credentials", {})


def test_an_unknown_phone_costs_a_hash_too(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work, so the same time: counted, for a stopwatch tells of other things too."""
    village.person(phone=PHONE, password=PASSWORD)
    village.person(phone="13911112222")
    seen: list[str] = []
    real = passwords.verified

    def counted(known: str | None, text: str) -> bool:
        seen.append("known" if known else "nobody's")
        return real(known, text)

    monkeypatch.setattr(passwords, "verified", counted)
    for phone in (PHONE, "13911112222", "13733334444", "no number"):
        with pytest.raises(NotSignedIn):
            _sign_in(village, phone=phone, password="wrong wrong")
    assert seen == ["known", "nobody's", "nobody's", "nobody's"]


def test_the_eleventh_failure_of_a_phone_waits(village: Village, database_url: str) -> None:
    village.person(phone=PHONE, password=PASSWORD)
    for number in range(10):
        _sign_in(village, address=f"10.0.0.{number}")  # success never counts
        with pytest.raises(NotSignedIn):
            _sign_in(village, password="wrong wrong", address=f"10.0.0.{number}")
        village.clock.at += timedelta(seconds=1)
    # The right password waits as well, and so does another process after a restart.
    again = Database(database_url)
    try:
        for database in (village.database, again):
            with pytest.raises(TooMany) as refused:
                _sign_in(village, database=database, phone="+86 " + PHONE)
            assert refused.value.retry_after_seconds == 15 * 60 - 10
    finally:
        again.dispose()
    village.clock.at += timedelta(seconds=15 * 60 - 11)
    with pytest.raises(TooMany) as refused:
        _sign_in(village)
    assert refused.value.retry_after_seconds == 1
    village.clock.at += timedelta(seconds=1)
    assert _sign_in(village).token


def test_of_forty_failures_at_once_ten_are_compared(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is counted before it is compared."""
    village.person(phone=PHONE, password=PASSWORD)
    compared: list[str] = []
    real = passwords.verified

    def counted(known: str | None, text: str) -> bool:
        compared.append(text)
        return real(known, text)

    monkeypatch.setattr(passwords, "verified", counted)
    gate = threading.Barrier(40)

    def guess(number: int) -> str:
        gate.wait()
        try:
            _sign_in(village, password=f"wrong wrong {number}", at=_moment(number))
        except (NotSignedIn, TooMany) as refused:
            return type(refused).__name__
        return "in"

    with ThreadPoolExecutor(40) as pool:
        found = Counter(pool.map(guess, range(40)))
    assert found == {"NotSignedIn": 10, "TooMany": 30}
    assert len(compared) == 10


def test_what_is_no_failure_gives_its_count_back(village: Village) -> None:
    village.database.write(
        lambda s: factories.make_community(s, name="Elsewhere", phone=PHONE, password=PASSWORD)
    )
    village.person(phone=PHONE, password=PASSWORD)
    for number in range(12):
        with pytest.raises(Conflict):
            _sign_in(village, at=_moment(number))
        assert _sign_in(village, community_id=village.community_id, at=_moment(number)).token
    left = village.database.read(
        lambda s: s.scalars(select(Limit.failures).where(Limit.community_id == ids.NIL)).all()
    )
    assert sum(left) == 0


def test_an_address_bears_300_failures_of_any_phone(village: Village) -> None:
    village.person(phone=PHONE, password=PASSWORD)

    def fail_often(session: Session) -> None:
        asked = admission.Asked(
            "", "", None, "2001:db8::17", "api", factories.KEYS, village.clock.at
        )
        buckets = admission._buckets(asked)
        for _ in range(299):
            limits.count_failure(session, next(iter(buckets)), village.clock.at, 15)

    village.write(fail_often)
    with pytest.raises(NotSignedIn):
        _sign_in(village, password="wrong wrong", address="2001:db8::18")
    with pytest.raises(TooMany):
        _sign_in(village, address="2001:db8::19")
    assert _sign_in(village, address="2001:db8:0:1::19").token


def test_a_phone_in_two_communities_chooses(village: Village) -> None:
    other, _admin = village.database.write(
        lambda s: factories.make_community(s, name="Elsewhere", phone=PHONE, password=PASSWORD)
    )
    village.person(phone=PHONE, password="another pass phrase")
    with pytest.raises(NotSignedIn):
        _sign_in(village, password="fits nowhere")
    with pytest.raises(Conflict) as refused:
        _sign_in(village, password=PASSWORD)
    assert refused.value.code == "choose_community"
    listed = {one["id"]: one["name"] for one in refused.value.facts["communities"]}
    assert listed.keys() == {str(other.id), str(village.community_id)}
    assert listed[str(other.id)] == "Elsewhere"
    assert _sign_in(village, community_id=other.id).community_id == other.id
    with pytest.raises(NotSignedIn):
        _sign_in(village, community_id=village.community_id)


def test_signing_out_counts_at_once_and_for_one_token(village: Village) -> None:
    village.person(phone=PHONE, password=PASSWORD)
    first, second = _sign_in(village), _sign_in(village)
    _as(village, first, sign_in.sign_out, token=first.token)
    assert _who(village, first.token) is None
    assert _who(village, second.token) is not None
    with pytest.raises(NotSignedIn):
        _as(village, second, sign_in.sign_out, token=first.token)


def test_nobody_signs_another_out(village: Village) -> None:
    village.person(phone=PHONE, password=PASSWORD)
    other = village.person(phone="13911112222", password=PASSWORD)
    found = _sign_in(village)
    village.people["other"] = other.id
    with pytest.raises(NotSignedIn):
        village.perform("other", sign_in.sign_out, token=found.token)
    assert _who(village, found.token) is not None


def test_who_left_is_out_at_once(village: Village) -> None:
    person = village.person(phone=PHONE, password=PASSWORD)
    found = _sign_in(village)
    facts = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, active=False, **facts)
    assert _who(village, found.token) is None
    with pytest.raises(NotSignedIn):
        _sign_in(village)
    village.perform("founder", register.change, active=True, **facts)
    assert _who(village, found.token) is None
    assert _sign_in(village).person_id == person.id


def test_a_change_of_roles_shows_in_the_same_token(village: Village) -> None:
    person = village.person(phone=PHONE, password=PASSWORD)
    found = _sign_in(village)
    facts = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, roles=["clerk"], **facts)
    seen = _who(village, found.token)
    assert seen is not None
    assert seen.roles == (Held("clerk"),)


def test_how_long_a_token_lives(village: Village) -> None:
    village.person(phone=PHONE, password=PASSWORD)
    village.person(phone="13911112222", password=PASSWORD, held=("clerk",))
    lives = [(PHONE, "api", 720), (PHONE, "browser", 720)]
    lives += [("13911112222", "api", 720), ("13911112222", "browser", 12)]
    for phone, kind, hours in lives:
        found = _sign_in(village, phone=phone, kind=kind)
        assert found.expires_at == village.clock.at + timedelta(hours=hours)
        village.clock.at += timedelta(hours=hours, seconds=-1)
        assert _who(village, found.token) is not None
        village.clock.at += timedelta(seconds=1)
        assert _who(village, found.token) is None


def test_what_is_no_token_is_nobody(village: Village) -> None:
    zeros = "0" * 32
    for token in (
        "",
        ".",
        "a.b",
        "é" * 32 + ".y",
        "x" * 32 + ".y",
        zeros,
        zeros + ".",
        zeros + ".y",
    ):
        assert _who(village, token) is None


def test_the_database_holds_no_secret(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", quick.DEAR)
    village.person(phone=PHONE, password=PASSWORD)
    found = _sign_in(village)
    hashes = [row.hash for row in village.rows(Password)]
    kept = [row.token_hash for row in village.rows(AccessToken)]
    assert [one for one in hashes if one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")] == hashes
    assert not [one for one in kept if found.token.split(".")[1].encode() in one]
    # The community in clear leads to the row; under another it is nothing.
    moved = f"{ids.new().hex}.{found.token.split('.')[1]}"
    assert _who(village, moved) is None


def test_a_sign_in_and_its_refusal_are_in_the_trail(village: Village) -> None:
    person = village.person(phone=PHONE, password=PASSWORD)
    _sign_in(village)
    with pytest.raises(NotSignedIn):
        _sign_in(village, password="wrong wrong")
    rows = village.read(
        lambda s: s.execute(
            select(Entry.action, Entry.refused)
            .where(Entry.community_id == village.community_id, Entry.subject_id == person.id)
            .order_by(Entry.id.desc())
            .limit(2)
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        (Action.SIGN_IN_REFUSED, "wrong_credentials"),
        (Action.SIGNED_IN, None),
    ]


def _sign_in(village: Village, *, database: Database | None = None, **facts: Any) -> SignedIn:
    wanted: dict[str, Any] = {
        "phone": PHONE,
        "password": PASSWORD,
        "community_id": None,
        "address": "127.0.0.1",
        "kind": "api",
        "keys": factories.KEYS,
        "at": village.clock.now(),
        **facts,
    }
    return sign_in.sign_in(database or village.database, **wanted)


def _moment(number: int) -> datetime:
    return factories.AT + timedelta(milliseconds=number)


def _who(village: Village, token: str) -> SignedIn | None:
    return village.read(lambda s: sign_in.who(s, token, village.clock.now()))


def _as(village: Village, found: SignedIn, work: Any, **facts: Any) -> Any:
    village.people["me"] = found.person_id
    return village.perform("me", work, **facts)
