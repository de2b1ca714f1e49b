"""How far a rule version reaches: what is signed, and never back over an award that was made.

Invariant: an award that was made stays governed by the version that it was made under.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from kit.errors import Conflict
from shifts.rota import occasions
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import AwardRule, RuleSignature, Shift


def is_signed(community_id: UUID) -> ColumnElement[bool]:
    """Whether a version may be in force: nobody had to sign it, or a second manager did."""
    return or_(
        AwardRule.signature_asked_at.is_(None),
        exists().where(
            RuleSignature.community_id == community_id, RuleSignature.rule_id == AwardRule.id
        ),
    )


def refuse(session: Session, row: AwardRule) -> None:
    """Conflict where an award was made that this version would have governed."""
    query = (
        select(Award.service_on, Shift.red_post_id, Shift.activity_id)
        .join(
            Attendance,
            (Attendance.community_id == Award.community_id)
            & (Attendance.id == Award.attendance_id),
        )
        .join(Shift, (Shift.community_id == Attendance.community_id)
              & (Shift.id == Attendance.shift_id))
        .where(
            Award.community_id == row.community_id,
            Attendance.community_id == row.community_id,
            Shift.community_id == row.community_id,
            Award.service_on >= row.effective_from,
        )
        .distinct()
    )  # fmt: skip
    if row.red_post_id is not None:
        query = query.where(Shift.red_post_id == row.red_post_id)
    unpaid = occasions.unpaid(session, row.community_id)
    for award in session.execute(query).all():
        if (award.red_post_id or award.activity_id) in unpaid:
            continue
        if _would_govern(session, row, award.red_post_id, award.service_on):
            raise Conflict("already_applied", service_on=award.service_on)


def _would_govern(
    session: Session, row: AwardRule, red_post_id: UUID | None, service_on: date
) -> bool:
    """Whether no other version stands before this one for that occasion and day."""
    other = session.scalar(
        select(AwardRule.id)
        .where(
            AwardRule.community_id == row.community_id,
            AwardRule.effective_from <= service_on,
            is_signed(row.community_id),
            _stands_before(row, red_post_id),
        )
        .limit(1)
    )
    return other is None


def _stands_before(row: AwardRule, red_post_id: UUID | None) -> ColumnElement[bool]:
    later = AwardRule.effective_from > row.effective_from
    if row.red_post_id is not None:
        return (AwardRule.red_post_id == row.red_post_id) & later
    general = AwardRule.red_post_id.is_(None) & later
    if red_post_id is None:
        return general
    return general | (AwardRule.red_post_id == red_post_id)
