"""What must hold after every step, and at the end of a run; each under a name that is counted.

Invariant: a check compares rows that were read with rows, or with the model; it mends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ledger import accounts, checks, statements
from ledger.accounts import Place
from ledger.kinds import MINUTES, POINTS
from ledger.views import StatementLine, Wallet
from tests.machine.model import GUARDED, Model
from tests.machine.sight import Seen, Sight
from tests.machine.steps import PEOPLE

IN_LOTS = ("wallet", "pending", "shelf")


@dataclass
class Look:
    """One look at one community after a step."""

    sight: Sight
    new: list[Seen]
    balances: dict[str, tuple[int, int]]
    lots: Sequence[Any]
    #: what one person is told now
    person: str
    wallet: Wallet

    def kind(self, *kinds: str) -> dict[str, int]:
        """Balances of the places of some kinds."""
        return {
            place: balance
            for place, (balance, _floor) in self.balances.items()
            if place.partition(":")[0] in kinds
        }


def take_look(session: Session, sight: Sight, person: str, at: datetime) -> Look:
    """Read what stands there now, in one snapshot."""
    new = sight.new(session)
    hands = sight.hands
    told = statements.wallet(session, hands.community_id, hands.names[person], at)
    return Look(sight, new, sight.balances(session), sight.lots(session), person, told)


def equal(found: Any, wanted: Any, what: str) -> None:
    """Found is as wanted, or both are told."""
    assert found == wanted, f"{what}: found {found}, wanted {wanted}"


# ---- of the rows alone


def balance_is_sum_of_postings(look: Look, _model: Model) -> None:
    for place, (balance, _floor) in look.balances.items():
        equal(balance, look.sight.sums[place], f"the balance of {place}")


def balance_is_sum_of_lots(look: Look, _model: Model) -> None:
    left: Counter[str] = Counter()
    for lot in look.lots:
        left[look.sight.places[lot.account_id]] += lot.remaining
    for place, balance in look.kind(*IN_LOTS).items():
        equal(left.pop(place, 0), balance, f"what remains in the lots of {place}")
    equal(+left, Counter(), "lots elsewhere")


def nothing_below_its_floor(look: Look, _model: Model) -> None:
    for place, (balance, floor) in look.balances.items():
        assert balance >= floor, f"{place} stands at {balance}, below {floor}"


def nobody_owes_less_than_nothing(look: Look, _model: Model) -> None:
    for place, balance in look.kind("owed").items():
        assert balance <= 0, f"{place} is {balance}"


def lots_hold_what_was_not_taken(look: Look, _model: Model) -> None:
    for lot in look.lots:
        equal(lot.original - look.sight.uses[lot.id], lot.remaining, f"lot {lot.id}")
        assert 0 <= lot.remaining <= lot.original, f"lot {lot.id} has {lot.remaining}"


def commodities_come_to_nothing(look: Look, _model: Model) -> None:
    equal(sum(look.sight.sums.values()), 0, "all places together")


def keys_are_there_once(look: Look, _model: Model) -> None:
    keys = list(look.sight.keys.values())
    equal(len(keys), len(set(keys)), "keys")


# ---- of the rows and the model


def held_is_what_open_orders_hold(look: Look, model: Model) -> None:
    wanted: Counter[str] = Counter()
    for key in model.open_holds():
        for leg in model.journal[key].legs:
            wanted[leg.target] += leg.amount
    found = {place: held for place, held in look.kind("held", "set_aside").items() if held}
    equal(found, dict(wanted), "what open orders hold")


def budget_is_what_was_not_given(look: Look, model: Model) -> None:
    for fund in model.budgets:
        place = f"fund:{fund}"
        equal(look.balances[place][0], model.balances[place], f"what is left of {fund}")


def journal_is_as_on_paper(look: Look, model: Model, before: set[str]) -> None:
    found = {one.key: (one.kind, one.on, one.original_on, one.moves) for one in look.new}
    wanted = {
        key: (
            one.kind, one.on, one.original_on,
            tuple((leg.source, leg.target, leg.amount) for leg in one.legs),
        )
        for key, one in model.journal.items()
        if key not in before
    }  # fmt: skip
    equal(found, wanted, "the new entries")


def balances_are_as_on_paper(look: Look, model: Model) -> None:
    wanted = {
        place: balance
        for place, balance in model.balances.items()
        if balance and place.partition(":")[0] in (*GUARDED, "owed")
    }
    found = {place: balance for place, balance in look.kind(*GUARDED, "owed").items() if balance}
    equal(found, wanted, "balances")


def lots_are_as_on_paper(look: Look, model: Model) -> None:
    found: dict[str, list[Any]] = {}
    for lot in look.lots:
        told = look.sight.lot_told(lot)
        found.setdefault(told[0], []).append(told[1:])
    wanted: dict[str, list[Any]] = {}
    for _number, one in sorted(model.lots.items()):
        told = (one.original, one.left, one.expires, one.available, one.fund, one.maker)
        wanted.setdefault(one.place, []).append(told)
    for place in found | wanted:
        equal(found.get(place), wanted.get(place), f"the lots of {place}")


def nothing_new_in_a_closed_month(look: Look, model: Model) -> None:
    for one in look.new:
        closed = model.closed_through
        assert closed is None or one.on > closed, f"{one.key} is effective on {one.on}"


def wallet_reads_as_on_paper(look: Look, model: Model) -> None:
    """What a person is told now, although nobody may have ticked since days."""
    told, person = look.wallet, look.person
    now = model.settled(person).balances
    expiry = (told.next_expiry.points, told.next_expiry.on) if told.next_expiry else None
    equal(
        (told.available, told.pending, told.held, told.owed, told.minutes, expiry),
        (
            now[f"wallet:{person}"], now[f"pending:{person}"], now[f"held:{person}"],
            -now[f"owed:{person}"], now[f"hours:{person}"], model.next_expiry(person),
        ),
        f"the wallet of {person}",
    )  # fmt: skip


EVERY_STEP: tuple[Callable[[Look, Model], None], ...] = (
    balance_is_sum_of_postings,
    balance_is_sum_of_lots,
    nothing_below_its_floor,
    nobody_owes_less_than_nothing,
    lots_hold_what_was_not_taken,
    commodities_come_to_nothing,
    keys_are_there_once,
    held_is_what_open_orders_hold,
    budget_is_what_was_not_given,
    balances_are_as_on_paper,
    lots_are_as_on_paper,
    nothing_new_in_a_closed_month,
    wallet_reads_as_on_paper,
)


def statement_sums_to_wallet(session: Session, sight: Sight, model: Model) -> None:
    for person in PEOPLE:
        community_id = sight.hands.community_id
        lines: list[StatementLine] = []
        while page := statements.statement(
            session,
            community_id,
            sight.hands.names[person],
            4,
            lines[-1].transfer_id if lines else None,
        ):
            lines += page
        balance = model.balances[f"wallet:{person}"]
        for line in lines:
            equal(line.balance, balance, f"a line of {person}'s statement")
            entry = model.journal[sight.keys[line.transfer_id]]
            ours = f"wallet:{person}"
            moved = sum(leg.amount for leg in entry.legs if leg.target == ours)
            moved -= sum(leg.amount for leg in entry.legs if leg.source == ours)
            equal(line.points, moved, f"what {entry.key} moved for {person}")
            balance -= moved
        equal(balance, 0, f"the beginning of {person}'s statement")


def past_is_as_on_paper(
    session: Session, sight: Sight, model: Model, on: date | None, known: datetime | None
) -> None:
    """Balances as effective on a day and as known at an instant."""
    sums: Counter[str] = Counter()
    for entry in model.journal.values():
        if (on is None or entry.on <= on) and (known is None or entry.at <= known):
            for leg in entry.legs:
                sums[leg.source] -= leg.amount
                sums[leg.target] += leg.amount
    for name, place in _places(sight.hands.names).items():
        found = statements.balance_of(
            session, sight.hands.community_id, place, effective_on=on, known_at=known
        )
        equal(found, sums[name], f"{name} on {on} as known at {known}")


def _places(names: Mapping[str, UUID]) -> dict[str, Place]:
    return {
        "wallet:p0": accounts.wallet(names["p0"]),
        "wallet:p1": accounts.wallet(names["p1"]),
        "hours:p0": accounts.hours(names["p0"]),
        "lapsed": accounts.contra("lapsed", POINTS),
        "redeemed": accounts.contra("redeemed", POINTS),
        "served": accounts.contra("served", MINUTES),
        "fund:f1": accounts.fund_points(names["f1"]),
    }


def trial_balance_comes_to_nothing(session: Session, sight: Sight, model: Model) -> None:
    """Per commodity, whatever the day one looks back to."""
    for on in (None, model.today.replace(day=1)):
        sums: Counter[str] = Counter()
        rows = statements.trial_balance(session, sight.hands.community_id, effective_on=on)
        for row in rows:
            sums[row.commodity] += row.balance
        equal({name: total for name, total in sums.items() if total}, {}, f"trial balance on {on}")


def check_finds_no_problem(session: Session, sight: Sight, _model: Model) -> None:
    equal(list(checks.problems(session, sight.hands.community_id)), [], "lovebank check")
