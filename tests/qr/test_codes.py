"""Tokens: what is minted is read back, what is forged is not."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kit import ids, tokens
from kit.keys import KeyRing
from qr import codes

AT = datetime(2026, 11, 22, 6, 0, 10, tzinfo=UTC)
KEYS = KeyRing(("a secret of the tests, long",))


@dataclass(frozen=True)
class Pointed:
    """Something with a reference, as a shift or a red post has."""

    id: UUID
    code_ref: str


def _shift() -> Pointed:
    return Pointed(ids.new(), tokens.random_ref(8))


def test_a_rotating_code_says_its_shift_and_step_and_is_genuine() -> None:
    shift = _shift()
    made = codes.shift_code(KEYS, shift, AT)
    parsed = codes.parse(made.token)
    assert parsed is not None
    assert (parsed.kind, parsed.ref) == ("shift", shift.code_ref)
    assert codes.is_genuine(KEYS, shift, parsed)
    assert codes.steps_behind(parsed, AT) == 0
    assert made.next_at == AT.replace(second=30)
    assert made.expires_at == AT.replace(minute=1, second=0)
    assert len(made.token) == 32


def test_a_code_grows_old_step_by_step() -> None:
    parsed = codes.parse(codes.shift_code(KEYS, _shift(), AT).token)
    assert parsed is not None
    later = [codes.steps_behind(parsed, AT + timedelta(seconds=s)) for s in (19, 20, 49, 50, -11)]
    assert later == [0, 1, 1, 2, -1]


def test_another_shift_step_or_secret_is_not_genuine() -> None:
    shift = _shift()
    parsed = codes.parse(codes.shift_code(KEYS, shift, AT).token)
    later = codes.parse(codes.shift_code(KEYS, shift, AT + timedelta(seconds=30)).token)
    assert parsed is not None
    assert later is not None
    swapped = codes.Parsed(parsed.kind, "", parsed.ref, later.step, parsed.tag)
    other = Pointed(ids.new(), shift.code_ref)
    assert not codes.is_genuine(KEYS, shift, swapped)
    assert not codes.is_genuine(KEYS, other, parsed)
    assert not codes.is_genuine(KeyRing(("another secret of the tests",)), shift, parsed)


def test_a_code_of_the_secret_before_is_still_genuine() -> None:
    shift = _shift()
    parsed = codes.parse(codes.shift_code(KEYS, shift, AT).token)
    assert parsed is not None
    assert codes.is_genuine(KeyRing(("a newer secret of the tests", *KEYS.secrets)), shift, parsed)


def test_a_thousand_forged_codes_are_not_genuine() -> None:
    shift, step = _shift(), codes.step_at(AT)
    tags = [tokens.encode(secrets.token_bytes(10)) for _ in range(1000)]
    forged = [codes.Parsed("shift", "", shift.code_ref, step, tag) for tag in tags]
    assert not any(codes.is_genuine(KEYS, shift, one) for one in forged)


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "HTTPS://BANK.EXAMPLE/S/{}",
        "https://bank.example/s/{}",
        "  {} ",
        "http://127.0.0.1:8000/s/{}",
    ],
)
def test_a_token_is_read_alone_and_in_its_address_in_either_case(wrap: str) -> None:
    token = codes.poster_token(Pointed(ids.new(), tokens.random_ref(16)))
    for text in (wrap.format(token), wrap.format(token.lower())):
        parsed = codes.parse(text)
        assert parsed is not None
        assert (parsed.kind, parsed.token) == ("poster", token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R",
        "X" + "0" * 16,
        "E" + "0" * 15,
        "E" + "0" * 17,
        "E" + "0" * 15 + "!",
        "E" + "0" * 15 + "０",
        "HTTPS://BANK.EXAMPLE/",
        "E" + "0" * 300,
        "\x00" * 17,
    ],
)
def test_what_is_no_token_is_not_read(text: str) -> None:
    assert codes.parse(text) is None
