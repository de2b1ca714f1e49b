"""Each page is shown to its roles and refused to all others, and opening pages changes nothing."""

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.web import world as worlds
from tests.web.browser import Browser
from tests.web.routes import counts, routes
from tests.web.world import ROLES, World

EVERYBODY = set(ROLES)
STAFF = EVERYBODY - {"volunteer"}
LEADS = {"captain", "manager"}

#: who sees a page; what is not here is for everybody who is signed in
MAY = {
    "/office": STAFF,
    "/office/people": {"manager", "admin"},
    "/office/people/<uuid:person_id>": {"manager", "admin"},
    "/office/people/<uuid:person_id>/card": {"manager"},
    "/office/imports": {"manager", "treasurer"},
    "/office/units": {"manager", "admin"},
    "/office/community": {"admin"},
    "/office/red-posts": LEADS,
    "/office/red-posts/<uuid:red_post_id>": LEADS,
    "/office/red-posts/<uuid:red_post_id>/poster": LEADS,
    "/office/shifts": LEADS,
    "/office/rules": {"manager", "treasurer", "auditor"},
    "/office/goods": {"manager", "treasurer", "auditor"},
    "/office/funds": {"treasurer", "auditor"},
    "/office/templates": LEADS,
    "/desk": LEADS,
    "/desk/approvals": LEADS,
    "/desk/attendances/<uuid:attendance_id>": LEADS,
    "/desk/shifts/<uuid:shift_id>": LEADS,
    "/desk/shifts/<uuid:shift_id>/change": LEADS,
    "/desk/shifts/<uuid:shift_id>/move": LEADS,
    "/office/objections": {"manager", "auditor"},
    "/office/samples": {"manager", "auditor"},
    "/office/signals": {"manager", "auditor"},
    "/desk/shifts/<uuid:shift_id>/code": LEADS,
    "/desk/shifts/<uuid:shift_id>/code/part": LEADS,
    "/counter": {"clerk"},
    "/counter/people/<uuid:person_id>": {"clerk"},
    "/counter/orders/<uuid:order_id>": {"clerk"},
    "/books": {"treasurer", "auditor"},
    "/books/check": {"treasurer", "auditor"},
    "/books/adjustments": {"treasurer", "auditor"},
    "/books/adjustments/people/<uuid:person_id>": {"treasurer"},
    "/books/adjustments/<uuid:adjustment_id>": {"treasurer", "auditor"},
    "/books/periods": {"treasurer", "auditor"},
    "/books/transfers": {"treasurer", "auditor"},
    "/books/lots/<uuid:lot_id>": {"treasurer", "auditor"},
    "/books/transfers/<uuid:transfer_id>": {"treasurer", "auditor"},
    # Of one's own: the volunteer's here.
    "/orders/<uuid:order_id>": {"volunteer", "clerk", "auditor"},
    "/attendances/<uuid:attendance_id>": {"volunteer", "manager", "treasurer", "auditor"},
}
OPEN = {
    *("/", "/sign-in", "/calendar/<uuid:community_id>/<calendar>.ics"),
    *("/board", "/board/<uuid:community_id>"),
}
#: a manager's look at somebody's card leaves an entry, as does a page that was refused
TRAIL = ("audit_entries", "audit_unsealed")


def test_each_page_is_shown_to_its_roles_and_refused_to_others(world: World) -> None:
    worlds.furnish(world)
    pages = [route for route in routes(world) if route.method == "GET"]
    assert len(pages) > 35
    for route in pages:
        for role in ROLES:
            answer = world[role].get(route.path)
            wanted = 200 if role in MAY.get(route.rule, EVERYBODY) else 403
            if route.rule == "/sign-in":
                wanted = 303
            assert answer.status_code == wanted, (route.rule, role, answer.status_code)


def test_a_stranger_is_led_to_sign_in_and_back(world: World) -> None:
    worlds.furnish(world)
    for route in routes(world):
        if route.method != "GET" or route.rule in OPEN:
            continue
        answer = world.stranger().get(route.path)
        assert answer.status_code == 303, route.rule
        assert answer.headers["Location"].startswith("/sign-in?next=/"), route.rule


def test_opening_pages_changes_nothing(world: World) -> None:
    worlds.furnish(world)
    browser = _everything(world)
    before = counts(world.database, *TRAIL)
    for route in routes(world):
        if route.method == "GET":
            for lang in ("zh", "en"):
                assert browser.get(f"{route.path}?lang={lang}").status_code in (200, 303)
    assert counts(world.database, *TRAIL) == before


def test_a_stranger_learns_nothing_from_a_card_or_voucher(world: World) -> None:
    worlds.furnish(world)
    name = world.people["volunteer"].name
    for token in (world.tokens["card"], world.tokens["voucher"]):
        for path in (f"/s/{token}", f"/S/{token}", f"/s/{token.lower()}"):
            page = world.stranger().open(path)
            assert page.response.request.path == "/sign-in"
            assert name not in page.text
            assert "〇" not in page.text


def test_somebody_else_learns_nothing_from_a_card_or_voucher(world: World) -> None:
    worlds.furnish(world)
    neighbour = world.join("赵大妈")
    before = counts(world.database)
    for token in (world.tokens["card"], world.tokens["voucher"]):
        page = neighbour.open(f"/s/{token}")
        assert "要给工作人员扫" in page.text
        assert "〇" not in page.text
    assert counts(world.database) == before


@pytest.mark.parametrize("role", ["captain", "clerk", "manager"])
def test_lists_of_people_at_work_are_masked(world: World, role: str) -> None:
    worlds.furnish(world)
    person = world.join("欧阳秀兰", phone="13912345678")
    path = f"/shifts/{world.things['shift']}/sign-ups"
    person.open("/shifts")
    person.send(path)
    shown = {
        "captain": [f"/desk/shifts/{world.things['shift']}", "/desk/approvals", "/desk"],
        "manager": ["/desk/approvals"],
        "clerk": ["/counter", f"/counter/people/{world.people['欧阳秀兰'].id}"],
    }
    for page in shown[role]:
        opened = world[role].open(page)
        text = opened.response.get_data(as_text=True)
        # The form for hand entries offers names to a captain, who must choose the right person.
        rows = text.split("<select", 1)[0] + text.split("</select>")[-1]
        assert "欧阳秀兰" not in rows, page
        assert "13912345678" not in text, page


def _everything(world: World) -> Browser:
    """The admin, who now holds every role: all pages are theirs."""

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
