"""The books, for the treasurer and the auditor."""

from __future__ import annotations

from typing import Any

from api import cursors, problems, subjects, then
from api.calls import Ask, Page, call
from api.schemas.ledger import (
    AccountOut,
    AccountsQuery,
    CheckOut,
    TransferOut,
    TransfersQuery,
    TrialOut,
    TrialQuery,
)
from api.schemas.shared import Reason
from audit import trail
from ledger import statements
from ledger.views import TransferView
from reports import check, sight
from shifts.approval import voiding

_WHO = "treasurer, auditor"


@call("GET", "/ledger/accounts", who=_WHO, query=AccountsQuery, answer=AccountOut, paged=True)
def accounts(ask: Ask) -> Page:
    """Accounts with their balances, newest first."""
    sight.require_books(ask.session, ask.actor)
    wanted = {name: ask.query.get(name) for name in ("kind", "commodity", "owner_id")}
    return cursors.page(
        ask,
        lambda limit, before: statements.accounts_page(
            ask.session, ask.community_id, limit, before, **wanted
        ),
    )


@call("GET", "/ledger/transfers", who=_WHO, query=TransfersQuery, answer=TransferOut, paged=True)
def transfers(ask: Ask) -> Page:
    """Transfers with their postings, newest first."""
    sight.require_books(ask.session, ask.actor)
    source = subjects.read(ask.query.get("source"), "source")
    page = cursors.page(
        ask,
        lambda limit, before: statements.transfers_page(
            ask.session,
            ask.community_id,
            limit,
            before,
            kind=ask.query.get("kind"),
            source=source,
        ),
    )
    return Page([_told(ask, view) for view in page.items], page.last)


@call("GET", "/ledger/transfers/{transfer_id}", who=_WHO, answer=TransferOut)
def transfer(ask: Ask) -> dict[str, Any]:
    """One transfer with its postings."""
    sight.require_books(ask.session, ask.actor)
    found = statements.transfer(ask.session, ask.community_id, ask.ids["transfer_id"])
    return _told(ask, found)


@call("GET", "/ledger/trial-balance", who=_WHO, query=TrialQuery, answer=TrialOut)
def trial_balance(ask: Ask) -> dict[str, Any]:
    """Every account with turnover, as of a day and as known at a time; the total is 0."""
    sight.require_books(ask.session, ask.actor)
    as_of = then.asked(ask)
    rows = statements.trial_balance(
        ask.session,
        ask.community_id,
        ask.query.get("commodity"),
        as_of.effective_on,
        as_of.known_at,
    )
    # Until seals exist nothing is final, so every answer says that it may still change.
    return {"rows": rows, "total": sum(row.balance for row in rows), "provisional": True}


@call(
    "POST",
    "/ledger/transfers/{transfer_id}/reverse",
    who="treasurer",
    body=Reason,
    answer=TransferOut,
    status=200,
)
def reverse(ask: Ask) -> dict[str, Any]:
    """Reverse an award, once at most; its attendance is voided with it."""
    made = voiding.reverse_award(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        transfer_id=ask.ids["transfer_id"],
        reason=ask.body["reason"],
    )
    return _told(ask, statements.transfer(ask.session, ask.community_id, made))


@call("GET", "/ledger/check", who=_WHO, answer=CheckOut)
def prove(ask: Ask) -> dict[str, Any]:
    """Prove the community's books again; every problem is listed."""
    sight.require_books(ask.session, ask.actor)
    found = check.problems(ask.session, ask.community_id)
    told = [
        {"code": one.code, "subject": one.subject, "facts": problems.plain(one.facts)}
        for one in found
    ]
    return {"clean": not told, "problems": told}


def _told(ask: Ask, view: TransferView) -> dict[str, Any]:
    facts = {name: getattr(view, name) for name in view.__dataclass_fields__}
    text = trail.text_of(ask.session, ask.community_id, view.text_digest)
    return {**facts, "reason": text or view.reason_code}
