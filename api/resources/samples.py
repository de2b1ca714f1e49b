"""Samples for a second look: draws that an outsider can repeat, and what was found."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.reviews import LookIn, SampledOut, SampleIn, SampleOut
from shifts.review import samples, second_looks
from shifts.review.second_looks import Line, Sample


@call("POST", "/samples", who="manager", body=SampleIn, answer=SampleOut, status=201)
def add(ask: Ask) -> Sample:
    """Draw the sample of a day that is over; a day that has one keeps it."""
    made = samples.draw(ask.session, actor=ask.actor, at=ask.at, awarded_on=ask.body["awarded_on"])
    return second_looks.sample(ask.session, community_id=ask.community_id, draw_id=made.id)


@call("GET", "/samples", who="anyone signed in", query=PageQuery, answer=SampleOut, paged=True)
def listed(ask: Ask) -> Page:
    """The draws, newest first; one alone tells its list of awards, too."""
    return cursors.page(
        ask,
        lambda limit, before: second_looks.listed(
            ask.session, community_id=ask.community_id, limit=limit, before=before
        ),
    )


@call("GET", "/samples/{sample_id}", who="anyone signed in", answer=SampleOut)
def show(ask: Ask) -> Sample:
    """One draw with its sorted list of award ids, of which the seed is the SHA-256."""
    return second_looks.sample(
        ask.session, community_id=ask.community_id, draw_id=ask.ids["sample_id"]
    )


@call(
    "POST",
    "/sampled-awards/{sampled_id}/look",
    who="manager who had no hand in it",
    body=LookIn,
    answer=SampledOut,
)
def look(ask: Ask) -> Line:
    """Confirm a drawn award, or ask for its correction, which a third person then approves."""
    return second_looks.look(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        sampled_id=ask.ids["sampled_id"],
        **ask.body,
    )
