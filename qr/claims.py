"""Claim tickets: what a browser holds once it has opened a rotating code (decision 0023).

A ticket is K + the code's shift, step and tag (31) + the second of its issue (7) + chance (8) +
tag (16). Invariant: it is signed, names no person, is worth only what its code was worth at the
second of its issue, and nothing is written or looked up to make one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit import tokens
from kit.errors import Conflict
from kit.keys import KeyRing
from qr import codes
from qr.asks import Known
from qr.codes import Parsed
from qr.models import Scan
from shifts.tables.attendance import Attendance

LIFE = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def issue(keys: KeyRing, token: str, at: datetime) -> str:
    """What the browser goes on with: a ticket for a rotating code that is accepted just now; what
    was read otherwise."""
    parsed = codes.parse(token)
    if parsed is None:
        return ""
    if parsed.kind != "shift" or parsed.claimed is not None:
        return parsed.token
    if not is_live(parsed, at):
        return parsed.token
    second = codes.number_text((at.astimezone(UTC) - _EPOCH) // timedelta(seconds=1))
    chance = tokens.random_ref(codes.CHANCE_CHARACTERS)
    body = f"K{parsed.token[1:]}{second}{chance}"
    return body + _tag(keys, body, keys.newest)


def is_live(parsed: Parsed, at: datetime) -> bool:
    """Whether the rotating code, or the ticket for one, is still to be used now."""
    if parsed.claimed is None:
        return 0 <= codes.steps_behind(parsed, at) < codes.STEPS_ACCEPTED
    return parsed.claimed.at <= at <= parsed.claimed.at + LIFE


def is_for(ticket: str, token: str) -> bool:
    """Whether a ticket is one for just this rotating code."""
    held, code = codes.parse(ticket), codes.parse(token)
    if held is None or code is None or held.claimed is None:
        return False
    return (held.ref, held.step, held.tag) == (code.ref, code.step, code.tag)


def is_genuine(keys: KeyRing, parsed: Parsed) -> bool:
    """Whether the ticket was issued here; its code is asked about apart from that."""
    assert parsed.claimed is not None, "asked of a ticket alone"
    body = parsed.token[: -len(parsed.claimed.tag)]
    made = [_tag(keys, body, key_no) for key_no in keys.numbers]
    # Every key is tried, so that the time taken tells nothing.
    return sum(hmac.compare_digest(tag, parsed.claimed.tag) for tag in made) > 0


def digest(parsed: Parsed) -> bytes:
    """What a scan keeps of the ticket it came with: enough to know it again."""
    return hashlib.sha256(f"claim:{parsed.token}".encode()).digest()


def refuse_unless_live(known: Known, at: datetime) -> None:
    """A rotating code is read in its step or the next; a ticket for one within ten minutes.

    Raises Conflict ``code_expired``; ``clock_skew`` for what a clock ahead of ours has made.
    """
    read_at = at if known.claimed_at is None else known.claimed_at
    behind = codes.step_at(read_at) - known.step
    if behind < 0 or read_at > at:
        raise Conflict("clock_skew")
    if behind >= codes.STEPS_ACCEPTED or at - read_at > LIFE:
        raise Conflict("code_expired")


def used(session: Session, actor: Actor, claim: bytes) -> Attendance | None:
    """The stay that this person's ticket brought about already; they are held by the caller.

    Raises Conflict ``code_expired`` where that was taken back: they scan anew.
    """
    found = session.scalar(
        select(Attendance)
        .join(
            Scan,
            (Scan.community_id == Attendance.community_id) & (Scan.attendance_id == Attendance.id),
        )
        .where(
            Scan.community_id == actor.community_id,
            Scan.actor_id == actor.person,
            Scan.claim == claim,
            Attendance.community_id == actor.community_id,
        )
    )
    if found is not None and found.status == "voided":
        raise Conflict("code_expired")
    return found


def _tag(keys: KeyRing, body: str, key_no: str) -> str:
    return tokens.encode(keys.mac("claim", f"K1:{body}", key_no)[: codes.TAG_BYTES])
