"""The rights table: every call of the API × every role × whose things it is about; and the pages.

Invariant: the table is complete by construction: a call or a page without a row fails, here and in
the suite; the pages' own table is tests/web/test_rights.py.
"""

import re

from flask import Flask

from api.calls import CALLS
from kit.clock import StandingClock
from kit.db import Database
from kit.program import Program
from tests.api import asking, relations
from tests.api import world as worlds
from tests.api.test_rights import RIGHTS
from tests.factories import AT, KEYS
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.web import test_rights as pages
from tests.web import world as webs
from tests.web.browser import Browser
from tests.web.routes import Route, counts, routes

#: a refusal is in the trail, and a wrong code is counted; nothing else may come of it
TRACES = (*pages.TRAIL, "unknown_scans", "limits")
#: volunteer, captain, manager: those whose rights differ most from one relation to another
QUICK_ROLES = 3
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@proof(
    "rights",
    "call or page × role × {own, household, other, other community, signed out}: none unexpected",
)
def rights(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES[: run.length(2, 1)]:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            try:
                figures += [*_calls(database, engine, run), *_pages(database, engine, run)]
            finally:
                database.dispose()
    return figures


def _calls(database: Database, engine: str, run: Run) -> list[Figure]:
    clock = StandingClock(AT)
    app: Flask = worlds.app_of(Program(database, clock, KEYS, worlds.BASE))
    world, foreign, busy = (worlds.make(database, clock, app) for _ in range(3))
    for one in (world, foreign):
        relations.furnish(one)
    there = {f"{call.method} {call.path}" for call in CALLS}
    without = (there - relations.rows().keys()) | (there - RIGHTS.keys())
    if without:
        return [exactly(f"{engine}: calls without a row", sorted(without), [])]
    roles = worlds.ROLES[: run.length(len(worlds.ROLES), QUICK_ROLES)]
    tried, wrong = relations.unexpected(world, foreign, roles)
    # Anybody else's things are tried by the suite each time (tests/api/test_rights.py).
    others, mistaken = (0, []) if run.quick else _others(busy)
    cells = len(CALLS) * (run.length(4, 3) * len(roles) + 1)
    return [
        at_least(f"{engine}: cells of the table", tried + others, cells),
        exactly(f"{engine}: unexpected answers", [*wrong, *mistaken], []),
    ]


def _others(world: worlds.World) -> tuple[int, list[str]]:
    """Every call about the things of somebody whom the caller has nothing to do with."""
    asking.furnish(world)
    world.join("other", "captain")
    bodies, tried, wrong = asking.bodies(world), 0, []
    with relations.undone():
        for call in CALLS:
            name = f"{call.method} {call.path}"
            path = asking.path_of(world, call.path)
            for role in (*worlds.ROLES, "other"):
                answer = world[role].send(call.method, path, bodies.get((call.method, call.path)))
                tried += 1
                found = relations.said(answer)
                if found == "broken" or (found == "not_allowed") == (role in RIGHTS[name]):
                    wrong.append(f"other: {name} by {role}: {answer.status_code} {found}")
    return tried, wrong


def _pages(database: Database, engine: str, run: Run) -> list[Figure]:
    """Pages by role, and pages and forms about what is another community's, or by nobody."""
    clock = StandingClock(AT)
    app = webs.app_of(Program(database, clock, KEYS, webs.BASE))
    world, foreign = (webs.make(database, clock, app, name) for name in ("东里", "西里"))
    for one in (world, foreign):
        webs.furnish(one)
    roles = webs.ROLES[: run.length(len(webs.ROLES), QUICK_ROLES)]
    tried, wrong = _own_pages(world, () if run.quick else roles)
    before = counts(database, *TRACES)
    for route in routes(foreign):
        for role in roles if "<" in route.rule else ():
            tried += 1
            status = _sent(world[role], route)
            if not _is_nothing(route, status):
                wrong.append(f"another community's {route.method} {route.rule} by {role}: {status}")
        if route.rule not in pages.OPEN | {"/view"}:
            tried += 1
            status = _sent(world.stranger(), route)
            if status not in (303, 403):
                wrong.append(f"{route.method} {route.rule}, signed out: {status}")
    return [
        at_least(f"{engine}: cells of pages and forms", tried, run.length(800, 200)),
        exactly(f"{engine}: unexpected answers of pages", wrong, []),
        exactly(f"{engine}: rows that forms without right wrote", _grown(database, before), {}),
    ]


def _own_pages(world: webs.World, roles: tuple[str, ...]) -> tuple[int, list[str]]:
    """Each page of the own community, by role."""
    tried, wrong = 0, []
    for route in routes(world):
        for role in roles if route.method == "GET" else ():
            tried += 1
            status = world[role].get(route.path).status_code
            sees = role in pages.MAY.get(route.rule, pages.EVERYBODY)
            if status != (303 if route.rule == "/sign-in" else 200 if sees else 403):
                wrong.append(f"{route.rule} by {role}: {status}")
    return tried, wrong


def _sent(browser: Browser, route: Route) -> int:
    """A page opened, or a form sent with the token of this sign-in and nothing filled in."""
    if route.method == "GET":
        return browser.get(route.path).status_code
    found = _CSRF.search(browser.get("/").get_data(as_text=True))
    data = {"csrf": found[1]} if found else {}
    headers = browser.headers | {"Origin": webs.BASE, "Sec-Fetch-Site": "same-origin"}
    return browser.client.post(route.path, data=data, headers=headers).status_code


def _is_nothing(route: Route, status: int) -> bool:
    """Whether the thing was not there; the page of a code says that it is none of ours.

    A calendar's address and a public board are for everybody, of whichever community.
    """
    if route.rule.startswith(("/calendar/", "/board/")):
        return status == 200
    if route.rule.lower().startswith("/s/") and route.method == "GET":
        return status == 200
    return 400 <= status < 500


def _grown(database: Database, before: dict[str, int]) -> dict[str, int]:
    after = counts(database, *TRACES)
    return {name: after[name] - count for name, count in before.items() if after[name] != count}
