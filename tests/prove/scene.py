"""A community at work, made through the API alone: staff, volunteers with points, goods.

Invariant: every point in the scene was earned: a shift, an entry by the captain, an approval by a
manager, an award.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.prove.client import Caller, signed_in
from tests.prove.stage import ADMIN, PASSWORD

SHIFT_HOURS = 1


@dataclass
class Scene:
    """Callers by role, and what they made."""

    port: int
    admin: Caller
    captain: Caller
    treasurer: Caller
    clerk: Caller
    captain_id: str

    def person(self, name: str, phone: str) -> tuple[str, Caller]:
        """A person with a phone and a password, signed in."""
        body = {"name": name, "phone": phone, "password": PASSWORD}
        made = self.admin.made("POST", "/people", body)
        return made["id"], signed_in(self.port, phone, PASSWORD)

    def people(self, count: int, start: int = 0) -> list[tuple[str, Caller]]:
        """Several of them."""
        return [self.person(f"志愿者{n}", f"136{n:08d}") for n in range(start, start + count)]

    def goods(self, name: str, points: int, quantity: int) -> str:
        """Goods on the shelf."""
        made = self.admin.made("POST", "/goods", {"name": name, "points": points})
        self.treasurer.made("POST", f"/goods/{made['id']}/receipts", {"quantity": quantity})
        goods_id: str = made["id"]
        return goods_id

    def earn(self, person_ids: list[str], title: str) -> None:
        """One hour's points for each, by hand entry and approval."""
        ended = datetime.now(UTC) - timedelta(hours=3)
        started = ended - timedelta(hours=SHIFT_HOURS)
        times = {"starts_at": started.isoformat(), "ends_at": ended.isoformat()}
        shift = self.admin.made(
            "POST",
            "/shifts",
            {"activity_id": self._activity, "title": title, "captain_id": self.captain_id, **times},
        )
        entered = [self._enter(shift["id"], person_id, times) for person_id in person_ids]
        for start in range(0, len(entered), 100):
            asked = {"attendance_ids": entered[start : start + 100], "mode": "all_or_nothing"}
            self.admin.made("POST", "/approvals", asked)

    def rule(self, points_per_hour: int) -> None:
        """What an hour is worth here."""
        day = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
        body = {"name": "通则", "points_per_hour": points_per_hour, "effective_from": day}
        self.admin.made("POST", "/award-rules", body)
        made = self.admin.made("POST", "/activities", {"name": "清洁日"})
        self._activity = made["id"]

    def _enter(self, shift_id: str, person_id: str, times: dict[str, str]) -> str:
        body: dict[str, Any] = {
            "shift_id": shift_id,
            "person_id": person_id,
            "checked_in_at": times["starts_at"],
            "checked_out_at": times["ends_at"],
            "reason": "纸质签到",
        }
        entered: str = self.captain.made("POST", "/attendances", body)["id"]
        return entered


def set_up(port: int, points_per_hour: int) -> Scene:
    """The staff of 幸福里 and its rule, on a server that has just been initialised."""
    admin = signed_in(port, ADMIN, PASSWORD)
    staff: dict[str, Caller] = {}
    ids: dict[str, str] = {}
    for number, role in enumerate(("captain", "treasurer", "clerk")):
        phone = f"1370000000{number}"
        made = admin.made(
            "POST", "/people", {"name": f"职员{role}", "phone": phone, "password": PASSWORD}
        )
        ids[role] = made["id"]
        admin.made("PATCH", f"/people/{made['id']}", {"roles": [role]})
        staff[role] = signed_in(port, phone, PASSWORD)
    scene = Scene(port, admin, staff["captain"], staff["treasurer"], staff["clerk"], ids["captain"])
    scene.rule(points_per_hour)
    return scene
