"""Write-offs and stocktakes: what leaves a shelf unsold, and what a count found."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.schemas.shared import Reason
from api.schemas.stock import StockChangeOut, StockChangesQuery, StocktakeIn, WriteOffIn
from redemption.shelf import changing, signing, views
from redemption.shelf.tables import StockChange
from redemption.shelf.views import ChangeView

_SIGNS = "treasurer, manager; not who made it, or their household"


def _shown(ask: Ask, change: StockChange) -> ChangeView:
    return views.shown(ask.session, ask.community_id, [change])[0]


@call(
    "POST",
    "/write-offs",
    who="treasurer, manager",
    body=WriteOffIn,
    answer=StockChangeOut,
    status=201,
)
def write_off(ask: Ask) -> ChangeView:
    """Take pieces off the shelf; where the community wants it, once a second person signs."""
    made = changing.write_off(ask.session, actor=ask.actor, at=ask.at, **ask.body)
    return _shown(ask, made)


@call(
    "POST",
    "/stocktakes",
    who="treasurer, manager, clerk",
    body=StocktakeIn,
    answer=StockChangeOut,
    status=201,
)
def count(ask: Ask) -> ChangeView:
    """Tell what lies there; the difference is posted when a second person signs."""
    made = changing.count(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        lines=[(line["goods_id"], line["counted"]) for line in ask.body["lines"]],
        reason=ask.body["reason"],
    )
    return _shown(ask, made)


@call(
    "GET",
    "/stock-changes",
    who="treasurer, manager, clerk, auditor",
    query=StockChangesQuery,
    answer=StockChangeOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Write-offs and counts, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: views.listed(
            ask.session,
            actor=ask.actor,
            limit=limit,
            before=before,
            status=ask.query.get("status"),
        ),
    )


@call("POST", "/stock-changes/{stock_change_id}/sign", who=_SIGNS, answer=StockChangeOut)
def sign(ask: Ask) -> ChangeView:
    """The second person's signature: the shelf changes."""
    change_id = ask.ids["stock_change_id"]
    return _shown(ask, signing.sign(ask.session, actor=ask.actor, at=ask.at, change_id=change_id))


@call(
    "POST",
    "/stock-changes/{stock_change_id}/reject",
    who="treasurer, manager, who made it",
    body=Reason,
    answer=StockChangeOut,
)
def reject(ask: Ask) -> ChangeView:
    """Turn it down: nothing moves."""
    change_id, reason = ask.ids["stock_change_id"], ask.body["reason"]
    done = signing.reject(
        ask.session, actor=ask.actor, at=ask.at, change_id=change_id, reason=reason
    )
    return _shown(ask, done)
