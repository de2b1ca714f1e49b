"""Scans, attendances, approvals."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as plain

from api.fields import Choice, Day, In, Instant, Many, Out, Part, Ref, Text, Whole
from api.queries import PageQuery
from api.schemas.goods import OrderBriefOut
from api.schemas.reviews import HeadCountOut, ListsOut
from qr.models import OUTCOMES

STATUSES = (
    "open",
    "closed",
    "auto_closed",
    "submitted",
    "approved",
    "rejected",
    "credited",
    "voided",
)


class AmendmentOut(Out):
    """An amendment of what is credited; it counts once a second person approves it."""

    revision = Whole(required=True)
    shift_id = Ref(required=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True)
    minutes = Whole(required=True)


class BreakOut(Out):
    """A pause that is not counted; one without an end goes on, or lasted as long as the stay."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class AttendanceOut(Out):
    """One person's presence at one shift.

    ``approved`` with ``available_on``: its points are on public notice until the day before.
    """

    id = Ref(required=True)
    shift_id = Ref(required=True)
    person_id = Ref(required=True)
    status = Choice(*STATUSES, required=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True, allow_none=True)
    minutes = Whole(required=True)
    points = Whole(required=True, allow_none=True)
    entered = Choice("scan", "card", "hand", required=True)
    evidence = Choice("a", "b", "c", "d", required=True)
    flags = Many(Text(), required=True)
    revision = Whole(required=True)
    available_on = Day(required=True, allow_none=True)
    amendment = Part(AmendmentOut, required=True, allow_none=True)
    breaks = Many(Part(BreakOut), required=True)


class AttendanceIn(In):
    """A stay to enter by hand; marked so for ever."""

    shift_id = Ref(required=True)
    person_id = Ref(required=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True)
    reason = Text(most=500, lines=True, required=True)


class AmendIn(In):
    """The times to correct, and why."""

    checked_in_at = Instant(load_default=None, allow_none=True)
    checked_out_at = Instant(load_default=None, allow_none=True)
    reason = Text(most=500, lines=True, required=True)


class AttendancesQuery(PageQuery):
    """Which attendances."""

    status = Choice(*STATUSES)
    shift_id = Ref()
    person_id = Ref()
    amendment = Choice("waiting")


class ApprovalsIn(In):
    """Which attendances, and whether one that fails stops them all."""

    attendance_ids = Many(Ref(), least=1, most=1000, required=True)
    mode = Choice("all_or_nothing", "each", required=True)


class DecisionOut(Out):
    """What became of one attendance."""

    id = Ref(required=True)
    outcome = Text(required=True)
    code = Text(required=True, allow_none=True)


class ApprovalsOut(Out):
    """What became of each."""

    results = Many(Part(DecisionOut), required=True)


class DeviceIn(In):
    """The device's own name and count; evidence only."""

    id = Text(most=100, required=True)
    seq = Whole(required=True)


class Nonce(Text):
    """A client's own name for a scan, kept as it came or refused: it is compared, not read."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, attr, data, **kwargs)
        if found != found.strip():
            raise ValidationError("wrong")
        return found


class ScanIn(In):
    """One reading of one code: the token, or the whole address in the QR."""

    token = Text(most=512, required=True)
    shift_id = Ref(load_default=None, allow_none=True)
    purpose = Choice("identify", load_default=None, allow_none=True)
    captured_at = Instant(load_default=None, allow_none=True)
    nonce = Nonce(most=100, raw=True, load_default=None, allow_none=True)
    device = Part(DeviceIn, load_default=None, allow_none=True)


class BatchScanIn(ScanIn):
    """One scan of a batch; its nonce makes a repeated one harmless."""

    nonce = Nonce(most=100, raw=True, required=True)


class SeenOut(Out):
    """Whose card it is."""

    id = Ref(required=True)
    name = Text(required=True)
    available = Whole(required=True, allow_none=True)


class ScanOut(Out):
    """What a scan did."""

    outcome = Choice(*OUTCOMES, required=True)
    attendance = Part(AttendanceOut, required=True, allow_none=True)
    order = Part(OrderBriefOut, required=True, allow_none=True)
    person = Part(SeenOut, required=True, allow_none=True)


class BatchIn(In):
    """Scans that a captain's device kept."""

    scans = Many(Part(BatchScanIn), least=1, most=500, required=True)


class ScansOut(Out):
    """What became of each scan."""

    results = Many(plain.Dict(), required=True)


class ExplanationOut(Out):
    """The whole chain of one attendance, as data and as sentences in order."""

    attendance = Part(AttendanceOut, required=True)
    chain = plain.Dict(required=True)
    sentences = Many(Text(), required=True)


class RosterLineOut(Out):
    """One person of a shift."""

    person_id = Ref(required=True)
    name = Text(required=True)
    sign_up_id = Ref(required=True, allow_none=True)
    sign_up_status = Text(required=True, allow_none=True)
    walked_in = plain.Boolean(required=True)
    attendance = Part(AttendanceOut, required=True, allow_none=True)
    standing = Choice(
        "expected", "present", "left", "no_show", "moved", "waitlisted", "withdrawn", required=True
    )


class QuotaFoundOut(Out):
    """How many of a kind of unit the red post wants at each shift, and how many there are."""

    unit_kind = Text(required=True)
    wanted = Whole(required=True)
    found = Whole(required=True)
    is_met = plain.Boolean(required=True)


class RosterOut(Out):
    """Everybody of a shift, by name; `quota` is a warning where it is not met."""

    items = Many(Part(RosterLineOut), required=True)
    next = Text(required=True, allow_none=True)
    lists = Part(ListsOut, required=True)
    head_counts = Many(Part(HeadCountOut), required=True)
    quota = Part(QuotaFoundOut, required=True, allow_none=True)
