"""Transfers as the ledger's reads show them: a head with its postings, and what undid it.

Invariant: a page of transfers is told in a fixed number of statements, however many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.models import Account, Posting, Transfer
from ledger.views import PostingView, TransferView


def heads(session: Session, community_id: UUID, transfer_ids: list[UUID]) -> Sequence[Transfer]:
    """The heads of those of these transfers that are there, in no particular order."""
    return session.scalars(
        select(Transfer).where(Transfer.community_id == community_id, Transfer.id.in_(transfer_ids))
    ).all()


def told(session: Session, community_id: UUID, found: Sequence[Transfer]) -> list[TransferView]:
    """These transfers with their postings, in the order given."""
    wanted = [head.id for head in found]
    lines: dict[UUID, list[PostingView]] = {transfer_id: [] for transfer_id in wanted}
    for posting in _postings(session, community_id, wanted):
        lines[posting[0]].append(posting[1])
    undone = {
        first_id: second_id
        for first_id, second_id in session.execute(
            select(Transfer.reverses_id, Transfer.id).where(
                Transfer.community_id == community_id, Transfer.reverses_id.in_(wanted)
            )
        )
    }
    return [
        TransferView(
            id=head.id,
            kind=head.kind,
            natural_key=head.natural_key,
            effective_on=head.effective_on,
            original_on=head.original_on,
            recorded_at=head.recorded_at,
            actor_id=head.actor_id,
            source_type=head.source_type,
            source_id=head.source_id,
            fund_id=head.fund_id,
            evidence=head.evidence,
            reason_code=head.reason_code,
            text_digest=head.text_digest,
            reverses_id=head.reverses_id,
            reversed_by_id=undone.get(head.id),
            leaf=head.leaf,
            postings=tuple(lines[head.id]),
        )
        for head in found
    ]


def _postings(
    session: Session, community_id: UUID, transfer_ids: list[UUID]
) -> list[tuple[UUID, PostingView]]:
    found = session.scalars(
        select(Posting)
        .where(Posting.community_id == community_id, Posting.transfer_id.in_(transfer_ids))
        .order_by(Posting.transfer_id, Posting.line)
    ).all()
    used = {row.debit_account_id for row in found} | {row.credit_account_id for row in found}
    codes = {
        account_id: code
        for account_id, code in session.execute(
            select(Account.id, Account.code).where(
                Account.community_id == community_id, Account.id.in_(used)
            )
        )
    }
    return [
        (
            row.transfer_id,
            PostingView(
                line=row.line,
                debit_account_id=row.debit_account_id,
                debit=codes[row.debit_account_id],
                credit_account_id=row.credit_account_id,
                credit=codes[row.credit_account_id],
                commodity=row.commodity,
                amount=row.amount,
            ),
        )
        for row in found
    ]
