"""Chapters of the story in which points are spent, and the books are proved.

Invariant: what leaves a wallet or a shelf is counted before and after.
"""

from __future__ import annotations

import uuid

from lovebank.demo import cast, pictures
from lovebank.demo.telling import chapter, expect, say
from lovebank.demo.thread import Told, show_card


def stock_up(told: Told) -> None:
    """Chapter 5: goods bought from a fund."""
    chapter(5, "用专项资金进货", "Goods bought from a fund")
    told.at(0, 16)
    for name, points, quantity, cost in (
        ("大米 5kg Rice", 20, 10, 3_250),
        ("洗衣液 Detergent", 15, 8, 1_890),
    ):
        goods = {"name": name, "points": points, "per_person_limit": 2}
        goods_id = told["treasurer"].post("/goods", goods)["id"]
        bought = {"quantity": quantity, "fund_id": told.made["fund"], "unit_cost_fen": cost}
        told["treasurer"].post(f"/goods/{goods_id}/receipts", bought)
        told.made[name.split()[0]] = goods_id
    expect(_available(told), {"大米 5kg Rice": 10, "洗衣液 Detergent": 8}, "the shelf")
    too_much = {"quantity": 100, "fund_id": told.made["fund"], "unit_cost_fen": 3_250}
    refused = told["treasurer"].refused(f"/goods/{told.made['大米']}/receipts", too_much)
    expect(refused, "over_budget", "a delivery that the fund cannot pay")
    say(
        "司库用“微公益创投”买 10 袋米、8 瓶洗衣液；超出资金的一单被拒（over_budget）。",
        "Ten bags of rice and eight bottles; a delivery that the fund cannot pay is refused.",
    )


def _available(told: Told) -> dict[str, int]:
    return {item["name"]: item["available"] for item in told["chen"].get("/goods")["items"]}


def redeem_by_phone(told: Told) -> None:
    """Chapter 6: an order by phone, placed twice by a slip, collected once."""
    chapter(6, "兑换：手机下单、扫码领取；凭卡和 PIN", "Orders: by phone, and by card and PIN")
    told.at(0, 16, 30)
    body = {"lines": [{"goods_id": told.made["大米"], "quantity": 1}]}
    key = str(uuid.uuid4())
    first = told["chen"].send("POST", "/orders", body, want=201, key=key)
    again = told["chen"].send("POST", "/orders", body, want=201, key=key)
    expect((again.json["id"], again.replayed), (first.json["id"], True), "the order sent twice")
    order = first.json
    wallet = told["chen"].get("/people/me/wallet")
    expect((wallet["available"], wallet["held"]), (10, 20), "the wallet with an order held")
    token = pictures.scanned(
        told["chen"], f"/orders/{order['id']}/voucher.png", order["voucher"]["url"]
    )
    collected = told["clerk"].post("/scans", {"token": token})
    expect(collected["outcome"], "collected", "the voucher")
    expect(told["clerk"].refused("/scans", {"token": token}), "voucher_used", "a second scan")
    told.made["order"] = order["id"]
    say(
        "陈静点了两次，只下一单：冻结 20 分。兑换员扫码交货；再扫：已用（voucher_used）。",
        "Chen Jing taps twice: one order, 20 points held. Collected once, and not a second time.",
    )


def redeem_by_card(told: Told) -> None:
    """Chapter 6, on: the elder at the counter, with a card and a PIN."""
    elder = told.people["elder"]
    told["admin"].send("PUT", f"/people/{elder}/pin", {"pin": cast.PIN}, want=204)
    known = told["clerk"].post("/scans", {"token": show_card(told, "elder")})
    expect(known["outcome"], "identified", "the card at the counter")
    expect(known["person"]["available"], 30, "what the clerk sees of her")
    line = {"goods_id": told.made["洗衣液"], "quantity": 1}
    wrong = told["clerk"].refused("/orders", {**line, "person_id": elder, "pin": "000000"})
    expect(wrong, "wrong_pin", "a wrong PIN")
    order = told["clerk"].post("/orders", {**line, "person_id": elder, "pin": cast.PIN})
    code = {"code": order["voucher"]["code"]}
    done = told["clerk"].post(f"/orders/{order['id']}/collect", code)
    expect(done["status"], "collected", "the elder's order")
    expect(_available(told), {"大米 5kg Rice": 9, "洗衣液 Detergent": 7}, "the shelf afterwards")
    say(
        "周秀英把卡放上柜台，输入 PIN：15 分换一瓶洗衣液，当场领走。",
        "The elder lays down her card and types her PIN: 15 points for a bottle, taken home.",
    )


def check_books(told: Told) -> None:
    """Chapter 8: the books are proved, and anyone with the right may follow a number."""
    chapter(8, "查账", "The books are checked")
    told.at(1, 10)
    verdict = told["auditor"].get("/ledger/check")
    expect(verdict["clean"], True, f"the books: {verdict['problems']}")
    for commodity in ("points", "minutes", "fen"):
        trial = told["auditor"].get(f"/ledger/trial-balance?commodity={commodity}")
        expect(trial["total"], 0, f"the trial balance of {commodity}")
    trail = told["auditor"].get(f"/audit?subject=order:{told.made['order']}")["items"]
    expect(len(trail) >= 2, True, "the trail of an order has its deeds")
    say(
        "监督员：账目无误，借贷相等；每一笔都能查到谁、何时、为何。",
        "The auditor: the books are clean and sum to zero; each deed says who, when and why.",
    )
