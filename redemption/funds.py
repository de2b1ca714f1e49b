"""Open funds: the grants, donors and budgets that pay for points and goods.

Invariant: a fund's accounts are opened here and nowhere else, because here it is known whether its
points have a budget; what it may spend stands in the ledger from the same unit on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid, NotFound
from ledger import accounts, transfers
from ledger.drafts import Draft, Leg
from ledger.kinds import FEN, POINTS
from people import communities, names, roles
from redemption import bounds
from redemption.models import Fund
from redemption.money import allowed


def open_fund(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    points_budget: int | None = None,
    fen: int = 0,
    uses: Collection[str] = (),
    ends_on: date | None = None,
    fund_id: UUID | None = None,
    check_right: bool = True,
) -> Fund:
    """Open a fund: ``points_budget`` none issues points without a limit, ``fen`` is its money.

    ``uses`` are the categories of goods that it may buy (none named: all), until ``ends_on``.
    The community must be open already. ``lovebank init`` opens the general fund under the id that
    the community names, without a right to check, because nobody holds one yet.
    Raises NotAllowed (who is not treasurer), Invalid (bounds, a name that is taken).
    """
    if check_right:
        roles.require(session, actor, "treasurer")
    name = names.clean("name", name)
    if points_budget is not None:
        bounds.amount("points_budget", points_budget, 0)
    bounds.amount("fen", fen, 0)
    wanted = allowed.clean(uses)
    _refuse_taken(session, actor.community_id, name)
    fund = Fund(
        community_id=actor.community_id,
        id=fund_id or ids.new(),
        name=name,
        points_budget=points_budget,
        ends_on=ends_on,
        opened_at=at,
    )
    session.add(fund)
    session.flush()
    allowed.keep(session, fund, wanted)
    _fill(session, actor, fund, fen, at)
    trail.record(
        session,
        actor=actor,
        action=Action.FUND_OPENED,
        subject=("fund", fund.id),
        at=at,
        after={"points_budget": points_budget, "fen": fen, "uses": wanted, "ends_on": ends_on},
    )
    return fund


def find(session: Session, community_id: UUID, fund_id: UUID | None) -> Fund:
    """The fund with this id, or the general fund without one; NotFound for what is not here."""
    wanted = fund_id or communities.settings_of(session, community_id).general_fund_id
    fund = session.scalar(select(Fund).where(Fund.community_id == community_id, Fund.id == wanted))
    if fund is None:
        raise NotFound("fund")
    return fund


def listed(session: Session, community_id: UUID) -> list[Fund]:
    """Every fund of a community, newest first."""
    found = session.scalars(
        select(Fund).where(Fund.community_id == community_id).order_by(Fund.id.desc())
    )
    return list(found)


def _refuse_taken(session: Session, community_id: UUID, name: str) -> None:
    taken = session.scalar(
        select(Fund.id).where(Fund.community_id == community_id, Fund.name == name)
    )
    if taken is not None:
        raise Invalid(name="is the name of another fund")


def _fill(session: Session, actor: Actor, fund: Fund, fen: int, at: datetime) -> None:
    """Open the fund's accounts, and put in what it starts with."""
    points_place, fen_place = accounts.fund_points(fund.id), accounts.fund_fen(fund.id)
    accounts.open_all(
        session,
        community_id=actor.community_id,
        places=[points_place, fen_place],
        at=at,
        budgeted=fund.points_budget is not None,
    )
    legs = []
    if fund.points_budget:
        legs.append(Leg(accounts.contra("granted", POINTS), points_place, fund.points_budget))
    if fen:
        legs.append(Leg(accounts.contra("granted", FEN), fen_place, fen))
    if not legs:
        return
    zone = communities.settings_of(session, actor.community_id).zone
    draft = Draft(
        kind="opening",
        key=f"fund:{fund.id}:opening",
        legs=tuple(legs),
        effective_on=local_date(at, zone),
        source=("fund", fund.id),
        fund_id=fund.id,
    )
    transfers.record(session, actor=actor, draft=draft, at=at)
