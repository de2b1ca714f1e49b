"""``import people``: all or nothing, once, every bad row named, and nobody changed."""

from sqlalchemy.orm import Session

from audit.actor import system
from imports import faults
from imports.units import kind_of
from people import households, phones, units
from people.credential_models import Card
from people.models import Household, Person
from tests import factories
from tests.factories import KEYS
from tests.imports.scene import Town, codes
from tests.imports.writing import PEOPLE

LIST = (
    PEOPLE,
    ("王芳", "13900000001", 1958, "幸福街道/第一网格", "3-502", ""),
    ("李强", "13900000002", "1955年6月", "第一网格", "3-502", ""),
    ("李小明", "", 2016, "第一网格", "3-502", "王芳"),
    ("赵奶奶", "无", 1940, "第二网格", "", ""),
    ("王芳", "13900000001", "", "", "3-502", ""),
)


def test_a_list_becomes_people_with_units_households_and_cards(town: Town) -> None:
    report = town.bring("people", LIST)
    assert report.faults == []
    assert report.written
    assert report.added == {"people": 4, "households": 1, "units": 3}
    assert [(one.row, one.code) for one in report.notes if one.code == "note_same"] == [
        (6, "note_same")
    ]
    wang, child, old = (town.named(name) for name in ("王芳", "李小明", "赵奶奶"))
    assert phones.of(wang, KEYS) == "+8613900000001"
    assert (wang.birth_year, child.guardian_id, child.unit_id) == (1958, wang.id, wang.unit_id)
    assert wang.household_id == child.household_id is not None
    assert old.household_id is None
    assert town.count(Card) == town.count(Person) == 5
    assert town.deeds("people:person:added") == 5
    assert town.problems() == set()


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    town.bring("people", LIST)
    before = (town.count(Person), town.count(Household), town.deeds("imports:list:imported"))
    again = town.bring("people", LIST)
    assert (again.faults, again.written, again.known) == ([], False, 4)
    assert not any(again.added.values())
    assert before == (5, 1, 1)
    assert before == (
        *(town.count(Person), town.count(Household)),
        town.deeds("imports:list:imported"),
    )


def test_a_dry_run_says_the_same_and_writes_nothing(town: Town) -> None:
    report = town.bring("people", LIST, dry_run=True)
    assert (report.added["people"], report.written) == (4, False)
    assert town.count(Person) == 1


def test_every_bad_row_is_named_and_nothing_is_written(town: Town) -> None:
    first = town.first.name
    taken = town.program.database.read(lambda s: phones.of(town.first, KEYS))
    report = town.bring(
        "people",
        (
            (*PEOPLE, "身份证号"),
            ("", "13900000001"),
            ("13900000009", "13900000009"),
            ("王芳", "1390000000"),
            ("李强", "1.38E+10"),
            ("周明", "13900000003", 1850),
            ("吴霞", "13900000004", 1950, "", "", "", "110105194912310021"),
            ("吴霞", "13900000005", 1950, "", "", "", "11010519491231002X"),
            ("孙小宝", "", 2018),
            ("钱小宝", "", 2018, "", "", "没有这个人的"),
            ("冯军", "13900000006"),
            ("陈军", "13900000006"),
            ("张伟", ""),
            ("张伟", ""),
            ("卫国", taken),
            ("褚红", "13900000007", 1960, "一" * 70),
            ("蒋丽", "13900000008", 1961),
            ("蒋丽", "13900000008", 1962),
        ),
    )
    assert codes(report) == [
        *((2, "name_missing"), (3, "name_bad"), (4, "phone_bad"), (5, "phone_cut")),
        *((6, "birth_bad"), (7, "id_number_bad"), (8, "birth_differs")),
        *((9, "guardian_needed"), (10, "guardian_unknown"), (12, "phone_twice")),
        *((14, "who_unclear"), (15, "phone_taken"), (16, "unit_bad"), (18, "same_differs")),
    ]
    assert first in report.faults[11].told("zh")
    assert town.count(Person) == 1
    assert town.deeds("imports:list:imported") == 0


def test_a_newcomer_joins_the_household_that_is_there(town: Town) -> None:
    town.bring("people", LIST)
    report = town.bring(
        "people", (PEOPLE, LIST[1], ("李小红", "", 2015, "", "3-502", "13900000001"))
    )
    assert report.added == {"people": 1, "households": 0, "units": 0}
    assert town.named("李小红").household_id == town.named("王芳").household_id
    assert town.named("李小红").guardian_id == town.id_of("王芳")


def test_who_lives_alone_in_the_register_gets_a_household_with_a_newcomer(town: Town) -> None:
    town.bring("people", (PEOPLE, ("王芳", "13900000001", 1958, "", "3-502")))
    assert town.named("王芳").household_id is None
    both = (PEOPLE, ("王芳", "13900000001", 1958, "", "3-502"), ("李强", "", 1955, "", "3-502"))
    assert town.bring("people", both).added["households"] == 1
    assert town.named("王芳").household_id == town.named("李强").household_id is not None
    assert not any(town.bring("people", both).added.values())


def test_people_of_two_households_are_not_put_together(town: Town) -> None:
    def apart(session: Session) -> None:
        for number in (1, 2):
            one = factories.make_person(
                session,
                community_id=town.community.id,
                name=f"邻居{'甲乙'[number - 1]}",
                phone=f"1370000000{number}",
            )
            actor = system(town.community.id, "cli")
            households.form(session, actor=actor, at=factories.AT, person_ids=[one.id])

    town.program.database.write(apart)
    report = town.bring(
        "people",
        (
            PEOPLE,
            ("邻居甲", "13700000001", "", "", "5"),
            ("邻居乙", "13700000002", "", "", "5"),
            ("新来", "13700000003", "", "", "5"),
        ),
    )
    assert codes(report) == [(4, "household_unclear")]


def test_what_the_register_knows_otherwise_is_told_and_left(town: Town) -> None:
    town.bring("people", LIST)
    report = town.bring("people", (PEOPLE, ("王芳", "13900000001", 1959, "第二网格", "", "")))
    assert [one.code for one in report.notes] == ["note_differs"]
    assert town.named("王芳").birth_year == 1958


def test_who_may_be_in_the_register_without_a_phone_is_asked_about(town: Town) -> None:
    town.bring("people", LIST)
    report = town.bring("people", (PEOPLE, ("赵奶奶", "13900000077", 1940)))
    assert codes(report) == [(2, "may_be_known")]


def test_a_unit_of_two_places_needs_the_one_above_it(town: Town) -> None:
    town.bring(
        "people", (PEOPLE, ("甲", "", 1950, "东片/一组", ""), ("乙", "", 1951, "西片/一组", ""))
    )
    report = town.bring("people", (PEOPLE, ("丙", "", 1952, "一组", "")))
    assert codes(report) == [(2, "unit_unclear")]
    whole = town.bring("people", (PEOPLE, ("丙", "", 1952, "西片/一组", "")))
    assert whole.added == {"people": 1, "households": 0, "units": 0}
    tree = town.program.database.read(lambda s: units.everything(s, town.community.id))
    assert len(tree) == 4


def test_a_unit_has_its_kind_from_its_name() -> None:
    told = ("幸福街道", "第一网格", "第三党支部", "蓝天小队", "巡逻队", "五号楼", "别的")
    assert [kind_of(name) for name in told] == [
        *("street", "grid", "party_branch", "squad", "team", "building_group", "other")
    ]


def test_every_sentence_is_there_in_both_languages() -> None:
    for code, told in faults.table().items():
        assert set(told) == {"zh", "en"}, code
        holders = [text.count("{") for text in told.values()]
        assert holders[0] == holders[1], code
