"""The proof of each award: it is what its inputs make, was decided, and moved just that.

Invariant: an award stands if and only if its attendance is credited with its revision; those that
were amended away are reversed, and so is that of a voided attendance (design D13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import texts
from kit.problems import Problem
from ledger.kinds import MINUTES, POINTS
from shifts.approval import awards
from shifts.approval.award_rows import Page, Told
from shifts.rota import occasions
from shifts.rules import runs, sums, versions
from shifts.rules.sums import Terms
from shifts.tables.rota import AwardRule, Shift

CREDITED = ("credited", "voided")


@dataclass(frozen=True)
class Known:
    """What every award of a community is held against."""

    #: every rule version, by id
    rules: Mapping[str, Terms]
    #: the shifts of duties that earn hours alone
    unpaid: Set[str]


def known_of(session: Session, community_id: UUID) -> Known:
    """The same, read once for all pages."""
    rows = session.scalars(select(AwardRule).where(AwardRule.community_id == community_id))
    rules = {str(row.id): versions.terms(row) for row in rows}
    unpaid = occasions.unpaid(session, community_id)
    if not unpaid:
        return Known(rules, frozenset())
    shifts = session.execute(
        select(texts.plain(Shift.id)).where(
            Shift.community_id == community_id,
            Shift.red_post_id.in_(unpaid) | Shift.activity_id.in_(unpaid),
        )
    )
    return Known(rules, {shift_id for (shift_id,) in shifts})


def problems(page: Page, known: Known) -> Iterator[Problem]:
    """What is wrong with the awards of a page."""
    for award in page.awards:
        yield from _of_credit(award)
        yield from _of_duty(award, known)
        yield from _of_sum(award, known)
        if award.transfer_id is not None or award.minutes or award.points:
            yield from _of_transfer(award, page)


def _of_credit(award: Told) -> Iterator[Problem]:
    """The award against its attendance."""
    subject, facts = f"attendance:{award.attendance_id}", {"revision": award.revision}
    if not award.approved:
        yield Problem("credited_without_approval", subject, facts)
    last = award.last_revision
    if award.status not in CREDITED or last is None or award.revision > last:
        yield Problem("award_without_credit", subject, facts)
    elif award.revision == last:
        yield from _of_last(award, subject)
    elif award.transfer_id is not None and award.reversal_id is None:
        yield Problem("amended_and_not_reversed", subject, facts)


def _of_last(award: Told, subject: str) -> Iterator[Problem]:
    if (award.reversal_id is not None) != (award.status == "voided"):
        # An award that moved nothing has nothing to be reversed.
        yield Problem("voided_and_reversed_differ", subject, {"status": award.status})
    if award.available_on != award.notice_until:
        yield Problem("notice_differs", subject, {"award": str(award.available_on)})
    for name, at in zip(sums.TIMES[:2], (award.came_at, award.left_at), strict=True):
        if at is None or datetime.fromisoformat(award.inputs[name]) != datetime.fromisoformat(at):
            yield Problem("times_differ", subject, {"revision": award.revision})
            break


def _of_duty(award: Told, known: Known) -> Iterator[Problem]:
    """Hours alone for a duty that was declared so, and for no other."""
    if award.revision != award.last_revision:
        # It may have been amended away from another shift.
        return
    if _is_unpaid(award) != (award.shift_id in known.unpaid):
        yield Problem("duty_differs", f"award:{award.id}", {"points": award.points})


def _is_unpaid(award: Told) -> bool:
    """Whether it says of itself that it was made for a duty that earns hours alone."""
    return sums.UNPAID.items() <= award.inputs.items()


def _of_sum(award: Told, known: Known) -> Iterator[Problem]:
    """The sum, worked out again from what it was made from."""
    inputs, steps = award.inputs, award.steps
    minutes, _day, _night, points, wanted = sums.stepped(
        known.rules[award.rule_id] if award.rule_id is not None else None,
        *[datetime.fromisoformat(inputs[name]) for name in sums.TIMES],
        zone=inputs["zone"],
        caps_left=sums.Left.of(steps),
        role=inputs.get("role"),
        breaks=runs.breaks_of(inputs),
        unpaid=_is_unpaid(award),
    )
    if minutes != award.minutes or points != award.points:
        yield Problem("sum_differs", f"award:{award.id}", {"minutes": minutes, "points": points})
    if wanted != steps:
        yield Problem("steps_differ", f"award:{award.id}")


def _of_transfer(award: Told, page: Page) -> Iterator[Problem]:
    """The transfer credited the person with just that, under the key of this revision."""
    theirs = {}
    if award.points:
        theirs[award.person_id, POINTS] = award.points
    if award.minutes:
        theirs[award.person_id, MINUTES] = award.minutes
    moved = page.moved.get(award.id, {})
    if moved != theirs or award.kind != "award":
        told = {commodity: amount for (_owner, commodity), amount in moved.items()}
        yield Problem("award_and_transfer_differ", f"award:{award.id}", {"moved": told})
    key = awards.key_of(award.attendance_id, award.revision)
    if award.natural_key != key or award.source_id != award.attendance_id:
        facts = {"natural_key": award.natural_key}
        yield Problem("award_key_wrong", f"award:{award.id}", facts)
