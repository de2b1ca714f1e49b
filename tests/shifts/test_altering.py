"""One shift altered: who has a place keeps it and is told; its template leaves it alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import Conflict, Invalid, NotAllowed
from messages.models import Message
from shifts import checks
from shifts.presence import cancelling
from shifts.rota import altering, leading, replanning, sign_ups, templates
from shifts.rota.templates import Plan
from shifts.tables.rota import Shift
from tests.shifts.factories import Town, local, make_shift

AT = local(7)


def _alter(session: Session, town: Town, shift: Shift, by: str = "captain", **to: Any) -> Shift:
    return altering.alter(session, actor=town.actor(by), at=AT, shift_id=shift.id, **to)


def test_another_time_is_told_and_more_seats_move_up(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=1)
    for name in ("volunteer", "other"):
        sign_ups.sign_up(session, actor=town.actor(name), at=AT, shift_id=shift.id)
    _alter(session, town, shift, starts_at=local(10), ends_at=local(13), seats=2, deputy_ids=[])
    assert (shift.starts_at, shift.seats_taken, shift.revision) == (local(10), 2, 1)
    assert leading.deputy_ids(session, shift) == []
    query = select(Message.kind).where(
        Message.community_id == town.id, Message.person_id == town.other.id
    )
    assert list(session.scalars(query.order_by(Message.id))) == ["shift_moved", "moved_up"]
    with pytest.raises(Invalid) as refused:
        _alter(session, town, shift, seats=1)
    assert list(refused.value.errors) == ["seats"]
    assert list(checks.problems(session, town.id)) == []


def test_what_cannot_be_altered(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    with pytest.raises(NotAllowed):
        _alter(session, town, shift, "other_captain", title="Mine")
    for wrong in ({"ends_at": local(9)}, {"starts_at": local(6)}, {"title": ""}):
        with pytest.raises(Invalid) as refused:
            _alter(session, town, shift, **wrong)
        assert list(refused.value.errors) == list(wrong)
    soon = make_shift(session, town, starts_at=AT + timedelta(minutes=30))
    with pytest.raises(Conflict, match="outside_window"):
        _alter(session, town, soon, title="Late")
    cancelling.cancel(
        session, actor=town.actor("captain"), at=AT, shift_id=shift.id, reason="storm"
    )
    with pytest.raises(Conflict, match="already_decided"):
        _alter(session, town, shift, title="Late")


def test_the_template_leaves_it_alone(session: Session, town: Town) -> None:
    plan = Plan(
        title="Patrol", starts="20:00", minutes=60, valid_from=date(2026, 11, 22),
        captain_id=town.captain.id,
    )  # fmt: skip
    row = templates.add(
        session, actor=town.actor("manager"), at=AT, plan=plan, red_post_id=town.red_post.id
    )[0]
    shift = session.scalar(
        select(Shift).where(Shift.community_id == town.id, Shift.slot_on == date(2026, 11, 30))
    )
    assert shift is not None
    _alter(session, town, shift, captain_id=town.deputy.id)
    found = templates.change(
        session, actor=town.actor("captain"), at=AT, template_id=row.id, starts="21:00"
    )[1]
    assert [(one.shift_id, one.why) for one in found.kept] == [(shift.id, replanning.ALTERED)]
    assert found.changed == 35
