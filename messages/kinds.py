"""The closed list of what people are told, and which facts each kind brings.

Invariant: a kind's text never changes, its facts are ids, numbers, days and instants, and it has
words in every language (``wording.toml``; a test says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """Every kind of message."""

    MOVED_UP = "moved_up"
    SHIFT_CANCELLED = "shift_cancelled"
    SHIFT_MOVED = "shift_moved"
    STAND_IN_ASKED = "stand_in_asked"
    STAND_IN_TAKEN = "stand_in_taken"
    AWARD_CREDITED = "award_credited"
    FORGOT_CHECK_OUT = "forgot_check_out"
    APPROVALS_WAIT = "approvals_wait"
    APPROVALS_OVERDUE = "approvals_overdue"
    OBJECTION_MADE = "objection_made"
    OBJECTION_DECIDED = "objection_decided"
    RULE_TO_SIGN = "rule_to_sign"
    ORDER_READY = "order_ready"


#: the facts of each kind; their names end as everywhere (``_id``, ``_at``, ``_on``) or are numbers
FACTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.MOVED_UP: ("shift_id", "starts_at"),
    Kind.SHIFT_CANCELLED: ("shift_id", "starts_at"),
    Kind.SHIFT_MOVED: ("shift_id", "starts_at", "ends_at"),
    Kind.STAND_IN_ASKED: ("shift_id", "starts_at"),
    Kind.STAND_IN_TAKEN: ("shift_id", "starts_at"),
    Kind.AWARD_CREDITED: ("shift_id", "attendance_id", "service_on", "minutes", "points"),
    Kind.FORGOT_CHECK_OUT: ("shift_id", "attendance_id", "checked_out_at"),
    Kind.APPROVALS_WAIT: ("shift_id", "waiting", "oldest_at"),
    Kind.APPROVALS_OVERDUE: ("shift_id", "waiting", "oldest_at"),
    Kind.OBJECTION_MADE: ("shift_id", "attendance_id", "objection_id"),
    Kind.OBJECTION_DECIDED: ("shift_id", "attendance_id", "objection_id"),
    Kind.ORDER_READY: ("order_id", "points", "lapses_at"),
    Kind.RULE_TO_SIGN: ("rule_id", "version", "effective_on"),
}
