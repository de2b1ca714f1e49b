"""The public account of a month: what was served, thanked and exchanged, and whose money it was.

Invariant: it names a person only while they consent to their name on the board, and tells nothing
else of anyone; every number is a sum of what is in the books or the attendances.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ledger.kinds import FEN, MINUTES, POINTS
from ledger.models import Account, Posting, Transfer
from people import communities
from people.models import Consent, Person
from redemption.models import Goods
from shifts.rota import times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift

BOARD, NAME = "board", "name"
_GOODS = "goods:"
#: where points come from when people serve; a budget itself is granted and not issued
_ISSUED_TO = ("wallet", "pending", "owed")

#: (debit kind, credit kind, commodity) → amount
Flows = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class PublicAccount:
    """One month of a community; minutes and fen are whole numbers."""

    community: str
    first: date
    last: date
    shifts: int
    attendances: int
    minutes: int
    issued: int
    redeemed: int
    #: (name, pieces) of what was handed over, less what came back
    goods: list[tuple[str, int]]
    fen_before: int
    #: (kind of the other account, fen): what came in is positive, what went out negative
    money: list[tuple[str, int]]
    #: who consents to be named, by name and in no other order
    thanked: list[str]
    unnamed: int

    @property
    def fen_after(self) -> int:
        """The money at the end of the month."""
        return self.fen_before + sum(fen for _, fen in self.money)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened."""
        return not (self.attendances or self.issued or self.redeemed or self.money)


def of_month(session: Session, community_id: UUID, first: date) -> PublicAccount:
    """The account of the month that begins on ``first``, as it is known now."""
    settings = communities.settings_of(session, community_id)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    flows = _flows(session, community_id, first, last)
    served = _served(session, community_id, first, last, settings.zone)
    people = {person_id for _, person_id in served}
    thanked = _thanked(session, community_id, people)
    return PublicAccount(
        community=settings.name,
        first=first,
        last=last,
        shifts=len({shift_id for shift_id, _ in served}),
        attendances=len(served),
        minutes=_net(flows, MINUTES, "hours"),
        issued=sum(_net(flows, POINTS, kind, "fund_points") for kind in _ISSUED_TO),
        redeemed=_net(flows, POINTS, "redeemed"),
        goods=_handed_over(session, community_id, flows),
        fen_before=_fen_before(session, community_id, first),
        money=_money(flows),
        thanked=thanked,
        unnamed=len(people) - len(thanked),
    )


def _flows(session: Session, community_id: UUID, first: date, last: date) -> Flows:
    debit, credit = aliased(Account), aliased(Account)
    rows = session.execute(
        select(debit.kind, credit.kind, Posting.commodity, func.sum(Posting.amount))
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(debit, debit.id == Posting.debit_account_id)
        .join(credit, credit.id == Posting.credit_account_id)
        .where(
            Posting.community_id == community_id,
            Transfer.community_id == community_id,
            debit.community_id == community_id,
            credit.community_id == community_id,
            Transfer.effective_on.between(first, last),
        )
        .group_by(debit.kind, credit.kind, Posting.commodity)
    )
    return {(out, into, commodity): int(amount) for out, into, commodity, amount in rows}


def _net(flows: Flows, commodity: str, into: str, out: str | None = None) -> int:
    """What came into accounts of a kind, less what left them; from those of another kind alone."""
    found = 0
    for (debit, credit, what), amount in flows.items():
        if what == commodity and credit == into and out in (None, debit):
            found += amount
        if what == commodity and debit == into and out in (None, credit):
            found -= amount
    return found


def _money(flows: Flows) -> list[tuple[str, int]]:
    """What the funds received and spent, by the kind of the other account."""
    found: dict[str, int] = defaultdict(int)
    for (debit, credit, what), amount in flows.items():
        if what == FEN and "fund_fen" in (debit, credit) and debit != credit:
            came_in = credit == "fund_fen"
            found[debit if came_in else credit] += amount if came_in else -amount
    return sorted(((kind, fen) for kind, fen in found.items() if fen), key=lambda one: -one[1])


def _fen_before(session: Session, community_id: UUID, first: date) -> int:
    mine = select(Account.id).where(
        Account.community_id == community_id, Account.kind == "fund_fen"
    )
    found = 0
    for sign, side in ((1, Posting.credit_account_id), (-1, Posting.debit_account_id)):
        total = session.scalar(
            select(func.sum(Posting.amount))
            .join(Transfer, Transfer.id == Posting.transfer_id)
            .where(
                Posting.community_id == community_id,
                Transfer.community_id == community_id,
                Transfer.effective_on < first,
                side.in_(mine),
            )
        )
        found += sign * int(total or 0)
    return found


def _handed_over(session: Session, community_id: UUID, flows: Flows) -> list[tuple[str, int]]:
    pieces: dict[str, int] = {}
    for _debit, _credit, commodity in flows:
        if commodity.startswith(_GOODS):
            pieces[commodity] = _net(flows, commodity, "handed_over")
    wanted = [UUID(one.removeprefix(_GOODS)) for one, count in pieces.items() if count]
    rows = session.execute(
        select(Goods.id, Goods.name).where(Goods.community_id == community_id, Goods.id.in_(wanted))
    )
    found = [(row.name, pieces[f"{_GOODS}{row.id}"]) for row in rows]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _served(
    session: Session, community_id: UUID, first: date, last: date, zone: str
) -> list[tuple[UUID, UUID]]:
    """(shift, person) of each attendance of the month's service dates that stands credited."""
    since, _ = times.day_bounds(first, zone)
    _, until = times.day_bounds(last, zone)
    rows = session.execute(
        select(Attendance.shift_id, Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.status == "credited",
            Shift.starts_at >= since,
            Shift.starts_at < until,
        )
    )
    return [(row.shift_id, row.person_id) for row in rows]


def _thanked(session: Session, community_id: UUID, people: set[UUID]) -> list[str]:
    """The names of those who consent to it now."""
    consenting = select(Consent.person_id).where(
        Consent.community_id == community_id,
        Consent.purpose == BOARD,
        Consent.field == NAME,
        Consent.withdrawn_at.is_(None),
    )
    rows = session.execute(
        select(Person.id, Person.name).where(
            Person.community_id == community_id,
            Person.id.in_(consenting),
            Person.deactivated_at.is_(None),
        )
    )
    return sorted(row.name for row in rows if row.id in people)
