"""Calendar feeds: made, renewed and revoked; and what each of them tells.

Invariant: a feed tells when and where, and never who; whoever holds the address sees what the
person, or anyone signed in, may see, and nothing more.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import NotFound
from kit.keys import KeyRing
from people import communities, register, roles
from shifts.rota import ical, kept_seats, leading, occasions, planning
from shifts.rota.ical import Entry
from shifts.tables.feeds import CalendarFeed
from shifts.tables.rota import RedPost, Shift, SignUp

#: how far back a feed tells, so that what was cancelled is seen to be
BACK = timedelta(days=90)
MOST = 1000
_PURPOSE = "calendar"
_STATUS = {"confirmed": "CONFIRMED", "waitlisted": "TENTATIVE", "withdrawn": "CANCELLED"}


def renew(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    red_post_id: UUID | None = None,
) -> CalendarFeed:
    """A new address of one's own shifts, or of a red post's; the one before no longer answers.

    Raises NotFound (red post), NotAllowed (of a red post: captain, manager).
    """
    person_id = _allowed(session, actor, red_post_id)
    _revoke(session, actor, at, person_id, red_post_id)
    last = session.scalar(select(func.max(CalendarFeed.issue)).where(
        *_of(actor.community_id, person_id, red_post_id)))  # fmt: skip
    feed = CalendarFeed(
        community_id=actor.community_id,
        id=ids.new(),
        person_id=person_id,
        red_post_id=red_post_id,
        issue=(last or 0) + 1,
        key_no=keys.newest,
        made_by=actor.person,
        made_at=at,
        revoked_at=None,
    )
    feed.token_hash = tokens.hashed(token_of(keys, feed))
    session.add(feed)
    session.flush()
    _tell(session, actor, at, Action.FEED_MADE, feed)
    return feed


def revoke(
    session: Session, *, actor: Actor, at: datetime, red_post_id: UUID | None = None
) -> None:
    """Let the address in force answer no more. Raises as ``renew``; NotFound also without one."""
    person_id = _allowed(session, actor, red_post_id)
    if not _revoke(session, actor, at, person_id, red_post_id):
        raise NotFound("calendar_feed")


def get(session: Session, community_id: UUID, feed_id: UUID) -> CalendarFeed | None:
    """The feed, revoked or not."""
    return session.scalar(
        select(CalendarFeed).where(
            CalendarFeed.community_id == community_id, CalendarFeed.id == feed_id
        )
    )


def in_force(
    session: Session, community_id: UUID, *, person_id: UUID | None, red_post_id: UUID | None
) -> CalendarFeed | None:
    """The feed of a person or of a red post that answers now."""
    wanted = _of(community_id, person_id, red_post_id)
    return session.scalar(select(CalendarFeed).where(*wanted, CalendarFeed.revoked_at.is_(None)))


def token_of(keys: KeyRing, feed: CalendarFeed) -> str:
    """The secret part of the address, made again."""
    return tokens.derived(keys, _PURPOSE, feed.id, feed.issue, feed.key_no)


def path_of(keys: KeyRing, feed: CalendarFeed) -> str:
    """The address below the program's own."""
    return f"/calendar/{feed.community_id}/{token_of(keys, feed)}.ics"


def read(session: Session, *, keys: KeyRing, community_id: UUID, token: str, at: datetime) -> str:
    """The calendar behind an address. Raises NotFound for one that does not answer."""
    value = tokens.normal(token)
    feed = session.scalar(
        select(CalendarFeed).where(
            CalendarFeed.community_id == community_id,
            CalendarFeed.token_hash == tokens.hashed(value),
            CalendarFeed.revoked_at.is_(None),
        )
    )
    if feed is None or not hmac.compare_digest(token_of(keys, feed), value):
        raise NotFound("calendar_feed")
    if feed.red_post_id is not None:
        red_post = occasions.red_post(session, community_id, feed.red_post_id)
        return ical.text(red_post.name, _of_red_post(session, red_post, at), at)
    assert feed.person_id is not None, "a feed has one subject"
    if register.person(session, community_id, feed.person_id).deactivated_at is not None:
        raise NotFound("calendar_feed")
    name = communities.settings_of(session, community_id).name
    return ical.text(name, _of_person(session, community_id, feed.person_id, at), at)


def _of_red_post(session: Session, red_post: RedPost, at: datetime) -> list[Entry]:
    rows = session.scalars(
        select(Shift)
        .where(
            Shift.community_id == red_post.community_id,
            Shift.red_post_id == red_post.id,
            Shift.status != "draft",
            Shift.starts_at >= at - BACK,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(MOST)
    ).all()
    planned = planning.in_sight(session, red_post.community_id, at)
    mine = [shift for shift in planned if shift.red_post_id == red_post.id]
    return [_entry(shift, red_post.place, "CONFIRMED") for shift in [*rows, *mine]]


def _of_person(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> list[Entry]:
    """The shifts that one signed up for, and those that one leads."""
    mine = (SignUp.community_id == community_id, SignUp.person_id == person_id)
    signed = session.execute(select(SignUp.id, SignUp.shift_id, SignUp.status).where(*mine)).all()
    waits = [row.shift_id for row in signed if row.status == "waitlisted"]
    up = kept_seats.by_now(session, community_id, at, waits) if waits else set()
    status = {row.shift_id: _STATUS["confirmed" if row.id in up else row.status] for row in signed}
    rows = session.execute(
        select(Shift, RedPost.place)
        .outerjoin(
            RedPost,
            (RedPost.community_id == Shift.community_id) & (RedPost.id == Shift.red_post_id),
        )
        .where(
            Shift.community_id == community_id,
            Shift.status != "draft",
            Shift.starts_at >= at - BACK,
            Shift.id.in_(select(SignUp.shift_id).where(*mine))
            | leading.led_by(community_id, person_id),
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(MOST)
    )
    return [
        _entry(shift, place, _seen(shift, person_id, status.get(shift.id))) for shift, place in rows
    ]


def _seen(shift: Shift, person_id: UUID, mine: str | None) -> str:
    """Whoever leads a shift is on duty, whether or not they gave their own seat back."""
    if mine is None or shift.captain_id == person_id:
        return "CONFIRMED"
    return mine


def _entry(shift: Shift, place: str | None, status: str) -> Entry:
    return Entry(
        uid=f"{shift.id}@{shift.community_id}",
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        title=shift.title,
        place=place,
        status="CANCELLED" if shift.status == "cancelled" else status,
        sequence=shift.revision,
    )


def _allowed(session: Session, actor: Actor, red_post_id: UUID | None) -> UUID | None:
    """Whose feed it is: one's own; nobody's where it is a red post's, which a captain may make."""
    if red_post_id is None:
        return actor.person
    red_post = occasions.red_post(session, actor.community_id, red_post_id)
    if not roles.holds(session, actor, "captain", unit_id=roles.ANYWHERE):
        roles.require(session, actor, "manager", unit_id=red_post.unit_id)
    return None


def _of(community_id: UUID, person_id: UUID | None, red_post_id: UUID | None) -> tuple[Any, ...]:
    mine = CalendarFeed.community_id == community_id
    if red_post_id is not None:
        return mine, CalendarFeed.red_post_id == red_post_id
    return mine, CalendarFeed.person_id == person_id


def _revoke(
    session: Session,
    actor: Actor,
    at: datetime,
    person_id: UUID | None,
    red_post_id: UUID | None,
) -> bool:
    feed = in_force(session, actor.community_id, person_id=person_id, red_post_id=red_post_id)
    if feed is None:
        return False
    feed.revoked_at = at
    session.flush()
    _tell(session, actor, at, Action.FEED_REVOKED, feed)
    return True


def _tell(session: Session, actor: Actor, at: datetime, action: Action, feed: CalendarFeed) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("calendar_feed", feed.id),
        at=at,
        after={
            "person_id": feed.person_id,
            "red_post_id": feed.red_post_id,
            "issue": feed.issue,
            "is_open": feed.revoked_at is None,
        },
    )
