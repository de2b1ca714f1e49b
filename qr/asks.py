"""One scan as it was asked for, the thing its code names, and the answer.

Invariant: what a client sent is checked for its form here, before anything is looked up by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.actor import Actor
from kit.errors import Invalid
from kit.keys import KeyRing
from kit.types import AMOUNT_MAX
from people import names
from people.credential_models import Card
from redemption.models import Order, Voucher
from shifts.tables.attendance import Attendance
from shifts.tables.rota import RedPost, Shift

IDENTIFY = "identify"
NONCE_MAX = 100
DEVICE_MAX = 200


@dataclass(frozen=True)
class Trace:
    """Device, network and browser of a scan: evidence, erasable, never a reason to decide."""

    address: str | None = None
    agent: str | None = None
    device_id: str | None = None
    device_seq: int | None = None

    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return self == Trace()


@dataclass(frozen=True)
class Ask:
    """One scan: who read what and when, and what they add to it."""

    actor: Actor
    keys: KeyRing
    at: datetime
    token: str
    shift_id: UUID | None = None
    purpose: str | None = None
    captured_at: datetime | None = None
    nonce: str | None = None
    trace: Trace | None = None


@dataclass(frozen=True)
class Known:
    """What a code of ours names: exactly one of the four, by its kind."""

    kind: str
    step: int = 0
    #: of a claim ticket: when it was issued, and its digest
    claimed_at: datetime | None = None
    claim: bytes | None = None
    shift: Shift | None = None
    red_post: RedPost | None = None
    card: Card | None = None
    voucher: Voucher | None = None

    def person_id(self, actor: Actor) -> UUID | None:
        """Whom the scan is about: the card's person, or who scans a shift's code."""
        if self.card is not None:
            return self.card.person_id
        return None if self.voucher is not None else actor.person


@dataclass(frozen=True)
class Seen:
    """A person identified by their card; ``available`` points are told to a clerk alone."""

    id: UUID
    name: str
    available: int | None = None


@dataclass(frozen=True)
class ScanAnswer:
    """What a scan brought about, and the one thing it is about."""

    outcome: str
    attendance: Attendance | None = None
    order: Order | None = None
    person: Seen | None = None
    #: where it was read: what is told of the attendance needs it, and need not ask for it again
    shift: Shift | None = None


def check(ask: Ask) -> None:
    """Raises Invalid for a purpose, nonce or device that no client of ours sends."""
    if ask.purpose not in (None, IDENTIFY):
        raise Invalid(purpose=f"is not {IDENTIFY}")
    _short("nonce", ask.nonce, NONCE_MAX)
    if ask.trace is not None:
        _short("device", ask.trace.device_id, DEVICE_MAX)
        seq = ask.trace.device_seq
        if seq is not None and not 0 <= seq <= AMOUNT_MAX:
            raise Invalid(device="its seq is out of bounds")


def _short(field: str, text: str | None, longest: int) -> None:
    if text is None:
        return
    if not 1 <= len(text) <= longest or not names.printable(text):
        raise Invalid(**{field: f"is not 1 to {longest} printable characters"})
