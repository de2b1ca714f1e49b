"""A community in which mistakes are made and put right, and the proof that it is all explained.

Invariant: ``expect`` takes the figures from the test alone; what the program says of them (wallet,
statement, chain, check) is held against these and against each other, before tick and after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import redemption.due
import shifts.due
from kit.errors import DomainError
from ledger import settling, statements
from ledger.views import Wallet
from people import communities
from people.models import Person
from redemption import goods, orders, stock, vouchers, wallets
from redemption.models import Goods, Order
from reports import chain, check, sentences, sources
from shifts import queries
from shifts.approval import approvals, awards, voiding
from shifts.review import corrections
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import Shift
from shifts.views import AttendanceView
from tests import factories
from tests.shifts.factories import (
    NOW,
    SHANGHAI,
    Town,
    make_attendance,
    make_rule,
    make_shift,
    make_town,
)
from treasury import periods

PRICE = 10
WORD = {"zh": "公示到", "en": "public notice until"}


@dataclass
class Scene:
    """One community; ``at`` is the time of every deed until the story moves it on."""

    session: Session
    town: Town
    clerk: Person
    kind: Goods
    at: datetime = NOW

    # --- what people do

    def serve(
        self, shift: Shift, came: datetime | None = None, left: datetime | None = None
    ) -> Attendance:
        """The volunteer scans in and out of a shift."""
        return make_attendance(self.session, shift, self.town.volunteer, came=came, left=left)

    def approve(self, row: Attendance, by: str = "deputy") -> Attendance:
        """Approve it, or the amendment that waits."""
        return approvals.approve(
            self.session, actor=self.town.actor(by), at=self.at, attendance_id=row.id
        )

    def reject(self, row: Attendance, by: str = "deputy") -> Attendance:
        """Reject it, or the amendment that waits."""
        actor = self.town.actor(by)
        facts: dict[str, Any] = {"attendance_id": row.id, "reason": "the list says otherwise"}
        return approvals.reject(self.session, actor=actor, at=self.at, **facts)

    def amend(self, row: Attendance, by: str = "captain", **times: datetime) -> Attendance:
        """Correct its times: ``checked_in_at``, ``checked_out_at``."""
        return corrections.amend(
            self.session,
            actor=self.town.actor(by),
            at=self.at,
            attendance_id=row.id,
            reason="the list says so",
            **times,
        )

    def reverse(self, row: Attendance) -> UUID:
        """The treasurer reverses the award that stands."""
        return voiding.reverse_award(
            self.session,
            actor=self.town.actor("treasurer"),
            at=self.at,
            transfer_id=self.transfer_of(row),
            reason="wrong person",
        )

    def order(self, pieces: int) -> Order:
        """The volunteer orders so many pieces, ten points each."""
        return orders.place(
            self.session,
            actor=self.town.actor("volunteer"),
            keys=factories.KEYS,
            at=self.at,
            lines=[(self.kind.id, pieces)],
        )

    def collect(self, order: Order) -> Order:
        """The clerk hands it over."""
        voucher = vouchers.of_orders(self.session, self.town.id, [order.id])[order.id]
        actor = factories.actor_of(self.clerk)
        return orders.collect_voucher(self.session, actor=actor, at=self.at, voucher=voucher)

    def buy(self, pieces: int) -> Order:
        """Order and collect."""
        return self.collect(self.order(pieces))

    def cancel(self, order: Order) -> Order:
        """The volunteer gives it up."""
        actor = self.town.actor("volunteer")
        return orders.cancel(self.session, actor=actor, at=self.at, order_id=order.id)

    def give_back(self, order: Order) -> Order:
        """The clerk takes it back."""
        actor = factories.actor_of(self.clerk)
        facts: dict[str, Any] = {"order_id": order.id, "reason": "does not fit"}
        return orders.give_back(self.session, actor=actor, at=self.at, **facts)

    def decide(self, **settings: Any) -> None:
        """The admin changes settings."""
        communities.change(self.session, actor=self.town.actor("manager"), at=self.at, **settings)

    def close(self, ends_on: date) -> None:
        """The treasurer closes the books."""
        actor = self.town.actor("treasurer")
        periods.close(self.session, actor=actor, at=self.at, ends_on=ends_on)

    def later(self, **units: int) -> None:
        """Time passes: days, hours."""
        self.at += timedelta(**units)

    @contextmanager
    def refused(self, code: str) -> Iterator[None]:
        """What is done within is refused with this code, and leaves nothing."""
        with pytest.raises(DomainError) as refusal, self.session.begin_nested():
            yield
        self.session.expire_all()
        assert refusal.value.code == code, refusal.value

    # --- what the program says

    def see(self, row: Attendance) -> AttendanceView:
        """The attendance as the manager sees it now."""
        actor = self.town.actor("manager")
        return queries.attendance(self.session, actor=actor, at=self.at, attendance_id=row.id)

    def transfer_of(self, row: Attendance) -> UUID:
        """The transfer of the award that stands."""
        award = awards.of(self.session, self.town.id, row.id)
        assert award is not None
        assert award.transfer_id is not None
        return award.transfer_id

    def wallet(self) -> Wallet:
        """What the volunteer has."""
        return wallets.of(self.session, self.town.id, self.town.volunteer.id, self.at)

    def expect(
        self, available: int, minutes: int, *, owed: int = 0, held: int = 0, pending: int = 0
    ) -> None:
        """The volunteer has just this, each number is explained, and the books are proved."""
        wanted = (available, held, owed, pending, minutes)
        for ticked in (False, True):
            found = self.wallet()
            told = (found.available, found.held, found.owed, found.pending, found.minutes)
            assert told == wanted, f"available, held, owed, pending, minutes; ticked: {ticked}"
            self.tick()
        self._explained(found)
        self._stated(found)
        problems = [str(one) for one in check.of_community(self.session, self.town.id)]
        assert problems == []

    def tick(self) -> None:
        """All due work of the rooms that this story concerns."""
        for work in (shifts.due.tick, redemption.due.tick, settling.tick):
            while work(self.session, self.town.id, self.at):
                pass

    def _explained(self, wallet: Wallet) -> None:
        """What the awards that stand say they earned is what is there, was spent, or lapsed."""
        earned = served = 0
        rows = self.session.scalars(
            select(Award.attendance_id)
            .where(Award.community_id == self.town.id, Award.person_id == self.town.volunteer.id)
            .distinct()
        )
        for attendance_id in rows.all():
            found = chain.explanation(self.session, self.town.id, attendance_id, at=self.at)
            for language in ("zh", "en"):
                assert all(sentences.of(found, language))
            standing = [one for one in found.awards if one.reversed_by_id is None]
            assert len([one for one in standing if one.transfer_id is not None]) <= 1
            for award in standing:
                assert award.minutes == award.steps[0]["minutes"]
                assert award.points == award.steps[-1].get("points", 0)
                earned += award.points
                served += award.minutes
        there = wallet.available + wallet.pending - wallet.owed
        assert there == earned - self._gone(), (earned, self._gone(), wallet)
        assert wallet.minutes == served

    def _gone(self) -> int:
        """Points in orders that stand, and those that lapsed."""
        person_id = self.town.volunteer.id
        mine = select(Order).where(Order.community_id == self.town.id, Order.person_id == person_id)
        spent = sum(
            one.points
            for one in self.session.scalars(mine)
            if one.status in ("held", "ready", "collected")
        )
        lines = statements.statement(self.session, self.town.id, person_id, 500, None)
        return spent - sum(line.points for line in lines if line.kind == "lapse")

    def _stated(self, wallet: Wallet) -> None:
        """The lines of the statement come to the wallet, and each says what it is."""
        person_id = self.town.volunteer.id
        lines = statements.statement(self.session, self.town.id, person_id, 500, None)
        assert sum(line.points for line in lines) == wallet.available
        assert sum(line.pending for line in lines) == wallet.pending
        assert sum(line.owed for line in lines) == -wallet.owed
        if lines:
            assert lines[0].balance == wallet.available
        for language in ("zh", "en"):
            told = sources.explained(self.session, self.town.id, lines, language)
            assert all(told[line.transfer_id] for line in lines)
            waited = [one for one in lines if one.kind == "award" and one.pending > 0]
            assert all(WORD[language] in told[line.transfer_id] for line in waited)


def make_scene(session: Session, *, budget: int | None = None, **rule: Any) -> Scene:
    """A town with a rule of ten points an hour, a clerk and goods of ten points on the shelf."""
    town = make_town(session, budget=budget)
    make_rule(session, town, **rule)
    clerk = factories.make_person(session, community_id=town.id, name="Wu Lan", held=("clerk",))
    treasurer = town.actor("treasurer")
    kind = goods.add(session, actor=treasurer, at=NOW, name="Rice", points=PRICE)
    stock.receive(session, actor=treasurer, at=NOW, goods_id=kind.id, quantity=100)
    return Scene(session, town, clerk, kind)


def shift(scene: Scene, begins: int, ends: int, *, month: int = 11, day: int = 22) -> Shift:
    """A shift between two full hours, on 22 November 2026 unless told otherwise."""
    starts_at, ends_at = moment(begins, month=month, day=day), moment(ends, month=month, day=day)
    return make_shift(scene.session, scene.town, starts_at=starts_at, ends_at=ends_at)


def morning(scene: Scene, *, left: datetime | None = None, by: str = "deputy") -> Attendance:
    """The volunteer served from nine to twelve (or to ``left``), and it is credited."""
    return scene.approve(scene.serve(shift(scene, 9, 12), left=left), by)


def moment(hour: int, minute: int = 0, *, month: int = 11, day: int = 22) -> datetime:
    """Local time in 2026, as UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
