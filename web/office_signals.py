"""What managers and auditors look at: rows that raise a question, and who does much by hand.

Invariant: everything here is a question, and says so; nothing can be decided on this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from shifts import queries
from shifts.presence import signals
from shifts.review import outliers
from shifts.views import AttendanceView
from web import names
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "auditor")
#: of so many rows that wait, the newest, this page asks
LOOKED_AT = 300


@dataclass(frozen=True)
class Question:
    """One attendance, and what one would like to know of it."""

    row: AttendanceView
    name: str
    title: str
    asked: list[str]


@pages.get("/office/signals")
def questions(visit: Visit) -> Response:
    """What should somebody ask about?"""

    def find(session: Session) -> dict[str, Any]:
        return {
            "questions": _questions(session, visit),
            "lines": outliers.by_hand(session, actor=visit.actor, at=visit.at),
        }

    return visit.page(
        "office_signals.html",
        office_tabs=TABS,
        days=outliers.WITHIN.days,
        few=outliers.FEW,
        **visit.read(find),
    )


def _questions(session: Session, visit: Visit) -> list[Question]:
    """The rows that wait and raise a question, those with the most first."""
    found = queries.attendances(
        session, actor=visit.actor, at=visit.at, limit=LOOKED_AT, undecided=True
    )
    marked = [one for one in found if set(one.flags) & set(signals.ALL)]
    named = names.of(session, visit.community_id, [one.person_id for one in marked])
    titles = names.shifts(session, visit.community_id, {one.shift_id for one in marked})
    made = [
        Question(
            row=one,
            name=named[one.person_id],
            title=titles[one.shift_id],
            asked=[visit.say(f"question.{flag}") for flag in signals.ALL if flag in one.flags],
        )
        for one in marked
    ]
    return sorted(made, key=lambda one: -len(one.asked))
