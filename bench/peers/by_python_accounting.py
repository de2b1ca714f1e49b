"""python-accounting: credit one of many accounts from one, as its documentation advises.

A journal entry with one line item, flushed and posted through ``get_session``. ``stage URL N`` or
``work URL``.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine, select

from bench.peers.orders import serve

POINTS = 10


def _engine(url: str) -> Any:
    from python_accounting.config import config

    return create_engine(url.replace("postgresql:", "postgresql+psycopg2:", 1)).execution_options(
        include_deleted=config.database["include_deleted"],
        ignore_isolation=config.database["ignore_isolation"],
    )


def _stage(url: str, count: int) -> None:
    from python_accounting.database.session import get_session
    from python_accounting.models import Account, Base, Currency, Entity

    engine = _engine(url)
    Base.metadata.create_all(engine)
    with get_session(engine) as session:
        entity = Entity(name="Bench")
        session.add(entity)
        session.commit()
        currency = Currency(name="Euro", code="EUR", entity_id=entity.id)
        session.add(currency)
        session.commit()
        entity.currency_id = currency.id
        kinds = Account.AccountType
        names = [("Issuer", kinds.OPERATING_EXPENSE)]
        names += [(f"Wallet {number}", kinds.CURRENT_LIABILITY) for number in range(count)]
        for name, kind in names:
            session.add(
                Account(name=name, account_type=kind, currency_id=currency.id, entity_id=entity.id)
            )
            session.flush()
        session.commit()


def _work(url: str) -> None:
    from python_accounting.database.session import get_session
    from python_accounting.models import Account, Entity, LineItem
    from python_accounting.transactions import JournalEntry

    engine = _engine(url)
    with get_session(engine) as session:
        entity_id = session.scalars(select(Entity)).one().id
        session.entity = session.get(Entity, entity_id)
        found = session.scalars(select(Account)).all()
        issuer = next(account.id for account in found if account.name.lower() == "issuer")
        wallets = [account.id for account in found if account.id != issuer]
    chance = random.Random()

    def credit() -> None:
        wallet = wallets[chance.randrange(len(wallets))]
        with get_session(engine) as session:
            session.entity = session.get(Entity, entity_id)
            entry = JournalEntry(
                narration="award",
                transaction_date=datetime.now(UTC).replace(tzinfo=None),
                account_id=wallet,
                entity_id=entity_id,
            )
            session.add(entry)
            session.flush()
            line = LineItem(
                narration="award", account_id=issuer, amount=POINTS, entity_id=entity_id
            )
            session.add(line)
            session.flush()
            entry.line_items.add(line)
            session.add(entry)
            entry.post(session)
            session.commit()

    serve(credit)


if __name__ == "__main__":
    if sys.argv[1] == "stage":
        _stage(sys.argv[2], int(sys.argv[3]))
    else:
        _work(sys.argv[2])
