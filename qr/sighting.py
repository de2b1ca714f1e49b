"""What a scan tells of an end of a stay besides its time: which code it was, and by what device.

Invariant: a device is told of by a keyed digest alone, which is of no use outside this community.
"""

from __future__ import annotations

from qr.asks import Ask, Known
from shifts.presence.evidence import Sight

#: enough to tell the devices of one shift apart
DEVICE_BYTES, TICKET_BYTES = 8, 8


def of(ask: Ask, known: Known) -> Sight:
    """What is kept of this scan with the stay that it begins or ends."""
    trace = ask.trace
    device = None
    if trace is not None and trace.device_id is not None:
        mac = ask.keys.mac("device", f"{ask.actor.community_id}:{trace.device_id}")
        device = mac[:DEVICE_BYTES].hex()
    return Sight(
        kind=known.kind,
        step=known.step or None,
        ticket=None if known.claim is None else known.claim[:TICKET_BYTES].hex(),
        device=device,
    )
