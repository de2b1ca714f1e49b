"""Tables of the checkpoints: what accounts turned over by day and month, and what is not in yet.

Invariant: checkpoints are worked out from postings and may be thrown away at any time. A transfer
is either unfolded, or its postings are in the checkpoints once; no id and no time divides the two,
so a transfer that commits late is never lost.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, args, check, one_of, owned_key
from kit.types import Amount, Day, Id

DAY, MONTH = "day", "month"


class Unfolded(Base, Owned):
    """A transfer that the checkpoints do not hold yet; written with it, taken away by the fold.

    No foreign key: the row comes in the same unit as its transfer, which is never deleted, and it
    lives for a minute. ``lovebank check`` names one whose transfer is not there.
    """

    __tablename__ = "ledger_unfolded"
    __table_args__ = args()
    transfer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)


class Checkpoint(Base, Owned):
    """What one account turned over on the effective days of one day or one month."""

    __tablename__ = "ledger_checkpoints"
    __table_args__ = args(
        owned_key("account_id", "ledger_accounts"),
        one_of("span", (DAY, MONTH)),
        check("turnover_not_negative", "debits >= 0 AND credits >= 0"),
    )
    account_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    span: Mapped[str] = mapped_column(Text, primary_key=True)
    #: the day, or the first day of the month
    begins_on: Mapped[date] = mapped_column(Day, primary_key=True)
    debits: Mapped[int] = mapped_column(Amount)
    credits: Mapped[int] = mapped_column(Amount)


for _disposable in (Unfolded.__tablename__, Checkpoint.__tablename__):
    Base.metadata.tables[_disposable].info["erasable"] = True
triggers.no_update(Unfolded)
