"""followUp by telephone and on site, and contradict: who was asked, and what is on record."""

from datetime import timedelta
from typing import Any

from tests.api.transitions import law
from tests.api.transitions.case import Case, minutes_ago
from tests.api.transitions.stage import GRID, HOUSING, LONG, PARKING, Story, Told

THREE_DAYS = timedelta(days=3)


def anonymous(story: Story) -> Story:
    story.triaged(HOUSING, anonymous=True).does("dispatcher-cp04", "dispatch", lead="U02")
    story.comes().starts().does("handler-u02", "submit", note="好了")
    return story.does("verifier-cp04", "verify", passed=True)


def called(story: Story, **said: Any) -> Story:
    """By the agent, who wrote it down at once."""
    story.at += timedelta(minutes=2)
    record = {"method": "phone", "called_at": story.at, "rating": 4, **said}
    return story.does("followup-cp04", "follow-up", **record)


def called_in_vain(story: Story) -> Story:
    """X5, twice, on two days, hours apart from each other and from now by the time of day."""
    story.verified(category=PARKING, lead="U05")
    for before_now in (timedelta(days=2, hours=5), timedelta(days=1, hours=2, minutes=30)):
        story.at = story.whistle.registered_at + THREE_DAYS - before_now
        called(story, method="unreachable", rating=None)
    return story


def closed_by_the_agent(story: Story) -> Story:
    return called(story.verified(), resolved=True)


def spoken_to(story: Story) -> Story:
    """Its unit opened the number and says that it reached the reporter."""
    story.dispatched().does("handler-u02", "open-contact", reason="约时间上门")
    spoke = {"kind": "call", "called_at": story.at, "reached": True}
    return story.does("handler-u02", "respond", **spoke)


SITUATIONS: dict[str, Told] = {
    "responded by a call": spoken_to,
    "verified, anonymous": anonymous,
    "verified, called twice in vain": called_in_vain,
    "closed by what the agent recorded": closed_by_the_agent,
}

CALLED = {"method": "phone", "called_at": minutes_ago(1)}
IN_VAIN = {"method": "unreachable", "called_at": minutes_ago(1)}
ASKED = (
    Case("the agent calls: solved", "follow-up", law.VERIFIED, "followup-cp04",
         {**CALLED, "resolved": True, "rating": 4}, state=law.CLOSED, clocks=("follow_up stops",),
         guard="a call has a record"),
    Case("the agent calls: not solved", "follow-up", law.VERIFIED, "followup-cp04",
         {**CALLED, "resolved": False, "rating": 1}, state=law.IN_PROGRESS,
         clocks=("follow_up stops", "resolve again")),
    Case("the reporter declines to rate", "follow-up", law.VERIFIED, "followup-cp04",
         {**CALLED, "resolved": True, "rating": "declined"}, state=law.CLOSED,
         clocks=("follow_up stops",), guard="a rating or declined"),
    Case("the call is made now", "follow-up", law.VERIFIED, "followup-cp04",
         {"method": "phone", "resolved": True, "rating": 4}, state=law.CLOSED,
         clocks=("follow_up stops",), guard="a call has a record"),
    Case("no rating was given", "follow-up", law.VERIFIED, "followup-cp04",
         {**CALLED, "resolved": True}, state=law.CLOSED, clocks=("follow_up stops",),
         guard="a rating or declined"),
    Case("a call before it was checked", "follow-up", law.VERIFIED, "followup-cp04",
         {"method": "phone", "called_at": minutes_ago(600), "resolved": True, "rating": 4}, 422,
         code="whistle.call_outside_follow_up", field="called_at", guard="a call has a record"),
    Case("a first call in vain", "follow-up", law.VERIFIED, "followup-cp04", IN_VAIN,
         guard="three calls in vain"),
    Case("a third call in vain", "follow-up", "verified, called twice in vain", "followup-cp04",
         IN_VAIN, state=law.CLOSED, clocks=("follow_up stops",), ago=THREE_DAYS,
         guard="three calls in vain"),
    Case("unreasonable: proposed, not closed", "follow-up", law.VERIFIED, "followup-cp04",
         {**CALLED, "resolved": False, "rating": 1, "reasonable": False}, 202,
         guard="unreasonable: a second person closes"),
    Case("anonymous: the grid's worker looks", "follow-up", "verified, anonymous", f"gw-{GRID}",
         {"method": "site", "resolved": True}, state=law.CLOSED, clocks=("follow_up stops",),
         guard="anonymous: site check"),
    Case("anonymous: no rating on site", "follow-up", "verified, anonymous", f"gw-{GRID}",
         {"method": "site", "resolved": True, "rating": 5}, 422, field="rating",
         code="whistle.anonymous_has_no_rating", guard="anonymous: site check"),
)  # fmt: skip

NOT = {"resolved": False, "rating": 1}
CONTRADICT = (
    Case("closed as solved: he says that it is not", "contradict",
         "closed by what the agent recorded", "reporter", NOT, state=law.DISPATCHED,
         guard="his word replaces it",
         clocks=("respond runs 4 working_hours", "resolve runs 3 working_days",
                 "respond@U02 runs 4 working_hours")),
    Case("closed as solved: another rating", "contradict", "closed by what the agent recorded",
         "reporter", {"resolved": True, "rating": 2}, guard="his word replaces it"),
    Case("after seven days", "contradict", "closed by what the agent recorded", "reporter", NOT,
         409, code="whistle.too_late_to_contradict", ago=LONG, guard="seven days"),
    Case("his own word", "contradict", law.CLOSED, "reporter", NOT, 409,
         code="whistle.nothing_to_contradict", guard="what somebody else recorded"),
)  # fmt: skip

SPOKE = (
    Case("they spoke", "confirm-call", "responded by a call", "reporter", {"note": "打过"}),
    Case("nobody spoke to him", "deny-call", "responded by a call", "reporter", {"note": "没接到"}),
    Case("no unit says so", "deny-call", law.RESPONDED, "reporter", {}, 409,
         code="whistle.no_call_to_judge", guard="a unit says so"),
)  # fmt: skip

CASES = (*ASKED, *CONTRADICT, *SPOKE)
