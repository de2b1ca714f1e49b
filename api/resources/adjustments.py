"""Adjustments: in force only after a second treasurer's approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api import cursors
from api.calls import Ask, Page, call
from api.schemas.shared import Reason
from api.schemas.treasury import AdjustmentIn, AdjustmentOut, AdjustmentsQuery
from treasury import adjustments, views
from treasury.views import AdjustmentView

_WHO = "treasurer, auditor"
_SECOND = "a second treasurer, not of the maker's or the person's household"


def _shown(ask: Ask, adjustment_id: UUID) -> AdjustmentView:
    return views.one(ask.session, actor=ask.actor, adjustment_id=adjustment_id)


def _text(name: str) -> Any:
    """The free text of a stored answer is read from where it may have been erased (D12)."""
    return lambda ask, answer: getattr(_shown(ask, UUID(answer["id"])), name)


_REMADE: Mapping[str, Any] = {
    "reason": _text("reason"),
    "decision_reason": _text("decision_reason"),
}


@call(
    "POST",
    "/ledger/adjustments",
    who="treasurer, not for themself or their household",
    body=AdjustmentIn,
    answer=AdjustmentOut,
    status=201,
    remade=_REMADE,
)
def make(ask: Ask) -> AdjustmentView:
    """Ask for an adjustment or an opening balance; nothing moves before it is approved."""
    made = adjustments.make(ask.session, actor=ask.actor, at=ask.at, **ask.body)
    return _shown(ask, made.id)


@call(
    "GET",
    "/ledger/adjustments",
    who=_WHO,
    query=AdjustmentsQuery,
    answer=AdjustmentOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Adjustments, newest first."""
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


@call("GET", "/ledger/adjustments/{adjustment_id}", who=_WHO, answer=AdjustmentOut)
def show(ask: Ask) -> AdjustmentView:
    """One adjustment."""
    return _shown(ask, ask.ids["adjustment_id"])


@call(
    "POST",
    "/ledger/adjustments/{adjustment_id}/approve",
    who=_SECOND,
    answer=AdjustmentOut,
    remade=_REMADE,
)
def approve(ask: Ask) -> AdjustmentView:
    """Approve it: the points move now."""
    adjustment_id = ask.ids["adjustment_id"]
    adjustments.approve(ask.session, actor=ask.actor, at=ask.at, adjustment_id=adjustment_id)
    return _shown(ask, adjustment_id)


@call(
    "POST",
    "/ledger/adjustments/{adjustment_id}/reject",
    who=_SECOND,
    body=Reason,
    answer=AdjustmentOut,
    remade=_REMADE,
)
def reject(ask: Ask) -> AdjustmentView:
    """Reject it, and say why."""
    adjustment_id = ask.ids["adjustment_id"]
    adjustments.reject(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        adjustment_id=adjustment_id,
        reason=ask.body["reason"],
    )
    return _shown(ask, adjustment_id)


@call(
    "POST",
    "/ledger/adjustments/{adjustment_id}/withdraw",
    who="the treasurer who asked for it",
    answer=AdjustmentOut,
    remade=_REMADE,
)
def withdraw(ask: Ask) -> AdjustmentView:
    """Withdraw it before it is decided."""
    adjustment_id = ask.ids["adjustment_id"]
    adjustments.withdraw(ask.session, actor=ask.actor, at=ask.at, adjustment_id=adjustment_id)
    return _shown(ask, adjustment_id)
