"""One lot of the books: what it was made of, and where it went.

Invariant: no name of a person is on this page; each line opens the transfer that it tells of.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from reports import provenance, sight
from reports.provenance import Trace
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("treasurer", "auditor")


@pages.get("/books/lots/<uuid:lot_id>")
def one_lot(visit: Visit, lot_id: UUID) -> Response:
    """Whence and whither?"""

    def find(session: Session) -> Trace:
        sight.require_books(session, visit.actor)
        return provenance.trace(session, visit.community_id, lot_id)

    found = visit.read(find)
    return visit.page(
        "lot.html",
        office_tabs=TABS,
        lot=found,
        account=visit.say(f"account.{found.account.partition(':')[0]}"),
    )
