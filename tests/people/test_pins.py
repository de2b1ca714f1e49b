"""PINs: five wrong ones lock, whoever counts and however many at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from audit import units
from audit.actions import Action
from audit.models import Entry
from kit import ids
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from people import passwords, pins
from people.credential_models import Pin
from tests import factories
from tests.people.village import EVERYBODY, Village

PIN = "246813"


def test_the_right_pin_passes_and_a_wrong_one_tells_what_is_left(village: Village) -> None:
    _set(village, "manager", "volunteer")
    assert _verify(village, PIN) == "right"
    assert [_verify(village, "111111") for _ in range(2)] == ["wrong_pin 4", "wrong_pin 3"]
    assert _verify(village, PIN) == "right"
    assert _verify(village, "111111") == "wrong_pin 4"


def test_five_wrong_ones_lock_until_a_manager_sets_another(village: Village) -> None:
    _set(village, "manager", "volunteer")
    left = [_verify(village, "111111") for _ in range(7)]
    assert left == [f"wrong_pin {n}" for n in (4, 3, 2, 1, 0)] + ["pin_locked"] * 2
    assert _verify(village, PIN) == "pin_locked"
    with pytest.raises(Conflict) as refused:
        _set(village, "volunteer", "volunteer", "135791")
    assert refused.value.code == "pin_locked"
    _set(village, "manager", "volunteer", "135791")
    assert _verify(village, "135791") == "right"


def test_of_forty_wrong_ones_at_once_five_are_compared(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is counted before it is compared, so the lock closes at five and stays."""
    _set(village, "manager", "volunteer")
    barrier = threading.Barrier(40)
    outcomes: list[str] = []
    compared: list[str] = []
    real = passwords.verified

    def counted(known: str | None, text: str) -> bool:
        compared.append(text)
        return real(known, text)

    monkeypatch.setattr(passwords, "verified", counted)

    def guess(number: int) -> None:
        barrier.wait()
        outcomes.append(_verify(village, f"{number:06d}"))

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["pin_locked"] * 35 + [f"wrong_pin {n}" for n in range(5)]
    assert len(compared) == 5
    assert _failures(village) == 5
    assert _verify(village, PIN) == "pin_locked"


def test_three_at_once_count_three(village: Village) -> None:
    _set(village, "manager", "volunteer")
    threads = [threading.Thread(target=_verify, args=(village, "111111")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _failures(village) == 3


def test_a_refused_pin_is_in_the_trail(village: Village) -> None:
    _set(village, "manager", "volunteer")
    _verify(village, "111111")
    row = village.read(
        lambda s: s.execute(
            select(Entry.action, Entry.refused, Entry.actor_id, Entry.after)
            .where(
                Entry.community_id == village.community_id,
                Entry.subject_id == village.people["volunteer"],
            )
            .order_by(Entry.id.desc())
            .limit(1)
        ).one()
    )
    assert tuple(row)[:3] == (Action.PIN_REFUSED, "wrong_pin", village.people["clerk"])
    assert row.after == {"tries_left": 4}


def test_who_has_no_pin_has_no_tries(village: Village) -> None:
    assert _verify(village, PIN) == "wrong_pin 0"
    assert not village.read(
        lambda s: pins.has_pin(s, village.community_id, village.people["volunteer"])
    )


def test_a_pin_is_six_digits(village: Village) -> None:
    for pin in ("", "12345", "1234567", "12345a", "１２３４５６", " 123456", "123456\n"):
        with pytest.raises(Invalid):
            _set(village, "manager", "volunteer", pin)
        with pytest.raises(Invalid):
            _verify(village, pin, raw=True)


def test_who_sets_a_pin(village: Village) -> None:
    for who in EVERYBODY:
        other = village.people["other"] = village.person().id
        if who == "manager":
            _set(village, who, "other")
            assert [row for row in village.rows(Pin) if row.person_id == other]
        else:
            with pytest.raises(NotAllowed):
                _set(village, who, "other")
        _set(village, "other", "other")


def test_a_trusted_persons_pin_is_for_themself_or_an_admin(village: Village) -> None:
    for role in ["manager", "treasurer", "auditor", "admin"]:
        village.people["trusted"] = village.person(held=(role,)).id
        with pytest.raises(NotAllowed):
            _set(village, "manager", "trusted")
        _set(village, "trusted", "trusted")
        _set(village, "admin", "trusted", "135791")


def test_a_stolen_row_is_worth_nothing_without_the_key(village: Village) -> None:
    _set(village, "manager", "volunteer")
    [row] = village.rows(Pin)
    assert row.hash.startswith("$argon2id$")
    assert not passwords.verified(row.hash, PIN)


def test_nobody_elses_pin_and_nobody_unknown(village: Village) -> None:
    village.people["other"] = village.person().id
    _set(village, "manager", "other", "135791")
    _set(village, "manager", "volunteer")
    assert _verify(village, "135791") == "wrong_pin 4"
    village.people["ghost"] = ids.new()
    with pytest.raises(NotFound):
        _set(village, "manager", "ghost")


def _set(village: Village, who: str, whose: str, pin: str = PIN) -> None:
    village.perform(
        who, pins.set_pin, keys=factories.KEYS, person_id=village.people[whose], pin=pin
    )


def _verify(village: Village, pin: str, *, raw: bool = False) -> str:
    """As the counter would, before its unit, by the clerk."""
    actor, at = village.actor("clerk"), village.clock.now()
    facts: dict[str, Any] = {"keys": factories.KEYS, "at": at, "pin": pin}
    person_id = village.people["volunteer"]
    try:
        proven = units.traced(
            village.database,
            lambda: pins.prove(village.database, actor=actor, person_id=person_id, **facts),
            actor=actor,
            at=at,
            call="POST /orders",
        )
        assert proven == pins.Proven(village.community_id, person_id)
    except Invalid:
        if raw:
            raise
        return "invalid"
    except DomainError as refusal:
        return " ".join(map(str, [refusal.code, *refusal.facts.values()]))
    return "right"


def _failures(village: Village) -> int:
    return sum(row.failures for row in village.rows(Pin))
