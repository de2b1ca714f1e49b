"""One phone is one person, however it is spelled; nothing in the database tells it."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kit.errors import Invalid, SettingsError
from kit.keys import KeyRing
from people import phones, register
from people.models import Person, SignInHandle
from tests import factories
from tests.people.village import Village

SPELLINGS = (
    "13800138000",
    "+8613800138000",
    "１３８００１３８０００",
    "138 0013 8000",
    "138-0013-8000",
    "0086 138 0013 8000",
    "8613800138000",
    "＋８６　(138) 0013.8000",
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_is_one_number(text: str) -> None:
    assert phones.normal(text) == "+8613800138000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1380013800",
        "138001380001",
        "+0123456789",
        "+86138abc",
        "٠١٢٣٤٥٦٧٨٩٠",
        "+",
        "23800138000",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert phones.normal(text) is None
    with pytest.raises(Invalid) as refused:
        phones.wanted(text)
    assert refused.value.errors.keys() == {"phone"}


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    found = phones.normal(text)
    assert found is None or phones.normal(found) == found


def test_six_spellings_make_one_account(village: Village) -> None:
    person = village.person(phone=SPELLINGS[0])
    for spelling in SPELLINGS:
        with pytest.raises(Invalid) as refused:
            village.perform(
                "founder", register.add, keys=factories.KEYS, name="Another", phone=spelling
            )
        assert "phone" in refused.value.errors
    handles = village.read(
        lambda s: phones.handles(s, factories.KEYS, "+8613800138000"),
    )
    assert handles == [(village.community_id, person.id)]


def test_a_number_given_to_many_at_once_goes_to_one(village: Village) -> None:
    outcomes: list[str] = []

    def add() -> None:
        try:
            village.person(phone=SPELLINGS[0])
            outcomes.append("added")
        except Invalid as refused:
            outcomes.append(" ".join(refused.errors))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["phone"] * 7


def test_a_person_keeps_their_own_number(village: Village) -> None:
    person = village.person(phone=SPELLINGS[0])
    facts = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, phone=SPELLINGS[2], **facts)
    assert village.read(lambda s: _phone(s, village, person)) == "+8613800138000"


def test_a_given_up_number_is_free_again(village: Village) -> None:
    person = village.person(phone=SPELLINGS[0])
    facts = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, phone="13911112222", **facts)
    other = village.person(phone=SPELLINGS[1])
    village.perform("founder", register.change, phone=None, **facts)
    assert village.read(lambda s: _phone(s, village, person)) is None
    assert village.read(lambda s: _phone(s, village, other)) == "+8613800138000"
    owners = village.read(lambda s: list(s.scalars(select(SignInHandle.person_id))))
    assert owners.count(other.id) == 1
    assert person.id not in owners


def test_a_number_is_found_under_every_known_secret(village: Village) -> None:
    person = village.person(phone=SPELLINGS[0])
    rotated = KeyRing(("a newer secret, in front of the old", *factories.KEYS.secrets))
    with pytest.raises(Invalid):
        village.perform("founder", register.add, keys=rotated, name="Another", phone=SPELLINGS[1])
    found = village.read(
        lambda s: phones.holder(s, rotated, village.community_id, "+8613800138000")
    )
    assert found == person.id
    assert village.read(lambda s: _phone(s, village, person, rotated)) == "+8613800138000"
    with pytest.raises(SettingsError):
        phones.of(person, KeyRing(("a secret that never sealed this row",)))


def test_a_stolen_table_tells_no_number(village: Village) -> None:
    person = village.person(phone=SPELLINGS[0])
    assert person.phone_sealed is not None
    assert b"13800138000" not in person.phone_sealed
    twin = village.person(phone="13911112222")
    # The seal is bound to its row: carried to another it does not open.
    twin.phone_sealed = person.phone_sealed
    with pytest.raises(SettingsError):
        phones.of(twin, factories.KEYS)


def test_the_trail_keeps_no_name_and_no_number(village: Village) -> None:
    person = village.person(name="Zhuge Liang", phone=SPELLINGS[0])
    facts = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, name="Zhuge Kongming", phone="13911112222", **facts)
    rows = village.read(
        lambda s: s.execute(
            text("SELECT before, after FROM audit_entries WHERE community_id = :c"),
            {"c": str(village.community_id)},
        ).all()
    )
    told = " ".join(f"{row.before} {row.after}" for row in rows)
    assert len(rows) > 5
    # Whole numbers and words: three digits alone turn up in an identifier or a digest by chance.
    assert not [word for word in ("Zhuge", "Kongming", "00138000", "911112222") if word in told]


def _phone(
    session: Session, village: Village, person: Person, keys: KeyRing = factories.KEYS
) -> str | None:
    return register.phone_of(register.person(session, village.community_id, person.id), keys)
