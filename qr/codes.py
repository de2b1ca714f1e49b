"""The text inside a code: mint the rotating ones, read every one.

A token is one letter and characters of kit.tokens' alphabet: R + shift (8) + step (7) + tag (16)
rotates, K is a claim ticket for one of those (qr.claims), E + red post (16) is printed on a poster,
C and V + value (26) + check (2) are a card and a voucher. Invariant: the seed of a rotating code
never leaves the server, and a tag is good for its own shift and step alone.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from kit import tokens
from kit.keys import KeyRing

STEP_SECONDS = 30
#: This step's code and the last one's are accepted.
STEPS_ACCEPTED = 2
LONGEST = 256

TAG_BYTES, CHANCE_CHARACTERS = 10, 8
_KINDS = {
    "R": ("shift", 32),
    "K": ("shift", 63),
    "E": ("poster", 17),
    "C": ("card", 29),
    "V": ("voucher", 29),
}
_SHIFT_CHARACTERS, _NUMBER_CHARACTERS, _TAG_CHARACTERS = 8, 7, 16


class Referred(Protocol):
    """What a code points at: a shift or a red post."""

    @property
    def id(self) -> UUID: ...

    @property
    def code_ref(self) -> str: ...


@dataclass(frozen=True)
class Code:
    """A code to show: accepted until ``expires_at``; the next one comes at ``next_at``."""

    token: str
    expires_at: datetime
    next_at: datetime


@dataclass(frozen=True)
class Claimed:
    """What a claim ticket says besides its code: when it was issued, and the tag of the whole."""

    at: datetime
    tag: str


@dataclass(frozen=True)
class Parsed:
    """What a token says: its kind, what it refers to, and for a rotating one its step and tag."""

    kind: str
    token: str
    ref: str
    step: int = 0
    tag: str = ""
    #: of a rotating code that comes as a claim ticket
    claimed: Claimed | None = None


def shift_code(keys: KeyRing, shift: Referred, at: datetime) -> Code:
    """The rotating code of a shift at this instant."""
    step = step_at(at)
    tag = _tag(keys, shift.id, step, keys.newest)
    token = f"R{shift.code_ref}{number_text(step)}{tag}"
    return Code(token, _instant(step + STEPS_ACCEPTED), _instant(step + 1))


def poster_token(red_post: Referred) -> str:
    """What the printed poster of a red post carries: a pointer, no secret."""
    return f"E{red_post.code_ref}"


def step_at(at: datetime) -> int:
    """The number of the 30-second step that an instant lies in."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(seconds=STEP_SECONDS)


def is_genuine(keys: KeyRing, shift: Referred, parsed: Parsed) -> bool:
    """Whether a rotating code was made here for this shift and its step, whenever that is."""
    made = [_tag(keys, shift.id, parsed.step, key_no) for key_no in keys.numbers]
    # Every key is tried, so that the time taken tells nothing.
    return sum(hmac.compare_digest(tag, parsed.tag) for tag in made) > 0


def steps_behind(parsed: Parsed, at: datetime) -> int:
    """How many steps ago a rotating code was shown; below zero: it is of a step to come."""
    return step_at(at) - parsed.step


def parse(text: str) -> Parsed | None:
    """Read a token, or the whole address of a QR code, in either case; none if it is neither."""
    if len(text) > LONGEST:
        return None
    token = tokens.normal(text.strip().upper().rsplit("/S/", 1)[-1])
    kind, length = _KINDS.get(token[:1], ("", -1))
    if len(token) != length or any(one not in tokens.ALPHABET for one in token):
        return None
    if kind != "shift":
        return Parsed(kind, token, token[1:])
    ref, rest = token[1 : 1 + _SHIFT_CHARACTERS], token[1 + _SHIFT_CHARACTERS :]
    step, rest = _number(rest[:_NUMBER_CHARACTERS]), rest[_NUMBER_CHARACTERS:]
    tag, rest = rest[:_TAG_CHARACTERS], rest[_TAG_CHARACTERS:]
    return Parsed(kind, token, ref, step, tag, _claimed(rest) if rest else None)


def number_text(number: int) -> str:
    """A number of up to 35 bits in seven characters."""
    shifts = range((_NUMBER_CHARACTERS - 1) * 5, -1, -5)
    return "".join(tokens.ALPHABET[number >> shift & 31] for shift in shifts)


def _number(text: str) -> int:
    found = 0
    for character in text:
        found = found * 32 + tokens.ALPHABET.index(character)
    return found


def _claimed(rest: str) -> Claimed:
    """The second of issue, chance, and the tag: what follows the code in a ticket."""
    issued = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=_number(rest[:_NUMBER_CHARACTERS])
    )
    return Claimed(issued, rest[_NUMBER_CHARACTERS + CHANCE_CHARACTERS :])


def _tag(keys: KeyRing, shift_id: UUID, step: int, key_no: str) -> str:
    return tokens.encode(keys.mac("shift-code", f"R1:{shift_id}:{step}", key_no)[:TAG_BYTES])


def _instant(step: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=step * STEP_SECONDS)
