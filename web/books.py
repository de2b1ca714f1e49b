"""The books for treasurer and auditor: the trial balance, the journal, one transfer, the check.

Invariant: people's accounts are shown as one sum a kind; no name of a person is on these pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger import reversals, statements
from ledger.views import TransferView, TrialRow
from redemption.models import Fund, Goods
from reports import check as reports_check
from reports import provenance, sight
from shifts.approval import voiding
from web import forms, text
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("treasurer", "auditor")
PAGE = 50
COMMODITIES = ("points", "minutes", "fen")
#: what a transfer may come of → where that is explained; only these are reversed in the books
SOURCES = {"attendance": "/attendances", "adjustment": "/books/adjustments"}


@dataclass(frozen=True)
class Line:
    """One line of a trial balance as it is printed."""

    name: str
    debit: str
    credit: str


@dataclass(frozen=True)
class Table:
    """The trial balance of one commodity; ``difference`` is empty where it balances."""

    name: str
    rows: list[Line]
    debits: str
    credits: str
    difference: str


@pages.get("/books")
def trial_balance(visit: Visit) -> Response:
    """Does it balance, as of when?"""
    asked = Fields(request.args)
    effective_on = asked.maybe_day("effective_on")
    known_at = asked.maybe_instant("known_at", visit.zone)

    def find(session: Session) -> list[Table]:
        sight.require_books(session, visit.actor)
        return _tables(session, visit, effective_on, known_at)

    tables = visit.read(find)
    return visit.page(
        "books.html",
        office_tabs=TABS,
        tables=tables,
        balanced=not any(table.difference for table in tables),
        effective_on=effective_on or "",
        known_at=forms.local_value(known_at, visit.zone),
    )


@pages.get("/books/transfers")
def journal(visit: Visit) -> Response:
    """Every transfer, newest first."""
    before = Fields(request.args).maybe_id("before")

    def find(session: Session) -> list[TransferView]:
        sight.require_books(session, visit.actor)
        return statements.transfers_page(session, visit.community_id, PAGE, before)

    found = visit.read(find)
    rows = [
        {
            "id": one.id,
            "kind": one.kind,
            "recorded_at": one.recorded_at,
            "reversed_by_id": one.reversed_by_id,
            "told": "，".join(
                _amount(visit, posting.commodity, posting.amount) for posting in one.postings
            ),
        }
        for one in found
    ]
    earlier = found[-1].id if len(found) == PAGE else None
    return visit.page("transfers.html", office_tabs=TABS, transfers=rows, earlier=earlier)


@pages.get("/books/transfers/<uuid:transfer_id>")
def one_transfer(visit: Visit, transfer_id: UUID) -> Response:
    """One transfer with its postings."""

    def find(session: Session) -> tuple[TransferView, dict[UUID, str], list[tuple[UUID, int]]]:
        sight.require_books(session, visit.actor)
        found = statements.transfer(session, visit.community_id, transfer_id)
        lots = provenance.moved_by(session, visit.community_id, transfer_id)
        return found, _owners(session, visit.community_id), lots

    found, owners, lots = visit.read(find)
    rows = [
        {
            "debit": _account(visit, posting.debit, owners),
            "credit": _account(visit, posting.credit, owners),
            "commodity": _commodity(visit, posting.commodity, owners),
            "amount": _amount(visit, posting.commodity, posting.amount),
        }
        for posting in found.postings
    ]
    own = SOURCES.get(found.source_type, "")
    undone = found.kind == "reversal" or found.reversed_by_id is not None
    can_reverse = bool(own) and found.kind in reversals.REVERSIBLE and not undone
    return visit.page(
        "transfer.html",
        office_tabs=TABS,
        one=found,
        postings=rows,
        lots=lots,
        source=f"{own}/{found.source_id}" if own else "",
        can_reverse=can_reverse and visit.holds("treasurer"),
    )


@pages.post("/books/transfers/<uuid:transfer_id>/reverse", roles=("treasurer",), again=one_transfer)
def reverse(visit: Visit, transfer_id: UUID) -> Response:
    """Reverse an award, and its attendance is voided with it; or an adjustment."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    made_id = visit.write(
        lambda session: voiding.reverse_award(
            session, actor=visit.actor, at=visit.at, transfer_id=transfer_id, reason=reason
        )
    )
    return visit.go(f"/books/transfers/{made_id}", "reversed")


@pages.get("/books/check")
def check(visit: Visit) -> Response:
    """Prove the books now, and list every problem."""

    def find(session: Session) -> list[Problem]:
        sight.require_books(session, visit.actor)
        return list(reports_check.problems(session, visit.community_id))

    problems = visit.read(find)
    rows = [{"what": one.code, "where": one.subject} for one in problems]
    return visit.page("check.html", office_tabs=TABS, problems=rows)


def _tables(
    session: Session, visit: Visit, effective_on: date | None, known_at: datetime | None
) -> list[Table]:
    rows = statements.trial_balance(
        session, visit.community_id, effective_on=effective_on, known_at=known_at
    )
    owners = _owners(session, visit.community_id)
    found: dict[str, list[TrialRow]] = {}
    for row in rows:
        found.setdefault(row.commodity, []).append(row)
    order = [*COMMODITIES, *sorted(set(found) - set(COMMODITIES))]
    return [_table(visit, name, found[name], owners) for name in order if name in found]


def _table(visit: Visit, commodity: str, rows: list[TrialRow], owners: dict[UUID, str]) -> Table:
    """One commodity, with people's accounts summed by kind."""
    sums: dict[str, int] = {}
    for row in rows:
        name = _account(visit, row.code, owners)
        sums[name] = sums.get(name, 0) + row.credits - row.debits
    debits = sum(-balance for balance in sums.values() if balance < 0)
    credits = sum(balance for balance in sums.values() if balance > 0)
    lines = [
        Line(
            name,
            _amount(visit, commodity, -balance) if balance < 0 else "",
            _amount(visit, commodity, balance) if balance > 0 else "",
        )
        for name, balance in sorted(sums.items())
        if balance
    ]
    return Table(
        _commodity(visit, commodity, owners),
        lines,
        _amount(visit, commodity, debits),
        _amount(visit, commodity, credits),
        "" if debits == credits else str(credits - debits),
    )


def _account(visit: Visit, code: str, owners: dict[UUID, str]) -> str:
    """An account by its kind, with the fund or goods it belongs to; never the person."""
    kind, *rest = code.split(":")
    name = visit.say(f"account.{kind}")
    for part in rest:
        owner = owners.get(_id(part) or UUID(int=0))
        if owner is not None:
            return f"{name} · {owner}"
    return name


def _commodity(visit: Visit, commodity: str, owners: dict[UUID, str]) -> str:
    if commodity in COMMODITIES:
        return visit.say(f"commodity.{commodity}")
    goods_id = _id(commodity.partition(":")[2])
    return visit.say("commodity.goods", name=owners.get(goods_id or UUID(int=0), "—"))


def _amount(visit: Visit, commodity: str, amount: int) -> str:
    if commodity == "fen":
        return text.money(amount)
    unit = commodity if commodity in COMMODITIES else "goods"
    return visit.say(f"amount.{unit}", n=f"{amount:,}")


def _owners(session: Session, community_id: UUID) -> dict[UUID, str]:
    """The names of funds and goods, by id."""
    funds = select(Fund.id, Fund.name).where(Fund.community_id == community_id)
    goods = select(Goods.id, Goods.name).where(Goods.community_id == community_id)
    return {row.id: row.name for query in (funds, goods) for row in session.execute(query)}


def _id(part: str) -> UUID | None:
    try:
        return UUID(part)
    except ValueError:
        return None
