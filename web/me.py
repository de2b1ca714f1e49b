"""One's own wallet, passbook and card, and the PIN for the counter.

Invariant: only one's own is here; every line of the passbook opens what made it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import statements
from ledger.views import StatementLine
from messages import inbox
from people import cards, pins
from qr import images
from redemption import wallets
from reports import sources
from shifts import queries
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from treasury import views
from web.forms import Fields
from web.home import open_orders
from web.pages import Pages
from web.prints import drawn, grouped
from web.visit import Visit

pages = Pages()
PAGE = 30
WAITING = ("open", "submitted", "auto_closed", "approved", "rejected")
NEWEST = 20


@pages.get("/me")
def me(visit: Visit) -> Response:
    """How much have I, where from, and my card."""
    before = Fields(request.args).maybe_id("before")

    def find(session: Session) -> dict[str, Any]:
        person_id, community_id = visit.me.person_id, visit.community_id
        lines = statements.statement(session, community_id, person_id, PAGE, before)
        titles = _titles(session, community_id, lines)
        wallet = wallets.of(session, community_id, person_id, visit.at)
        return {
            "wallet": wallet,
            "due": wallet.available - lines[0].balance if lines and before is None else 0,
            "lines": [_line(visit, line, titles) for line in lines],
            "earlier": lines[-1].transfer_id if len(lines) == PAGE else None,
            "waiting": [] if before else _waiting(session, visit),
            "open_orders": open_orders(session, visit),
            "unread": inbox.unread(session, community_id, person_id),
            "token": cards.token_of(session, visit.program.keys, community_id, person_id),
        }

    facts = visit.read(find)
    token = facts.pop("token")
    return visit.page(
        "me.html",
        card_picture=drawn(visit, token, images.SCREEN),
        card_typed=grouped(token),
        **facts,
    )


@pages.get("/me/pin")
def pin_form(visit: Visit) -> Response:
    """Ask for a new PIN."""
    return visit.page("pin.html")


@pages.post("/me/pin", again=pin_form)
def set_pin(visit: Visit) -> Response:
    """Set one's own PIN."""
    fields = Fields(request.form)
    pin = fields.digits("pin", 6)
    if fields.raw("again") != fields.raw("pin"):
        fields.errors.setdefault("again", "differs")
    fields.done()
    visit.write(
        lambda session: pins.set_pin(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=visit.me.person_id,
            pin=pin,
        )
    )
    return visit.go("/me", "pin_set")


def _waiting(session: Session, visit: Visit) -> list[dict[str, Any]]:
    """What is recorded and not in the books: shown amber, never summed into what one has."""
    found = queries.attendances(
        session, actor=visit.actor, at=visit.at, limit=NEWEST, person_id=visit.me.person_id
    )
    rows = [one for one in found if one.status in WAITING]
    shifts = _shift_titles(session, visit.community_id, {one.shift_id for one in rows})
    return [
        {
            "id": one.id,
            "title": shifts[one.shift_id],
            "status": one.status,
            "checked_in_at": one.checked_in_at,
        }
        for one in rows
    ]


def _line(visit: Visit, line: StatementLine, titles: dict[UUID, str]) -> dict[str, Any]:
    kinds = {"attendance": "/attendances/", "order": "/orders/"}
    title = titles.get(line.source_id, "")
    kind = visit.say(f"passbook.{sources.what(line)}")
    opens = kinds.get(line.source_type)
    return {
        "what": f"{kind} · {title}" if title else kind,
        "href": f"{opens}{line.source_id}" if opens else "/me",
        "recorded_at": line.recorded_at,
        "points": line.points,
        # The day on which a notice ends moves the same points to the wallet: told once, as points.
        "on_notice": max(0, line.pending),
        "balance": line.balance,
    }


def _titles(session: Session, community_id: UUID, lines: list[StatementLine]) -> dict[UUID, str]:
    """The shift's title for each attendance that stands in the passbook, the reason of each
    adjustment."""
    wanted = {line.source_id for line in lines if line.source_type == "attendance"}
    rows = session.execute(
        select(Attendance.id, Attendance.shift_id).where(
            Attendance.community_id == community_id, Attendance.id.in_(wanted)
        )
    )
    stays = {row.id: row.shift_id for row in rows}
    shifts = _shift_titles(session, community_id, set(stays.values()))
    titles = {attendance_id: shifts[shift_id] for attendance_id, shift_id in stays.items()}
    adjusted = {line.source_id for line in lines if line.source_type == "adjustment"}
    return titles | views.reasons_of(session, community_id, adjusted)


def _shift_titles(session: Session, community_id: UUID, shift_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Shift.id, Shift.title).where(
            Shift.community_id == community_id, Shift.id.in_(shift_ids)
        )
    )
    return {row.id: row.title for row in rows}
