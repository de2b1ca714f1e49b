"""The one way in for every code: verify, look up, lock, check, write, log (design D7).

Invariant: api and pages scan through here alone, and every scan is kept, the refused ones too.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, DomainError
from kit.keys import KeyRing
from qr import asks, judging, keeping, reading
from qr.asks import Ask, ScanAnswer, Trace
from qr.models import REFUSALS
from redemption import guesses


def scan(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    token: str,
    shift_id: UUID | None = None,
    purpose: str | None = None,
    captured_at: datetime | None = None,
    nonce: str | None = None,
    trace: Trace | None = None,
) -> ScanAnswer:
    """Do what a code says, once; ``token`` is the token or the whole address that was read.

    Raises, in this order: Invalid (purpose, nonce, device), the first answer of this nonce where
    it was a refusal, TooMany, ``bad_code``, ``not_allowed``, then what the code's kind refuses
    (``qr.models.REFUSALS``); NotFound or Invalid for a ``shift_id`` that is not here.
    """
    ask = Ask(actor, keys, at, token, shift_id, purpose, captured_at, nonce, trace)
    asks.check(ask)
    known = reading.known(session, ask)
    keeping.hold(session, ask, known)
    first = keeping.first_answer(session, ask)
    if first is not None:
        return first
    if known is None:
        refusal = Conflict("bad_code")
        raise refusal.leaving(keeping.unknown(ask), guesses.counted(actor, at))
    try:
        answer = judging.judge(session, ask, known)
    except DomainError as refused:
        if refused.code in REFUSALS:
            refused.leaving(keeping.refused(ask, known, refused.code))
        raise
    keeping.accepted(session, ask, known, answer)
    return answer
