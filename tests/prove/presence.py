"""Codes and clocks at length: nothing forged is taken, and a wrong clock credits nobody twice.

Invariant: each forgery and each scan is counted by how it was answered, and each refusal by what is
kept of it; what was taken afterwards shows that the doors were open.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from bench.scans import Door
from kit.db import Database
from kit.keys import KeyRing
from qr import codes
from qr.models import OUTCOMES
from shifts.tables.attendance import Attendance
from tests.prove.scene import Scene, set_up
from tests.prove.stage import ENGINES, SECRET, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.qr import desk, forging
from tests.qr.desk import Desk
from tests.qr.faulty_clock import Faulty

#: those of the server that is asked over HTTP
SERVERS = KeyRing((SECRET,))
PEOPLE = 40
#: wrong codes of one person in a minute, below the limit that is not asked about here
EACH = 25


@proof(
    "forged_codes", "forged, changed, cut and replayed codes through the one scan function: none"
)
def forged_codes(run: Run) -> list[Figure]:
    figures = []
    count = run.length(50_000, 500)
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            other = desk.open_desk(database, title="Elsewhere")
            gate = desk.open_desk(database, title="Here")
            people = [gate.captain, *(gate.town.person() for _ in range(PEOPLE - 1))]
            forger = forging.prepared(gate, other, run.seed)
            told = forging.attack(gate, forger, people, count, together=True)
            refused, stays = len(gate.scans()) + len(gate.unknown()), _stays(gate)
            taken = gate.scan(people[-1], gate.code()).outcome
            database.dispose()
            checked = one.run("check")
        figures += [
            exactly(f"{engine}: forgeries tried", sum(told.values()), count),
            exactly(f"{engine}: accepted", sum(told[outcome] for outcome in OUTCOMES), 0),
            Figure(f"{engine}: how they were answered", dict(told), "refusals alone", True),
            exactly(f"{engine}: refusals kept", refused, count),
            exactly(f"{engine}: stays begun by them", stays, 0),
            exactly(f"{engine}: a genuine code afterwards", taken, "checked_in"),
            exactly(f"{engine}: lovebank check", checked.returncode, 0),
        ]
        figures += _over_http(engine, run) if engine == "sqlite" or not run.quick else []
    return figures


def _stays(gate: Desk) -> int:
    """How many stays there are, of whatever kind."""
    query = select(func.count()).where(Attendance.community_id == gate.town.community_id)
    return gate.town.read(lambda session: session.execute(query).scalar_one())


def _over_http(engine: str, run: Run) -> list[Figure]:
    """The same over a real socket, by as many people as the limit of wrong codes asks for."""
    count = run.length(2_000, 50)
    with stage(engine) as one:
        scene = set_up(one.port, points_per_hour=10)
        callers = [caller for _id, caller in scene.people(count // EACH)]
        shift_id = _running(scene)
        token = _code(scene, shift_id)
        told: Counter[str] = Counter()
        forger = forging.Forger(None, run.seed, over=_over(shift_id, token), victims=[token])
        for number in range(count):
            answer = callers[number // EACH].call("POST", "/scans", {"token": forger.draw()})
            told[f"{answer.status} {answer.code}"] += 1
        # The server ends a connection that rested for two minutes; these have.
        for rested in (scene.captain, callers[0]):
            rested.close()
        accepted = sum(some for code, some in told.items() if code.startswith("2"))
        genuine = callers[0].call("POST", "/scans", {"token": _code(scene, shift_id)})
    return [
        exactly(f"{engine}, http: forgeries tried", sum(told.values()), count),
        exactly(f"{engine}, http: accepted", accepted, 0),
        exactly(f"{engine}, http: refused for their number", told["429 too_many_requests"], 0),
        Figure(
            f"{engine}, http: how they were answered", dict(told), "refusals alone", accepted == 0
        ),
        exactly(f"{engine}, http: a genuine code afterwards", genuine.status, 200),
    ]


def _over(shift_id: str, token: str) -> list[str]:
    """What the same door showed before, which a forger has kept: replayed, it is over."""
    parsed = codes.parse(token)
    assert parsed is not None, "the server's own code"
    door, now = Door(UUID(shift_id), parsed.ref), datetime.now(UTC)
    ago = (timedelta(seconds=90), timedelta(hours=1), timedelta(days=1))
    return [codes.shift_code(SERVERS, door, now - one).token for one in ago]


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
