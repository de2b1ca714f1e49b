"""The board: a month's public account, for anybody, to read or to print on a page.

Invariant: it needs no sign-in and tells the same to everybody; names stand there by consent alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from kit.errors import NotFound
from people import communities
from reports import public_account
from reports.public_account import PublicAccount
from web.pages import Pages
from web.visit import Visit

pages = Pages()
#: a board stands for so long; older months are the auditor's
BACK = timedelta(days=366)


@pages.get("/board", strangers=True)
def board(visit: Visit) -> Response:
    """What did we do with it? One's own community's, the only one's, or a choice."""
    if visit.signed_in is not None:
        return _shown(visit, visit.community_id)
    there = visit.program.database.read(communities.everything)
    if len(there) == 1:
        return _shown(visit, there[0].id)
    return visit.page("boards.html", communities=[(one.id, one.name) for one in there])


@pages.get("/board/<uuid:community_id>", strangers=True)
def board_of(visit: Visit, community_id: UUID) -> Response:
    """The board of one community of several."""
    there = visit.program.database.read(communities.everything)
    if community_id not in {one.id for one in there}:
        raise NotFound("community")
    return _shown(visit, community_id)


def _shown(visit: Visit, community_id: UUID) -> Response:
    def find(session: Session) -> tuple[PublicAccount, date]:
        zone = communities.settings_of(session, community_id).zone
        this = local_date(visit.at, zone).replace(day=1)
        asked = _month(request.args.get("month", ""))
        if asked is not None and this - BACK <= asked <= this:
            return public_account.of_month(session, community_id, asked), this
        # The board tells of a whole month; where there was none yet, of the one that goes on.
        found = public_account.of_month(session, community_id, _before(this))
        if found.is_empty:
            found = public_account.of_month(session, community_id, this)
        return found, this

    found, this = visit.program.database.read(find, community_id=community_id)
    after = (found.last + timedelta(days=1)).replace(day=1)
    return visit.page(
        "board.html",
        found=found,
        goes_on=found.first == this,
        before=f"{_before(found.first):%Y-%m}" if _before(found.first) >= this - BACK else "",
        after=f"{after:%Y-%m}" if after <= this else "",
        month=visit.say(f"month.{found.first.month}", year=found.first.year),
    )


def _before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
