"""The story: two days of one community, from a scan at a red post to goods on a counter.

Invariant: everything is done through the public API by somebody who may do it; each chapter asserts
what it tells.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kit.program import Program
from lovebank import founding
from lovebank.demo import cast, earning, spending
from lovebank.demo.calls import Caller
from lovebank.demo.telling import chapter, expect, say, waiting
from lovebank.demo.thread import ZONE, Clock, Told

RED_POSTS = (
    ("党建宣传岗", "publicity", "社区服务中心门口"),
    ("治安巡逻岗", "patrol", "北门岗亭"),
    ("环境监督岗", "environment", "中心花园"),
    ("文化传播岗", "culture", "文化活动室"),
)


def tell(clock: Clock, program: Program) -> Told:
    """Tell it all, from the first person to the proved books; Untrue at the first thing untrue."""
    today = program.clock.now().astimezone(ZONE).date()
    told = Told(clock, program, today - timedelta(days=2))
    found_community(told)
    prepare(told)
    earning.serve(told)
    earning.decide(told)
    spending.stock_up(told)
    spending.redeem_by_phone(told)
    spending.redeem_by_card(told)
    earning.correct(told)
    spending.check_books(told)
    return told


def found_community(told: Told) -> None:
    """Chapter 1: a community and its people."""
    chapter(1, "社区与人员", "A community and its people")
    told.at(0, 8)
    admin = cast.ADMIN
    founded = founding.found(
        told.program,
        name=cast.COMMUNITY,
        admin_name=admin.name,
        admin_phone=str(admin.phone),
        admin_password=cast.PASSWORD,
        via="demo",
    )
    told.people[admin.key] = str(founded.person_id)
    told.callers[admin.key] = Caller(told.clock.base_url).signed_in(str(admin.phone), cast.PASSWORD)
    for part in waiting(cast.OTHERS, "登记", "people"):
        _add(told, part)
    household = {"person_ids": [told.people["captain"], told.people["liu"]]}
    told["admin"].post("/households", household)
    say(
        f"{cast.COMMUNITY}：{len(cast.OTHERS) + 1} 人，各有分工；王建国与刘洋是一家人。",
        f"{len(cast.OTHERS) + 1} people, each role held by somebody; two are of one household.",
    )


def _add(told: Told, part: cast.Part) -> None:
    body: dict[str, Any] = {"name": part.name}
    body |= {"phone": part.phone, "password": cast.PASSWORD} if part.phone else {"birth_year": 1941}
    person = told["admin"].post("/people", body)
    told.people[part.key] = person["id"]
    if part.roles:
        roles = {"roles": list(part.roles)}
        told["admin"].send("PATCH", f"/people/{person['id']}", roles, want=200)
    if part.phone:
        told.callers[part.key] = Caller(told.clock.base_url).signed_in(part.phone, cast.PASSWORD)


def prepare(told: Told) -> None:
    """Chapter 2: a fund, four red posts and the rule."""
    chapter(2, "资金、四个红色岗位、积分规则", "A fund, four red posts, a rule")
    fund = {"name": "微公益创投 Community grant", "points_budget": 2_000, "fen": 100_000}
    told.made["fund"] = told["treasurer"].post("/funds", fund)["id"]
    for name, kind, place in RED_POSTS:
        body = {"name": name, "kind": kind, "place": place, "fund_id": told.made["fund"]}
        told.made[kind] = told["admin"].post("/red-posts", body)["id"]
    expect(len(told["chen"].get("/red-posts")["items"]), 4, "red posts")
    rule = {
        "name": "时长积分",
        "points_per_hour": 10,
        "round_down_minutes": 30,
        "daily_cap_points": 40,
        "night": {"from": "22:00", "to": "06:00", "points_per_hour": 15},
        "effective_from": told.first_day.isoformat(),
    }
    told["admin"].post("/award-rules", rule)
    say(
        "资金：2000 分、1000 元。每小时 10 分，半小时起计，夜间 15 分，每日上限 40 分。",
        "A fund of 2,000 points and 1,000 yuan; 10 points an hour in half hours, 15 at night,"
        " 40 a day at most.",
    )
