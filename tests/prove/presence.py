"""Codes and clocks at length: nothing forged is taken, and a wrong clock credits nobody twice.

Invariant: each forgery and each scan is counted by how it was answered; what was taken afterwards
shows that the doors were open.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from kit.db import Database
from qr.models import OUTCOMES
from tests.prove.scene import Scene, set_up
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.qr import desk, forging
from tests.qr.faulty_clock import Faulty

PEOPLE = 40
#: wrong codes of one person in a minute, below the limit that is not asked about here
EACH = 25


@proof(
    "forged_codes", "forged, changed, cut and replayed codes through the one scan function: none"
)
def forged_codes(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            other = desk.open_desk(database, title="Elsewhere")
            gate = desk.open_desk(database, title="Here")
            people = [gate.captain, *(gate.town.person() for _ in range(PEOPLE - 1))]
            count = run.length(50_000, 1_500)
            forger = forging.prepared(gate, other, run.seed)
            told = forging.attack(gate, forger, people, count, kept=False)
            taken = gate.scan(people[-1], gate.code()).outcome
            stays = sum(scan.outcome is not None for scan in gate.scans())
            database.dispose()
        figures += [
            exactly(f"{engine}: forgeries tried", sum(told.values()), count),
            exactly(f"{engine}: accepted", sum(told[outcome] for outcome in OUTCOMES), 0),
            Figure(f"{engine}: how they were answered", dict(told), "refusals alone", True),
            exactly(f"{engine}: a genuine code afterwards", (taken, stays), ("checked_in", 1)),
        ]
    return [*figures, *_over_http(run)]


def _over_http(run: Run) -> list[Figure]:
    """The same over a real socket, by as many people as the limit of wrong codes asks for."""
    count = run.length(2_000, 50)
    with stage("sqlite") as one:
        scene = set_up(one.port, points_per_hour=10)
        callers = [caller for _id, caller in scene.people(count // EACH)]
        shift_id = _running(scene)
        token = _code(scene, shift_id)
        told: Counter[str] = Counter()
        forger = forging.Forger(None, run.seed, over=[token[:-1]], victims=[token])
        for number in range(count):
            answer = callers[number // EACH].call("POST", "/scans", {"token": forger.draw()})
            told[f"{answer.status} {answer.code}"] += 1
        accepted = sum(some for code, some in told.items() if code.startswith("2"))
        genuine = callers[0].call("POST", "/scans", {"token": _code(scene, shift_id)})
    return [
        exactly("http: forgeries tried", sum(told.values()), count),
        exactly("http: accepted", accepted, 0),
        exactly("http: a genuine code afterwards", genuine.status, 200),
        Figure("http: how they were answered", dict(told), "refusals alone", accepted == 0),
    ]


def _running(scene: Scene) -> str:
    """A shift that runs now."""
    activity = scene.admin.made("POST", "/activities", {"name": "值班"})
    now = datetime.now(UTC)
    body = {
        "activity_id": activity["id"],
        "title": "值班",
        "captain_id": scene.captain_id,
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=3)).isoformat(),
    }
    made: str = scene.admin.made("POST", "/shifts", body)["id"]
    return made


def _code(scene: Scene, shift_id: str) -> str:
    shown: str = scene.captain.made("GET", f"/shifts/{shift_id}/code")["token"]
    return shown


@proof("clock_faults", "the server 1 h back, 10 years ahead, jumping; phones 3 h back: as if right")
def clock_faults(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            told: Counter[str] = Counter()
            wrong, credited, again, twice = 0, 0, 0, 0
            rounds = run.length(40, 2)
            for number in range(rounds):
                gate = desk.open_desk(database, title="Here")
                people = [gate.town.person() for _ in range(8)]
                fault = Faulty(gate, people, run.seed + number)
                fault.run(120)
                told += fault.told
                wrong += fault.revived + fault.stamped_wrong + fault.out_of_order()
                first, second = fault.approve_twice()
                credited, again = credited + first, again + second
                twice += fault.credited_twice()
            database.dispose()
        figures += [
            exactly(f"{engine}: scans", sum(told.values()), 120 * rounds),
            Figure(f"{engine}: how they were answered", dict(told), "each way", len(told) >= 4),
            exactly(f"{engine}: codes revived, stamped wrong or out of order", wrong, 0),
            at_least(f"{engine}: attendances credited", credited, rounds),
            exactly(f"{engine}: credited again, or people credited twice", again + twice, 0),
        ]
    return figures
