"""A form that is refused says so on its page, whatever was wrong: never as our own mistake."""

import re

from sqlalchemy.orm import Session

from tests import factories
from tests.web import world as worlds
from tests.web.browser import Browser
from tests.web.routes import routes
from tests.web.world import BASE, ROLES, World

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NOWHERE = "01a203e2-0012-7001-abaf-9754b5cac20e"
#: these end the sign-in
LAST = ("/sign-out", "/me/password")


def test_an_empty_form_and_one_about_nothing_are_refused_calmly(world: World) -> None:
    worlds.furnish(world)
    browser = _everything(world)
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/").get_data(as_text=True))
    assert found is not None
    headers = browser.headers | {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    forms = [one for one in routes(world) if one.method == "POST" and one.rule not in LAST]
    paths = [one.path for one in forms]
    told = {}
    for path in [*paths, *(ID.sub(NOWHERE, path) for path in paths if ID.search(path))]:
        answer = browser.client.post(path, data={"csrf": found[1]}, headers=headers)
        told[path] = answer.status_code
    assert [path for path, status in told.items() if status >= 500] == []
    # What is the volunteer's own is refused to everybody else; the rest came past the token.
    assert sum(status == 403 for status in told.values()) < len(told) // 10


def _everything(world: World) -> Browser:
    """The admin, who now holds every role."""

    def work(session: Session) -> None:
        for role in set(ROLES) - {"volunteer", "admin"}:
            factories.grant_role(
                session,
                community_id=world.community_id,
                person_id=world.people["admin"].id,
                role=role,
            )

    world.database.write(work)
    return world["admin"]
