"""Calendar feeds: what an address tells, to whom, and that it can be taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit.errors import NotAllowed, NotFound
from shifts.presence import cancelling
from shifts.rota import feeds, ical, sign_ups
from shifts.rota.ical import Entry
from shifts.tables.feeds import CalendarFeed
from tests.factories import KEYS
from tests.shifts.factories import Town, local, make_shift

AT = local(7)


def _renew(session: Session, town: Town, name: str = "volunteer", **of: Any) -> CalendarFeed:
    return feeds.renew(session, actor=town.actor(name), keys=KEYS, at=AT, **of)


def _read(session: Session, town: Town, feed: CalendarFeed) -> dict[str, dict[str, str]]:
    """The entries of a feed by UID, as a reader without any library sees them."""
    told = feeds.read(
        session, keys=KEYS, community_id=town.id, token=feeds.token_of(KEYS, feed), at=AT
    )
    found: dict[str, dict[str, str]] = {}
    for part in told.replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]:
        lines = part.split("END:VEVENT")[0].strip().split("\r\n")
        facts = dict(line.split(":", 1) for line in lines)
        found[facts["UID"]] = facts
    return found


def test_ones_own_shifts_and_those_one_leads(session: Session, town: Town) -> None:
    shift, led = make_shift(session, town, seats=1), make_shift(session, town, title="夜巡")
    actor = town.actor("volunteer")
    row = sign_ups.sign_up(session, actor=actor, at=AT, shift_id=shift.id)
    waits = sign_ups.sign_up(session, actor=town.actor("other"), at=AT, shift_id=shift.id)
    uid = f"{shift.id}@{town.id}"
    mine = _renew(session, town)
    assert _read(session, town, mine) == {
        uid: {
            "UID": uid,
            "DTSTAMP": "20261121T230000Z",
            "DTSTART": "20261122T010000Z",
            "DTEND": "20261122T040000Z",
            "SUMMARY": "Morning patrol",
            "STATUS": "CONFIRMED",
            "SEQUENCE": "0",
            "TRANSP": "OPAQUE",
        }
    }
    others = _renew(session, town, "other")
    assert _read(session, town, others)[uid]["STATUS"] == "TENTATIVE"
    assert waits.status == "waitlisted"
    sign_ups.withdraw(session, actor=actor, at=AT, sign_up_id=row.id)
    assert _read(session, town, mine)[uid]["STATUS"] == "CANCELLED"
    assert _read(session, town, others)[uid]["STATUS"] == "CONFIRMED"
    captains = _read(session, town, _renew(session, town, "captain"))
    assert set(captains) == {uid, f"{led.id}@{town.id}"}


def test_a_cancelled_shift_keeps_its_entry(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    make_shift(session, town, draft=True)
    feed = _renew(session, town, "captain", red_post_id=town.red_post.id)
    (uid,) = before = _read(session, town, feed)
    cancelling.cancel(
        session, actor=town.actor("captain"), at=AT, shift_id=shift.id, reason="storm"
    )
    after = _read(session, town, feed)
    assert (before[uid]["STATUS"], after[uid]["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert int(after[uid]["SEQUENCE"]) > int(before[uid]["SEQUENCE"])


def test_an_address_is_renewed_and_revoked(session: Session, town: Town) -> None:
    first = _renew(session, town)
    second = _renew(session, town)
    for feed in (first, CalendarFeed(id=second.id, issue=9, key_no=KEYS.newest)):
        with pytest.raises(NotFound):
            _read(session, town, feed)
    assert _read(session, town, second) == {}
    feeds.revoke(session, actor=town.actor("volunteer"), at=AT)
    with pytest.raises(NotFound):
        _read(session, town, second)
    with pytest.raises(NotFound):
        feeds.revoke(session, actor=town.actor("volunteer"), at=AT)
    with pytest.raises(NotAllowed):
        _renew(session, town, red_post_id=town.red_post.id)


def test_who_no_longer_takes_part_has_no_feed(session: Session, town: Town) -> None:
    feed = _renew(session, town)
    town.volunteer.deactivated_at = AT
    session.flush()
    with pytest.raises(NotFound):
        _read(session, town, feed)


def test_no_line_is_long_and_no_character_is_cut() -> None:
    title = "夜间巡逻；第一班, 备用\\门\n" * 8
    entry = Entry("a@b", AT, AT + timedelta(hours=1), title, "东门", "CONFIRMED", 0)
    told = ical.text("社区", [entry], AT)
    lines = told.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    whole = told.replace("\r\n ", "")
    assert "SUMMARY:" + "夜间巡逻；第一班\\, 备用\\\\门\\n" * 8 + "\r\n" in whole
