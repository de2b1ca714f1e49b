"""The words: two languages with the same keys, a text for every key that a page asks for."""

import ast
import re
from pathlib import Path

import pytest

from imports import lists
from kit.errors import Conflict, Invalid, NotAllowed, TooMany
from ledger.kinds import ACCOUNT_KINDS, SHORT_CODES, TRANSFER_KINDS
from people.models import ROLES, UNIT_KINDS
from qr.models import REFUSALS
from redemption.queries import STATUSES
from shifts.approval import exceptions
from shifts.presence import evidence, signals
from shifts.review import outliers
from shifts.review.objection_lists import STATUSES as STATUSES_OF_OBJECTIONS
from shifts.tables.rota import EARNS, RED_POST_KINDS, RISKS
from tests.architecture import source
from treasury.models import KINDS
from treasury.views import LISTED
from web import text

ROOT = source.ROOT / "web"
CONTRACT = [
    "insufficient_points",
    "out_of_stock",
    "limit_reached",
    "too_much",
    "over_budget",
    "already_decided",
    "already_applied",
    "already_reversed",
    "reverse_at_source",
    "period_closed",
    "own_approval",
    "wrong_code",
    "wrong_pin",
    "pin_locked",
    "wrong_credentials",
    "not_signed_in",
    "choose_community",
    "not_allowed",
    "not_found",
    "idempotency_mismatch",
    "validation",
    "too_large",
    "too_many_requests",
    "unavailable",
]
#: refusals of the database's own guards, and of the edge of the API, which no form meets
ELSEWHERE = {"conflict", "internal", "other"}
#: what an import may add, as its reports name it
IMPORTED = (
    *("people", "households", "units", "attendances", "shifts"),
    *("opening_balances", "points"),
)
#: keys that are put together: before the dot that the code writes → what may follow
MADE: dict[str, list[str]] = {
    "account": list(ACCOUNT_KINDS),
    "kind": list(TRANSFER_KINDS),
    "passbook": [*TRANSFER_KINDS, "available"],
    "role": list(ROLES),
    "unit_kind": list(UNIT_KINDS),
    "red_post_kind": list(RED_POST_KINDS),
    "red_posts": [f"risk_{one}" for one in RISKS] + [f"earns_{one}" for one in EARNS],
    "order": list(STATUSES),
    "refused": [*REFUSALS, *CONTRACT],
    "att": [
        "open",
        "closed",
        "auto_closed",
        "submitted",
        "approved",
        "rejected",
        "credited",
        "voided",
    ],
    "entered": ["scan", "card", "hand"],
    "cause": ["self", "household", "recorded", "decided_before"],
    "adjustment": list(LISTED),
    "adjustment_kind": list(KINDS),
    "commodity": ["points", "minutes", "fen", "goods"],
    "amount": ["points", "minutes", "goods"],
    "shift": ["draft", "published", "closed", "cancelled"],
    "sign_up": ["confirmed", "waitlisted", "withdrawn"],
    "weekday": [str(number) for number in range(1, 8)],
    "week": ["1", "2", "3", "4", "last"],
    "community": ["expiry_none", "expiry_end_of_next_year", "expiry_months"],
    "confirm": ["bad_code", "card_revoked", "not_for_you", "stale"],
    "flag": [
        *signals.ALL,
        *(exceptions.MADE_LATE, exceptions.ABOVE_TIER, exceptions.SECOND_SIGNATURE),
        exceptions.CAPTAIN,
    ],
    "theme": ["dark", "light", "system"],
    "month": [str(number) for number in range(1, 13)],
    "imports": [
        *(*lists.KINDS, "sheet", "row", "what", "code"),
        *(f"{verb}_{kind}" for verb in ("needs", "bring_what") for kind in lists.KINDS),
        *(f"{verb}_{one}" for verb in ("added", "would_add") for one in IMPORTED),
    ],
    "question": list(signals.ALL),
    "signals": [outliers.ENTERED, outliers.APPROVED],
    "objection": [*STATUSES_OF_OBJECTIONS, "waiting", "done", "refused"],
    "sample": ["open", "confirmed", "amended"],
    "ok": ["next_in", "next_out", "again_in", "again_out"],
}


def test_both_languages_have_the_same_keys_and_places() -> None:
    zh, en = text.catalogue("zh"), text.catalogue("en")
    assert zh.keys() == en.keys()
    assert not [key for key in zh if text.places(zh[key]) != text.places(en[key])]
    assert not [key for key, value in {**zh, **en}.items() if not value.strip()]


def test_every_key_that_a_page_asks_for_is_there() -> None:
    asked = _asked()
    assert len(asked) > 250
    assert not sorted(key for key in asked if not text.has(key))


def test_every_key_that_is_put_together_is_there() -> None:
    missing = [f"{a}.{b}" for a, ends in MADE.items() for b in ends if not text.has(f"{a}.{b}")]
    assert not missing


def test_every_flag_has_a_word() -> None:
    flags = [
        value
        for name, value in vars(evidence).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    ]
    assert len(flags) >= 7
    assert not [flag for flag in flags if not text.has(f"flag.{flag}")]


def test_every_refusal_of_the_rooms_has_a_sentence() -> None:
    codes = _codes() | set(SHORT_CODES.values())
    assert len(codes) > 20
    assert not sorted(code for code in codes - ELSEWHERE if not text.has(f"refused.{code}"))


def test_every_text_is_used() -> None:
    """A text that nothing says is a promise that nobody keeps."""
    whole = "".join(path.read_text(encoding="utf-8") for path in _files())
    made = {f"{a}.{b}" for a, ends in MADE.items() for b in ends}
    free = ("refused", "refused_with", "fault", "said", "note", "flag", "home", "nav")
    unused = [
        key
        for key in text.catalogue("zh")
        if key not in made and key.partition(".")[0] not in free and key not in whole
    ]
    assert not unused


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Conflict("insufficient_points", short=12), "还差 12 分，先攒一攒"),
        (Conflict("insufficient_points"), "积分还不够，先攒一攒"),
        (NotAllowed("wrong_pin", tries_left=3), "密码不对，还可以试 3 次"),
        (TooMany(61), "试得有点快，请 2 分钟后再来"),
        (Invalid(name="is empty", points="number"), "有 2 处要改，已为您标出来"),
        (Conflict("a_code_of_tomorrow"), "这一步没办成，请过一会儿再试，或问问管理员"),
    ],
)
def test_a_refusal_is_told_with_the_facts_that_are_known(refusal: Conflict, told: str) -> None:
    assert text.refusal("zh", refusal) == told


@pytest.mark.parametrize(
    ("lang", "told", "shown"),
    [
        ("zh", "needed", "这一项要填"),
        ("zh", "is longer than 60 characters", "太长了"),
        ("en", "is longer than 60 characters", "This is too long"),
        ("zh", "is something new", "这一项要改（is something new）"),
        ("en", "is something new", "is something new"),
    ],
)
def test_a_fault_is_told_in_the_readers_language(lang: str, told: str, shown: str) -> None:
    assert text.fault(lang, told) == shown


def test_every_sentence_of_a_fault_is_translated() -> None:
    """What a room says of a field, in English, has its Chinese on the pages."""
    told = {re.sub(r"[0-9]+", "#", one) for one in _faults() if "{" not in one}
    assert len(told) > 20
    api_only = {
        *("want a list", "want role and unit_id", "unit_id is not an id", "name one twice"),
        *("its seq is out of bounds", "only the default is possible in this version"),
        *("is no setting", "is no time zone, such as Asia/Shanghai", "is not known"),
        *("a grown person consents for themself", "name either a red post or an activity"),
    }
    assert not sorted(one for one in told - api_only if not text.has(f"said.{one}"))


def _files() -> list[Path]:
    return [*sorted((ROOT / "templates").iterdir()), *sorted(ROOT.glob("*.py"))]


def _asked() -> set[str]:
    """The keys that stand whole in templates and views."""
    found: set[str] = set()
    for path in _files():
        words = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"\bt\('([a-z_]+\.[a-z_]+)'[,)]", words))
        found |= set(re.findall(r'say\(\s*"([a-z_]+\.[a-z_]+)"', words))
        found |= {f"note.{key}" for key in re.findall(r'\.go\([^\n]*, "([a-z_]+)"\)', words)}
        found |= {f"note.{key}" for key in re.findall(r'noted\("([a-z_]+)"\)', words)}
        found |= {f"fault.{key}" for key in re.findall(r'_fault\(\s*name, "([a-z_]+)"', words)}
        found |= {f"fault.{k}" for k in re.findall(r'setdefault\("\w+", "([a-z_]+)"\)', words)}
    return found


def _calls() -> list[ast.Call]:
    rooms = [file for file in source.program() if file.room in {*source.DOMAIN, "kit"}]
    return [call for file in rooms for call in source.calls(file)]


def _codes() -> set[str]:
    """The codes that the rooms and their guards raise."""
    found = set()
    for call in _calls():
        name = source.called(call).rsplit(".", 1)[-1]
        first = call.args[0] if call.args else None
        if name in {"Conflict", "NotAllowed", "NotSignedIn", "DomainError"}:
            if isinstance(first, ast.Constant):
                found.add(str(first.value))
        elif name == "guard" and len(call.args) > 3 and isinstance(call.args[3], ast.Constant):
            found.add(str(call.args[3].value))
    return found


def _faults() -> set[str]:
    """What the rooms say of fields; sentences with a number in them are made whole with one."""
    found = set()
    for call in _calls():
        if source.called(call).rsplit(".", 1)[-1] != "Invalid":
            continue
        for keyword in call.keywords:
            values = (
                keyword.value.values if isinstance(keyword.value, ast.Dict) else [keyword.value]
            )
            found |= {value.value for value in values if isinstance(value, ast.Constant)}
    return {str(one) for one in found}
