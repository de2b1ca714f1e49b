"""Awards: the rule in force applied to an approved attendance, and credited to its person.

Invariant: an award stores everything that its sum was made from, and what it moved stands in one
transfer of its own; all awards of one call are recorded together, so a budget is charged once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from kit import ids
from ledger import accounts, transfers
from ledger.drafts import Draft, Leg
from ledger.kinds import MINUTES
from messages import outbox
from messages.kinds import Kind
from messages.outbox import Note
from people.communities import Settings
from shifts.approval import grades, notice
from shifts.presence.stays import Stay
from shifts.rota import times
from shifts.rules import rule_book, sums
from shifts.rules.rule_book import RuleBook
from shifts.rules.sums import Left, Sum, Terms
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import HOURS, Shift

#: where the inputs keep the tiers that were in force, so that the check can prove the signatures
TIERS = "tiers_hours"


@dataclass(frozen=True)
class Reckoned:
    """An award to be."""

    attendance: Attendance
    revision: int
    service_on: date
    fund_id: UUID
    rule_id: UUID | None
    #: above how many hours of the day a manager signs, and two of them, as set just now
    tiers_hours: tuple[int, int]
    #: above how many hours of a grade a second person signs, as set just now
    grade_caps: Any
    sum: Sum
    #: the red post or activity
    occasion_id: UUID
    #: the first day after the notice, and the last day on which the points may be spent
    available_on: date | None
    expires_on: date | None


def reckon(
    session: Session,
    *,
    attendance: Attendance,
    shift: Shift,
    stay: Stay,
    settings: Settings,
    at: datetime,
    book: RuleBook | None = None,
) -> Reckoned:
    """Work the sum of one stay; writes nothing.

    What the call is about to credit besides stands in ``book``. An award that this one replaces
    leaves its part of the caps free. The caller holds the person's row, so what is left of them
    stays so.
    """
    book = book or RuleBook()
    community_id = attendance.community_id
    service_on = times.service_on(shift, settings.zone)
    occasion = book.occasion_of(session, shift)
    unpaid = occasion.earns == HOURS
    rule = None
    if not unpaid:
        rule = book.rule(session, community_id, shift.red_post_id, service_on)
    fund_id = occasion.fund_id or settings.general_fund_id
    found = sums.worked(
        rule,
        *(stay.checked_in_at, stay.checked_out_at, shift.starts_at, shift.ends_at),
        zone=settings.zone,
        caps_left=_caps_left(session, book, attendance, rule, service_on, (occasion.id, fund_id)),
        role=None if rule is None else book.role(session, shift, attendance.person_id, rule),
        breaks=stay.breaks,
        unpaid=unpaid,
    )
    available_on = notice.available_on(settings, found.points, at)
    return Reckoned(
        attendance=attendance,
        revision=stay.revision,
        service_on=service_on,
        fund_id=fund_id,
        occasion_id=occasion.id,
        rule_id=rule.rule_id if rule is not None else None,
        tiers_hours=settings.approval_tiers_hours,
        grade_caps=settings.grade_caps_hours,
        sum=found,
        available_on=available_on,
        expires_on=notice.expires_on(settings, available_on, at) if found.points else None,
    )


def _caps_left(
    session: Session,
    book: RuleBook,
    attendance: Attendance,
    rule: Terms | None,
    service_on: date,
    where: tuple[UUID, UUID],
) -> Left:
    """What the rule's caps leave of the day, ``where``: at this occasion and from this fund."""
    if rule is None:
        return Left()
    others = book.earned(session, attendance, service_on) if rule.has_cap else []
    return rule_book.left(rule, others, *where)


def credit(session: Session, *, actor: Actor, at: datetime, reckoned: Sequence[Reckoned]) -> None:
    """Record the transfers of these awards together, then the awards.

    An award without a minute or a point moves nothing and has no transfer. Raises Short
    ``over_budget``; the whole call must then be given up.
    """
    drafts = {one.attendance.id: _draft(one) for one in reckoned}
    moving = [draft for draft in drafts.values() if draft is not None]
    made = transfers.record_all(session, actor=actor, drafts=moving, at=at) if moving else []
    by_key = {draft.key: transfer_id for draft, transfer_id in zip(moving, made, strict=True)}
    rows, deeds = [], []
    for one in reckoned:
        draft = drafts[one.attendance.id]
        row = _row(one, by_key[draft.key] if draft is not None else None, at)
        told = {"award_id": row["id"], "transfer_id": row["transfer_id"]}
        numbers = {"minutes": one.sum.minutes, "points": one.sum.points, "rule_id": one.rule_id}
        subject = ("attendance", one.attendance.id)
        rows.append(row)
        deeds.append(Deed(Action.CREDITED, subject, after=told | numbers, row=row))
    if rows:
        session.execute(insert(Award), rows)
    trail.record_all(session, actor=actor, at=at, deeds=deeds)
    if reckoned:
        # Without a look: the awards themselves are written once.
        community_id = reckoned[0].attendance.community_id
        notes = [_note(one) for one in reckoned]
        outbox.tell_new(session, community_id=community_id, at=at, notes=notes)


def of(session: Session, community_id: UUID, attendance_id: UUID) -> Award | None:
    """The last award of an attendance; none before it was credited."""
    return session.scalar(
        select(Award)
        .where(Award.community_id == community_id, Award.attendance_id == attendance_id)
        .order_by(Award.revision.desc())
        .limit(1)
    )


def by_transfer(session: Session, community_id: UUID, transfer_id: UUID) -> Award | None:
    """The award that a transfer was made for."""
    return session.scalar(
        select(Award).where(Award.community_id == community_id, Award.transfer_id == transfer_id)
    )


def key_of(attendance_id: UUID | str, revision: int) -> str:
    """The natural key of the transfer: one award for each revision of an attendance (D5)."""
    first = f"attendance:{attendance_id}:award"
    return first if revision == 1 else f"{first}:{revision}"


def _note(one: Reckoned) -> Note:
    facts: dict[str, outbox.Fact] = {
        "shift_id": one.attendance.shift_id,
        "attendance_id": one.attendance.id,
        "service_on": one.service_on,
        "minutes": one.sum.minutes,
        "points": one.sum.points,
    }
    key = key_of(one.attendance.id, one.revision)
    return Note(one.attendance.person_id, Kind.AWARD_CREDITED, facts, key)


def _draft(one: Reckoned) -> Draft | None:
    person_id = one.attendance.person_id
    legs = []
    if one.sum.points > 0:
        waits = one.available_on is not None
        legs.append(
            Leg(
                accounts.fund_points(one.fund_id),
                accounts.pending(person_id) if waits else accounts.wallet(person_id),
                one.sum.points,
                expires_on=one.expires_on,
                available_on=one.available_on,
            )
        )
    if one.sum.minutes > 0:
        source = accounts.contra("served", MINUTES)
        legs.append(Leg(source, accounts.hours(person_id), one.sum.minutes))
    if not legs:
        return None
    return Draft(
        kind="award",
        key=key_of(one.attendance.id, one.revision),
        legs=tuple(legs),
        effective_on=one.service_on,
        source=("attendance", one.attendance.id),
        fund_id=one.fund_id,
        evidence=one.attendance.evidence,
    )


def _row(one: Reckoned, transfer_id: UUID | None, at: datetime) -> dict[str, Any]:
    judged = {"evidence": one.attendance.evidence, TIERS: list(one.tiers_hours)}
    judged |= grades.told(one.grade_caps)
    return {
        "community_id": one.attendance.community_id,
        "id": ids.new(),
        "attendance_id": one.attendance.id,
        "revision": one.revision,
        "person_id": one.attendance.person_id,
        "service_on": one.service_on,
        "rule_id": one.rule_id,
        "minutes": one.sum.minutes,
        "points": one.sum.points,
        "inputs": one.sum.inputs | judged,
        "steps": one.sum.steps,
        "fund_id": one.fund_id,
        "transfer_id": transfer_id,
        "available_on": one.available_on,
        "expires_on": one.expires_on,
        "awarded_at": at,
    }
