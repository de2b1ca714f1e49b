"""django-hordak: credit one of many accounts from one, as its documentation advises.

Its own migrations and triggers, ``Account.transfer_to`` in one atomic block. Its accounts are kept
in the process, as ours are, so that it fetches none either. ``stage URL N`` or ``work URL``.
"""

from __future__ import annotations

import random
import sys
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

from bench.peers.orders import serve

POINTS = 10


def _configure(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": host,
                "PORT": parts.port or "",
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "mptt",
            "djmoney",
            "hordak",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DEFAULT_CURRENCY="EUR",
        HORDAK_INTERNAL_CURRENCY="EUR",
        CURRENCIES=["EUR"],
        USE_TZ=True,
    )
    django.setup()


def _stage(count: int) -> None:
    from django.core.management import call_command
    from hordak.models import Account

    call_command("migrate", verbosity=0)
    kinds = Account.TYPES if hasattr(Account, "TYPES") else Account.AccountType
    Account.objects.create(name="Issuer", code="0", type=kinds.expense, currencies=["EUR"])
    for number in range(1, count + 1):
        name = f"Wallet {number}"
        Account.objects.create(
            name=name, code=str(number), type=kinds.liability, currencies=["EUR"]
        )


def _work() -> None:
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    issuer = Account.objects.get(code="0")
    wallets = list(Account.objects.exclude(code="0"))
    chance, amount = random.Random(), Money(POINTS, "EUR")

    def credit() -> None:
        with transaction.atomic():
            wallet = wallets[chance.randrange(len(wallets))]
            wallet.transfer_to(issuer, amount, description="award")

    serve(credit)


if __name__ == "__main__":
    _configure(sys.argv[2])
    if sys.argv[1] == "stage":
        _stage(int(sys.argv[3]))
    else:
        _work()
