"""The journal as hledger text, which `hledger check --strict` proves.

Invariant: every account and commodity is declared, and the last entries assert what the books say
stands on every account, and that nothing else stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from ledger.export import rows, words
from ledger.export.rows import Entry


def lines(session: Session, community_id: UUID) -> Iterator[str]:
    """The whole journal, one directive or entry a piece."""
    found = rows.opened(session, community_id)
    names = {one.id: words.account(one) for one in found.values()}
    closing = rows.closing_on(session, community_id, found)
    counted = rows.Counted()
    yield f"; Love Bank, community {community_id}\n"
    yield "; A debit is positive here: what Love Bank calls a balance is the negative of it.\n\n"
    for name in words.commodities(found.values()):
        yield f"commodity 1. {_symbol(name)}\n"
    for one in found.values():
        yield f"account {names[one.id]}  ; code: {words.one_line(one.code)}\n"
    for entry in rows.entries(session, community_id):
        counted.add(entry)
        yield _entry(entry, names)
    for one in found.values():
        symbol = _symbol(words.commodity(one.commodity))
        amount = f"0 {symbol} == {-one.balance} {symbol}"
        yield f"\n{closing} * balance\n    {names[one.id]}  {amount}\n"
    yield f"\n; {counted}\n"


def _entry(entry: Entry, names: dict[UUID, str]) -> str:
    text = [f"\n{entry.head.effective_on} * {entry.head.kind}\n"]
    text += [f"    ; {name}: {words.one_line(value)}\n" for name, value in words.facts(entry.head)]
    for row in entry.postings:
        symbol = _symbol(words.commodity(row.commodity))
        text.append(f"    {names[row.debit_account_id]}  {row.amount} {symbol}\n")
        text.append(f"    {names[row.credit_account_id]}  {-row.amount} {symbol}\n")
    return "".join(text)


def _symbol(commodity: str) -> str:
    """A symbol that holds more than letters stands in quotes."""
    return commodity if commodity.isalpha() else f'"{commodity}"'
