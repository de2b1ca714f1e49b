"""What speaks against approving a row unseen: the reasons, each a code, for one decider.

Invariant: the one place that says which rows are clean. A clean row has no reason at all; one that
has some is left to a person who looks, and nobody is refused or punished by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from people.communities import Settings
from shifts.approval import counting, deciders, grades
from shifts.approval.deciders import MINUTES_PER_HOUR, Decider
from shifts.presence import closing, evidence, signals, stays
from shifts.rota import leading, times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift

#: these happen every day and are seen in the times themselves, or speak for the row
ORDINARY = frozenset(
    {
        evidence.LATE,
        evidence.LEFT_EARLY,
        evidence.WALK_IN,
        evidence.COUNTED,
        evidence.MOVED_ON,
    }
)
#: the shift was made, or its record written, after it had begun
MADE_LATE = "made_late"
AMENDMENT_WAITING = "amendment_waiting"
#: above the first tier of hours a day, and above the second, or half signed already
ABOVE_TIER = "above_tier"
SECOND_SIGNATURE = "second_signature"
#: of a captain of this shift: a manager decides
CAPTAIN = "captain"
NOT_ALLOWED = "not_allowed"

Reasons = dict[UUID, list[str]]


def exceptions_of(
    session: Session,
    *,
    who: Decider,
    at: datetime,
    shift: Shift,
    rows: Sequence[Attendance],
    settings: Settings,
) -> Reasons:
    """The reasons of each of these rows of a shift, in a fixed order; none: it is clean.

    The rows are such that wait for a decision.
    """
    who.look_up(session, [row.id for row in rows])
    asked = signals.of(session, shift.community_id, rows, at)
    captains = {shift.captain_id, *leading.deputy_ids(session, shift)}
    counted = counting.minutes_on(
        session,
        shift.community_id,
        {row.person_id for row in rows},
        times.service_on(shift, settings.zone),
        zone=settings.zone,
        at=at,
    )
    graded: dict[UUID, str] = {}
    if settings.grade_caps_hours is not None:
        known = {one for there in counted.values() for one in there}
        graded = grades.of(session, shift.community_id, known)
    found: Reasons = {}
    for row in rows:
        reasons = flags_of(row, shift, at)
        reasons += asked.get(row.id, [])
        reasons += _of_tier(row, shift, at, counted.get(row.person_id, {}), graded, settings)
        reasons += _of_right(session, who, row, shift, captains)
        found[row.id] = list(dict.fromkeys(reasons))
    return found


def flags_of(row: Attendance, shift: Shift, at: datetime) -> list[str]:
    """What the row itself tells that needs an eye."""
    found = [flag for flag in row.flags if flag not in ORDINARY]
    # Also where a late tick has not written it down yet.
    if closing.status_at(row, shift, at) == "auto_closed":
        found.append(evidence.AUTO_CLOSED)
    if made_late(shift):
        found.append(MADE_LATE)
    if row.asked_revision is not None:
        found.append(AMENDMENT_WAITING)
    return found


def made_late(shift: Shift) -> bool:
    """Whether the shift was announced only after it had begun; what it was stays on record."""
    return shift.made_at > shift.starts_at


def _of_tier(
    row: Attendance,
    shift: Shift,
    at: datetime,
    there: Mapping[UUID, int],
    graded: Mapping[UUID, str],
    settings: Settings,
) -> list[str]:
    """Whether a manager signs, or two people: by the day's hours, or by the grade's."""
    first, second = (hours * MINUTES_PER_HOUR for hours in settings.approval_tiers_hours)
    others = {one: some for one, some in there.items() if one != row.id}
    stay = stays.asked(row) or stays.standing(row, shift, at)
    own = 0 if stay is None else stay.minutes(shift)
    minutes = own + sum(others.values())
    grade = row.evidence if stay is None else grades.of_stay(row, shift, stay)
    of_grade = own + sum(some for one, some in others.items() if graded.get(one) == grade)
    two = grades.needs_second(settings.grade_caps_hours, grade, of_grade)
    found = [ABOVE_TIER] if minutes > first else []
    # One of two has signed, or two must.
    if row.status == "approved" or minutes > second or two:
        found.append(SECOND_SIGNATURE)
    return found


def _of_right(
    session: Session, who: Decider, row: Attendance, shift: Shift, captains: set[UUID]
) -> list[str]:
    """Why this very decider may not decide on it, or should leave it to a manager."""
    try:
        deciders.require(session, who, row, shift)
    except NotAllowed as refusal:
        return [str(refusal.facts.get("cause", NOT_ALLOWED))]
    if row.person_id in captains and not who.is_manager(session, shift):
        return [CAPTAIN]
    return []
