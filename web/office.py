"""What every page of the office has in common: its tabs, and who sees which.

Invariant: a tab shows a page only to who may open it.
"""

from __future__ import annotations

#: address, picture, name, roles
TABS = (
    ("/office", "home", "office", ("manager", "admin", "treasurer", "captain", "clerk", "auditor")),
    ("/desk", "desk", "desk", ("captain", "manager")),
    ("/desk/approvals", "okc", "approvals", ("captain", "manager")),
    ("/office/objections", "flag", "objections", ("manager", "auditor")),
    ("/office/signals", "info", "signals", ("manager", "auditor")),
    ("/counter", "shop", "counter", ("clerk",)),
    ("/office/people", "people", "people", ("manager", "admin")),
    ("/office/imports", "down", "imports", ("manager", "treasurer")),
    ("/office/units", "people", "units", ("manager", "admin")),
    ("/office/red-posts", "flag", "red_posts", ("manager", "captain")),
    ("/office/shifts", "shift", "all_shifts", ("manager", "captain")),
    ("/office/templates", "shift", "templates", ("manager", "captain")),
    ("/office/rules", "rule", "rules", ("manager", "treasurer", "auditor")),
    ("/office/goods", "bag", "goods", ("manager", "treasurer", "auditor")),
    ("/office/funds", "chart", "funds", ("treasurer", "auditor")),
    ("/books", "book", "books", ("treasurer", "auditor")),
    ("/office/community", "lock", "community", ("admin",)),
)
