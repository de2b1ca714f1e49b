"""What every shift and every template has to be: an occasion, a time, seats, and who leads it.

Invariant: captains and deputies hold the role captain or manager when they are named (contract).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from kit.errors import Invalid
from people import roles

LONGEST = timedelta(days=7)
TITLE_MAX = 100
SEATS_MAX = 100_000
DEPUTIES_MAX = 20


def check_occasion(red_post_id: UUID | None, activity_id: UUID | None) -> None:
    """Invalid unless it is for a red post or for an activity."""
    if (red_post_id is None) == (activity_id is None):
        raise Invalid(red_post_id="name either a red post or an activity")


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Invalid unless it ends after it began, and not too long after."""
    if not starts_at < ends_at:
        raise Invalid(ends_at="is not after starts_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(ends_at=f"is more than {LONGEST.days} days after starts_at")


def check_seats(seats: int | None, seats_min: int) -> None:
    """Invalid unless the seats are within bounds, and as many as are wanted at least."""
    if seats is not None and not 1 <= seats <= SEATS_MAX:
        raise Invalid(seats=f"is not between 1 and {SEATS_MAX}")
    most = SEATS_MAX if seats is None else seats
    if not 0 <= seats_min <= most:
        raise Invalid(seats_min=f"is not between 0 and {most}")


def leaders(
    session: Session, community_id: UUID, captain_id: UUID, deputy_ids: Sequence[UUID]
) -> list[UUID]:
    """The deputies without doubles; Invalid where one who is named holds no fitting role."""
    deputies = sorted(set(deputy_ids) - {captain_id})
    if len(deputies) > DEPUTIES_MAX:
        raise Invalid(deputy_ids=f"are more than {DEPUTIES_MAX}")
    held = roles.of_all(session, community_id, [captain_id, *deputies])
    able = {who for who, all_held in held.items()
            if any(one.role in ("captain", "manager") for one in all_held)}  # fmt: skip
    if captain_id not in able:
        raise Invalid(captain_id="holds neither the role captain nor manager")
    if not able.issuperset(deputies):
        raise Invalid(deputy_ids="one of them holds neither the role captain nor manager")
    return deputies
