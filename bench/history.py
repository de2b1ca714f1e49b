"""A long past in bulk for one community: credits, hours, points held and spent, over two years.

Invariant: every row is what the ledger writes for that deed, fingerprints included, which
``ledger.checks`` proves; only the way through the ledger is left out, because it is what is timed.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from audit import leaves
from audit.actions import Action
from bench.credits import ON, Stage
from kit import ids
from kit.types import canonical
from ledger import accounts, entering
from ledger.accounts import Place, contra
from ledger.checkpoint_models import DAY, MONTH
from ledger.drafts import Draft, Leg
from ledger.kinds import MINUTES, POINTS

PAID, SERVED = 10, 60
#: so many awards are held together, and then spent
HELD_TOGETHER = 16
DAYS, EVERY = 729, 3
UNITS = 25
"""Transfers of one request, which leaves one audit entry: an approval of many."""

Line = tuple[Any, ...]
Rows = dict[str, list[Line]]
COLUMNS = {
    "ledger_transfers": (
        "community_id", "id", "kind", "natural_key", "effective_on", "recorded_at", "actor_id",
        "source_type", "source_id", "fund_id", "evidence", "request_id", "leaf",
    ),
    "audit_unsealed": ("community_id", "kind", "subject_id", "leaf"),
    "ledger_postings": (
        "community_id", "transfer_id", "line", "debit_account_id", "credit_account_id",
        "commodity", "amount",
    ),
    "ledger_lots": (
        "community_id", "id", "account_id", "transfer_id", "line", "original", "remaining",
        "fund_id",
    ),
    "ledger_lot_uses": ("community_id", "transfer_id", "line", "lot_id", "taken"),
    "audit_entries": (
        "community_id", "id", "at", "actor_id", "via", "action", "subject_type", "subject_id",
        "request_id", "leaf",
    ),
    "ledger_checkpoints": (
        "community_id", "account_id", "span", "begins_on", "debits", "credits",
    ),
}  # fmt: skip

_T, _R, _S, _P = (UUID(int=number << 64 | 0xABC) for number in (1, 2, 3, 4))
_ON, _AT = date(1999, 9, 9), datetime(1999, 9, 9, 9, 9, 9, 999, tzinfo=UTC)


@dataclass
class Past:
    """The past of the people of a stage: how many awards each had."""

    stage: Stage
    awards: int
    #: place → account, all of them opened
    known: dict[Place, UUID]
    rows: Rows = field(default_factory=lambda: {name: [] for name in COLUMNS})
    days: dict[tuple[str, date], list[int]] = field(default_factory=dict)
    balances: Counter[UUID] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        stage = self.stage
        self._community = str(stage.community_id)
        self._fund, self._actor = str(stage.fund_id), str(stage.manager_id)
        self._ids = _ids_before_now()
        self._texts = {kind: self._text(kind) for kind in ("award", "hold", "collect")}
        self._units = itertools.count()
        self._request = ""

    def told(self) -> Iterator[Rows]:
        """All rows, a part at a time, in the order in which they refer to each other."""
        last_held = self.awards // HELD_TOGETHER * HELD_TOGETHER
        lots: dict[UUID, list[str]] = {person_id: [] for person_id in self.stage.person_ids}
        for number in range(self.awards):
            on = ON - timedelta(days=DAYS - number * (DAYS // EVERY) // self.awards * EVERY)
            at = datetime(on.year, on.month, on.day, 6, number % 60, tzinfo=UTC)
            for person_id in self.stage.person_ids:
                lots[person_id].append(self._award(person_id, on, at, number >= last_held))
                if len(lots[person_id]) == HELD_TOGETHER:
                    self._spend(person_id, on, at + timedelta(hours=1), lots[person_id])
                    lots[person_id] = []
            if number % 8 == 7:
                yield self._taken()
        self._close()
        yield self._taken()

    def _award(self, person_id: UUID, on: date, at: datetime, kept: bool) -> str:
        wallet, hours = accounts.wallet(person_id), accounts.hours(person_id)
        issuer, served = accounts.fund_points(self.stage.fund_id), contra("served", MINUTES)
        made = self._transfer("award", str(person_id), on, at)
        self._post(made, 0, issuer, wallet, PAID, on)
        self._post(made, 1, served, hours, SERVED, on)
        lot_id = next(self._ids)
        self.rows["ledger_lots"].append((
            self._community, lot_id, str(self.known[wallet]), made, 0, PAID, PAID * kept,
            self._fund,
        ))  # fmt: skip
        return lot_id

    def _spend(self, person_id: UUID, on: date, at: datetime, lots: list[str]) -> None:
        wallet, held = accounts.wallet(person_id), accounts.held(person_id)
        made = self._transfer("hold", str(person_id), on, at)
        self._post(made, 0, wallet, held, PAID * len(lots), on)
        uses = self.rows["ledger_lot_uses"]
        uses += [(self._community, made, 0, lot_id, PAID) for lot_id in lots]
        made = self._transfer("collect", str(person_id), on, at)
        self._post(made, 0, held, contra("redeemed", POINTS), PAID * len(lots), on)

    def _transfer(self, kind: str, person: str, on: date, at: datetime) -> str:
        if next(self._units) % UNITS == 0:
            self._request = next(self._ids)
            self._entry(at)
        made, source = next(self._ids), next(self._ids)
        day, instant = on.isoformat(), at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        facts = {"t": made, "r": self._request, "s": source, "p": person}
        text = self._texts[kind] % {**facts, "on": day, "at": instant}
        leaf = hashlib.sha256(text.encode()).digest()
        award = kind == "award"
        self.rows["ledger_transfers"].append((
            self._community, made, kind, _key(kind, source), day, instant, self._actor,
            _source(kind), source, self._fund if award else None, "a" if award else None,
            self._request, leaf,
        ))  # fmt: skip
        self.rows["audit_unsealed"].append((self._community, "transfer", made, leaf))
        return made

    def _entry(self, at: datetime) -> None:
        entry: dict[str, Any] = dict.fromkeys(
            ("refused", "reason_code", "text_digest", "before", "after", "row_digest")
        )
        entry |= {
            "community_id": self._community, "id": next(self._ids), "at": at,
            "actor_id": self._actor, "via": "api", "action": str(Action.CREDITED),
            "subject_type": "attendance", "subject_id": next(self._ids),
            "request_id": self._request,
        }  # fmt: skip
        entry["leaf"] = leaves.leaf("entry", entry)
        entry["at"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row = tuple(entry[name] for name in COLUMNS["audit_entries"])
        self.rows["audit_entries"].append(row)
        self.rows["audit_unsealed"].append((self._community, "entry", entry["id"], entry["leaf"]))

    def _post(
        self, transfer_id: str, line: int, debit: Place, credit: Place, amount: int, on: date
    ) -> None:
        from_id, to_id = self.known[debit], self.known[credit]
        row = (transfer_id, line, str(from_id), str(to_id), debit.commodity, amount)
        self.rows["ledger_postings"].append((self._community, *row))
        self.balances[from_id] -= amount
        self.balances[to_id] += amount
        self.days.setdefault((str(from_id), on), [0, 0])[0] += amount
        self.days.setdefault((str(to_id), on), [0, 0])[1] += amount

    def _close(self) -> None:
        """The checkpoints, as the fold would have made them."""
        spans: dict[tuple[str, str, date], list[int]] = {}
        for (account_id, on), (debits, credits) in self.days.items():
            for span, begins_on in ((DAY, on), (MONTH, on.replace(day=1))):
                sums = spans.setdefault((account_id, span, begins_on), [0, 0])
                sums[0] += debits
                sums[1] += credits
        self.rows["ledger_checkpoints"] += [
            (self._community, account_id, span, begins_on.isoformat(), *sums)
            for (account_id, span, begins_on), sums in sorted(spans.items())
        ]

    def _taken(self) -> Rows:
        rows, self.rows = self.rows, {name: [] for name in COLUMNS}
        return rows

    def _text(self, kind: str) -> str:
        """The fingerprint's text with gaps, made of the ledger's own and compared with it."""
        person = _P
        wallet, held = accounts.wallet(person), accounts.held(person)
        served = Leg(contra("served", MINUTES), accounts.hours(person), SERVED)
        spent = PAID * HELD_TOGETHER
        legs = {
            "award": (Leg(accounts.fund_points(self.stage.fund_id), wallet, PAID), served),
            "hold": (Leg(wallet, held, spent),),
            "collect": (Leg(held, contra("redeemed", POINTS), spent),),
        }[kind]
        draft = Draft(kind, _key(kind, str(_S)), legs, _ON, (_source(kind), _S))
        if kind == "award":
            draft = replace(draft, fund_id=self.stage.fund_id, evidence="a")
        facts = {
            "community_id": self.stage.community_id, "id": _T, "kind": kind,
            "natural_key": draft.key, "effective_on": _ON, "original_on": None,
            "recorded_at": _AT, "actor_id": self.stage.manager_id, "source_type": draft.source[0],
            "source_id": _S, "fund_id": draft.fund_id, "evidence": draft.evidence,
            "reason_code": None, "text_digest": None, "reverses_id": None, "request_id": _R,
        }  # fmt: skip
        told = [
            [
                line, leg.debit.code, leg.credit.code, leg.amount, None, None, None,
                draft.fund_id if draft.makes_lot(leg) else None,
            ]
            for line, leg in enumerate(legs)
        ]  # fmt: skip
        text = canonical(leaves.plain({**facts, "postings": told})).replace("%", "%%")
        gaps: dict[str, Any] = {"t": _T, "r": _R, "s": _S, "p": _P, "on": _ON, "at": _AT}
        gaps = {name: leaves.plain(value) for name, value in gaps.items()}
        whole = f"\0lovebank:{leaves.VERSION}:transfer:{text}"
        # The instant before the day, which it begins with.
        for name in ("at", "t", "r", "s", "p", "on"):
            whole = whole.replace(gaps[name], f"%({name})s")
        sample = hashlib.sha256((whole % gaps).encode()).digest()
        assert sample == entering.leaf_of(facts, told), "the fingerprint is put together otherwise"
        return whole


def _key(kind: str, source: str) -> str:
    return f"attendance:{source}:award" if kind == "award" else f"order:{source}:{kind}"


def _source(kind: str) -> str:
    return "attendance" if kind == "award" else "order"


def _ids_before_now() -> Iterator[str]:
    """Ids as ``kit.ids`` makes them, in order and older than any that is made from now on."""
    begin = (ids.new().int >> 80) - 3_600_000
    for number in itertools.count():
        stamp, tick = begin + number // 4, number % 4
        yield (
            f"{stamp >> 16:08x}-{stamp & 0xFFFF:04x}-7{tick:03x}"
            f"-{0x8000 | number >> 48 & 0xFFF:04x}-{number * 0x9E3779B97F4B & 0xFFFFFFFFFFFF:012x}"
        )
