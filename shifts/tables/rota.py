"""Tables of red posts, activities, award rules, shifts and sign-ups.

Invariant: a shift belongs to one red post or to one activity; a rule version is never changed.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of, owned_key, unique
from kit.types import Amount, Day, Id, Instant, Octets

RISKS = ("low", "medium", "high")
RED_POST_KINDS = ("publicity", "patrol", "environment", "culture", "other")
#: what a duty earns besides thanks: points and hours, or hours alone, whatever a rule says
POINTS, HOURS = "points", "hours"
EARNS = (POINTS, HOURS)
ACTIVITY_KINDS = ("service", "study", "deliberation")
#: study meetings and deliberation (议事会) are attended, and never paid
NEVER_PAID = ("study", "deliberation")


class RedPost(Base, Row):
    """A standing duty with a place."""

    __tablename__ = "red_posts"
    __table_args__ = args(
        owned_key("fund_id", "funds"),
        owned_key("unit_id", "units"),
        one_of("kind", RED_POST_KINDS),
        one_of("risk", RISKS),
        one_of("earns", EARNS),
        check("quota_seats_bounds", "quota_seats >= 0 AND quota_hours >= 0"),
        unique("code_ref"),
    )
    #: 80 random bits that its poster's code points with (kit.tokens alphabet); no secret
    code_ref: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    fund_id: Mapped[UUID | None] = mapped_column(Id)
    unit_id: Mapped[UUID | None] = mapped_column(Id)
    place: Mapped[str | None] = mapped_column(Text)
    #: declared once, when it is added
    earns: Mapped[str] = mapped_column(Text, default=POINTS)
    #: ``high``: nobody signs up for a shift on a day that no insurance is noted for
    risk: Mapped[str] = mapped_column(Text, default="low")
    #: the last day that the noted insurance covers
    insured_until: Mapped[date | None] = mapped_column(Day)
    #: of the note: which policy, with whom
    insurance_digest: Mapped[bytes | None] = mapped_column(Octets)
    #: so many seats of each shift are kept for people of units of this kind, such as a party branch
    quota_unit_kind: Mapped[str | None] = mapped_column(Text)
    quota_seats: Mapped[int] = mapped_column(Amount, default=0)
    #: until so many hours before the start; then the seats are everybody's
    quota_hours: Mapped[int] = mapped_column(Amount, default=0)
    added_at: Mapped[datetime] = mapped_column(Instant)


class Activity(Base, Row):
    """A one-off occasion with one or more shifts."""

    __tablename__ = "activities"
    __table_args__ = args(
        owned_key("fund_id", "funds"),
        owned_key("unit_id", "units"),
        one_of("kind", ACTIVITY_KINDS),
        one_of("earns", EARNS),
        check("never_paid", "kind = 'service' OR earns = 'hours'"),
    )
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="service")
    #: declared once, when it is added
    earns: Mapped[str] = mapped_column(Text, default=POINTS)
    fund_id: Mapped[UUID | None] = mapped_column(Id)
    unit_id: Mapped[UUID | None] = mapped_column(Id)
    added_at: Mapped[datetime] = mapped_column(Instant)


class AwardRule(Base, Row):
    """One version of a rule: minutes → points, in force from a date."""

    __tablename__ = "award_rules"
    __table_args__ = args(
        owned_key("red_post_id", "red_posts"),
        owned_key("made_by", "people"),
        unique("name", "version"),
        check("rates", "points_per_hour >= 0 AND night_points_per_hour >= 0"),
        check("rounding", "round_down_minutes >= 1 AND min_minutes >= 0"),
        check("cap", "daily_cap_points >= 0 AND red_post_cap_points >= 0 AND fund_cap_points >= 0"),
        check("coefficients", "captain_coefficient >= 1 AND deputy_coefficient >= 1"),
        check(
            "night_whole",
            "(night_from IS NULL) = (night_to IS NULL) AND "
            "(night_from IS NULL) = (night_points_per_hour IS NULL)",
        ),
        index("red_post_id", "effective_from"),
        append_only=True,
    )
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Amount)
    #: none: for every red post and activity without a rule of its own
    red_post_id: Mapped[UUID | None] = mapped_column(Id)
    points_per_hour: Mapped[int] = mapped_column(Amount)
    round_down_minutes: Mapped[int] = mapped_column(Amount)
    min_minutes: Mapped[int] = mapped_column(Amount)
    daily_cap_points: Mapped[int | None] = mapped_column(Amount)
    #: ``HH:MM`` in the community's zone; the window may pass midnight
    night_from: Mapped[str | None] = mapped_column(Text)
    night_to: Mapped[str | None] = mapped_column(Text)
    night_points_per_hour: Mapped[int | None] = mapped_column(Amount)
    effective_from: Mapped[date] = mapped_column(Day)
    #: of a person's day, at one red post or activity and from one fund
    red_post_cap_points: Mapped[int | None] = mapped_column(Amount)
    fund_cap_points: Mapped[int | None] = mapped_column(Amount)
    #: in hundredths, for the shift's captain and its deputies; none: as everybody
    captain_coefficient: Mapped[int | None] = mapped_column(Amount)
    deputy_coefficient: Mapped[int | None] = mapped_column(Amount)
    #: a second manager has to sign before it is in force; none: nobody has to
    signature_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    made_by: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)


class RuleSignature(Base, Owned):
    """A second manager signed a rule version: from then on it is in force."""

    __tablename__ = "award_rule_signatures"
    __table_args__ = args(
        owned_key("rule_id", "award_rules"), owned_key("signed_by", "people"), append_only=True
    )
    rule_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    signed_by: Mapped[UUID] = mapped_column(Id)
    signed_at: Mapped[datetime] = mapped_column(Instant)


class Shift(Base, Row):
    """The interval one serves."""

    __tablename__ = "shifts"
    __table_args__ = args(
        owned_key("red_post_id", "red_posts"),
        owned_key("activity_id", "activities"),
        owned_key("captain_id", "people"),
        owned_key("made_by", "people"),
        owned_key("template_id", "shift_templates"),
        # One shift for each date of a template, whoever makes it and however often.
        unique("template_id", "slot_on"),
        one_of("status", ("draft", "published", "closed", "cancelled")),
        check("one_occasion", "(red_post_id IS NULL) <> (activity_id IS NULL)"),
        check("slot_of_template", "slot_on IS NULL OR template_id IS NOT NULL"),
        check("seats_min_bounds", "seats_min >= 0 AND (seats IS NULL OR seats_min <= seats)"),
        check("revision_counts", "revision >= 0"),
        check("starts_before_end", "starts_at < ends_at"),
        check("seats_bounds", "seats_taken >= 0 AND (seats IS NULL OR seats_taken <= seats)"),
        unique("code_ref"),
        index("starts_at"),
        index("captain_id", "starts_at"),
        index("red_post_id", "starts_at"),
    )
    red_post_id: Mapped[UUID | None] = mapped_column(Id)
    activity_id: Mapped[UUID | None] = mapped_column(Id)
    #: 40 random bits that its rotating code points with (kit.tokens alphabet); no secret
    code_ref: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    #: fewer confirmed than this: the captain is shown that hands are missing
    seats_min: Mapped[int] = mapped_column(Amount, default=0)
    #: none: as many as come
    seats: Mapped[int | None] = mapped_column(Amount)
    #: confirmed sign-ups; guarded by a conditional UPDATE, so no seat is given twice
    seats_taken: Mapped[int] = mapped_column(Amount, default=0)
    captain_id: Mapped[UUID] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Text)
    template_id: Mapped[UUID | None] = mapped_column(Id)
    #: the template's date that this shift takes; none once the template gave the date up
    slot_on: Mapped[date | None] = mapped_column(Day)
    #: one more with each change of when, where or whether it is: a calendar's SEQUENCE
    revision: Mapped[int] = mapped_column(Amount, default=0)
    #: somebody changed this one shift: its template leaves it alone
    altered_at: Mapped[datetime | None] = mapped_column(Instant)
    #: of the cancellation
    reason_digest: Mapped[bytes | None] = mapped_column(Octets)
    made_by: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)


class Deputy(Base, Owned):
    """A person who may do for one shift what its captain may."""

    __tablename__ = "shift_deputies"
    __table_args__ = args(
        owned_key("shift_id", "shifts"),
        owned_key("person_id", "people"),
        # A list that is written anew when the shift is changed.
        erasable=True,
    )
    shift_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, primary_key=True)


class SignUp(Base, Row):
    """A person's place in a shift."""

    __tablename__ = "sign_ups"
    __table_args__ = args(
        owned_key("shift_id", "shifts"),
        owned_key("person_id", "people"),
        unique("shift_id", "person_id"),
        one_of("status", ("confirmed", "waitlisted", "withdrawn")),
        index("person_id"),
        owned_key("stand_in_id", "people"),
        check("stand_in_is_another", "stand_in_id <> person_id"),
    )
    shift_id: Mapped[UUID] = mapped_column(Id)
    person_id: Mapped[UUID] = mapped_column(Id)
    status: Mapped[str] = mapped_column(Text)
    signed_up_at: Mapped[datetime] = mapped_column(Instant)
    #: who was asked to take this place, and has not answered yet
    stand_in_id: Mapped[UUID | None] = mapped_column(Id)
    #: came without a sign-up and took a free seat
    walked_in_at: Mapped[datetime | None] = mapped_column(Instant)


#: what a duty earns is no matter of the day
for _occasion in (RedPost, Activity):
    triggers.guard(
        f"{_occasion.__tablename__}_earns_declared",
        _occasion.__tablename__,
        "UPDATE",
        "append_only",
        "NEW.earns IS DISTINCT FROM OLD.earns",
    )
triggers.append_only(AwardRule)
triggers.append_only(RuleSignature)
triggers.guard(
    "award_rule_signatures_second",
    "award_rule_signatures",
    "INSERT",
    "own_approval",
    "EXISTS (SELECT 1 FROM award_rules r WHERE r.community_id = NEW.community_id"
    " AND r.id = NEW.rule_id AND r.made_by = NEW.signed_by)",
)
triggers.no_delete(Shift)
#: whether a shift was made before it began stays what it was
triggers.guard(
    "shifts_made_once",
    "shifts",
    "UPDATE",
    "append_only",
    "NEW.made_at IS DISTINCT FROM OLD.made_at OR NEW.made_by IS DISTINCT FROM OLD.made_by",
)
triggers.arrows(
    Shift,
    "status",
    (
        ("draft", "published"),
        ("published", "closed"),
        ("draft", "cancelled"),
        ("published", "cancelled"),
    ),
)
triggers.arrows(
    SignUp,
    "status",
    (
        ("confirmed", "withdrawn"),
        ("waitlisted", "withdrawn"),
        ("waitlisted", "confirmed"),
        # Who withdrew and comes back takes the same row again.
        ("withdrawn", "confirmed"),
        ("withdrawn", "waitlisted"),
    ),
)
