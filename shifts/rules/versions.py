"""Award rules: versions of minutes → points, in force from a date.

Invariant: a version is never changed and never reaches back over an award that was made: whoever
adds one holds the community's row alone, whoever awards holds it together with the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid
from messages import outbox
from messages.kinds import Kind
from people import communities, households, names, roles
from shifts import locks
from shifts.rota import occasions
from shifts.rules import reach
from shifts.rules.sums import Night, Terms
from shifts.tables.rota import AwardRule

LONGEST = 100
RATE_MAX = 100_000
MINUTES_MAX = 24 * 60
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
CAP_MAX = 10_000_000
#: ten times what everybody gets
COEFFICIENT_MAX = 1000
#: the numbers of a rule, from the least to the most
BOUNDS = {
    "points_per_hour": (0, RATE_MAX),
    "round_down_minutes": (1, MINUTES_MAX),
    "min_minutes": (0, MINUTES_MAX),
    "daily_cap_points": (0, CAP_MAX),
    "red_post_cap_points": (0, CAP_MAX),
    "fund_cap_points": (0, CAP_MAX),
    "captain_coefficient": (1, COEFFICIENT_MAX),
    "deputy_coefficient": (1, COEFFICIENT_MAX),
}


@dataclass(frozen=True)
class NightRate:
    """A night window as the API names it: ``HH:MM`` to ``HH:MM`` and its points per hour."""

    starts: str
    ends: str
    points_per_hour: int


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    effective_from: date,
    night: NightRate | None = None,
    red_post_id: UUID | None = None,
    **numbers: int | None,
) -> AwardRule:
    """Add a rule, or the next version of the one with this name; ``numbers`` as in ``BOUNDS``.

    Where the community wants a second signature it is in force only once it is signed
    (``signing``), and who may sign it is told. Raises, in this order: NotAllowed (manager),
    Invalid, NotFound (red post), Conflict ``already_applied`` where it would begin in the past,
    over awards that were made.
    """
    roles.require(session, actor, "manager")
    row = drafted(
        actor,
        at,
        name=name,
        effective_from=effective_from,
        night=night,
        red_post_id=red_post_id,
        **numbers,
    )
    if red_post_id is not None:
        occasions.red_post(session, actor.community_id, red_post_id)
    locks.hold_community(session, actor.community_id, alone=True)
    settings = communities.settings_of(session, actor.community_id)
    if settings.signatures["award_rules"]:
        row.signature_asked_at = at
    if effective_from < local_date(at, settings.zone):
        reach.refuse(session, row)
    row.version = _next_version(session, actor.community_id, row.name)
    session.add(row)
    session.flush()
    _tell(session, actor, at, row)
    if row.signature_asked_at is not None:
        _ask_to_sign(session, row, at)
    return row


def drafted(
    actor: Actor,
    at: datetime,
    *,
    name: str,
    effective_from: date,
    night: NightRate | None = None,
    red_post_id: UUID | None = None,
    **numbers: int | None,
) -> AwardRule:
    """A first version as it would be written, which nobody has written; raises Invalid."""
    row = AwardRule(
        community_id=actor.community_id,
        id=ids.new(),
        name=names.clean("name", name, LONGEST),
        version=1,
        red_post_id=red_post_id,
        effective_from=effective_from,
        made_by=actor.person,
        made_at=at,
    )
    assert "points_per_hour" in numbers, "a rule says what an hour earns"
    told = {"round_down_minutes": 1, "min_minutes": 0} | numbers
    assert told.keys() <= BOUNDS.keys(), "a rule has no other numbers"
    for field, (least, most) in BOUNDS.items():
        value = told.get(field)
        setattr(row, field, value if value is None else _bounded(field, value, least, most))
    if night is not None:
        _set_night(row, night)
    return row


_NUMBERS = (
    "version",
    "red_post_id",
    "points_per_hour",
    "round_down_minutes",
    "min_minutes",
    "daily_cap_points",
    "night_from",
    "night_to",
    "night_points_per_hour",
    "effective_from",
    "red_post_cap_points",
    "fund_cap_points",
    "captain_coefficient",
    "deputy_coefficient",
    "signature_asked_at",
)


def listed(
    session: Session, community_id: UUID, *, limit: int, before: UUID | None = None
) -> list[AwardRule]:
    """Rule versions, newest first, older than ``before``."""
    query = select(AwardRule).where(AwardRule.community_id == community_id)
    if before is not None:
        query = query.where(AwardRule.id < before)
    return list(session.scalars(query.order_by(AwardRule.id.desc()).limit(limit)))


def in_force(
    session: Session, community_id: UUID, red_post_id: UUID | None, service_on: date
) -> Terms | None:
    """The version in force on a service date: the red post's own before a general one.

    Of several the one with the latest ``effective_from``, and of those the last made.
    """
    query = select(AwardRule).where(
        AwardRule.community_id == community_id,
        AwardRule.effective_from <= service_on,
        reach.is_signed(community_id),
    )
    latest = (AwardRule.effective_from.desc(), AwardRule.id.desc())
    scopes: list[ColumnElement[bool]] = [AwardRule.red_post_id.is_(None)]
    if red_post_id is not None:
        scopes.insert(0, AwardRule.red_post_id == red_post_id)
    for scope in scopes:
        row = session.scalar(query.where(scope).order_by(*latest).limit(1))
        if row is not None:
            return terms(row)
    return None


def terms(row: AwardRule) -> Terms:
    """A rule version as the sum takes it."""
    night = None
    if row.night_from is not None:
        assert row.night_to is not None
        assert row.night_points_per_hour is not None
        starts, ends = time.fromisoformat(row.night_from), time.fromisoformat(row.night_to)
        night = Night(starts, ends, row.night_points_per_hour)
    return Terms(
        rule_id=row.id,
        version=row.version,
        points_per_hour=row.points_per_hour,
        round_down_minutes=row.round_down_minutes,
        min_minutes=row.min_minutes,
        daily_cap_points=row.daily_cap_points,
        night=night,
        red_post_cap_points=row.red_post_cap_points,
        fund_cap_points=row.fund_cap_points,
        captain_coefficient=row.captain_coefficient,
        deputy_coefficient=row.deputy_coefficient,
    )


def _tell(session: Session, actor: Actor, at: datetime, row: AwardRule) -> None:
    trail.record(
        session,
        actor=actor,
        action=Action.RULE_ADDED,
        subject=("award_rule", row.id),
        at=at,
        after={name: getattr(row, name) for name in _NUMBERS},
    )


def _ask_to_sign(session: Session, row: AwardRule, at: datetime) -> None:
    """Tell every manager who may sign it: neither its maker nor one of their household."""
    managers = roles.holders(session, row.community_id, "manager", anywhere=False)
    own = households.members(session, row.community_id, row.made_by)
    outbox.tell(
        session,
        community_id=row.community_id,
        at=at,
        person_ids=[one for one in managers if one not in own],
        kind=Kind.RULE_TO_SIGN,
        facts={"rule_id": row.id, "version": row.version, "effective_on": row.effective_from},
        key=f"rule:{row.id}:to-sign",
    )


def _next_version(session: Session, community_id: UUID, name: str) -> int:
    last = session.scalar(
        select(func.max(AwardRule.version)).where(
            AwardRule.community_id == community_id, AwardRule.name == name
        )
    )
    return (last or 0) + 1


def _bounded(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Invalid(**{field: f"is not between {least} and {most}"})
    return value


def _set_night(row: AwardRule, night: NightRate) -> None:
    starts, ends = _clock_time(night.starts), _clock_time(night.ends)
    if starts == ends:
        raise Invalid(night="begins and ends at the same time")
    row.night_from, row.night_to = starts, ends
    row.night_points_per_hour = _bounded("night", night.points_per_hour, 0, RATE_MAX)


def _clock_time(text: str) -> str:
    """``HH:MM`` in its one form; Invalid otherwise."""
    if not _CLOCK_TIME.fullmatch(text):
        raise Invalid(night=f"{text[:20]!r} is not a time of day like 22:00")
    return text
