"""Periods: months that are closed in order, and never opened again."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.treasury import PeriodIn, PeriodOut
from treasury import periods
from treasury.models import Period


@call("POST", "/ledger/periods", who="treasurer", body=PeriodIn, answer=PeriodOut, status=201)
def close(ask: Ask) -> Period:
    """Close the next month; nothing is effective in it any more."""
    return periods.close(ask.session, actor=ask.actor, at=ask.at, ends_on=ask.body["ends_on"])


@call(
    "GET",
    "/ledger/periods",
    who="treasurer, auditor",
    query=PageQuery,
    answer=PeriodOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Closed periods, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: periods.listed(
            ask.session, actor=ask.actor, limit=limit, before=before
        ),
    )
