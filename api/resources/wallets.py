"""What a person has, and the statement of it."""

from __future__ import annotations

from typing import Any

from api import cursors, then
from api.calls import Ask, Page, call
from api.schemas.ledger import (
    StatementLineOut,
    StatementOut,
    StatementQuery,
    ThenQuery,
    WalletOut,
)
from ledger import past, statements
from ledger.views import Wallet
from redemption import wallets as balances
from reports import sight, sources

_WHO = "self, manager, treasurer, auditor"


@call("GET", "/people/{person_id}/wallet", who=_WHO, query=ThenQuery, answer=WalletOut)
def wallet(ask: Ask) -> Wallet:
    """Points that may be spent, held and owed, and the minutes served, now or as of a day."""
    sight.require_account(ask.session, ask.actor, ask.ids["person_id"])
    return _wallet(ask, then.asked(ask))


@call(
    "GET",
    "/people/{person_id}/statement",
    who=_WHO,
    query=StatementQuery,
    answer=StatementLineOut,
    paged=True,
    beside=StatementOut,
)
def statement(ask: Ask) -> Page:
    """Every transfer that touched the points, newest first; as of a day: those that count then."""
    person_id = ask.ids["person_id"]
    sight.require_account(ask.session, ask.actor, person_id)
    as_of = then.asked(ask)
    page = cursors.page(
        ask,
        lambda limit, before: statements.statement(
            ask.session, ask.community_id, person_id, limit, before, as_of
        ),
        id_name="transfer_id",
    )
    told = sources.explained(ask.session, ask.community_id, page.items, ask.language)
    now = _wallet(ask, as_of)
    newest = statements.statement(ask.session, ask.community_id, person_id, 1, None, as_of)
    posted = newest[0].balance if newest else 0
    return Page(
        [_line(line, told[line.transfer_id]) for line in page.items],
        page.last,
        {
            "available": now.available,
            "due": now.available - posted,
            "next_expiry": now.next_expiry,
        },
    )


def _wallet(ask: Ask, as_of: past.AsOf) -> Wallet:
    """What the person has, or had then."""
    person_id = ask.ids["person_id"]
    if as_of != past.NOW:
        return balances.as_of(ask.session, ask.community_id, person_id, ask.at, as_of)
    return balances.of(ask.session, ask.community_id, person_id, ask.at)


def _line(line: Any, explanation: str) -> dict[str, Any]:
    return {
        **{name: getattr(line, name) for name in line.__dataclass_fields__},
        "explanation": explanation,
    }
