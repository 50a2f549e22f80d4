"""The situations in which cases begin, by name; those of `STATES` are plain whistles of a state."""

from collections.abc import Mapping
from functools import partial

from tests.api.transitions import law
from tests.api.transitions.stage import (
    HOUSING,
    Story,
    Told,
)

QUIET = "withdraw"


def pooled(story: Story, category: str = HOUSING) -> Story:
    return story.triaged(category).does("dispatcher-cp04", "pool")


def claimed(story: Story) -> Story:
    return pooled(story).does("liaison-u02", "claim")


def withdrawn(story: Story) -> Story:
    return story.triaged().does("reporter", "withdraw")


def transferred(story: Story) -> Story:
    return story.triaged().does("intake-cp04", "transfer-out", target="petition", reason="信访")


STATES: Mapping[str, Told] = {
    law.RAISED: Story.raised,
    law.TRIAGED: Story.triaged,
    law.POOLED: pooled,
    law.CLAIMED: claimed,
    law.DISPATCHED: Story.dispatched,
    law.RESPONDED: Story.responded,
    law.IN_PROGRESS: Story.at_work,
    law.SUSPENDED: Story.suspended,
    law.SUBMITTED: Story.submitted,
    law.VERIFIED: Story.verified,
    law.SELF_RESOLVED: partial(Story.self_resolved, audited=True),
    law.CLOSED: Story.closed,
    law.SELF_RESOLVED_CLOSED: partial(Story.self_resolved, audited=False),
    law.MERGED: partial(Story.merged, told=Story.triaged),
    law.VOID: Story.voided,
    law.WITHDRAWN: withdrawn,
    law.TRANSFERRED_OUT: transferred,
}
SITUATIONS: dict[str, Told] = {**STATES}
