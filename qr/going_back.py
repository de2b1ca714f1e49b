"""A clock that was put back: a rotating code that was over does not come to life again.

Invariant: once a shift took a scan, no rotating code of more than two steps before that scan is
accepted there, whatever the clock says; cards and hand entries need no code and go on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from kit.errors import Conflict
from qr import codes
from qr.models import Scan
from shifts.tables.rota import Shift

#: clocks of two servers differ by less
APART = timedelta(seconds=codes.STEP_SECONDS * codes.STEPS_ACCEPTED)
_LATEST = select(func.max(Scan.received_at)).where(
    Scan.community_id == bindparam("community_id"),
    Scan.shift_id == bindparam("shift_id"),
    Scan.attendance_id.is_not(None),
)


def refuse_if_so(session: Session, shift: Shift, at: datetime) -> None:
    """Conflict ``clock_skew`` where the shift has taken a scan that is later than now.

    Scans are taken within the shift's own windows alone, so a clock that was far ahead for a while
    stops nothing afterwards.
    """
    facts = {"community_id": shift.community_id, "shift_id": shift.id}
    latest: datetime | None = session.scalar(_LATEST, facts)
    if latest is not None and at < latest - APART:
        raise Conflict("clock_skew")
