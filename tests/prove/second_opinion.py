"""A second opinion on the books: what independent programs reckon from the exported journal.

Invariant: Beancount and hledger never see our balances but as assertions, and sum the postings
themselves; where hledger is absent the proof fails and says what is missing.
"""

from pathlib import Path
from random import Random

from kit.db import Database
from ledger import export, statements
from ledger.export import words
from tests.ledger import second_opinions
from tests.ledger.books import Books, books
from tests.ledger.histories import WEIGHTS, History
from tests.ledger.second_opinions import Balances
from tests.prove.scene import set_up
from tests.prove.stage import ENGINES, Stage, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof

DEEDS = 60
BUDGET = 900


@proof("second_opinion", "random histories exported: Beancount and hledger reckon our balances")
def second_opinion(run: Run) -> list[Figure]:
    hledger = second_opinions.hledger_version()
    figures = [Figure("the second program", hledger, "hledger", hledger.startswith("hledger"))]
    for engine in ENGINES:
        with stage(engine) as one:
            figures += _story(one, engine)
            figures += _histories(one, engine, run)
    return figures


def _story(one: Stage, engine: str) -> list[Figure]:
    """What the program's own command prints of a community at work."""
    scene = set_up(one.port, points_per_hour=100)
    people = scene.people(3)
    scene.earn([person_id for person_id, _ in people], "早班")
    goods_id = scene.goods("大米", 30, 5)
    for _, caller in people:
        order = caller.made("POST", "/orders", {"goods_id": goods_id, "quantity": 1})
    people[-1][1].made("POST", f"/orders/{order['id']}/cancel", {"reason": "不要了"})
    one.stop()
    beans, hledger = one.folder / "story.beancount", one.folder / "story.journal"
    beans.write_text(one.must("export", "journal", "--format", "beancount"), encoding="utf-8")
    hledger.write_text(one.must("export", "journal", "--format", "hledger"), encoding="utf-8")
    told = "".join(path.read_text(encoding="utf-8") for path in (beans, hledger))
    names = ["志愿者", "职员", "陈主任", "幸福里", "大米", "136000"]
    return [
        exactly(f"{engine}: the story, bean-check", second_opinions.bean_check(beans), (0, "")),
        exactly(f"{engine}: the story, hledger", second_opinions.hledger_check(hledger), (0, "")),
        exactly(f"{engine}: names in it", [name for name in names if name in told], []),
        at_least(f"{engine}: transfers in it", told.count("transfer: "), 2 * (3 + 3 + 1 + 1)),
    ]


def _histories(one: Stage, engine: str, run: Run) -> list[Figure]:
    count = run.length(50, 8)
    proved = {"Beancount": 0, "hledger": 0}
    caught = dict(proved)
    deeds = owing = 0
    tried: set[str] = set()
    database = Database(one.url)
    for number in range(count):
        past = History(books(database, BUDGET), Random(run.seed + number))
        past.go_on(DEEDS)
        tried |= (+past.done).keys()
        deeds += past.done.total()
        wanted = _balances(past.ours)
        beans, journal = _text(past.ours, "beancount"), _text(past.ours, "hledger")
        owing += "Assets:Owed:" in beans
        proved["Beancount"] += _beancount_agrees(beans, wanted)
        proved["hledger"] += _hledger_agrees(one.folder / "random.journal", journal, wanted)
        caught["Beancount"] += bool(
            second_opinions.beancount_errors(second_opinions.planted(beans))
        )
        wrong = one.folder / "wrong.journal"
        wrong.write_text(second_opinions.planted(journal), encoding="utf-8")
        caught["hledger"] += second_opinions.hledger_check(wrong)[0] != 0
    database.dispose()
    figures = [
        at_least(f"{engine}: deeds and refusals", deeds, count * DEEDS // 2),
        at_least(f"{engine}: histories with debts", owing, 1),
        exactly(f"{engine}: kinds of deed never done", sorted(WEIGHTS.keys() - tried), []),
    ]
    for name in proved:
        figures.append(exactly(f"{engine}: histories {name} agrees with", proved[name], count))
        figures.append(exactly(f"{engine}: wrong balances {name} caught", caught[name], count))
    return figures


def _beancount_agrees(text: str, wanted: Balances) -> bool:
    errors = second_opinions.beancount_errors(text)
    return not errors and second_opinions.beancount_balances(text) == wanted


def _hledger_agrees(path: Path, text: str, wanted: Balances) -> bool:
    path.write_text(text, encoding="utf-8")
    status, _told = second_opinions.hledger_check(path)
    return status == 0 and second_opinions.hledger_balances(path) == wanted


def _text(ours: Books, form: str) -> str:
    lines = export.FORMATS[form]
    return ours.read(lambda session: "".join(lines(session, ours.community_id)))


def _balances(ours: Books) -> Balances:
    """Our own trial balance under the names of the export; a debit is positive there."""
    found: Balances = {}
    for row in ours.read(lambda s: statements.trial_balance(s, ours.community_id)):
        if row.balance:
            spot = words.name(row.kind, row.owner_id, row.commodity), words.commodity(row.commodity)
            found[spot] = -row.balance
    return found
