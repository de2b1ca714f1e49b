"""The sentences of an explanation, in Chinese and English, made from the stored facts.

Invariant: a sentence holds no number that the facts do not hold; hours are written in whole tenths
without a fraction ever being worked with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reports.chain import AwardLink, Chain, DecisionLink, RecordLink
from reports.spending import LotLink, OrderPart
from shifts.rules import sums

_TEXTS = {
    "shift": ("{occasion}，{title}，{starts} 至 {ends}", "{occasion}, {title}, {starts} to {ends}"),
    "check_in": ("{at} 签到（{actor}）", "Checked in at {at} (by {actor})"),
    "check_out": ("{at} 签退（{actor}）", "Checked out at {at} (by {actor})"),
    "duplicate": ("{at} 重复扫码（{actor}）", "Scanned again at {at} (by {actor})"),
    "entry": ("{at} 由 {actor} 手工补记{why}", "Entered by hand at {at} by {actor}{why}"),
    "undo": ("{at} {actor} 撤回了扫码", "The scan was taken back at {at} by {actor}"),
    "break_begun": ("{at} 开始休息（{actor}）", "A break began at {at} (by {actor})"),
    "break_ended": ("{at} 休息结束（{actor}）", "The break ended at {at} (by {actor})"),
    "amendment": ("{at} 由 {actor} 更正时间{why}", "Times corrected at {at} by {actor}{why}"),
    "late_amendment": (
        "{at} {actor} 申请把时间更正为 {in_at} 至 {out_at}{why}",
        "At {at} {actor} asked to correct the times to {in_at} – {out_at}{why}",
    ),
    "move": ("{at} 由 {actor} 移到这一班{why}", "Moved to this shift at {at} by {actor}{why}"),
    "late_approve": ("{at} {actor} 同意更正", "Correction approved at {at} by {actor}"),
    "late_reject": (
        "{at} {actor} 不同意更正{why}",
        "Correction declined at {at} by {actor}{why}",
    ),
    "waiting": (
        "更正等另一位审核，已入账的先不变",
        "The correction waits for a second person; what is credited stands",
    ),
    "anew": ("按更正后的时间重新核定", "Worked out anew from the corrected times"),
    "approve": ("{at} 由 {actor} 审核通过", "Approved at {at} by {actor}"),
    "reject": ("{at} 由 {actor} 审核不通过{why}", "Not approved at {at} by {actor}{why}"),
    "counted": (
        "计时 {from} 至 {to}，共 {minutes} 分钟",
        "Counted {from} to {to}: {minutes} minutes",
    ),
    "breaks": (
        "扣除休息 {out} 分钟，计 {minutes} 分钟",
        "Breaks of {out} minutes taken out: {minutes} minutes",
    ),
    "no_rule": ("当时没有积分规则，记 0 分", "No award rule was in force: 0 points"),
    "unpaid": ("这项只记时长，不计积分", "This duty counts hours and never points"),
    "rule": ("按规则“{name}”第 {version} 版", "By the rule “{name}”, version {version}"),
    "rounded": (
        "按 {multiple} 分钟取整，计 {minutes} 分钟",
        "Cut to a multiple of {multiple} minutes: {minutes} minutes",
    ),
    "below_minimum": ("不足 {minimum} 分钟，不计分", "Less than {minimum} minutes: no points"),
    "split": (
        "白天 {day_minutes} 分钟，夜间 {night_minutes} 分钟",
        "{day_minutes} minutes by day, {night_minutes} by night",
    ),
    "rated": (
        "{day_minutes} 分钟 → {hours} 小时 × {points_per_hour} = {points} 分",
        "{day_minutes} minutes → {hours} h × {points_per_hour} = {points} points",
    ),
    "rated_night": (
        "({day_minutes} 分钟 × {points_per_hour} + {night_minutes} 分钟 × {night_points_per_hour})"
        " ÷ 60 = {points} 分",
        "({day_minutes} min × {points_per_hour} + {night_minutes} min × {night_points_per_hour})"
        " ÷ 60 = {points} points",
    ),
    "rated_role": (
        "{day_minutes} 分钟 → {hours} 小时 × {points_per_hour} × {role}系数 {coefficient}"
        " = {points} 分",
        "{day_minutes} minutes → {hours} h × {points_per_hour} × {coefficient} ({role})"
        " = {points} points",
    ),
    "rated_night_role": (
        "({day_minutes} 分钟 × {points_per_hour} + {night_minutes} 分钟 × {night_points_per_hour})"
        " ÷ 60 × {role}系数 {coefficient} = {points} 分",
        "({day_minutes} min × {points_per_hour} + {night_minutes} min × {night_points_per_hour})"
        " ÷ 60 × {coefficient} ({role}) = {points} points",
    ),
    "capped_red_post": (
        "同一岗位当日上限 {cap} 分，还可得 {left} 分，计 {points} 分",
        "Daily cap {cap} at one red post, {left} left: {points} points",
    ),
    "capped_fund": (
        "同一资金来源当日上限 {cap} 分，还可得 {left} 分，计 {points} 分",
        "Daily cap {cap} from one fund, {left} left: {points} points",
    ),
    "capped": (
        "当日上限 {cap} 分，还可得 {left} 分，计 {points} 分",
        "Daily cap {cap}, {left} left: {points} points",
    ),
    "paid": ("由“{fund}”支持，{points} 分入账", "{points} points credited, from “{fund}”"),
    "moved": (
        "{service_on} 所在月份的账已结，这笔记在 {moved_to}",
        "The books of {service_on} are closed, so it counts on {moved_to}",
    ),
    "on_notice": (
        "积分公示到 {until}，{on} 起可以用",
        "The points are on public notice until {until} and may be spent from {on}",
    ),
    "lasts": ("有效到 {until}", "Valid through {until}"),
    "reversed": ("这笔已冲正", "This award was reversed"),
    "spent": (
        "其中 {points} 分换了 {goods}（{status}）",
        "{points} of them went on {goods} ({status})",
    ),
    "renewed": (
        "{points} 分退回时已过期，延到 {until}",
        "{points} points came back after their last day and may be spent until {until}",
    ),
    "lapsed": ("其中 {points} 分已到期", "{points} of them have lapsed"),
    "repaid": (
        "其中 {points} 分补了先前多记的",
        "{points} of them repaid what was over-credited",
    ),
    "left": ("还剩 {remaining} 分", "{remaining} of them are left"),
}
_ROLES = {"captain": ("岗长", "captain"), "deputy": ("副岗长", "deputy")}
_STATUSES = {
    "held": ("等人复核", "waiting for a second person"),
    "ready": ("等待领取", "ready to collect"),
    "collected": ("已领取", "collected"),
    "cancelled": ("已取消", "cancelled"),
    "lapsed": ("过期退回", "lapsed"),
    "returned": ("已退回", "returned"),
}


def of(chain: Chain, language: str) -> list[str]:
    """The whole chain in sentences, in the order in which things happened."""
    return list(_all(chain, language))


def sum_of(steps: list[dict[str, Any]], language: str) -> str:
    """The worked sum of one award in one line."""
    told = [_step(step, language) for step in steps if step["step"] in _IN_ONE_LINE]
    return ("，" if language == "zh" else ", ").join(told)


_IN_ONE_LINE = ("unpaid", "no_rule", "rounded", "below_minimum", "rated", *sums.CAPS)


def said(key: str, language: str, **facts: Any) -> str:
    """One sentence."""
    return _TEXTS[key][0 if language == "zh" else 1].format(**facts)


def notice(available_on: date | None, language: str) -> list[str]:
    """Until when points were on public notice, in one sentence; nothing where they never were."""
    if available_on is None:
        return []
    until = available_on - timedelta(days=1)
    return [said("on_notice", language, until=until, on=available_on)]


def _all(chain: Chain, language: str) -> Iterator[str]:
    shift = chain.shift
    yield said(
        "shift",
        language,
        occasion=chain.occasion,
        title=shift.title,
        starts=_local(chain.zone, shift.starts_at),
        ends=_local(chain.zone, shift.ends_at),
    )
    for record in chain.records:
        yield _record(chain.zone, record, language)
    late = {record.revision for record in chain.records if record.revision is not None}
    for decision in chain.decisions:
        yield _decision(chain.zone, decision, decision.revision in late, language)
    for award in chain.awards:
        if award.revision in late:
            yield said("anew", language)
        yield from _award(chain.zone, award, language)
    if chain.attendance.amendment is not None:
        yield said("waiting", language)


def _record(zone: str, record: RecordLink, language: str) -> str:
    why = _why(record.reason, language)
    facts = {"at": _local(zone, record.at), "actor": record.actor, "why": why}
    if record.revision is not None:
        for name in ("in_at", "out_at"):
            facts[name] = _local(zone, datetime.fromisoformat(record.after[f"checked_{name}"]))
    return said(record.kind, language, **facts)


def _decision(zone: str, decision: DecisionLink, is_late: bool, language: str) -> str:
    why = _why(decision.reason, language)
    at = _local(zone, decision.decided_at)
    key = f"late_{decision.decision}" if is_late else decision.decision
    return said(key, language, at=at, actor=decision.decider, why=why)


def _award(zone: str, award: AwardLink, language: str) -> Iterator[str]:
    rule = award.inputs["rule"]
    for step in award.steps:
        if step["step"] == "counted":
            facts = {
                name: _local(zone, datetime.fromisoformat(step[name])) for name in ("from", "to")
            }
            yield said("counted", language, **facts, minutes=step["minutes"])
            if rule is not None:
                yield said("rule", language, name=rule["name"], version=rule["version"])
        else:
            yield _step(step, language)
    if award.points:
        yield said("paid", language, fund=award.fund_name, points=award.points)
    yield from _days(award, language)
    if award.reversed_by_id is not None:
        yield said("reversed", language)
    for lot in award.lots:
        yield from _lot(lot, language)


def _lot(lot: LotLink, language: str) -> Iterator[str]:
    """Where the points of one lot went."""
    if lot.renewed:
        yield said("renewed", language, points=lot.original, until=lot.expires_on)
    for order in lot.orders:
        if order.points:
            yield _spent(order, language)
    if lot.repaid:
        yield said("repaid", language, points=lot.repaid)
    if lot.lapsed:
        yield said("lapsed", language, points=lot.lapsed)
    yield said("left", language, remaining=lot.remaining)


def _days(award: AwardLink, language: str) -> Iterator[str]:
    """On which day it counts, where that is another than its own; from when until when the points
    may be spent, where that is bounded."""
    if award.moved_to is not None:
        yield said("moved", language, service_on=award.service_on, moved_to=award.moved_to)
    yield from notice(award.available_on, language)
    if award.expires_on is not None:
        yield said("lasts", language, until=award.expires_on)


def _step(step: dict[str, Any], language: str) -> str:
    name = step["step"]
    if name == "rated":
        return _rated(step, language)
    return said(name, language, **_figures(step))


def _rated(step: dict[str, Any], language: str) -> str:
    facts = _figures(step) | {"hours": _hours(step["day_minutes"])}
    key = "rated_night" if "night_minutes" in step else "rated"
    if "coefficient" in step:
        whole, hundredths = divmod(step["coefficient"], 100)
        facts["coefficient"] = f"{whole}.{hundredths:02d}"
        facts["role"] = _ROLES[step["role"]][0 if language == "zh" else 1]
        key += "_role"
    return said(key, language, **facts)


def _figures(step: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key != "step"}


def _spent(order: OrderPart, language: str) -> str:
    goods = "、" if language == "zh" else ", "
    listed = goods.join(f"{part.name} × {part.quantity}" for part in order.goods)
    status = _STATUSES[order.status][0 if language == "zh" else 1]
    return said("spent", language, points=order.points, goods=listed, status=status)


def _hours(minutes: int) -> str:
    """Hours in tenths; exact minutes stand beside them."""
    return f"{minutes // 60}.{minutes % 60 * 10 // 60}"


def _local(zone: str, at: datetime) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _why(reason: str | None, language: str) -> str:
    if not reason:
        return ""
    return f"：{reason}" if language == "zh" else f": {reason}"
