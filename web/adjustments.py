"""Adjustments for treasurer and auditor: asked for by one, decided by another, seen by both.

Invariant: names are masked; what may be done stands only where this visitor may do it, and the
room decides again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from ledger import statements
from people import households, register, roles
from people.models import Person
from treasury import adjustments, views
from treasury.models import Adjustment
from treasury.views import AdjustmentView
from web import names
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("treasurer", "auditor")
PAGE = 50
#: what a form offers → kind and sign
WAYS = {"give": ("adjustment", 1), "take": ("adjustment", -1), "paper": ("opening", 1)}


@pages.get("/books/adjustments")
def listed(visit: Visit) -> Response:
    """What waits for a second treasurer, and what was decided; whose points, by name."""
    fields = Fields(request.args)
    before, q = fields.maybe_id("before"), fields.raw("q")[:60]
    status = request.args.get("status") or None

    def find(session: Session) -> dict[str, Any]:
        rows = views.listed(
            session,
            actor=visit.actor,
            limit=PAGE,
            before=before,
            status=status if status in views.LISTED else None,
        )
        named = names.of(session, visit.community_id, [one.person_id for one in rows])
        people = _people(session, visit, q) if q and visit.holds("treasurer") else []
        return {"rows": [(one, named[one.person_id]) for one in rows], "people": people}

    found = visit.read(find)
    rows = found["rows"]
    return visit.page(
        "adjustments.html",
        office_tabs=TABS,
        q=q,
        chosen=status or "",
        statuses=views.LISTED,
        earlier=rows[-1][0].id if len(rows) == PAGE else None,
        **found,
    )


@pages.get("/books/adjustments/people/<uuid:person_id>", roles=("treasurer",))
def ask(visit: Visit, person_id: UUID) -> Response:
    """Ask for an adjustment of this person's points."""

    def find(session: Session) -> dict[str, Any]:
        one = register.person(session, visit.community_id, person_id)
        roles.require(session, visit.actor, "treasurer", unit_id=one.unit_id)
        if households.same(session, visit.community_id, visit.me.person_id, person_id):
            raise NotAllowed("own_approval")
        wallet = statements.wallet(session, visit.community_id, person_id, visit.at)
        return {"person": one, "wallet": wallet}

    return visit.page("adjustment_form.html", office_tabs=TABS, ways=WAYS, **visit.read(find))


@pages.post("/books/adjustments/people/<uuid:person_id>", roles=("treasurer",), again=ask)
def make(visit: Visit, person_id: UUID) -> Response:
    """It is asked for; nothing moves yet."""
    fields = Fields(request.form)
    way = fields.choice("way", WAYS)
    points = fields.number("points", least=1)
    effective_on = fields.maybe_day("effective_on")
    reason = fields.text("reason", most=500)
    fields.done()
    kind, sign = WAYS[way]
    facts = {"points": sign * points, "kind": kind, "reason": reason, "effective_on": effective_on}

    def work(session: Session) -> UUID:
        return _made(session, visit, person_id, facts).id

    return visit.go(f"/books/adjustments/{visit.write(work)}", "adjustment_asked")


@pages.get("/books/adjustments/<uuid:adjustment_id>")
def one_adjustment(visit: Visit, adjustment_id: UUID) -> Response:
    """Whose points, how many, why, by whom; and what this visitor may decide."""

    def find(session: Session) -> dict[str, Any]:
        found = views.one(session, actor=visit.actor, adjustment_id=adjustment_id)
        people = [found.person_id, found.made_by, found.decided_by]
        named = names.of(session, visit.community_id, people)
        wallet = statements.wallet(session, visit.community_id, found.person_id, visit.at)
        own = {
            one
            for one in (found.person_id, found.made_by)
            if households.same(session, visit.community_id, visit.me.person_id, one)
        }
        return {"one": found, "names": named, "wallet": wallet, "may": _may(visit, found, own)}

    return visit.page("adjustment.html", office_tabs=TABS, **visit.read(find))


@pages.post(
    "/books/adjustments/<uuid:adjustment_id>/approve", roles=("treasurer",), again=one_adjustment
)
def approve(visit: Visit, adjustment_id: UUID) -> Response:
    """The second treasurer approves: the points move."""
    return _decided(visit, adjustment_id, adjustments.approve, "adjustment_approved")


@pages.post(
    "/books/adjustments/<uuid:adjustment_id>/reject", roles=("treasurer",), again=one_adjustment
)
def reject(visit: Visit, adjustment_id: UUID) -> Response:
    """The second treasurer rejects, and says why."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    return _decided(visit, adjustment_id, adjustments.reject, "rejected", reason=reason)


@pages.post(
    "/books/adjustments/<uuid:adjustment_id>/withdraw", roles=("treasurer",), again=one_adjustment
)
def withdraw(visit: Visit, adjustment_id: UUID) -> Response:
    """Who asked takes it back."""
    return _decided(visit, adjustment_id, adjustments.withdraw, "adjustment_withdrawn")


def _made(session: Session, visit: Visit, person_id: UUID, facts: dict[str, Any]) -> Adjustment:
    return adjustments.make(session, actor=visit.actor, at=visit.at, person_id=person_id, **facts)


def _decided(
    visit: Visit, adjustment_id: UUID, deed: Callable[..., Any], note: str, **facts: Any
) -> Response:
    visit.write(
        lambda session: deed(
            session, actor=visit.actor, at=visit.at, adjustment_id=adjustment_id, **facts
        )
    )
    return visit.go(f"/books/adjustments/{adjustment_id}", note)


def _may(visit: Visit, found: AdjustmentView, own: set[UUID]) -> str:
    """``withdraw`` for who asked, ``decide`` for a second treasurer, empty for everybody else."""
    if found.status != views.WAITING or not visit.holds("treasurer"):
        return ""
    if found.made_by == visit.me.person_id:
        return "withdraw"
    return "" if own else "decide"


def _people(session: Session, visit: Visit, q: str) -> list[dict[str, Any]]:
    """People of this name whom the treasurer may serve, with what they have to tell them apart."""
    found = [
        one
        for one in names.named(session, visit.community_id, q, 200)
        if _served(session, visit, one)
    ]
    return [
        {
            "id": one.id,
            "name": one.name,
            "available": statements.wallet(session, visit.community_id, one.id, visit.at).available,
        }
        for one in found[:20]
    ]


def _served(session: Session, visit: Visit, one: Person) -> bool:
    return one.id != visit.me.person_id and roles.holds(
        session, visit.actor, "treasurer", unit_id=one.unit_id
    )
