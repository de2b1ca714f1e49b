"""Keys of one purpose each, and the text form of codes."""

from __future__ import annotations

import pytest

from kit import ids, tokens
from kit.errors import SettingsError
from kit.keys import KeyRing, number

OLD, NEW = "an old secret, long enough", "a new secret, long enough"
KEYS = KeyRing((NEW, OLD))


def test_a_short_or_missing_secret_is_refused() -> None:
    for secrets in ((), ("short",), (NEW, "short")):
        with pytest.raises(SettingsError, match="LOVEBANK_SECRET_KEY"):
            KeyRing(secrets)


def test_secrets_are_not_shown() -> None:
    assert NEW not in repr(KEYS)
    assert OLD not in repr(KEYS)


def test_each_purpose_has_its_own_key() -> None:
    assert KEYS.mac("card", "x") != KEYS.mac("voucher", "x")
    assert KEYS.mac("card", "x") == KeyRing((NEW,)).mac("card", "x")


def test_a_row_of_an_older_secret_is_read_with_its_number() -> None:
    before = KeyRing((OLD,))
    sealed = before.encrypt("phone", "person:1", "13800000001", bytes(12))
    assert KEYS.decrypt("phone", "person:1", sealed) == "13800000001"
    assert KEYS.mac("card", "x", number(OLD)) == before.mac("card", "x")
    with pytest.raises(SettingsError, match=number(OLD)):
        KeyRing((NEW,)).decrypt("phone", "person:1", sealed)


def test_what_was_changed_or_moved_to_another_row_does_not_open() -> None:
    sealed = KEYS.encrypt("phone", "person:1", "13800000001", bytes(12))
    with pytest.raises(SettingsError):
        KEYS.decrypt("phone", "person:2", sealed)
    with pytest.raises(SettingsError):
        KEYS.decrypt("phone", "person:1", sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_derived_value_is_128_bits_and_the_same_again() -> None:
    row_id = ids.new()
    value = tokens.derived(KEYS, "card", row_id, 1, KEYS.newest)
    assert len(value) == 26
    assert set(value) <= set(tokens.ALPHABET)
    assert value == tokens.derived(KEYS, "card", row_id, 1, KEYS.newest)
    others = {
        tokens.derived(KEYS, "voucher", row_id, 1, KEYS.newest),
        tokens.derived(KEYS, "card", row_id, 2, KEYS.newest),
        tokens.derived(KEYS, "card", ids.new(), 1, KEYS.newest),
        tokens.derived(KEYS, "card", row_id, 1, number(OLD)),
    }
    assert value not in others
    assert len(others) == 4


def test_base_32_keeps_every_bit() -> None:
    assert tokens.encode(b"") == ""
    assert tokens.encode(b"\x00") == "00"
    assert tokens.encode(b"\xff") == "ZW"
    seen = {tokens.encode(bytes([a, b])) for a in range(256) for b in range(0, 256, 5)}
    assert len(seen) == 256 * 52


def test_typed_letters_that_look_alike_are_the_same() -> None:
    assert tokens.normal(" o0iI-lL1 ") == "0011111"
    code = tokens.typed("ABCDEFGH" + "X" * 18)
    assert tokens.typed_whole(code.lower()) == code
    assert tokens.typed_whole(f"{code[:4]} {code[4:]}") == code
    assert tokens.typed_whole(code[:-1]) is None


def test_a_slip_of_the_finger_is_mostly_caught() -> None:
    code = tokens.typed("ABCDEFGH" + "X" * 18)
    slips = [
        code[:place] + other + code[place + 1 :]
        for place in range(8)
        for other in tokens.ALPHABET
        if other != code[place]
    ]
    passed = [slip for slip in slips if tokens.typed_whole(slip) is not None]
    assert len(passed) < len(slips) // 10
