"""What the books say: wallets, statements, the trial balance, accounts and transfers by page.

Invariant: a page costs what stands on it, however long the history before it; pages go from the
newest to the oldest by id, and a line's running balance does not depend on the page it stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import NotFound
from ledger import accounts, lines, outlook, past, transfer_views
from ledger.accounts import Place
from ledger.models import Account, Balance, Transfer
from ledger.past import NOW, AsOf
from ledger.views import AccountView, StatementLine, TransferView, TrialRow, Wallet


def available_of(session: Session, community_id: UUID, places: Iterable[Place]) -> dict[Place, int]:
    """The balances of guarded accounts; 0 for one that was not opened yet."""
    by_code = {place.code: place for place in places}
    rows = session.execute(
        select(Account.code, Balance.balance)
        .join(
            Balance,
            (Balance.community_id == Account.community_id) & (Balance.account_id == Account.id),
        )
        .where(
            Account.community_id == community_id,
            Balance.community_id == community_id,
            Account.code.in_(list(by_code)),
        )
    )
    return dict.fromkeys(by_code.values(), 0) | {by_code[row.code]: row.balance for row in rows}


def wallet(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> Wallet:
    """What a person has at ``at``, whether or not tick came by; all zero for one never credited."""
    free, held, waits = (
        accounts.wallet(person_id),
        accounts.held(person_id),
        accounts.pending(person_id),
    )
    owed, hours = accounts.owed(person_id), accounts.hours(person_id)
    found = available_of(session, community_id, (free, held, waits, owed, hours))
    ahead = outlook.of(session, community_id, person_id, at, debt=-found[owed])
    return Wallet(
        available=found[free] + ahead.to_wallet - ahead.lapsed,
        held=found[held],
        owed=-found[owed] - ahead.repaid,
        minutes=found[hours],
        pending=found[waits] - ahead.ended,
        next_expiry=ahead.expiry,
    )


def statement(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    limit: int,
    before: UUID | None,
    as_of: AsOf = NOW,
) -> list[StatementLine]:
    """The transfers that touched a person's points, newest first, older than ``before``.

    Points that may be spent, are on notice or are owed. With ``as_of`` only what counts then; the
    balances too are those of then. Read on one snapshot, as every read is.
    """
    places = [kind(person_id) for kind in (accounts.wallet, accounts.owed, accounts.pending)]
    found = accounts.find(session, community_id, places)
    known = {place.kind: account for place, account in found.items()}
    if "wallet" not in known and "pending" not in known:
        return []
    touched = lines.newest(
        session, community_id, [account.id for account in found.values()], limit, before, as_of
    )
    if not touched:
        return []
    balance = 0
    if "wallet" in known:
        balance = _at_the_top(session, community_id, known["wallet"], as_of)
        if before is not None:
            balance -= lines.newer(session, community_id, known["wallet"].id, touched[0], as_of)
    return _lines(session, community_id, known, touched, balance)


def _lines(
    session: Session,
    community_id: UUID,
    known: dict[str, Account],
    touched: list[UUID],
    balance: int,
) -> list[StatementLine]:
    """These transfers as lines; ``balance`` is the wallet's after the first."""
    heads = {head.id: head for head in transfer_views.heads(session, community_id, touched)}
    moved = lines.effects(session, community_id, touched)

    def by(kind: str, transfer_id: UUID) -> int:
        return moved.get((known[kind].id, transfer_id), 0) if kind in known else 0

    told = []
    for transfer_id in touched:
        head = heads[transfer_id]
        told.append(
            StatementLine(
                transfer_id=transfer_id,
                kind=head.kind,
                points=by("wallet", transfer_id),
                balance=balance,
                recorded_at=head.recorded_at,
                effective_on=head.effective_on,
                source_type=head.source_type,
                source_id=head.source_id,
                owed=by("owed", transfer_id),
                pending=by("pending", transfer_id),
                original_on=head.original_on,
            )
        )
        balance -= by("wallet", transfer_id)
    return told


def _at_the_top(session: Session, community_id: UUID, account: Account, as_of: AsOf) -> int:
    """The balance after the newest line: the guarded row now, the sum of what counts then."""
    if as_of != NOW:
        return past.balance(session, community_id, account, as_of)
    row = session.scalar(
        select(Balance.balance).where(
            Balance.community_id == community_id, Balance.account_id == account.id
        )
    )
    assert row is not None, f"{account.code} is guarded and has a balance row"
    return row


def balance_of(
    session: Session,
    community_id: UUID,
    place: Place,
    *,
    effective_on: date | None = None,
    known_at: datetime | None = None,
) -> int:
    """An account's balance from its postings, as effective on a day and as known at an instant."""
    account = accounts.find(session, community_id, [place]).get(place)
    if account is None:
        return 0
    return past.balance(session, community_id, account, AsOf(effective_on, known_at))


def trial_balance(
    session: Session,
    community_id: UUID,
    commodity: str | None = None,
    effective_on: date | None = None,
    known_at: datetime | None = None,
) -> list[TrialRow]:
    """Every account with turnover, by code; the balances of each commodity come to 0.

    Counts transfers effective on or before ``effective_on`` and recorded at or before ``known_at``.
    """
    sums = past.by_account(session, community_id, AsOf(effective_on, known_at))
    query = select(Account).where(Account.community_id == community_id).order_by(Account.code)
    if commodity is not None:
        query = query.where(Account.commodity == commodity)
    return [
        TrialRow(
            account_id=account.id,
            code=account.code,
            kind=account.kind,
            owner_id=account.owner_id,
            commodity=account.commodity,
            debits=sums[account.id][0],
            credits=sums[account.id][1],
        )
        for account in session.scalars(query)
        if account.id in sums
    ]


def accounts_page(
    session: Session,
    community_id: UUID,
    limit: int,
    before: UUID | None = None,
    *,
    kind: str | None = None,
    commodity: str | None = None,
    owner_id: UUID | None = None,
) -> list[AccountView]:
    """Accounts with their balances, the newest first."""
    query = select(Account).where(Account.community_id == community_id)
    if kind is not None:
        query = query.where(Account.kind == kind)
    if commodity is not None:
        query = query.where(Account.commodity == commodity)
    if owner_id is not None:
        query = query.where(Account.owner_id == owner_id)
    if before is not None:
        query = query.where(Account.id < before)
    found = session.scalars(query.order_by(Account.id.desc()).limit(limit)).all()
    balances = _balances(session, community_id, found)
    return [
        AccountView(
            id=account.id,
            code=account.code,
            kind=account.kind,
            owner_id=account.owner_id,
            commodity=account.commodity,
            balance=balances[account.id],
            floor=account.floor,
            opened_at=account.opened_at,
        )
        for account in found
    ]


def transfers_page(
    session: Session,
    community_id: UUID,
    limit: int,
    before: UUID | None = None,
    *,
    kind: str | None = None,
    source: tuple[str, UUID] | None = None,
) -> list[TransferView]:
    """Transfers with their postings, the newest first."""
    query = select(Transfer).where(Transfer.community_id == community_id)
    if kind is not None:
        query = query.where(Transfer.kind == kind)
    if source is not None:
        query = query.where(Transfer.source_type == source[0], Transfer.source_id == source[1])
    if before is not None:
        query = query.where(Transfer.id < before)
    heads = session.scalars(query.order_by(Transfer.id.desc()).limit(limit)).all()
    return transfer_views.told(session, community_id, heads)


def transfer(session: Session, community_id: UUID, transfer_id: UUID) -> TransferView:
    """One transfer with its postings; raises NotFound."""
    heads = transfer_views.heads(session, community_id, [transfer_id])
    if not heads:
        raise NotFound("transfer")
    return transfer_views.told(session, community_id, heads)[0]


def _balances(session: Session, community_id: UUID, found: Sequence[Account]) -> dict[UUID, int]:
    """Of guarded accounts their row; of the others what their postings come to."""
    wanted = [account.id for account in found]
    rows = session.execute(
        select(Balance.account_id, Balance.balance).where(
            Balance.community_id == community_id, Balance.account_id.in_(wanted)
        )
    )
    balances = {account_id: balance for account_id, balance in rows}
    rest = [account_id for account_id in wanted if account_id not in balances]
    sums = past.by_account(session, community_id, only=rest) if rest else {}
    for account_id in rest:
        debits, credits = sums.get(account_id, (0, 0))
        balances[account_id] = credits - debits
    return balances
