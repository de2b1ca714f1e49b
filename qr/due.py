"""What time alone brings about in this room: scans of no known code and old traces are erased.

Invariant: a scan of a known code is never erased; only what was about the device is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from qr.models import Scan, ScanTrace, UnknownScan
from shifts.presence import signals

UNKNOWN_KEPT = timedelta(days=90)
TRACES_KEPT = timedelta(days=730)
#: Rows of one unit.
AT_ONCE = 500


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Erase up to 500 rows of each kind that are old enough; returns how many went."""
    return _unknown(session, community_id, at) + _traces(session, community_id, at)


def _unknown(session: Session, community_id: UUID, at: datetime) -> int:
    old = session.scalars(
        select(UnknownScan.id)
        .where(
            UnknownScan.community_id == community_id,
            UnknownScan.received_at < at - UNKNOWN_KEPT,
        )
        .order_by(UnknownScan.received_at)
        .limit(AT_ONCE)
    ).all()
    if not old:
        return 0
    gone = session.execute(
        delete(UnknownScan).where(UnknownScan.community_id == community_id, UnknownScan.id.in_(old))
    )
    return cast("CursorResult[Any]", gone).rowcount


def _traces(session: Session, community_id: UUID, at: datetime) -> int:
    # Ids grow with time, so the oldest traces are found without reading the rest.
    oldest = session.scalars(
        select(ScanTrace.scan_id)
        .where(ScanTrace.community_id == community_id)
        .order_by(ScanTrace.scan_id)
        .limit(AT_ONCE)
    ).all()
    old = session.scalars(
        select(Scan.id).where(
            Scan.community_id == community_id,
            Scan.id.in_(oldest),
            Scan.received_at < at - TRACES_KEPT,
        )
    ).all()
    if not old:
        return 0
    signals.forget_devices(
        session,
        community_id,
        session.scalars(
            select(Scan.attendance_id).where(
                Scan.community_id == community_id,
                Scan.id.in_(old),
                Scan.attendance_id.is_not(None),
            )
        ).all(),
    )
    gone = session.execute(
        delete(ScanTrace).where(ScanTrace.community_id == community_id, ScanTrace.scan_id.in_(old))
    )
    return cast("CursorResult[Any]", gone).rowcount
