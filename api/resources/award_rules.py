"""Award rules: versions of minutes → points."""

from __future__ import annotations

from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.award_rules import AwardRuleIn, AwardRuleOut, ReplayIn, ReplayOut
from api.schemas.shared import Version
from shifts.rules import replay, signing, versions
from shifts.rules.replay import Change
from shifts.tables.rota import AwardRule, RuleSignature

_SAME = (
    "id",
    "name",
    "version",
    "points_per_hour",
    "round_down_minutes",
    "min_minutes",
    "daily_cap_points",
    "effective_from",
    "red_post_id",
    "red_post_cap_points",
    "fund_cap_points",
    "captain_coefficient",
    "deputy_coefficient",
    "signature_asked_at",
)
#: people that a comparison names, those first for whom it changes most
NAMED = 1000


@call("POST", "/award-rules", who="manager", body=AwardRuleIn, answer=Version, status=201)
def add(ask: Ask) -> AwardRule:
    """Add a rule, or the next version of the one with this name."""
    return versions.add(ask.session, actor=ask.actor, at=ask.at, **_facts(ask))


@call("POST", "/award-rules/{award_rule_id}/approve", who="a second manager", answer=Version)
def approve(ask: Ask) -> AwardRule:
    """Sign a version that waits for a second signature: from then on it is in force."""
    return signing.sign(ask.session, actor=ask.actor, at=ask.at, rule_id=ask.ids["award_rule_id"])


@call("POST", "/award-rules/replay", who="manager", body=ReplayIn, answer=ReplayOut, writes=False)
def tried(ask: Ask) -> dict[str, Any]:
    """Try a draft on past attendances: who would gain, who lose, what each fund would pay.

    Nothing is written. It names at most a thousand people, those first for whom it changes most.
    """
    found = replay.compare(ask.session, actor=ask.actor, at=ask.at, **_facts(ask))
    return {
        **_change(found.whole),
        **{name: getattr(found, name) for name in ("since", "until", "gain", "lose")},
        "funds": [{"fund_id": one, **_change(change)} for one, change in found.funds.items()],
        "people": [{"person_id": one, **_change(change)} for one, change in found.changed(NAMED)],
    }


@call(
    "GET", "/award-rules", who="anyone signed in", query=PageQuery, answer=AwardRuleOut, paged=True
)
def listed(ask: Ask) -> Page:
    """Rule versions, newest first."""
    page = cursors.page(
        ask,
        lambda limit, before: versions.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
    signed = signing.signatures(ask.session, ask.community_id, [row.id for row in page.items])
    return Page([_signed(row, signed.get(row.id)) for row in page.items], page.last)


def _facts(ask: Ask) -> dict[str, Any]:
    facts = dict(ask.body)
    night = facts.pop("night")
    return facts | {"night": None if night is None else versions.NightRate(**night)}


def _change(change: Change) -> dict[str, int]:
    return {name: getattr(change, name) for name in ("attendances", "was", "would", "difference")}


def told(row: AwardRule) -> dict[str, Any]:
    """A version, without its signature."""
    night = None
    if row.night_from is not None:
        night = {
            "starts": row.night_from,
            "ends": row.night_to,
            "points_per_hour": row.night_points_per_hour,
        }
    return {name: getattr(row, name) for name in _SAME} | {"night": night}


def _signed(row: AwardRule, signed: RuleSignature | None) -> dict[str, Any]:
    signature = {
        "signed_at": signed.signed_at if signed is not None else None,
        "signed_by": signed.signed_by if signed is not None else None,
    }
    return told(row) | signature
