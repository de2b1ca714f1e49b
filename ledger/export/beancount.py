"""The journal as Beancount text (version 3), which `bean-check` proves.

Invariant: the last directives assert what the books say stands on every account.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from audit.leaves import plain
from ledger.export import rows, words
from ledger.export.rows import Entry, Opened


def lines(session: Session, community_id: UUID) -> Iterator[str]:
    """The whole journal, one directive a piece."""
    found = rows.opened(session, community_id)
    names = {one.id: words.account(one) for one in found.values()}
    closing = rows.closing_on(session, community_id, found)
    counted = rows.Counted()
    yield f'option "title" "Love Bank, community {community_id}"\n'
    yield "; A debit is positive here: what Love Bank calls a balance is the negative of it.\n\n"
    if found:
        first = min(one.first_on for one in found.values())
        for name in words.commodities(found.values()):
            yield f"{first} commodity {name}\n"
    for one in found.values():
        yield _open(one, names[one.id])
    for entry in rows.entries(session, community_id):
        counted.add(entry)
        yield _entry(entry, names)
    yield "\n"
    for one in found.values():
        commodity = words.commodity(one.commodity)
        yield f"{closing} balance {names[one.id]} {-one.balance} {commodity}\n"
    yield f"; {counted}\n"


def _open(one: Opened, name: str) -> str:
    return (
        f"\n{one.first_on} open {name} {words.commodity(one.commodity)}\n"
        f"  code: {_quoted(one.code)}\n"
        f"  opened_at: {_quoted(plain(one.opened_at))}\n"
    )


def _entry(entry: Entry, names: dict[UUID, str]) -> str:
    text = [f"\n{entry.head.effective_on} * {_quoted(entry.head.kind)}\n"]
    text += [f"  {name}: {_quoted(value)}\n" for name, value in words.facts(entry.head)]
    for row in entry.postings:
        commodity = words.commodity(row.commodity)
        text.append(f"  {names[row.debit_account_id]}  {row.amount} {commodity}\n")
        text.append(f"  {names[row.credit_account_id]}  {-row.amount} {commodity}\n")
    return "".join(text)


def _quoted(text: str) -> str:
    escaped = words.one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
