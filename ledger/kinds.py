"""The closed lists of the ledger: kinds of accounts and transfers, and the commodities.

Invariant: which accounts are guarded and which keep lots follows from the kind alone, except a
fund's points, which are guarded only where the fund has a budget.
"""

from __future__ import annotations

from uuid import UUID

POINTS = "points"
MINUTES = "minutes"
FEN = "fen"


def goods(goods_id: UUID) -> str:
    """The commodity of one kind of goods; counted in pieces."""
    return f"goods:{goods_id}"


TRANSFER_KINDS = (
    "opening",
    "award",
    "hold",
    "release",
    "collect",
    "return",
    "lapse",
    "adjustment",
    "reversal",
    "receipt",
    "write_off",
)

#: kind → what it is for. Balances are credits minus debits.
ACCOUNT_KINDS = {
    "wallet": "points a person may spend; guarded, in lots",
    "pending": "points a person earned that are still on notice; guarded, in lots",
    "held": "points set aside for a person's orders; guarded",
    "hours": "minutes a person served; guarded, never spent",
    "owed": "points a person was credited too much and had spent; zero or below",
    "shelf": "goods that may be ordered; guarded, in lots",
    "set_aside": "goods held for orders; guarded",
    "fund_points": "a fund's points; guarded where the fund has a budget",
    "fund_fen": "a fund's money; guarded",
    "granted": "where budgets and money come from; a contra account",
    "served": "where minutes come from; a contra account",
    "redeemed": "where spent points go; a contra account",
    "lapsed": "where lapsed points go; a contra account",
    "adjusted": "where adjustments come from and go to; a contra account",
    "carried_over": "where the balances of paper passbooks come from; a contra account",
    "supplied": "where goods come from; a contra account",
    "handed_over": "where goods go; a contra account",
    "purchases": "where money for goods goes; a contra account",
    "donated": "where the value of donated goods comes from; a contra account",
    "written_off": "where goods go that spoiled, broke or are missing; a contra account",
}

#: These never go below zero and have a balance row (design D4).
GUARDED = ("wallet", "pending", "held", "hours", "shelf", "set_aside", "fund_fen")
IN_LOTS = ("wallet", "pending", "shelf")

#: Rows are locked in this order, then by id: the busiest last (design D4).
LOCK_ORDER = (
    "wallet",
    "owed",
    "pending",
    "held",
    "hours",
    "set_aside",
    "shelf",
    "fund_fen",
    "fund_points",
)
LOCK_RANK = {kind: rank for rank, kind in enumerate(LOCK_ORDER)}

#: What falling below its floor is called, by kind of account (contract, "Other codes").
SHORT_CODES = {
    "wallet": "insufficient_points",
    "shelf": "out_of_stock",
    "fund_points": "over_budget",
    "fund_fen": "over_budget",
}

EVIDENCE = ("a", "b", "c", "d")
