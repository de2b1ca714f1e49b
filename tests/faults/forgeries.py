"""Rows that lie: SQL that only inserts, or changes what may change, and must be refused too.

Invariant: each statement would be legal for honest values, so rights alone cannot refuse it.
"""

from __future__ import annotations

from tests.faults.attacks import Attack

_POSTING = (
    "INSERT INTO ledger_postings (community_id, transfer_id, line, debit_account_id,"
    " credit_account_id, commodity, amount)"
)
_FROM = " FROM ledger_postings WHERE line = 0"
_TRANSFER = (
    "INSERT INTO ledger_transfers (community_id, id, kind, natural_key, effective_on, recorded_at,"
    " source_type, source_id, reverses_id, request_id, leaf)"
)
_LOT = (
    "INSERT INTO ledger_lots (community_id, id, account_id, transfer_id, line, original, remaining)"
)
_OTHER = "(SELECT a.id FROM ledger_accounts a WHERE a.kind = 'hours' LIMIT 1)"
_NEW = "'01a203c6-0000-7000-8000-000000000001'"
_NONE = "'01a203c6-0000-7000-8000-000000000009'"


def _posting(values: str) -> str:
    return f"{_POSTING} SELECT {values}{_FROM}"


FORGERIES = [
    Attack("posting of nothing", (_posting(
        "community_id, transfer_id, 50, debit_account_id, credit_account_id, commodity, 0"),)),
    Attack("posting backwards", (_posting(
        "community_id, transfer_id, 50, debit_account_id, credit_account_id, commodity, -5"),)),
    Attack("posting in a circle", (_posting(
        "community_id, transfer_id, 50, debit_account_id, debit_account_id, commodity, 5"),)),
    Attack("posting of two commodities", (_posting(
        f"community_id, transfer_id, 50, debit_account_id, {_OTHER}, commodity, 5"),)),
    Attack("posting of a made-up commodity", (_posting(
        "community_id, transfer_id, 50, debit_account_id, credit_account_id, 'gold', 5"),)),
    Attack("posting with one side", (_posting(
        "community_id, transfer_id, 50, debit_account_id, NULL, commodity, 5"),)),
    Attack("posting without transfer", (_posting(
        f"community_id, {_NEW}, 50, debit_account_id, credit_account_id, commodity, 5"),)),
    Attack("posting across communities", (_posting(
        f"{_NEW}, transfer_id, 50, debit_account_id, credit_account_id, commodity, 5"),)),
    Attack("posting of words", (_posting(
        "community_id, transfer_id, 50, debit_account_id, credit_account_id, commodity, 'much'"),)),
    Attack("the same key again", (
        f"{_TRANSFER} SELECT community_id, {_NEW}, 'award', natural_key, effective_on, recorded_at,"
        " source_type, source_id, NULL, request_id, leaf FROM ledger_transfers",)),
    Attack("a second reversal", (
        f"{_TRANSFER} SELECT community_id, {_NEW}, 'reversal', 'other', effective_on, recorded_at,"
        " source_type, source_id, reverses_id, request_id, leaf FROM ledger_transfers"
        " WHERE kind = 'reversal'",)),
    Attack("a reversal of nothing", (
        f"{_TRANSFER} SELECT community_id, {_NEW}, 'reversal', 'other', effective_on, recorded_at,"
        f" source_type, source_id, {_NONE}, request_id, leaf FROM ledger_transfers LIMIT 1",)),
    Attack("an unknown kind", (
        f"{_TRANSFER} SELECT community_id, {_NEW}, 'gift', 'other', effective_on, recorded_at,"
        " source_type, source_id, NULL, request_id, leaf FROM ledger_transfers LIMIT 1",)),
    Attack("a second lot", (
        f"{_LOT} SELECT community_id, {_NEW}, account_id, transfer_id, line, original, original"
        " FROM ledger_lots LIMIT 1",)),
    Attack("a lot from nowhere", (
        f"{_LOT} SELECT community_id, {_NEW}, account_id, transfer_id, 60, original, original"
        " FROM ledger_lots LIMIT 1",)),
    Attack("a lot refilled", ("UPDATE ledger_lots SET remaining = original + 1",)),
    Attack("a lot overdrawn", ("UPDATE ledger_lots SET remaining = -1",)),
    Attack("a lot grown", ("UPDATE ledger_lots SET original = original + 1",)),
    Attack("a lot that never lapses", ("UPDATE ledger_lots SET expires_on = '2099-01-01'",)),
    Attack("a lot of another", (f"UPDATE ledger_lots SET account_id = {_OTHER}",)),
    Attack("a lot gone", ("DELETE FROM ledger_lots",)),
    Attack("a balance below its floor", ("UPDATE ledger_balances SET balance = floor - 1",)),
    Attack("a floor lowered", ("UPDATE ledger_balances SET floor = floor - 100",)),
    Attack("a balance gone", ("DELETE FROM ledger_balances",)),
    Attack("a balance from nowhere", (
        "INSERT INTO ledger_balances (community_id, account_id, balance, floor)"
        " SELECT community_id, id, 1000000, 0 FROM ledger_accounts WHERE floor IS NULL",)),
    Attack("a guard for the unguarded", (
        "INSERT INTO ledger_balances (community_id, account_id, balance, floor)"
        " SELECT community_id, id, 0, 0 FROM ledger_accounts WHERE floor IS NULL",)),
    Attack("an account of another", ("UPDATE ledger_accounts SET owner_id = NULL",)),
    Attack("a leaf rewritten", ("UPDATE audit_unsealed SET leaf = leaf",)),
    Attack("a text rewritten", ("UPDATE audit_texts SET text = 'other'",)),
]  # fmt: skip
