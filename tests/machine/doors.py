"""The steps done through HTTP: what staff and volunteers of one community ask of the API.

Invariant: everything after the set-up goes through calls with real tokens; a refusal is handed on
as the code that the caller was told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from kit import ids
from kit.clock import StandingClock
from kit.db import Database
from ledger import checkpoints, settling
from people import access, register
from tests import factories
from tests.api.world import ROLES, World, make_app
from tests.factories import AT
from tests.machine.asking import PRICES
from tests.machine.hands import BUDGET
from tests.machine.steps import PEOPLE, Step


class Told(Exception):
    """A refusal as the caller was told it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@lru_cache
def _door_of(database: Database) -> tuple[Flask, StandingClock]:
    """The API before a database, and the clock that it reads: made once."""
    clock = StandingClock(AT)
    return make_app(database, clock), clock


def _world(session: Session, database: Database, app: Flask, clock: StandingClock) -> World:
    """A community with a caller for each role."""
    community, _first = factories.make_community(session)
    made = World(database, clock, app, community.id)
    for role in ROLES:
        person = factories.make_person(
            session,
            community_id=community.id,
            name=role,
            held=() if role == "volunteer" else (role,),
        )
        made.enter(session, role, person)
    return made


class Doors:
    """A community whose API does the steps."""

    def __init__(self, database: Database, _number: int, at: datetime) -> None:
        app, self.clock = _door_of(database)
        self.database, self.clock.at = database, at
        self.world = database.write(lambda session: _world(session, database, app, self.clock))
        self.community_id = self.world.community_id
        self.made: dict[str, UUID] = {}
        #: what the books say → what the model says
        self.words: dict[str, str] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.attendances: dict[str, str] = {}
        self.names = self._furnish()

    def do(self, step: Step) -> None:
        """Do a step; raises Told."""
        self.clock.at = step.at
        getattr(self, f"_{step.rule}")(step)

    def _furnish(self) -> dict[str, UUID]:
        """People, funds, goods, and a rule of a point a minute."""
        one = self.world
        names = {name: one.join(name).id for name in PEOPLE}
        one.join("second", "treasurer")
        self._ask("admin", "PATCH", "/community", {
            "pickup_days": 365, "approval_tiers_hours": [24, 24],
        })  # fmt: skip
        rule = {"name": "R", "points_per_hour": 60, "effective_from": "2025-01-01"}
        self._ask("manager", "POST", "/award-rules", rule)
        fund = self._ask("treasurer", "POST", "/funds", {"name": "F", "points_budget": BUDGET})
        general = self._ask("admin", "GET", "/community")["general_fund_id"]
        self.activities = {
            name: self._ask("manager", "POST", "/activities", {"name": name, "fund_id": fund_id})
            for name, fund_id in (("f0", fund["id"]), ("f1", general))
        }
        goods = {
            name: self._ask("treasurer", "POST", "/goods", {"name": name, "points": price})["id"]
            for name, price in PRICES.items()
        }
        return {
            **{name: found for name, found in names.items() if found is not None},
            "f0": UUID(fund["id"]), "f1": UUID(general),
            **{name: UUID(made) for name, made in goods.items()},
        }  # fmt: skip

    def _ask(
        self, who: str, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer: TestResponse = self.world[who].send(method, path, body, headers=headers)
        assert answer.status_code < 500, f"{method} {path}: {answer.get_json()}"
        told = answer.get_json()
        if answer.status_code >= 400:
            raise Told(told["code"])
        return told

    def _wait(self, step: Step) -> None:
        """Time passed; tokens live for thirty days, so everybody signs in again."""

        def work(session: Session) -> None:
            for caller in self.world.callers.values():
                assert caller.id is not None
                person = register.person(session, self.community_id, caller.id)
                caller.token, _row = access.make(
                    session, person=person, kind="api", limited=False, at=step.at
                )

        self.database.write(work)

    def _tick(self, step: Step) -> None:
        def work(does: Any) -> Any:
            return self.database.write(
                lambda session: does(session, self.community_id, step.at),
                community_id=self.community_id,
            )

        while work(settling.tick):
            pass
        work(checkpoints.fold)

    def _entered(self, step: Step) -> str:
        """The attendance of a step, entered by the captain."""
        if step.key in self.attendances and step.key in self.made:
            return self.attendances[step.key]
        assert step.begun is not None
        starts, ends = step.begun, step.begun + timedelta(minutes=step.minutes)
        captain = self.world["captain"].id
        shift = self._ask("manager", "POST", "/shifts", {
            "activity_id": self.activities[step.fund]["id"], "title": "S",
            "starts_at": starts.isoformat(), "ends_at": ends.isoformat(),
            "captain_id": str(captain),
        })  # fmt: skip
        made: str = self._ask("captain", "POST", "/attendances", {
            "shift_id": shift["id"], "person_id": str(self.names[step.person]),
            "checked_in_at": starts.isoformat(), "checked_out_at": ends.isoformat(),
            "reason": "on paper",
        })["id"]  # fmt: skip
        self.attendances[step.key] = made
        self.words[f"attendance:{made}:award"] = step.key
        return made

    def _award(self, step: Step) -> None:
        made = self._entered(step)
        if step.notice:
            self._ask("admin", "PATCH", "/community", {"notice_days": step.notice})
        try:
            self._ask("manager", "POST", f"/attendances/{made}/approve", {})
        finally:
            if step.notice:
                self._ask("admin", "PATCH", "/community", {"notice_days": 0})

    _notice = _backdate = _award

    def _bulk(self, step: Step) -> None:
        entered = [self._entered(part) for part in step.parts]
        body = {"attendance_ids": entered, "mode": "all_or_nothing"}
        self._ask("manager", "POST", "/approvals", body)

    def _hold(self, step: Step) -> None:
        body = {"goods_id": str(self.names[step.goods]), "quantity": step.pieces}
        order = self._ask(step.person, "POST", "/orders", body, step.key)
        self.orders[step.key] = order
        self.words[f"order:{order['id']}:"] = step.key.removesuffix("hold")

    def _again(self, step: Step) -> None:
        """The same call with the same key: the first answer, and nothing new."""
        [first] = step.parts
        body = {"goods_id": str(self.names[first.goods]), "quantity": first.pieces}
        order = self._ask(first.person, "POST", "/orders", body, first.key)
        assert order["id"] == self.orders[first.key]["id"], "an order was placed twice"

    def _collect(self, step: Step) -> None:
        order = self.orders[step.target]
        body = {"code": order["voucher"]["code"]}
        self._ask("clerk", "POST", f"/orders/{order['id']}/collect", body)

    def _release(self, step: Step) -> None:
        order = self.orders[step.target]
        self._ask("clerk", "POST", f"/orders/{order['id']}/cancel", {"reason": "no more"})

    def _give_back(self, step: Step) -> None:
        order = self.orders[step.target]
        self._ask("clerk", "POST", f"/orders/{order['id']}/return", {"reason": "torn"})

    def _reverse(self, step: Step) -> None:
        transfer_id = self.made.get(step.target, ids.NIL)
        path = f"/ledger/transfers/{transfer_id}/reverse"
        self._ask("treasurer", "POST", path, {"reason": "mistake"})

    _undo_reserved = _reverse

    def _adjust(self, step: Step) -> None:
        kind = "opening" if step.rule == "carry_over" else "adjustment"
        body = {
            "person_id": str(self.names[step.person]), "points": step.points, "reason": "counted",
            "kind": kind,
        }  # fmt: skip
        made = self._ask("treasurer", "POST", "/ledger/adjustments", body)
        self.words[f"adjustment:{made['id']}"] = step.key
        self._ask("second", "POST", f"/ledger/adjustments/{made['id']}/approve", {})

    _carry_over = _adjust

    def _stock(self, step: Step) -> None:
        path = f"/goods/{self.names[step.goods]}/receipts"
        made = self._ask("treasurer", "POST", path, {"quantity": step.points})
        self.words[f"goods_receipt:{made['id']}"] = step.key

    def _close(self, step: Step) -> None:
        assert step.on is not None
        self._ask("treasurer", "POST", "/ledger/periods", {"ends_on": step.on.isoformat()})

    def _expiry(self, step: Step) -> None:
        self._ask("admin", "PATCH", "/community", {"points_expiry": step.policy})
