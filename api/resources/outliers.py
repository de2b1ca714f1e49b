"""Who enters or approves unusually much by hand."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.outliers import OutliersOut
from shifts.review import outliers


@call("GET", "/attendances/by-hand", who="manager, auditor", answer=OutliersOut)
def by_hand(ask: Ask) -> dict[str, Any]:
    """Recorders and approvers of 90 days, the most unusual first; nothing follows by itself."""
    return {"items": outliers.by_hand(ask.session, actor=ask.actor, at=ask.at)}
