"""Communities: the tenants, and the settings that each decides for itself.

Invariant: a change is audited, is read by the next call, and never acts backwards (contract).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor, system
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid, NotFound
from kit.keys import KeyRing
from ledger import books, expiry, settling
from people import names, register, roles, wanted_settings
from people.models import Community, Person
from people.roles import Held
from people.wanted_settings import NO_SIGNATURES


@dataclass(frozen=True)
class Settings:
    """What a community has decided, with the contract's defaults."""

    name: str
    zone: str
    general_fund_id: UUID
    #: days for which points that were approved wait on public notice; 0: none
    notice_days: int = 0
    #: how long points last, from the day on which they may be spent (ledger.expiry)
    points_expiry: Any = expiry.NONE
    #: up to the first a captain approves, above it a manager, above the second two managers
    approval_tiers_hours: tuple[int, int] = (8, 12)
    #: above how many hours a day of evidence of a grade a second person signs too; none: no caps
    grade_caps_hours: Any = None
    #: an order of more points waits for a second person's approval; none: no order does
    order_approval_above: int | None = None
    #: days until an order that nobody collects lapses
    pickup_days: int = 14
    #: between two shifts that one signs up for; 0: none
    rest_hours: int = 0
    #: that one signs up for in a week, Monday to Sunday; 0: as many as one likes
    week_hours: int = 0
    second_signature: Any = None
    #: of each day's awards, drawn for a second look
    sample_percent: int = 5
    #: so long after a line was last decided on, its person may object
    objection_days: int = 15
    #: so long has the decision on an objection
    decision_days: int = 7
    #: what ``objection_days`` was until an instant, oldest first: nobody loses days they had
    objection_days_were: tuple[tuple[datetime, int], ...] = ()

    @property
    def signatures(self) -> dict[str, bool]:
        """What needs a second person's signature besides adjustments."""
        return self.second_signature or NO_SIGNATURES

    def told(self) -> dict[str, Any]:
        """The API's form."""
        facts = asdict(self)
        facts["approval_tiers_hours"] = list(self.approval_tiers_hours)
        facts["second_signature"] = self.signatures
        facts["general_fund_id"] = str(self.general_fund_id)
        del facts["objection_days_were"]
        return facts

    def objection_days_at(self, decided_at: datetime) -> int:
        """The days to object to what was decided then; a change never acts backwards."""
        were = (days for until, days in self.objection_days_were if decided_at < until)
        return next(were, self.objection_days)


_WERE = "objection_days_were"
TAKEN = "another community has this name"


def open_community(
    session: Session,
    *,
    name: str,
    admin_name: str,
    admin_phone: str,
    admin_password: str | None,
    keys: KeyRing,
    at: datetime,
    via: str,
    general_fund_id: UUID,
) -> tuple[Community, Person]:
    """Open a community with its first person, who is admin and manager.

    The caller opens the general fund under ``general_fund_id`` in the same unit. Raises Invalid,
    also where a community has this name already.
    """
    name = names.clean("name", name)
    if is_named(session, name):
        raise Invalid(name=TAKEN)
    community = Community(
        id=ids.new(), name=name, general_fund_id=general_fund_id, settings={}, opened_at=at
    )
    session.add(community)
    session.flush()
    books.open_books(session, community_id=community.id, zone=community.zone)
    actor = system(community.id, via)
    trail.record(
        session,
        actor=actor,
        action=Action.COMMUNITY_OPENED,
        subject=("community", community.id),
        at=at,
        after={"general_fund_id": general_fund_id},
    )
    first = register.add(
        session,
        actor=actor,
        keys=keys,
        at=at,
        name=admin_name,
        phone=admin_phone,
        password=admin_password,
    )
    for role in ("admin", "manager"):
        roles.grant(session, actor=actor, at=at, person_id=first.id, held=Held(role))
    return community, first


def is_named(session: Session, name: str) -> bool:
    """Whether a community of this database has this name."""
    wanted = names.clean("name", name)
    return session.scalar(select(Community.id).where(Community.name == wanted)) is not None


def settings_of(session: Session, community_id: UUID) -> Settings:
    """The community's settings now; NotFound where there is no such community."""
    return _settings(_row(session, community_id))


def everything(session: Session) -> list[Community]:
    """Every community of this database, oldest first."""
    return list(session.scalars(select(Community).order_by(Community.id)))


def change(session: Session, *, actor: Actor, at: datetime, **wanted: Any) -> Settings:
    """Change settings by name; returns them all.

    Raises NotAllowed (admin), Invalid per field: an unknown one, or a wrong value.
    """
    roles.require(session, actor, "admin")
    row = _row(session, actor.community_id, lock=True)
    before = _settings(row)
    for field, value in wanted.items():
        _set(session, row, field, value)
    if wanted.get("objection_days", before.objection_days) != before.objection_days:
        _keep_objection_days(row, before, at)
    session.flush()
    after = _settings(row)
    _tell_books(session, row.id, before, after, at)
    trail.record(
        session,
        actor=actor,
        action=Action.COMMUNITY_CHANGED,
        subject=("community", row.id),
        at=at,
        before=_numbers(before, wanted),
        after={"fields": sorted(wanted), **_numbers(after, wanted)},
    )
    return after


def _tell_books(
    session: Session, community_id: UUID, before: Settings, after: Settings, at: datetime
) -> None:
    """The books go by the same calendar; where expiry is switched on, what was earned without one
    lasts a whole period more, and where it is switched off, for ever again.

    What is due by the calendar until now is posted first: a change never acts backwards.
    """
    told: dict[str, Any] = {}
    if after.zone != before.zone:
        told["zone"] = after.zone
    if (before.points_expiry == expiry.NONE) != (after.points_expiry == expiry.NONE):
        today = local_date(at, after.zone)
        told["grace_until"] = expiry.last_day(after.points_expiry, today)
    if told:
        while settling.tick(session, community_id, at):
            pass
        books.change(session, community_id, **told)


def _set(session: Session, row: Community, field: str, value: Any) -> None:
    if field == "name":
        row.name = names.clean("name", value)
        other = select(Community.id).where(Community.name == row.name, Community.id != row.id)
        with session.no_autoflush:
            if session.scalar(other) is not None:
                raise Invalid(name="another community has this name")
    elif field == "zone":
        row.zone = wanted_settings.zone(value)
    elif field in wanted_settings.KEPT:
        row.settings = {**row.settings, field: wanted_settings.KEPT[field](value)}
    elif field in wanted_settings.WHOLE:
        row.settings = {**row.settings, field: wanted_settings.whole(field, value)}
    else:
        raise Invalid(**{field: "is no setting"})


def _keep_objection_days(row: Community, before: Settings, at: datetime) -> None:
    """What was decided until now keeps the days that it had."""
    were = [[until.isoformat(), days] for until, days in before.objection_days_were]
    row.settings = {**row.settings, _WERE: [*were, [at.isoformat(), before.objection_days]]}


def _settings(row: Community) -> Settings:
    stored = dict(row.settings or {})
    if "approval_tiers_hours" in stored:
        first, second = stored["approval_tiers_hours"]
        stored["approval_tiers_hours"] = (first, second)
    stored[_WERE] = tuple(
        (datetime.fromisoformat(until), days) for until, days in stored.get(_WERE, ())
    )
    assert stored.keys() <= {field.name for field in fields(Settings)}, "settings we never wrote"
    return Settings(name=row.name, zone=row.zone, general_fund_id=row.general_fund_id, **stored)


def _numbers(settings: Settings, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the trail may keep: numbers and codes, no names (D12)."""
    facts = settings.told()
    return {field: facts[field] for field in sorted(wanted) if field != "name"}


def _row(session: Session, community_id: UUID, *, lock: bool = False) -> Community:
    query = select(Community).where(Community.id == community_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("community")
    return row
