"""WEB: pages for phones and desks, rendered on the server, Chinese first and English second.

Invariant: a page decides nothing; it calls the same functions of the rooms as the API does, and
every page works without a script.
"""

from web.site import blueprint

__all__ = ["blueprint"]
