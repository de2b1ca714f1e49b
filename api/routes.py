"""The list of resources: importing one declares its calls.

Invariant: a resource that is not here has no route; the tests compare this list with the folder.
"""

from __future__ import annotations

import importlib

RESOURCES = (
    "tokens",
    "me",
    "messages",
    "community",
    "people",
    "cards",
    "households",
    "units",
    "red_posts",
    "activities",
    "award_rules",
    "shifts",
    "shift_templates",
    "calendars",
    "shift_codes",
    "sign_ups",
    "scans",
    "outliers",
    "attendances",
    "approvals",
    "moves",
    "samples",
    "objections",
    "wallets",
    "funds",
    "goods",
    "stock_changes",
    "orders",
    "vouchers",
    "ledger",
    "adjustments",
    "periods",
    "lots",
    "entries",
)


def load() -> None:
    """Declare every call; again changes nothing."""
    for name in RESOURCES:
        importlib.import_module(f"api.resources.{name}")
