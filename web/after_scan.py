"""After a scan: what it did and what follows, taking it back, and going on from another red post.

Invariant: a second scan is explained and never punished; what is offered here is decided in its
room.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from people import register
from people.masking import masked
from qr.asks import ScanAnswer
from shifts.presence import going_on, undoing
from shifts.rota import finding
from shifts.tables.attendance import Attendance
from web import text
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.post("/attendances/<uuid:attendance_id>/undo")
def undo(visit: Visit, attendance_id: UUID) -> Response:
    """Take back the scan that was made just now."""

    def work(session: Session) -> bool:
        row = undoing.undo(session, actor=visit.actor, at=visit.at, attendance_id=attendance_id)
        return row.person_id == visit.me.person_id

    mine = visit.write(work)
    return visit.go("/" if mine else "/desk", "undone")


@pages.post("/attendances/<uuid:attendance_id>/go-on")
def go_on(visit: Visit, attendance_id: UUID) -> Response:
    """The stay that was left open ends where the one at the next red post began."""
    visit.write(
        lambda session: going_on.go_on(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id
        )
    )
    return visit.go("/", "gone_on")


def told(session: Session, visit: Visit, answer: ScanAnswer) -> dict[str, Any]:
    row = answer.attendance
    assert row is not None, "told of an attendance alone"
    shift = finding.get(session, visit.community_id, row.shift_id)
    person = register.person(session, visit.community_id, row.person_id)
    mine = row.person_id == visit.me.person_id
    is_out = row.checked_out_at is not None
    stamped: datetime = row.checked_out_at or row.checked_in_at
    minutes = int((stamped - row.checked_in_at).total_seconds()) // 60
    titles = {"checked_in": "ok.in", "checked_out": "ok.out", "duplicate": "ok.duplicate"}
    sentence = (
        visit.say("ok.stayed", time=_duration(visit, minutes))
        if is_out
        else visit.say("ok.ends_at", time=_time(visit, shift.ends_at))
    )
    return {
        "title": visit.say(titles[answer.outcome], name=masked(person.name)),
        "stamp": visit.say("stamp.out" if is_out else "stamp.in"),
        "stamped_at": stamped,
        "sentence": sentence,
        "heading": shift.title,
        "pairs": [
            (
                visit.say("form.shift"),
                f"{_time(visit, shift.starts_at)} – {_time(visit, shift.ends_at)}",
            ),
            (visit.say("att.in"), _time(visit, row.checked_in_at)),
        ],
        "standing": row.status,
        "next_steps": _next_steps(visit, answer.outcome, row),
        "onward": "/" if mine else f"/desk/shifts/{shift.id}",
        "elsewhere": [
            (one.id, there.title) for one, there in going_on.still_open(session, row, visit.at)
        ]
        if mine
        else [],
        "undo": row.id if undoing.may_undo(row, visit.actor, visit.at) else None,
    }


def _next_steps(visit: Visit, outcome: str, row: Attendance) -> str:
    """What follows; after a second scan, what the first did and what to do now."""
    end = "out" if row.checked_out_at is not None else "in"
    if outcome != "duplicate":
        return visit.say(f"ok.next_{end}")
    stamped = row.checked_out_at or row.checked_in_at
    return visit.say(f"ok.again_{end}", time=_time(visit, stamped))


def _time(visit: Visit, at: datetime) -> str:
    return text.clock_time(at, visit.zone)


def _duration(visit: Visit, minutes: int) -> str:
    return text.duration(visit.lang, minutes)
