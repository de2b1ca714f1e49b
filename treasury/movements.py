"""What an approved adjustment moves in the books.

Invariant: one transfer under the natural key ``adjustment:<id>``; points that are given make a lot
whose expiry counts from the day they may be spent, which is the day of the approval.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ledger import accounts, books, expiry
from ledger.drafts import Draft, Leg
from ledger.kinds import POINTS
from people import communities
from treasury.models import Adjustment

#: kind → the contra account that its points come from, or go to
CONTRA = {"adjustment": "adjusted", "opening": "carried_over"}


def draft(session: Session, row: Adjustment, at: datetime) -> Draft:
    """The transfer of an adjustment that is approved at ``at``.

    A day that its maker chose is kept, and refused where its period is closed (``dated``).
    """
    today = books.today(books.of(session, row.community_id), at)
    return Draft(
        kind=row.kind,
        key=f"adjustment:{row.id}",
        legs=(_leg(session, row, at),),
        effective_on=row.effective_on or today,
        source=("adjustment", row.id),
        reason_code=row.reason_code,
        text_digest=row.text_digest,
        dated=row.effective_on is not None,
    )


def _leg(session: Session, row: Adjustment, at: datetime) -> Leg:
    wallet, contra = accounts.wallet(row.person_id), accounts.contra(CONTRA[row.kind], POINTS)
    if row.points < 0:
        return Leg(wallet, contra, -row.points)
    policy = communities.settings_of(session, row.community_id).points_expiry
    today = books.today(books.of(session, row.community_id), at)
    return Leg(contra, wallet, row.points, expires_on=expiry.last_day(policy, today))
