"""The rows submit, verify, followUp (by reporters), answer-party, close and reopen."""

from functools import partial
from uuid import UUID

from tests.api.transitions import law
from tests.api.transitions.case import Case, picture
from tests.api.transitions.stage import (
    AT_IT,
    ENQUIRY,
    GRID,
    LONG,
    PARKING,
    WATER,
    Story,
    Told,
)
from tests.api.web import jpeg

LAMP = "C0103"  # G4 of U01, and wants a picture
DONE = {"note": "好了"}
AS_IT_WAS = 777  # the width of a picture, by which it is known again


def as_it_was(story: Story) -> list[str]:
    """The picture from before, uploaded anew: an id is attached once."""
    return [str(story.web.nobody.upload(jpeg(AS_IT_WAS)).json()["id"])]


def with_picture(story: Story) -> Story:
    """At work, and its reporter has shown how it was."""
    shown = tuple(UUID(one) for one in as_it_was(story))
    story.raised(photos=shown).does("intake-cp04", "classify", category=LAMP)
    return story.does("dispatcher-cp04", "dispatch", lead="U01").comes().starts()


def co_came(story: Story) -> Story:
    return story.at_work(co=("X05",)).does("handler-x05", "respond", **AT_IT)


def co_finished(story: Story) -> Story:
    return co_came(story).does("handler-x05", "submit", note="我们的好了")


def co_waived(story: Story) -> Story:
    waived = {"unit": "X05", "reason": "不用了"}
    return story.at_work(co=("X05",)).does("dispatcher-cp04", "remove-co", **waived)


def emergency_alone(story: Story) -> Story:
    """An emergency at work whose helpers are waived."""
    story.emergency().comes().starts()
    for unit in ("X01", "U13"):
        story.does("city", "remove-co", unit=unit, reason="不用了")
    return story


def controlled(story: Story) -> Story:
    return emergency_alone(story).does("handler-u02", "control", note="阀门已关")


def emergency_submitted(story: Story) -> Story:
    return controlled(story).does("handler-u02", "submit", note="好了")


def enquiry(story: Story, sampled: bool) -> Story:
    story.at_work(category=ENQUIRY, lead="U11")
    while story.whistle.sampled("call") is not sampled:
        story.at_work(category=ENQUIRY, lead="U11")
    return story.does("handler-u11", "submit", note="答复了")


def checked_by_the_city(story: Story) -> Story:
    return story.submitted().does("city", "verify", passed=True)


def failed_once(story: Story) -> Story:
    story.submitted().does("verifier-cp04", "verify", passed=False, note="还漏")
    return story.does("handler-u02", "submit", note="又好了")


def two_voices(story: Story) -> Story:
    """A second reporter says that it is not solved; the first has not spoken."""
    story.dispatched().does("resident-1", "join", text="我也是").comes().starts()
    story.does("handler-u02", "submit", note="好了")
    story.does("verifier-cp04", "verify", passed=True)
    return story.does("resident-1", "follow-up", resolved=False, method="online")


def first_content(story: Story) -> Story:
    return two_voices(story).says(True)


def unreasonable(story: Story) -> Story:
    """The agent went and looked: not solved, and nothing that the city owes."""
    asked = {"resolved": False, "method": "site", "reasonable": False, "note": "要求拆邻居的墙"}
    return checked_by_the_city(story).does("followup-cp04", "follow-up", **asked)


def reopened_twice(story: Story) -> Story:
    story.closed()
    for _ in range(2):
        story.does("reporter", "reopen", reason="又坏了").comes().starts()
        story.does("handler-u02", "submit", note="好了")
        story.does("verifier-cp04", "verify", passed=True).says(True)
    return story


def emergency_closed(story: Story) -> Story:
    return emergency_submitted(story).does("verifier-cp04", "verify", passed=True).says(True)


SITUATIONS: dict[str, Told] = {
    "at work, a picture is wanted": with_picture,
    "at work, a co-handler has come": co_came,
    "at work, a co-handler has finished": co_finished,
    "at work, a co-handler was waived": co_waived,
    "an emergency at work, not controlled": emergency_alone,
    "an emergency at work, controlled": controlled,
    "an emergency, submitted": emergency_submitted,
    "at work, water": partial(Story.at_work, category=WATER, lead="U25"),
    "at work, parking": partial(Story.at_work, category=PARKING, lead="U05"),
    "submitted, water": partial(Story.submitted, category=WATER, lead="U25"),
    "an enquiry, submitted, not in the sample": partial(enquiry, sampled=False),
    "an enquiry, submitted, in the sample": partial(enquiry, sampled=True),
    "submitted a second time": failed_once,
    "checked by the city centre": checked_by_the_city,
    "a second reporter is not content": two_voices,
    "the first is content, the second not": first_content,
    "found unreasonable": unreasonable,
    "reopened twice": reopened_twice,
    "an emergency, closed": emergency_closed,
}

SUBMIT = (
    Case("the lead", "submit", law.IN_PROGRESS, "handler-u02", DONE, state=law.SUBMITTED,
         clocks=("resolve held", "verify runs 1 working_days"), guard="verify-by starts"),
    Case("U2", "submit", "at work, water", "handler-u25", DONE, state=law.SUBMITTED,
         clocks=("resolve held", "verify runs 2 natural_hours"), guard="verify-by starts"),
    Case("X5", "submit", "at work, parking", "liaison-u05", DONE, state=law.SUBMITTED,
         clocks=("resolve held", "verify runs 1 working_days")),
    Case("C6", "submit", "at work, an enquiry", "handler-u11", DONE, state=law.SUBMITTED,
         clocks=("resolve held", "verify runs 2 working_hours"), guard="verify-by starts"),
    Case("an emergency", "submit", "an emergency at work, controlled", "handler-u02", DONE,
         state=law.SUBMITTED, clocks=("resolve held", "verify runs 2 natural_hours")),
    Case("an emergency that is not controlled", "submit", "an emergency at work, not controlled",
         "handler-u02", DONE, 409, code="whistle.hazard_not_controlled",
         guard="E1: hazard controlled"),
    Case("late", "submit", law.IN_PROGRESS, "handler-u02", DONE, state=law.SUBMITTED, ago=LONG,
         clocks=("resolve held", "verify runs 1 working_days")),
    Case("a co-handler has not finished", "submit", "at work, a co-handler has come", "handler-u02",
         DONE, 409, code="whistle.co_tasks_open", guard="all co done or waived"),
    Case("all co-handlers have finished", "submit", "at work, a co-handler has finished",
         "handler-u02", DONE, state=law.SUBMITTED, guard="all co done or waived",
         clocks=("resolve held", "verify runs 1 working_days")),
    Case("the co-handler was waived", "submit", "at work, a co-handler was waived", "handler-u02",
         DONE, state=law.SUBMITTED, guard="all co done or waived",
         clocks=("resolve held", "verify runs 1 working_days")),
    Case("a co-handler's own part", "submit", "at work, a co-handler has come", "handler-x05",
         DONE, guard="a co finishes its own part"),
    Case("a co-handler that has not come", "submit", "at work, with help", "handler-x05", DONE, 409,
         code="whistle.not_responded_yet", guard="a co finishes only after it responded"),
    Case("with a picture of afterwards", "submit", "at work, a picture is wanted", "handler-u01",
         {**DONE, "photos": picture}, state=law.SUBMITTED, guard="after-photo",
         clocks=("resolve held", "verify runs 1 working_days")),
    Case("without a picture of afterwards", "submit", "at work, a picture is wanted",
         "handler-u01", DONE, 422, code="whistle.photos_needed", field="photos",
         guard="after-photo"),
    Case("with the picture from before", "submit", "at work, a picture is wanted", "handler-u01",
         {**DONE, "photos": as_it_was}, 422, code="whistle.same_picture", field="photos",
         guard="after-photo"),
    Case("without a word", "submit", law.IN_PROGRESS, "handler-u02", {"note": "\u200b"}, 422,
         code="form.invalid", field="note"),
)  # fmt: skip

PASSED, FAILED = {"passed": True}, {"passed": False, "note": "还漏"}
TO_ASK = ("resolve stops", "verify stops")
VERIFY = (
    Case("passed", "verify", law.SUBMITTED, "verifier-cp04", PASSED, state=law.VERIFIED,
         clocks=(*TO_ASK, "follow_up runs 3 working_days")),
    Case("passed by the grid's worker", "verify", law.SUBMITTED, f"gw-{GRID}", PASSED,
         state=law.VERIFIED, clocks=(*TO_ASK, "follow_up runs 3 working_days")),
    Case("passed, U2", "verify", "submitted, water", "verifier-cp04", PASSED, state=law.VERIFIED,
         clocks=(*TO_ASK, "follow_up runs 24 natural_hours")),
    Case("passed, E1", "verify", "an emergency, submitted", "commander-cp04", PASSED,
         state=law.VERIFIED, clocks=(*TO_ASK, "follow_up runs 24 natural_hours")),
    Case("an enquiry that is not in the sample", "verify",
         "an enquiry, submitted, not in the sample", "verifier-cp04", PASSED, state=law.CLOSED,
         clocks=TO_ASK, guard="C6: one in ten is asked"),
    Case("an enquiry in the sample", "verify", "an enquiry, submitted, in the sample",
         "verifier-cp04", PASSED, state=law.VERIFIED, guard="C6: one in ten is asked",
         clocks=(*TO_ASK, "follow_up runs 1 working_days")),
    Case("failed", "verify", law.SUBMITTED, "verifier-cp04", FAILED, state=law.IN_PROGRESS,
         clocks=("verify stops", "resolve goes on")),
    Case("failed, by a photo", "verify", law.SUBMITTED, "cadre-cp04",
         {"passed": False, "photos": picture}, state=law.IN_PROGRESS,
         clocks=("verify stops", "resolve goes on")),
    Case("failed a second time: charged", "verify", "submitted a second time", "verifier-cp04",
         FAILED, state=law.IN_PROGRESS, clocks=("verify stops", "resolve goes on")),
    Case("failed without a word", "verify", law.SUBMITTED, "verifier-cp04", {"passed": False}, 422,
         code="whistle.finding_needed", field="note", guard="fail needs words or a photo"),
    Case("the unit that submitted it", "verify", law.SUBMITTED, "handler-u02", PASSED, 403,
         code="access.not_allowed", guard="never the submitting unit"),
    Case("who resolved it on the spot", "verify", law.SELF_RESOLVED, f"gw-{GRID}", PASSED, 403,
         code="whistle.same_person", guard="nor who resolved it"),
    Case("a sampled self-resolution: passed", "verify", law.SELF_RESOLVED, "verifier-cp04", PASSED,
         state=law.SELF_RESOLVED_CLOSED, clocks=("verify stops",),
         guard="a sampled self-resolution"),
    Case("a sampled self-resolution: failed", "verify", law.SELF_RESOLVED, "verifier-cp04", FAILED,
         state=law.TRIAGED, clocks=("verify stops", "respond again", "resolve again"),
         guard="a sampled self-resolution"),
    Case("after another has checked it", "verify", law.VERIFIED, "commander-cp04", FAILED, 409,
         code="whistle.already_verified"),
)  # fmt: skip

SOLVED, NOT = {"resolved": True, "rating": 5}, {"resolved": False, "rating": 1, "note": "还漏"}
FOLLOW_UP = (
    Case("the reporter: solved", "follow-up", law.VERIFIED, "reporter", SOLVED, state=law.CLOSED,
         clocks=("follow_up stops",), guard="solved: closed"),
    Case("the reporter: not solved", "follow-up", law.VERIFIED, "reporter", NOT,
         state=law.IN_PROGRESS, clocks=("follow_up stops", "resolve again"),
         guard="not solved: rework"),
    Case("who had a part in the cycle", "follow-up", "checked by the city centre", "city",
         {"resolved": True, "method": "site"}, 403, code="whistle.same_person",
         guard="nobody who had a part"),
    Case("a second reporter: not solved", "follow-up", "a second reporter is not content",
         "resident-1", {"resolved": False, "method": "online"}, 409, code="whistle.verdict_given",
         guard="each once a cycle"),
    Case("the first is content, another is not", "follow-up", "a second reporter is not content",
         "reporter", SOLVED, guard="another's not solved is unanswered"),
    Case("unreachable, with a verdict", "follow-up", law.VERIFIED, "followup-cp04",
         {"resolved": True, "method": "unreachable"}, 422, code="whistle.verdict_mismatch",
         field="resolved", guard="unreachable: no verdict"),
)  # fmt: skip

ANSWER = (
    Case("by words", "answer-party", "the first is content, the second not", "followup-cp04",
         {"party": 2, "note": "明天换"}, state=law.CLOSED, clocks=("follow_up stops",),
         guard="words or rework"),
    Case("by rework", "answer-party", "the first is content, the second not", "commander-cp04",
         {"party": 2, "note": "再去", "rework": True}, state=law.IN_PROGRESS,
         clocks=("follow_up stops", "resolve again"), guard="words or rework"),
    Case("the first has not spoken", "answer-party", "a second reporter is not content",
         "followup-cp04", {"party": 2, "note": "明天换"}, guard="the first decides"),
    Case("somebody who does not wait", "answer-party", "the first is content, the second not",
         "followup-cp04", {"party": 1, "note": "明天换"}, 422, code="whistle.unknown_party",
         field="party", guard="who said not solved"),
    Case("nobody waits", "answer-party", law.VERIFIED, "followup-cp04",
         {"party": 1, "note": "明天换"}, 409, code="whistle.nothing_to_answer",
         guard="who said not solved"),
)  # fmt: skip

CLOSE = (
    Case("a second person, with a reason", "close", "found unreasonable", "followup-cp04-b",
         {"reason": "于法无据"}, state=law.CLOSED, clocks=("follow_up stops",),
         guard="an adjudicated reason"),
    Case("without a reason", "close", "found unreasonable", "followup-cp04-b", {"reason": " "}, 422,
         code="form.invalid", field="reason", guard="an adjudicated reason"),
    Case("who found it unreasonable", "close", "found unreasonable", "followup-cp04",
         {"reason": "于法无据"}, 409, code="whistle.second_person_needed",
         guard="a second person"),
    Case("who checked it", "close", "found unreasonable", "city", {"reason": "于法无据"}, 403,
         code="whistle.same_person", guard="who had no other part"),
    Case("without a verdict", "close", law.VERIFIED, "followup-cp04", {"reason": "算了"}, 409,
         code="whistle.nothing_to_close", guard="a verdict"),
)  # fmt: skip

AGAIN = {"reason": "又坏了"}
REOPEN = (
    Case("the supervisor", "reopen", law.CLOSED, "supervisor", AGAIN, state=law.DISPATCHED,
         clocks=("respond runs 4 working_hours", "resolve runs 3 working_days",
                 "respond@U02 runs 4 working_hours"), guard="half of the resolve limit"),
    Case("the reporter", "reopen", law.CLOSED, "reporter", AGAIN, state=law.DISPATCHED,
         clocks=("respond runs 4 working_hours", "resolve runs 3 working_days",
                 "respond@U02 runs 4 working_hours")),
    Case("an emergency: a new control clock", "reopen", "an emergency, closed", "verifier-cp04",
         AGAIN, state=law.DISPATCHED, guard="E1: a new control clock",
         clocks=("respond runs 30 natural_minutes", "resolve runs 12 natural_hours",
                 "control runs 2 natural_hours", "respond@U02 runs 30 natural_minutes")),
    Case("resolved on the spot: nobody led it", "reopen", law.SELF_RESOLVED_CLOSED, "supervisor",
         AGAIN, state=law.TRIAGED, guard="no lead: triage",
         clocks=("respond runs 2 working_hours", "resolve runs 4 working_hours")),
    Case("after 15 days", "reopen", law.CLOSED, "reporter", AGAIN, 409, ago=LONG,
         code="whistle.too_late_to_reopen", guard="15 days"),
    Case("a third time", "reopen", "reopened twice", "reporter", AGAIN, 409,
         code="whistle.too_many_reopens", leaves=2, guard="twice at most"),
    Case("void, by a third person", "reopen", law.VOID, "supervisor", AGAIN, state=law.TRIAGED,
         clocks=("respond again", "resolve again"), guard="an appeal within 7 days"),
    Case("void, after 7 days", "reopen", law.VOID, "supervisor", AGAIN, 409, ago=LONG,
         code="whistle.too_late_to_appeal", guard="an appeal within 7 days"),
    Case("void, by its reporter", "reopen", law.VOID, "reporter", AGAIN, 403,
         code="whistle.only_the_city_overturns", guard="an appeal is decided above"),
)  # fmt: skip

CASES = (*SUBMIT, *VERIFY, *FOLLOW_UP, *ANSWER, *CLOSE, *REOPEN)
