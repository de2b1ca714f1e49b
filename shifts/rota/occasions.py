"""What a shift is for: a red post or an activity, its unit and the fund that it names.

Invariant: whoever asks what a shift belongs to asks here, so that rights and budgets agree.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import NotFound
from ledger import accounts
from shifts.tables.rota import HOURS, Activity, RedPost, Shift

Occasion = RedPost | Activity


def red_post(session: Session, community_id: UUID, red_post_id: UUID) -> RedPost:
    """The red post; NotFound where the community has none of this id."""
    found = session.scalar(
        select(RedPost).where(RedPost.community_id == community_id, RedPost.id == red_post_id)
    )
    if found is None:
        raise NotFound("red_post")
    return found


def activity(session: Session, community_id: UUID, activity_id: UUID) -> Activity:
    """The activity; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Activity).where(Activity.community_id == community_id, Activity.id == activity_id)
    )
    if found is None:
        raise NotFound("activity")
    return found


def of(session: Session, shift: Shift) -> Occasion:
    """The red post or the activity of a shift."""
    if shift.red_post_id is not None:
        return red_post(session, shift.community_id, shift.red_post_id)
    assert shift.activity_id is not None, "a shift has one occasion"
    return activity(session, shift.community_id, shift.activity_id)


def unpaid(session: Session, community_id: UUID) -> set[UUID]:
    """The red posts and activities that were declared to earn hours alone."""
    found: set[UUID] = set()
    for table in (RedPost, Activity):
        rows = session.scalars(
            select(table.id).where(table.community_id == community_id, table.earns == HOURS)
        )
        found.update(rows)
    return found


def require_fund(session: Session, community_id: UUID, fund_id: UUID | None) -> None:
    """NotFound unless the fund was opened: its points then have an account in the books."""
    if fund_id is None:
        return
    place = accounts.fund_points(fund_id)
    if place not in accounts.find(session, community_id, [place]):
        raise NotFound("fund")
