"""Closing months, for the treasurer; which are closed, for the auditor too.

Invariant: a form offers only what may be closed now, and says what it means before it is sent.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from treasury import periods
from web import names
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("treasurer", "auditor")
PAGE = 50


@pages.get("/books/periods")
def listed(visit: Visit) -> Response:
    """Which months are closed, and which is next."""
    before = Fields(request.args).maybe_id("before")

    def find(session: Session) -> dict[str, Any]:
        rows = periods.listed(session, actor=visit.actor, limit=PAGE, before=before)
        return {
            "rows": rows,
            "names": names.of(session, visit.community_id, [row.closed_by for row in rows]),
            "open_months": periods.closable(session, actor=visit.actor, at=visit.at),
        }

    found = visit.read(find)
    rows = found.pop("rows")
    return visit.page(
        "periods.html",
        office_tabs=TABS,
        rows=rows,
        choices=[(day.isoformat(), _month(visit, day)) for day in found.pop("open_months")],
        months={row.id: _month(visit, row.ends_on) for row in rows},
        earlier=rows[-1].id if len(rows) == PAGE else None,
        **found,
    )


@pages.post("/books/periods", roles=("treasurer",), again=listed)
def close(visit: Visit) -> Response:
    """The month is closed, for ever."""
    fields = Fields(request.form)
    ends_on = fields.day("ends_on")
    fields.done()
    visit.write(
        lambda session: periods.close(session, actor=visit.actor, at=visit.at, ends_on=ends_on)
    )
    return visit.go("/books/periods", "period_closed")


def _month(visit: Visit, day: date) -> str:
    return visit.say("periods.month", year=day.year, month=day.month)
