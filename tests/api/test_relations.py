"""The rights table has a row for every route; the proof ``rights`` tries all of its cells."""

from api import routes
from api.calls import CALLS
from tests.api import relations
from tests.api.world import ROLES


def test_every_route_has_its_row_for_own_and_household() -> None:
    routes.load()
    there = {f"{call.method} {call.path}" for call in CALLS}
    rows = relations.rows()
    assert sorted(there - rows.keys()) == [], "routes without a row in relations.toml"
    assert sorted(rows.keys() - there) == [], "rows without a route"


def test_a_row_names_roles_and_nothing_else() -> None:
    known = {*ROLES, "everybody", "nobody"}
    for name, row in relations.rows().items():
        assert len(row) == 2, name
        assert {word.removeprefix("!") for told in row for word in told.split()} <= known, name
