"""What a transfer took from lots and now comes back: to the same lots, or anew (design D6).

Invariant: what comes back after its last day makes a new lot with the declared grace, of the same
fund; everything else goes to the lots it came from, with their expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from ledger import expiry, lots
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from ledger.found import Opened
from ledger.kinds import IN_LOTS
from ledger.lots import Left


@dataclass(frozen=True)
class Parts:
    """A draft that gives back, and what goes to which lot, by account."""

    draft: Draft
    by_place: dict[Place, list[tuple[Left, int]]] = field(default_factory=dict)


def parts(
    session: Session,
    community_id: UUID,
    draft: Draft,
    known: Mapping[Place, Opened],
    grace_until: date | None,
) -> Parts:
    """The draft with a leg of its own for what lapsed since it was taken."""
    if draft.gives_back is None:
        return Parts(draft)
    legs: list[Leg] = []
    same: dict[Place, list[tuple[Left, int]]] = {}
    for leg in draft.legs:
        if leg.credit.kind not in IN_LOTS:
            legs.append(leg)
            continue
        taken = lots.taken_by(session, community_id, draft.gives_back, known[leg.credit].id)
        assert sum(part for _lot, part in taken) == leg.amount, (
            f"{draft.gives_back} did not take {leg.amount}"
        )
        late = [one for one in taken if _lapsed(leg, one[0], draft.happened_on, grace_until)]
        same[leg.credit] = [one for one in taken if one not in late]
        kept = leg.amount - sum(part for _lot, part in late)
        legs += [replace(leg, amount=kept)] if kept else []
        legs += _renewed(leg, late, draft.happened_on)
    return Parts(replace(draft, legs=tuple(legs)), same)


def _lapsed(leg: Leg, lot: Left, on: date, grace_until: date | None) -> bool:
    """Whether the lot's last day had passed; goods on a shelf do not lapse."""
    last = lot.expires_on or grace_until
    return leg.credit.kind == "wallet" and last is not None and last < on


def _renewed(leg: Leg, late: list[tuple[Left, int]], on: date) -> list[Leg]:
    """A leg for each fund whose points come back late."""
    by_fund: dict[UUID | None, int] = {}
    for lot, part in late:
        by_fund[lot.fund_id] = by_fund.get(lot.fund_id, 0) + part
    day = expiry.grace_day(on)
    return [
        replace(leg, amount=amount, expires_on=day, fund_id=fund_id, renewed=True)
        for fund_id, amount in by_fund.items()
    ]
