"""Every component once, to look at while building: only where the clock is a test's.

Invariant: it shows the one style sheet and no data of anybody; a community never has this page.
"""

from __future__ import annotations

from flask import Response

from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.get("/style", strangers=True)
def style(visit: Visit) -> Response:
    """What do our parts look like?"""
    return visit.page("style.html")
