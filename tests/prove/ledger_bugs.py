"""Bugs of the books that are planted: time, lots, debts, budgets, periods, checkpoints.

Invariant: each is one hurried change to one rule of the ledger; the machine (tests/machine) is
asked first, which knows the rules from paper alone, then the tests of the ledger's rooms.
"""

from tests.prove.bugs import Bug, Edit

#: not a file: deeds on paper and on SQLite, until one tells them apart
MACHINE = ("the machine",)
#: whom to ask where the machine's deeds did not come upon the bug
ROOMS = ("tests/ledger", "tests/treasury")


def _bug(name: str, *edits: tuple[str, str, str]) -> Bug:
    return Bug(name, tuple(Edit(*edit) for edit in edits), ROOMS, MACHINE)


_LOTS, _DUE, _SETTLING = "ledger/lots.py", "ledger/due.py", "ledger/settling.py"
_RETURNING, _ENTERING, _DEBTS = "ledger/returning.py", "ledger/entering.py", "ledger/debts.py"
_DATING, _REVERSALS, _PAST = "ledger/dating.py", "ledger/reversals.py", "ledger/past.py"

BUGS: tuple[Bug, ...] = (
    _bug(
        "lots are used in order of coming, not of expiry",
        (_LOTS, "lot.transfer_id not in first, lot.expires_on or _NEVER, lot.id", "lot.id"),
    ),
    _bug("what never lapses is used first", (_LOTS, "_NEVER = date.max", "_NEVER = date.min")),
    _bug(
        "only the first page of a wallet's lots is looked at",
        (_LOTS, "return left_in(session, community_id, [account_id])", "return some"),
    ),
    _bug(
        "a lot lapses on its last day",
        (_DUE, "past = Lot.expires_on < today", "past = Lot.expires_on <= today"),
    ),
    _bug(
        "expiry switched on: what never lapsed has no grace and no end",
        (_DUE, "if grace_until is not None and grace_until < today:", "if False:"),
    ),
    _bug(
        "expiry switched off: the grace stays and ends",
        (
            "people/communities.py",
            "if (before.points_expiry == expiry.NONE) != (after.points_expiry == expiry.NONE):",
            "if before.points_expiry == expiry.NONE != after.points_expiry:",
        ),
    ),
    _bug(
        "a lapse is effective on the lot's last day",
        (_SETTLING, "effective_on=day + timedelta(days=1),", "effective_on=day,"),
    ),
    _bug(
        "the key of a lapse does not name its day",
        (_SETTLING, ":lapse:{day.isoformat()}", ":lapse"),
    ),
    _bug(
        "points that come off notice lose their expiry",
        (_SETTLING, "lot.remaining, expires_on=lot.expires_on)", "lot.remaining)"),
    ),
    _bug(
        "points are available before their notice is over",
        (_DUE, "Lot.available_on <= today", "Lot.available_on.is_not(None)"),
    ),
    _bug(
        "a notice ends a day late",
        (_DUE, "Lot.available_on <= today", "Lot.available_on < today"),
    ),
    _bug(
        "who spends does not have their lapse posted first",
        (
            "ledger/transfers.py",
            "at=at, person_ids=settled, calendar=calendar)",
            "at=at, person_ids=(), calendar=calendar)",
        ),
    ),
    _bug(
        "a wallet shows what has lapsed until somebody ticks",
        (
            "ledger/outlook.py",
            "lapsed = sum(one.points for one in free if one.last_day and one.last_day < today)",
            "lapsed = 0",
        ),
    ),
    _bug(
        "what lapses next may have lapsed already",
        ("ledger/outlook.py", "one.last_day >= today and one.points", "one.points"),
    ),
    _bug(
        "a day ends at midnight in Greenwich",
        ("ledger/books.py", "return local_date(at, found.zone)", "return at.date()"),
    ),
    _bug(
        "months of expiry end on the 28th",
        (
            "ledger/expiry.py",
            "date(year, month, monthrange(year, month)[1])",
            "date(year, month, 28)",
        ),
    ),
    _bug(
        "a lot gives back to a new lot always, with new days",
        (
            _RETURNING,
            "late = [one for one in taken if _lapsed(",
            "late = [one for one in taken if 1 or (",
        ),
    ),
    _bug(
        "what comes back late has no grace: it lapses with its lot",
        (
            _RETURNING,
            'return leg.credit.kind == "wallet" and last is not None and last < on',
            "return False",
        ),
    ),
    _bug("the grace is a day short", ("ledger/expiry.py", "GRACE_DAYS = 30", "GRACE_DAYS = 29")),
    _bug(
        "a credit does not repay what is owed",
        (
            _DEBTS,
            "repaid = min(debts[owner_id], leg.amount) if owner_id is not None else 0",
            "repaid = 0",
        ),
    ),
    _bug(
        "two awards of one call repay the same debt twice",
        (_DEBTS, "        debts[owner_id] -= repaid\n", ""),
    ),
    _bug(
        "a credit that does not look first does not ask for debts",
        (
            "ledger/writing.py",
            '        Unmoved(_BALANCES, "account_id", "balance", 0, stroke.clear),\n',
            "",
        ),
    ),
    _bug(
        "a reversal does not take its own lots first",
        (_REVERSALS, "takes_first=(transfer_id, *_released(session, head)),", ""),
    ),
    _bug(
        "a reversal of points on notice takes others from the wallet",
        (
            _REVERSALS,
            "credited.owner_id is not None and not waiting:",
            "credited.owner_id is not None:",
        ),
    ),
    _bug(
        "points that an adjustment took come back as new ones, without end",
        (_REVERSALS, "gives_back=transfer_id if took_points else None,", ""),
    ),
    _bug(
        "a hold takes points and no lots",
        (
            _ENTERING,
            "if leg.debit.kind in IN_LOTS:\n        first",
            'if leg.debit.kind in IN_LOTS and draft.kind != "hold":\n        first',
        ),
    ),
    _bug(
        "a budget is charged for the last award of a call alone",
        (
            _ENTERING,
            "added[account_id] += sign * leg.amount",
            "added[account_id] = sign * leg.amount",
        ),
    ),
    _bug(
        "a budget is not charged",
        (
            _ENTERING,
            "if account_id in added:",
            'if account_id in added and place.kind != "fund_points":',
        ),
    ),
    _bug(
        "the last point cannot be spent",
        (
            "ledger/guards.py",
            "now.balance + delta < now.floor:",
            "now.balance + delta <= now.floor:",
        ),
    ),
    _bug(
        "what belongs to a closed month does not name its day",
        (_DATING, "original_on=draft.happened_on", "original_on=None"),
    ),
    _bug(
        "a chosen day in a closed month is moved without a word",
        (_DATING, "if draft.dated and draft.key not in known:", "if False:"),
    ),
    _bug(
        "months are closed out of order",
        (
            "treasury/periods.py",
            "if before is not None and ends_on != next_after(before):",
            "if False:",
        ),
    ),
    _bug(
        "a transfer that was folded stays unfolded, and counts twice",
        (
            "ledger/checkpoints.py",
            "Unfolded.transfer_id.in_(due))",
            "Unfolded.transfer_id.in_(due[1:]))",
        ),
        ("ledger/checkpoints.py", "return list(mine)", "return list(due)"),
    ),
    _bug(
        "a balance as of a day leaves that day out",
        (_PAST, "Checkpoint.begins_on <= ON", "Checkpoint.begins_on < ON"),
        (_PAST, "Transfer.effective_on <= ON] if on", "Transfer.effective_on < ON] if on"),
    ),
    _bug(
        "a balance as known at an instant leaves out what was recorded just then",
        (_PAST, "Transfer.recorded_at > KNOWN", "Transfer.recorded_at >= KNOWN"),
    ),
    _bug(
        "a statement tells credits as debits",
        (
            "ledger/lines.py",
            "moved[debited, transfer_id] -= amount\n        moved[credited, transfer_id] += amount",
            "moved[debited, transfer_id] += amount\n        moved[credited, transfer_id] -= amount",
        ),
    ),
)
