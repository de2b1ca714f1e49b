"""The proof of each award: it is what its inputs make, was decided, and moved just that.

Invariant: an award stands if and only if its attendance is credited with its revision; those that
were amended away are reversed, and so is that of a voided attendance (design D13).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger.kinds import MINUTES, POINTS
from shifts import awards, rules, sums
from shifts.award_rows import Page, Told
from shifts.models import AwardRule
from shifts.sums import Terms

Rules = Mapping[str, Terms]
CREDITED = ("credited", "voided")


def rules_of(session: Session, community_id: UUID) -> Rules:
    """Every rule version of a community, by id."""
    rows = session.scalars(select(AwardRule).where(AwardRule.community_id == community_id))
    return {str(row.id): rules.terms(row) for row in rows}


def problems(page: Page, known: Rules) -> Iterator[Problem]:
    """What is wrong with the awards of a page."""
    for award in page.awards:
        inputs = json.loads(award.inputs)
        yield from _of_credit(award, inputs)
        yield from _of_sum(award, inputs, known)
        yield from _of_transfer(award, page)


def _of_credit(award: Told, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The award against its attendance."""
    subject, facts = f"attendance:{award.attendance_id}", {"revision": award.revision}
    if not award.approved:
        yield Problem("credited_without_approval", subject, facts)
    last = award.last_revision
    if award.status not in CREDITED or last is None or award.revision > last:
        yield Problem("award_without_credit", subject, facts)
    elif award.revision == last:
        yield from _of_last(award, inputs)
    elif award.transfer_id is not None and award.reversal_id is None:
        yield Problem("amended_and_not_reversed", subject, facts)


def _of_last(award: Told, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    subject = f"attendance:{award.attendance_id}"
    if (award.reversal_id is not None) != (award.status == "voided"):
        # An award that moved nothing has nothing to be reversed.
        yield Problem("voided_and_reversed_differ", subject, {"status": award.status})
    if award.available_on != award.notice_until:
        yield Problem("notice_differs", subject, {"award": str(award.available_on)})
    made_from = [datetime.fromisoformat(inputs[name]) for name in sums.TIMES[:2]]
    told = [at and datetime.fromisoformat(at) for at in (award.came_at, award.left_at)]
    if made_from != told:
        yield Problem("times_differ", subject, {"revision": award.revision})


def _of_sum(award: Told, inputs: Mapping[str, Any], known: Rules) -> Iterator[Problem]:
    """The sum, worked out again from what it was made from."""
    subject, steps = f"award:{award.id}", json.loads(award.steps)
    found = sums.worked(
        known[award.rule_id] if award.rule_id is not None else None,
        *(datetime.fromisoformat(inputs[name]) for name in sums.TIMES),
        zone=inputs["zone"],
        cap_left=next((step["left"] for step in steps if step["step"] == "capped"), None),
    )
    if (found.minutes, found.points) != (award.minutes, award.points):
        facts = {"minutes": found.minutes, "points": found.points}
        yield Problem("sum_differs", subject, facts)
    if found.steps != steps:
        yield Problem("steps_differ", subject)


def _of_transfer(award: Told, page: Page) -> Iterator[Problem]:
    """The transfer credited the person with just that, under the key of this revision."""
    if award.transfer_id is None and not award.minutes and not award.points:
        return
    wanted = {POINTS: award.points, MINUTES: award.minutes}
    moved = page.moved.get(award.id, {})
    theirs = {
        (award.person_id, commodity): amount for commodity, amount in wanted.items() if amount
    }
    if moved != theirs or award.kind != "award":
        told = {commodity: amount for (_owner, commodity), amount in moved.items()}
        yield Problem("award_and_transfer_differ", f"award:{award.id}", {"moved": told})
    key = awards.key_of(award.attendance_id, award.revision)
    if (award.natural_key, award.source_id) != (key, award.attendance_id):
        facts = {"natural_key": award.natural_key}
        yield Problem("award_key_wrong", f"award:{award.id}", facts)
