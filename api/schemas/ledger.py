"""The books: accounts, transfers, the trial balance, and the audit trail."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import Choice, Day, Flag, In, Instant, Many, Match, Out, Part, Ref, Text, Whole
from api.queries import InstantOrDay, PageQuery
from kit.types import AMOUNT_MAX
from ledger.kinds import ACCOUNT_KINDS, TRANSFER_KINDS

COMMODITY = r"points|minutes|fen|goods:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def signed(**kwargs: bool) -> Whole:
    """An amount that may be below zero."""
    return Whole(least=-AMOUNT_MAX, **kwargs)


class ExpiryOut(Out):
    """What lapses next."""

    points = Whole(required=True)
    on = Day(required=True)


class ThenQuery(In):
    """As effective on which day, and as known when; left out: as it is now."""

    effective_on = Day()
    known_at = InstantOrDay()


class StatementQuery(PageQuery):
    """Which lines."""

    effective_on = Day()
    known_at = InstantOrDay()


class WalletOut(Out):
    """What a person has."""

    available = Whole(required=True)
    held = Whole(required=True)
    pending = Whole(required=True)
    owed = Whole(required=True)
    minutes = Whole(required=True)
    next_expiry = Part(ExpiryOut, required=True, allow_none=True)


class StatementLineOut(Out):
    """One transfer as the wallet saw it."""

    transfer_id = Ref(required=True)
    kind = Choice(*TRANSFER_KINDS, required=True)
    points = signed(required=True)
    balance = signed(required=True)
    recorded_at = Instant(required=True)
    effective_on = Day(required=True)
    original_on = Day(required=True, allow_none=True)
    owed = signed(required=True)
    pending = signed(required=True)
    source_type = Text(required=True)
    source_id = Ref(required=True)
    explanation = Text(required=True)


class StatementOut(Out):
    """What stands beside a statement's lines.

    ``due``: what time has added to the points or taken from them since the newest line (notices
    that are over, points that lapsed, orders nobody collected); soon there are lines for it.
    """

    available = Whole(required=True)
    due = signed(required=True)
    next_expiry = Part(ExpiryOut, required=True, allow_none=True)


class AccountsQuery(PageQuery):
    """Which accounts."""

    kind = Choice(*ACCOUNT_KINDS)
    commodity = Match(COMMODITY, "not_commodity")
    owner_id = Ref()


class AccountOut(Out):
    """An account and what stands on it."""

    id = Ref(required=True)
    code = Text(required=True)
    kind = Choice(*ACCOUNT_KINDS, required=True)
    owner_id = Ref(required=True, allow_none=True)
    commodity = Text(required=True)
    balance = signed(required=True)
    floor = signed(required=True, allow_none=True)
    opened_at = Instant(required=True)


class TransfersQuery(PageQuery):
    """Which transfers."""

    kind = Choice(*TRANSFER_KINDS)
    source = Text(most=100, metadata={"description": "<type>:<id>, such as order:<id>"})


class PostingOut(Out):
    """One debit, one credit, one amount."""

    debit = Text(required=True)
    credit = Text(required=True)
    commodity = Text(required=True)
    amount = Whole(required=True)


class TransferOut(Out):
    """One entry of the journal."""

    id = Ref(required=True)
    kind = Choice(*TRANSFER_KINDS, required=True)
    natural_key = Text(required=True)
    effective_on = Day(required=True)
    original_on = Day(
        required=True,
        allow_none=True,
        metadata={"description": "the day it belongs to, where that lies in a closed period"},
    )
    recorded_at = Instant(required=True)
    actor_id = Ref(required=True, allow_none=True)
    source_type = Text(required=True)
    source_id = Ref(required=True)
    fund_id = Ref(required=True, allow_none=True)
    evidence = Text(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True)
    reason_code = Text(required=True, allow_none=True)
    reverses_id = Ref(required=True, allow_none=True)
    reversed_by_id = Ref(required=True, allow_none=True)
    postings = Many(Part(PostingOut), required=True)


class TrialQuery(In):
    """As of which day, as known when, and of which commodity."""

    commodity = Match(COMMODITY, "not_commodity")
    effective_on = Day()
    known_at = InstantOrDay()


class TrialRowOut(Out):
    """One account's turnover."""

    account_id = Ref(required=True)
    code = Text(required=True)
    kind = Text(required=True)
    owner_id = Ref(required=True, allow_none=True)
    commodity = Text(required=True)
    debits = Whole(required=True)
    credits = Whole(required=True)
    balance = signed(required=True)


class TrialOut(Out):
    """Every account with turnover; the balances come to 0."""

    rows = Many(Part(TrialRowOut), required=True)
    total = signed(required=True)
    provisional = Flag(required=True)


class ProblemOut(Out):
    """One thing that the proof of the books found wrong."""

    code = Text(required=True)
    subject = Text(required=True)
    facts = plain.Raw(required=True)


class CheckOut(Out):
    """What the proof of the books found."""

    clean = Flag(required=True)
    problems = Many(Part(ProblemOut), required=True)


class EntriesQuery(PageQuery):
    """About what."""

    subject = Text(most=100, metadata={"description": "<type>:<id>, such as order:<id>"})


class EntryOut(Out):
    """Who did what, why and when."""

    id = Ref(required=True)
    at = Instant(required=True)
    actor_id = Ref(required=True, allow_none=True)
    via = Text(required=True)
    action = Text(required=True)
    subject_type = Text(required=True)
    subject_id = Ref(required=True)
    refused = Text(required=True, allow_none=True)
    reason_code = Text(required=True, allow_none=True)
    text = Text(required=True, allow_none=True)
    request_id = Ref(required=True)
    before = plain.Raw(required=True, allow_none=True)
    after = plain.Raw(required=True, allow_none=True)
