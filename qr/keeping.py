"""Every scan is kept: accepted with its deed, refused in a unit of its own, unknown ones apart.

Invariant: one row per scan, covered by the digest in its audit entry; the same nonce from the same
actor has one row and one answer, for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from kit import ids, stroke
from kit.errors import Conflict, NotAllowed
from kit.parts import Added, Part
from qr import judging
from qr.asks import Ask, Known, ScanAnswer
from qr.models import Scan, ScanTrace, UnknownScan
from redemption import guesses, orders
from shifts import locks
from shifts.presence import attendance

_OF_NONCE = (
    Scan.community_id == bindparam("community_id"),
    Scan.actor_id == bindparam("actor_id"),
    Scan.nonce == bindparam("nonce"),
)
_BY_NONCE = select(Scan).where(*_OF_NONCE)
_UNKNOWN_BY_NONCE = (
    select(UnknownScan.id)
    .where(
        UnknownScan.community_id == bindparam("community_id"),
        UnknownScan.actor_id == bindparam("actor_id"),
        UnknownScan.nonce == bindparam("nonce"),
    )
    .limit(1)
)
#: asked at once, for mostly all three are none
_SO_FAR = select(
    select(Scan.id).where(*_OF_NONCE).scalar_subquery(),
    _UNKNOWN_BY_NONCE.scalar_subquery(),
    guesses.ANY_WRONG,
)
_SCANS = cast("Table", Scan.__table__)
_TRACES = cast("Table", ScanTrace.__table__)
#: The question which shift is meant is no last answer: the same nonce may come with a shift.
ASKS_BACK = "choose_shift"
#: Browsers' names for themselves have no end.
AGENT_MAX = 300
#: a claim ticket is used up by what it brought about, not by being read again
BROUGHT = ("checked_in", "checked_out")
_RIGHTS = ("not_allowed", "own_approval")


def hold(session: Session, ask: Ask, known: Known | None) -> None:
    """Lock who scans and whom the scan is about, in one order, so that a nonce is judged once."""
    found = {ask.actor.person}
    about = known.person_id(ask.actor) if known is not None else None
    if about is not None:
        found.add(about)
    locks.hold_people(session, ask.actor.community_id, found)


def first_answer(session: Session, ask: Ask) -> ScanAnswer | None:
    """The answer that this nonce had already; raises it where it was a refusal.

    A new scan is none, and raises TooMany from somebody who guessed wrong too often.
    """
    facts = _nonce(ask) | guesses.facts(ask.actor, ask.at)
    known, unknown, wrong = session.execute(_SO_FAR, facts).one()
    if known is None:
        if unknown is not None:
            raise Conflict("bad_code")
        if wrong is not None:
            guesses.refuse_if_over(session, ask.actor, ask.at)
        return None
    row = _by_nonce(session, ask)
    assert row is not None, "a scan is never erased"
    if row.refused is not None:
        raise NotAllowed(row.refused) if row.refused in _RIGHTS else Conflict(row.refused)
    assert row.outcome is not None, "accepted or refused"
    community_id = ask.actor.community_id
    is_identified = row.outcome == "identified" and row.person_id is not None
    return ScanAnswer(
        outcome=row.outcome,
        attendance=(
            attendance.get(session, community_id, row.attendance_id) if row.attendance_id else None
        ),
        order=orders.find(session, community_id, row.order_id) if row.order_id else None,
        person=(
            judging.seen(session, ask.actor, row.person_id, ask.at)
            if is_identified and row.person_id is not None
            else None
        ),
    )


def accepted(session: Session, ask: Ask, known: Known, answer: ScanAnswer) -> None:
    """Keep an accepted scan, in the unit of what it did."""
    row = _row(ask, known)
    row["outcome"] = answer.outcome
    if answer.attendance is not None:
        row["attendance_id"] = answer.attendance.id
        row["shift_id"] = answer.attendance.shift_id
        if answer.outcome in BROUGHT:
            row["claim"] = known.claim
    if answer.order is not None:
        row["person_id"] = answer.order.person_id
    _write(session, ask, row)


def refused(ask: Ask, known: Known, code: str) -> Callable[[Session], None]:
    """What a refused scan of a known code leaves behind, for ``DomainError.leaving``."""

    def keep(session: Session) -> None:
        hold(session, ask, known)
        row = _row(ask, known)
        row["refused"] = code
        if code == ASKS_BACK:
            row["nonce"] = None
        elif ask.nonce is not None and _by_nonce(session, ask) is not None:
            return
        _write(session, ask, row)

    return keep


def unknown(ask: Ask) -> Callable[[Session], None]:
    """What a scan of no known code leaves behind; erased after 90 days."""
    read = hashlib.sha256(ask.token.encode("utf-8", "surrogatepass")).digest()

    def keep(session: Session) -> None:
        row = {
            "community_id": ask.actor.community_id,
            "id": ids.new(),
            "actor_id": ask.actor.person,
            "token_digest": read,
            "received_at": ask.at,
            "nonce": ask.nonce,
        }
        session.execute(insert(UnknownScan), [row])

    return keep


def _row(ask: Ask, known: Known) -> dict[str, Any]:
    """The row of a scan, before it is said how it ended."""
    return {
        "community_id": ask.actor.community_id,
        "id": ids.new(),
        "actor_id": ask.actor.person,
        "code_kind": known.kind,
        "outcome": None,
        "refused": None,
        "shift_id": known.shift.id if known.shift is not None else None,
        "person_id": known.person_id(ask.actor),
        "attendance_id": None,
        "order_id": known.voucher.order_id if known.voucher is not None else None,
        "received_at": ask.at,
        "captured_at": ask.captured_at,
        "claim": None,
        "nonce": ask.nonce,
    }


def _write(session: Session, ask: Ask, row: dict[str, Any]) -> None:
    parts: list[Part] = [Added(_SCANS, [row])]
    if ask.trace is not None and not ask.trace.is_empty():
        trace = {
            "community_id": row["community_id"],
            "scan_id": row["id"],
            "address": ask.trace.address,
            "agent": ask.trace.agent[:AGENT_MAX] if ask.trace.agent else None,
            "device_id": ask.trace.device_id,
            "device_seq": ask.trace.device_seq,
        }
        parts.append(Added(_TRACES, [trace]))
    stroke.write(session, ask.actor.community_id, parts)
    scan_id: UUID = row["id"]
    trail.record(
        session,
        actor=ask.actor,
        action=Action.SCAN_REFUSED if row["refused"] else Action.SCANNED,
        subject=("scan", scan_id),
        at=ask.at,
        refused=row["refused"],
        row=row,
    )


def _by_nonce(session: Session, ask: Ask) -> Scan | None:
    found: Scan | None = session.scalar(_BY_NONCE, _nonce(ask))
    return found


def _nonce(ask: Ask) -> dict[str, Any]:
    actor = ask.actor
    return {
        "community_id": actor.community_id,
        "actor_id": actor.person,
        "nonce": ask.nonce,
    }
