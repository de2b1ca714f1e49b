"""Who plays in the story; every name and number is made up.

Invariant: one sign-in for each role, and one person who has no phone at all.
"""

from __future__ import annotations

from dataclasses import dataclass

COMMUNITY = "和睦社区 Hemu Community"
PASSWORD = "love-bank-demo"  # noqa: S105 # a public one, for made-up people
PIN = "246810"


@dataclass(frozen=True)
class Part:
    """A person of the story."""

    key: str
    name: str
    phone: str | None
    roles: tuple[str, ...]
    told: str


ADMIN = Part("admin", "林岚", "13800000001", ("admin", "manager"), "管理员 admin, manager")
OTHERS = (
    Part("captain", "王建国", "13800000002", ("captain",), "岗长 captain"),
    Part("deputy", "李敏", "13800000003", ("captain",), "副岗长 deputy captain"),
    Part("clerk", "赵芳", "13800000004", ("clerk",), "兑换员 clerk"),
    Part("treasurer", "钱文", "13800000005", ("treasurer",), "司库 treasurer"),
    Part("auditor", "孙正", "13800000006", ("auditor",), "监督员 auditor"),
    Part("chen", "陈静", "13800000007", (), "志愿者 volunteer"),
    Part("liu", "刘洋", "13800000008", (), "志愿者 volunteer"),
    Part("elder", "周秀英", None, (), "老人，无手机 an elder without a phone"),
)
WITH_PHONE = (ADMIN, *(part for part in OTHERS if part.phone))
