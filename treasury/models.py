"""Tables of what treasurers decide: adjustments with their one decision, and closed periods.

Invariant: nobody adjusts or decides for themself or their household, and whoever decides is of
another household than whoever asked; triggers refuse it below the program (design D8).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, check, index, one_of, owned_key, unique
from kit.types import AMOUNT_MAX, Amount, Day, Id, Instant, Octets

KINDS = ("adjustment", "opening")
#: what a decision makes of an adjustment; without one it is waiting
STATUSES = {"reject": "rejected", "withdraw": "withdrawn", "approve": "approved"}


class Adjustment(Base, Row):
    """Points that a treasurer asks to give to a person or to take; in force once approved."""

    __tablename__ = "treasury_adjustments"
    __table_args__ = args(
        owned_key("person_id", "people"),
        owned_key("made_by", "people"),
        one_of("kind", KINDS),
        check("points_bounds", f"points <> 0 AND abs(points) <= {AMOUNT_MAX}"),
        check("opening_positive", "kind <> 'opening' OR points > 0"),
        index("person_id", "id"),
        append_only=True,
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    #: ``opening``: the balance of a passbook on paper
    kind: Mapped[str] = mapped_column(Text)
    #: signed: below zero, points are taken
    points: Mapped[int] = mapped_column(Amount)
    #: the day that the maker chose; none: the day of the approval
    effective_on: Mapped[date | None] = mapped_column(Day)
    reason_code: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[bytes] = mapped_column(Octets)
    made_by: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)


class Decision(Base, Row):
    """The one decision on an adjustment: a second treasurer's, or its maker's who withdraws it."""

    __tablename__ = "treasury_decisions"
    __table_args__ = args(
        owned_key("adjustment_id", "treasury_adjustments"),
        owned_key("decided_by", "people"),
        owned_key("transfer_id", "ledger_transfers"),
        one_of("decision", tuple(STATUSES)),
        check("approved_moves", "(decision = 'approve') = (transfer_id IS NOT NULL)"),
        unique("adjustment_id"),
        append_only=True,
    )
    adjustment_id: Mapped[UUID] = mapped_column(Id)
    decision: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[UUID] = mapped_column(Id)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    reason_code: Mapped[str | None] = mapped_column(Text)
    text_digest: Mapped[bytes | None] = mapped_column(Octets)
    #: what moved the points
    transfer_id: Mapped[UUID | None] = mapped_column(Id)


class Period(Base, Row):
    """A closed period: from the day after the one before it to the last day of a month."""

    __tablename__ = "treasury_periods"
    __table_args__ = args(
        owned_key("closed_by", "people"),
        check("transfers_count", "transfers >= 0"),
        check("digest_whole", "length(turnover_digest) = 32"),
        unique("ends_on"),
        append_only=True,
    )
    ends_on: Mapped[date] = mapped_column(Day)
    closed_by: Mapped[UUID] = mapped_column(Id)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    #: how many transfers are effective in it
    transfers: Mapped[int] = mapped_column(Amount)
    #: SHA-256 over the turnover of every account in it (treasury.turnovers)
    turnover_digest: Mapped[bytes] = mapped_column(Octets)


for _fact in (Adjustment, Decision, Period):
    triggers.append_only(_fact)

_NO_TREASURER = (
    "NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.community_id = NEW.community_id"
    " AND g.person_id = NEW.{who} AND g.withdrawn_at IS NULL AND g.role = 'treasurer')"
)
for _table, _who in (
    ("treasury_adjustments", "made_by"),
    ("treasury_decisions", "decided_by"),
    ("treasury_periods", "closed_by"),
):
    triggers.guard(
        f"{_table}_by_right", _table, "INSERT", "not_allowed", _NO_TREASURER.format(who=_who)
    )
triggers.guard(
    "treasury_adjustments_not_own",
    "treasury_adjustments",
    "INSERT",
    "own_approval",
    "EXISTS (SELECT 1 FROM people maker JOIN people taker"
    " ON taker.community_id = maker.community_id"
    " WHERE maker.community_id = NEW.community_id AND maker.id = NEW.made_by"
    " AND taker.id = NEW.person_id"
    " AND (maker.id = taker.id OR maker.household_id = taker.household_id))",
)
triggers.guard(
    "treasury_decisions_not_own",
    "treasury_decisions",
    "INSERT",
    "own_approval",
    "NEW.decision <> 'withdraw' AND EXISTS (SELECT 1 FROM treasury_adjustments a"
    " JOIN people other ON other.community_id = a.community_id"
    " AND (other.id = a.person_id OR other.id = a.made_by)"
    " JOIN people decider ON decider.community_id = a.community_id"
    " AND decider.id = NEW.decided_by"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.adjustment_id"
    " AND (other.id = decider.id OR other.household_id = decider.household_id))",
)
triggers.guard(
    "treasury_decisions_withdrawn_by_maker",
    "treasury_decisions",
    "INSERT",
    "not_allowed",
    "NEW.decision = 'withdraw' AND NOT EXISTS (SELECT 1 FROM treasury_adjustments a"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.adjustment_id"
    " AND a.made_by = NEW.decided_by)",
)
triggers.guard(
    "treasury_decisions_own_transfer",
    "treasury_decisions",
    "INSERT",
    "not_allowed",
    "NEW.decision = 'approve' AND NOT EXISTS (SELECT 1 FROM ledger_transfers t"
    " WHERE t.community_id = NEW.community_id AND t.id = NEW.transfer_id"
    " AND t.source_type = 'adjustment' AND t.source_id = NEW.adjustment_id"
    " AND t.reverses_id IS NULL)",
)
triggers.guard(
    "treasury_periods_in_order",
    "treasury_periods",
    "INSERT",
    "period_closed",
    "EXISTS (SELECT 1 FROM treasury_periods p WHERE p.community_id = NEW.community_id"
    " AND p.ends_on >= NEW.ends_on)",
)
