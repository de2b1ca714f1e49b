"""Chapters of the story in which points are earned: a shift, its scans, the decisions, a mistake.

Invariant: what each person earns is worked out beside the program's own sum, by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lovebank.demo import pictures
from lovebank.demo.telling import chapter, expect, say
from lovebank.demo.thread import Told, pass_time, show_card


def serve(told: Told) -> None:
    """Chapter 3: volunteers scan the code on the captain's screen, the elder holds out her card."""
    chapter(3, "上岗：扫码签到签退", "A shift: scanned in and out")
    _plan(told)
    told.at(0, 8, 55)
    old = _code(told)
    _scan(told, "chen", old, "checked_in")
    say("08:55 陈静用手机扫岗长屏幕上的码：签到。", "Chen Jing scans the captain's screen: in.")
    told.at(0, 8, 57)
    expect(told["liu"].refused("/scans", {"token": old}), "code_expired", "an old picture")
    say(
        "08:57 刘洋用两分钟前的截图：被拒（code_expired），记录在案。",
        "Liu Yang tries a picture two minutes old: refused, and kept.",
    )
    _scan(told, "liu", _code(told), "checked_in")
    answer = told["captain"].post("/scans", {"token": show_card(told, "elder")})
    expect(answer["outcome"], "checked_in", "the elder's card")
    say(
        "刘洋扫新码签到；周秀英没有手机，岗长扫她的卡：签到。",
        "He scans the fresh code; the elder without a phone is scanned in by her card.",
    )
    pass_time(told, told.instant(0, 12, 5), "服务中", "serving")
    code = _code(told)
    for key in ("chen", "liu"):
        _scan(told, key, code, "checked_out")
    answer = told["captain"].post("/scans", {"token": show_card(told, "elder")})
    expect(answer["outcome"], "checked_out", "the elder's card")
    told.made["elder"] = answer["attendance"]["id"]
    say("12:05 三人签退，等待审核。", "All three are scanned out and wait for approval.")


def _plan(told: Told) -> None:
    shift = {
        "red_post_id": told.made["environment"],
        "title": "花园清洁 Garden morning",
        "starts_at": told.instant(0, 9).isoformat(),
        "ends_at": told.instant(0, 12).isoformat(),
        "seats": 10,
        "captain_id": told.people["captain"],
        "deputy_ids": [told.people["deputy"]],
    }
    told.made["shift"] = told["captain"].post("/shifts", shift)["id"]
    for key in ("chen", "liu"):
        sign_up = told[key].post(f"/shifts/{told.made['shift']}/sign-ups", {})
        expect(sign_up["status"], "confirmed", "a sign-up")
    say(
        "09:00–12:00 中心花园，岗长王建国、副岗长李敏；陈静、刘洋报名。",
        "09:00 to 12:00 in the garden, with a captain and a deputy; two sign up.",
    )


def _code(told: Told) -> str:
    path = f"/shifts/{told.made['shift']}/code"
    return pictures.scanned(told["captain"], f"{path}.png", told["captain"].get(path)["url"])


def _scan(told: Told, key: str, token: str, outcome: str) -> None:
    answer = told[key].post("/scans", {"token": token})
    expect(answer["outcome"], outcome, f"{key}'s scan")
    told.made[key] = answer["attendance"]["id"]


def decide(told: Told) -> None:
    """Chapter 4: approvals by who may, and points that arrive with their sum."""
    chapter(4, "审核与积分", "Approvals, and points with their sum")
    told.at(0, 14)
    approve = "/attendances/{}/approve"
    answer = told["captain"].post(approve.format(told.made["chen"]), {})
    expect((answer["status"], answer["points"]), ("credited", 30), "Chen Jing's award")
    for key, why in (("liu", "his household"), ("elder", "recorded by himself")):
        code = told["captain"].refused(approve.format(told.made[key]), {})
        expect(code, "own_approval", f"the captain decides on {why}")
    say(
        "岗长审核陈静；刘洋是他家人、周秀英由他扫码，都不能由他审核（own_approval）。",
        "The captain approves one; his household and whom he scanned himself he may not.",
    )
    body = {"attendance_ids": [told.made["liu"], told.made["elder"]], "mode": "all_or_nothing"}
    results = told["deputy"].post("/approvals", body)["results"]
    expect([result["outcome"] for result in results], ["credited"] * 2, "the deputy's approvals")
    say("副岗长李敏一次审核两人。", "The deputy approves both at once.")
    for key in ("chen", "liu", "elder"):
        wallet = told["admin"].get(f"/people/{told.people[key]}/wallet")
        expect((wallet["available"], wallet["minutes"]), (30, 180), f"{key}'s wallet")
    path = f"/attendances/{told.made['chen']}/explanation"
    explained = [replace(told["chen"], language=one).get(path) for one in ("zh", "en")]
    for zh, en in zip(*(answer["sentences"] for answer in explained), strict=True):
        say(zh, en)


def correct(told: Told) -> None:
    """Chapter 7: an entry by hand that was wrong, found and put right by two people."""
    chapter(7, "更正一处错误", "A mistake is put right")
    told.at(1, 9)
    shift_id = _evening(told)
    wrong = _enter(told, shift_id, told.instant(0, 22, 30), 32)
    say(
        "赵芳夜巡 19:30–22:30 由岗长补录、副岗长审核：150 分钟 × 10 + 30 夜间分钟 × 15 = 32 分。",
        "An evening patrol is entered by hand: 150 minutes at 10 and 30 at night at 15: 32 points.",
    )
    line = told["clerk"].get("/people/me/statement")["items"][0]
    reason = {"reason": "赵芳 21:30 已离岗，登记有误"}
    told["treasurer"].post(f"/ledger/transfers/{line['transfer_id']}/reverse", reason)
    expect(told["captain"].get(f"/attendances/{wrong}")["status"], "voided", "the wrong entry")
    code = told["treasurer"].refused(f"/ledger/transfers/{line['transfer_id']}/reverse", reason)
    expect(code, "already_reversed", "a second reversal")
    _enter(told, shift_id, told.instant(0, 21, 30), 20)
    wallet = told["clerk"].get("/people/me/wallet")
    expect((wallet["available"], wallet["minutes"]), (20, 120), "the wallet put right")
    items = told["clerk"].get("/people/me/statement")["items"]
    lines = [(item["kind"], item["points"]) for item in items]
    expect(lines, [("award", 20), ("reversal", -32), ("award", 32)], "the statement")
    say(
        "其实她 21:30 就走了：司库冲回（只能一次），岗长重录，副岗长再审：20 分。三笔都留在账上。",
        "She left at 21:30: reversed (once only), entered anew, approved: 20. All three remain.",
    )


def _evening(told: Told) -> str:
    shift = {
        "red_post_id": told.made["patrol"],
        "title": "夜巡 Evening patrol",
        "starts_at": told.instant(0, 19, 30).isoformat(),
        "ends_at": told.instant(0, 22, 30).isoformat(),
        "captain_id": told.people["captain"],
        "deputy_ids": [told.people["deputy"]],
    }
    return str(told["captain"].post("/shifts", shift)["id"])


def _enter(told: Told, shift_id: str, until: datetime, points: int) -> str:
    """An entry by the captain's hand, approved by the deputy."""
    entry = {
        "shift_id": shift_id,
        "person_id": told.people["clerk"],
        "checked_in_at": told.instant(0, 19, 30).isoformat(),
        "checked_out_at": until.isoformat(),
        "reason": "夜间手机没电",
    }
    entered = told["captain"].post("/attendances", entry)["id"]
    done = told["deputy"].post(f"/attendances/{entered}/approve", {})
    expect((done["status"], done["points"]), ("credited", points), "the evening patrol")
    return str(entered)
