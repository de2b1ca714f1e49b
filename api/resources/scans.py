"""Scans: the one way in for every code, one at a time or as a captain's device kept them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api import bodies
from api.calls import Ask, call
from api.schemas.attendances import BatchIn, ScanIn, ScanOut, ScansOut
from people import register
from qr import asks, batch, scan
from redemption import queries
from shifts import views


def _name(ask: Ask, answer: Mapping[str, Any]) -> str:
    """The name that a stored answer leaves out."""
    return register.person(ask.session, ask.community_id, UUID(answer["person"]["id"])).name


@call(
    "POST",
    "/scans",
    who="anyone signed in; the code decides",
    body=ScanIn,
    answer=ScanOut,
    remade={"person.name": _name},
)
def read(ask: Ask) -> dict[str, Any]:
    """Do what a code says, once; a refusal's code is the reason, and it is kept."""
    found = scan.scan(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        token=ask.body["token"],
        shift_id=ask.body["shift_id"],
        purpose=ask.body["purpose"],
        captured_at=ask.body["captured_at"],
        nonce=ask.body["nonce"],
        trace=_trace(ask, ask.body),
    )
    return {
        "outcome": found.outcome,
        "attendance": _attendance(ask, found),
        "order": _order(ask, found),
        "person": found.person,
    }


@call(
    "POST",
    "/scans/batch",
    who="captain, manager",
    body=BatchIn,
    answer=ScansOut,
    body_most=bodies.BATCH_BODY_MAX,
    own_units=True,
)
def read_all(ask: Ask) -> dict[str, Any]:
    """Do what up to 500 codes say, each for itself; a repeated nonce gets its first answer."""
    items = [
        batch.Item(
            token=one["token"],
            nonce=one["nonce"],
            shift_id=one["shift_id"],
            purpose=one["purpose"],
            captured_at=one["captured_at"],
            trace=_trace(ask, one),
        )
        for one in ask.body["scans"]
    ]
    results = batch.scan_all(
        ask.program.database,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        items=items,
        call="POST /scans/batch",
    )
    return {"results": [_told(result) for result in results]}


def _told(result: batch.Result) -> dict[str, str]:
    if result.code is not None:
        return {"nonce": result.nonce, "code": result.code}
    assert result.outcome is not None, "a scan ends with an outcome or a code"
    return {"nonce": result.nonce, "outcome": result.outcome}


def _trace(ask: Ask, body: Mapping[str, Any]) -> asks.Trace:
    device = body["device"] or {}
    return asks.Trace(ask.address, ask.agent, device.get("id"), device.get("seq"))


def _attendance(ask: Ask, found: asks.ScanAnswer) -> views.AttendanceView | None:
    if found.attendance is None:
        return None
    return views.attendances(ask.session, ask.community_id, [found.attendance], ask.at)[0]


def _order(ask: Ask, found: asks.ScanAnswer) -> queries.OrderView | None:
    if found.order is None:
        return None
    return queries.order(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        order_id=found.order.id,
    )
