"""The rule beside each red post: what an hour there earns on a day, before anybody serves it.

Invariant: it is the version that an award of that service date would be made by
(``versions.in_force``); a duty that earns hours alone has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.clock import local_date
from people import communities
from shifts.rules import reach
from shifts.tables.rota import HOURS, AwardRule, RedPost


def now(
    session: Session, community_id: UUID, red_posts: Sequence[RedPost], at: datetime
) -> dict[UUID, AwardRule]:
    """The versions in force today; a red post without any is missing."""
    zone = communities.settings_of(session, community_id).zone
    return on(session, community_id, red_posts, local_date(at, zone))


def on(
    session: Session, community_id: UUID, red_posts: Sequence[RedPost], day: date
) -> dict[UUID, AwardRule]:
    """The same for any service date."""
    paid = [one.id for one in red_posts if one.earns != HOURS]
    rows = session.scalars(
        select(AwardRule)
        .where(
            AwardRule.community_id == community_id,
            AwardRule.effective_from <= day,
            AwardRule.red_post_id.is_(None) | AwardRule.red_post_id.in_(paid),
            reach.is_signed(community_id),
        )
        .order_by(AwardRule.effective_from, AwardRule.id)
    )
    # The last one of each stands.
    found = {row.red_post_id: row for row in rows}
    beside = {one: found.get(one) or found.get(None) for one in paid}
    return {one: row for one, row in beside.items() if row is not None}
