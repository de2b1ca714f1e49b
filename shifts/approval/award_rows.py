"""Every award with what it hangs on, a page at a time, the awards of a person's day together.

Invariant: one row for each award, whether or not its attendance and its transfer are there. Ids,
days and instants are told as text, as the database keeps them for fingerprints.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, and_, exists, select, tuple_, type_coerce
from sqlalchemy.orm import Session, aliased

from kit import paging, texts
from ledger.models import Account, Posting, Transfer
from shifts.tables.attendance import Approval, Attendance, Award

_KEY = (Award.person_id, Award.service_on, Award.id)
#: accounts that an award credits, by kind
CREDITED = ("wallet", "pending", "owed", "hours")


class Told(NamedTuple):
    """An award; its attendance, its transfer and the reversal of that, where they are there."""

    person_id: str
    service_on: str
    id: str
    attendance_id: str
    revision: int
    rule_id: str | None
    minutes: int
    points: int
    #: as they were read from their JSON
    inputs: dict[str, Any]
    steps: list[dict[str, Any]]
    transfer_id: str | None
    available_on: str | None
    shift_id: str | None
    status: str | None
    last_revision: int | None
    came_at: str | None
    left_at: str | None
    notice_until: str | None
    natural_key: str | None
    kind: str | None
    source_id: str | None
    reversal_id: str | None
    approved: bool


_AT = Told._fields.index("inputs")
_JSON = json.JSONDecoder()


@dataclass
class Page:
    """Some awards, and what the transfer of each credited: (owner, commodity) → amount."""

    awards: list[Told]
    moved: dict[str, dict[tuple[str | None, str], int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )


def pages(session: Session, community_id: UUID) -> Iterator[Page]:
    """Every award, by person, service date and id."""
    after: tuple[str, ...] | None = None
    for rows in paging.pages(session, _query(community_id), _KEY):
        page = Page([_told(row) for row in rows])
        last = tuple(rows[-1][: len(_KEY)])
        _add_moved(session, community_id, page, after, last)
        after = last
        yield page


def _told(row: Sequence[Any]) -> Told:
    return Told._make((*row[:_AT], _read(row[_AT]), _read(row[_AT + 1]), *row[_AT + 2 :]))


def _read(text: str) -> Any:
    """JSON that was written by us, without white space around it; ValueError for anything else."""
    value, end = _JSON.raw_decode(text)
    if end != len(text):
        raise ValueError("more than one value")
    return value


def _query(community_id: UUID) -> paging.Query:
    reversal = aliased(Transfer)
    return (
        select(
            *(texts.plain(column) for column in _KEY),
            texts.plain(Award.attendance_id),
            Award.revision,
            texts.plain(Award.rule_id),
            Award.minutes,
            Award.points,
            type_coerce(Award.inputs, Text),
            type_coerce(Award.steps, Text),
            texts.plain(Award.transfer_id),
            texts.plain(Award.available_on),
            texts.plain(Attendance.shift_id),
            Attendance.status,
            Attendance.revision,
            texts.plain(Attendance.checked_in_at),
            texts.plain(Attendance.checked_out_at),
            texts.plain(Attendance.available_on),
            Transfer.natural_key,
            Transfer.kind,
            texts.plain(Transfer.source_id),
            texts.plain(reversal.id),
            exists().where(
                Approval.community_id == community_id,
                Approval.attendance_id == Award.attendance_id,
                Approval.revision == Award.revision,
                Approval.decision == "approve",
            ),
        )
        .outerjoin(
            Attendance,
            and_(Attendance.community_id == community_id, Attendance.id == Award.attendance_id),
        )
        .outerjoin(
            Transfer, and_(Transfer.community_id == community_id, Transfer.id == Award.transfer_id)
        )
        .outerjoin(
            reversal,
            and_(reversal.community_id == community_id, reversal.reverses_id == Award.transfer_id),
        )
        .where(Award.community_id == community_id)
    )


def _add_moved(
    session: Session,
    community_id: UUID,
    page: Page,
    after: tuple[str, ...] | None,
    last: tuple[str, ...],
) -> None:
    marks = [texts.bound(column, value) for column, value in zip(_KEY, last, strict=True)]
    range_ = [tuple_(*_KEY) <= tuple_(*marks)]
    if after is not None:
        range_.append(paging.beyond(_KEY, after))
    # Outer joins, so that both engines go from the awards to what they moved and never back.
    rows = paging.rows(
        session,
        select(
            texts.plain(Award.id),
            Account.kind,
            texts.plain(Account.owner_id),
            Posting.commodity,
            Posting.amount,
        )
        .outerjoin(
            Posting,
            and_(Posting.community_id == community_id, Posting.transfer_id == Award.transfer_id),
        )
        .outerjoin(
            Account,
            and_(Account.community_id == community_id, Account.id == Posting.credit_account_id),
        )
        .where(Award.community_id == community_id, *range_),
    )
    for award_id, kind, owner_id, commodity, amount in rows:
        if kind in CREDITED:
            page.moved[award_id][owner_id, commodity] += amount
