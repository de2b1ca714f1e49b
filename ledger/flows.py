"""Which kind of transfer moves what between which kinds of accounts.

Invariant: it says what the rooms record, and only the proof of the books reads it: a transfer that
moves anything else was written by nobody of ours.
"""

from __future__ import annotations

Flow = tuple[str, str]

#: kind of transfer → (debited kind, credited kind) of its postings. A reversal mirrors its first.
OF_KIND: dict[str, frozenset[Flow]] = {
    "opening": frozenset(
        {
            ("granted", "fund_points"),
            ("granted", "fund_fen"),
            ("carried_over", "wallet"),
            ("carried_over", "owed"),
        }
    ),
    "award": frozenset(
        {
            ("fund_points", "wallet"),
            ("fund_points", "pending"),
            ("fund_points", "owed"),
            ("served", "hours"),
        }
    ),
    "hold": frozenset({("wallet", "held"), ("shelf", "set_aside")}),
    "release": frozenset(
        {
            ("held", "wallet"),
            ("set_aside", "shelf"),
            ("pending", "wallet"),
            # What comes back, and what is no longer on notice, repays a debt first.
            ("wallet", "owed"),
            ("pending", "owed"),
        }
    ),
    "collect": frozenset({("held", "redeemed"), ("set_aside", "handed_over")}),
    "return": frozenset({("redeemed", "wallet"), ("handed_over", "shelf"), ("wallet", "owed")}),
    "lapse": frozenset({("wallet", "lapsed")}),
    "adjustment": frozenset(
        {
            ("adjusted", "wallet"),
            ("adjusted", "owed"),
            ("wallet", "adjusted"),
        }
    ),
    "receipt": frozenset(
        {
            ("supplied", "shelf"),
            ("fund_fen", "purchases"),
            ("donated", "purchases"),
            ("granted", "fund_fen"),
        }
    ),
    # A count that found more puts it back on the shelf.
    "write_off": frozenset({("shelf", "written_off"), ("written_off", "shelf")}),
}

#: kind of account → kinds of transfers that make a lot in it
MAKES_LOTS: dict[str, frozenset[str]] = {
    # A release or return makes one anew for what lapsed meanwhile; a release, at a notice's end.
    "wallet": frozenset({"award", "opening", "adjustment", "release", "return", "reversal"}),
    "pending": frozenset({"award"}),
    "shelf": frozenset({"receipt", "write_off"}),
}
