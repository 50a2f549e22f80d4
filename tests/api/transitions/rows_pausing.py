"""The rows requestExtension, decideExtension, suspend and resume."""

from datetime import timedelta
from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case, day_in
from tests.api.transitions.stage import (
    AT_IT,
    ENQUIRY,
    GAS,
    LONG,
    NOW,
    PARKING,
    WATER,
    Story,
    Told,
)

WHY = {"reason": "等配件"}
HELD = {"reason": "season", "review_on": day_in(20), "safety_measure": "围挡"}
JUST_LATE = timedelta(hours=24, minutes=10)  # after the resolve due of U2


def asked(story: Story, **told: str) -> Story:
    story.at_work(**told)
    return story.does(story.lead, "request-extension", **WHY)


def granted(story: Story) -> Story:
    return asked(story).does("commander-cp04", "decide-extension", granted=True, reason="可以")


def asked_just_in_time(story: Story) -> Story:
    """Twenty minutes ago, when the due was to come ten minutes later."""
    story.at_work(category=WATER, lead="U25")
    story.at += JUST_LATE - timedelta(minutes=20)
    return story.does("handler-u25", "request-extension", **WHY)


def asked_and_submitted(story: Story) -> Story:
    return asked(story).does("handler-u02", "submit", note="好了")


def asked_to_suspend(story: Story, days: int = 20, reason: str = "season") -> Story:
    story.at_work()
    until, measure = story.day(days), "围挡"
    fields = {"reason": reason, "review_on": until, "safety_measure": measure}
    return story.does("handler-u02", "suspend", **fields)


def suspended_before(story: Story) -> Story:
    """For fifteen days, and then it went on; and now the lead asks for twenty more."""
    asked_to_suspend(story, 30).does("commander-cp04", "suspend", **fields_of(story, 30))
    story.at += timedelta(days=15)
    story.does("commander-cp04", "resume", reason="天晴了")
    return story.does("handler-u02", "suspend", **fields_of(story, 20))


def fields_of(story: Story, days: int) -> dict[str, object]:
    return {"reason": "season", "review_on": story.day(days), "safety_measure": "围挡"}


SITUATIONS: dict[str, Told] = {
    "an extension is asked for": asked,
    "an extension is asked for, X5": partial(asked, category=PARKING, lead="U05"),
    "an extension was granted": granted,
    "an extension was asked for ten minutes before the due": asked_just_in_time,
    "an extension is asked for, and it is submitted": asked_and_submitted,
    "at work, with help": partial(Story.at_work, co=("X05",)),
    "at work, an enquiry": partial(Story.at_work, category=ENQUIRY, lead="U11"),
    "at work, U2": partial(Story.at_work, category=WATER, lead="U25"),
    "at work, E1": lambda story: story.raised(GAS).does("handler-u02", "respond", **AT_IT).starts(),
    "the lead asks to suspend": asked_to_suspend,
    "the lead asks to suspend for 31 days": partial(asked_to_suspend, days=31),
    "suspended for 15 days before, 20 more are asked for": suspended_before,
}

REQUEST = (
    Case("the lead, at work", "request-extension", law.IN_PROGRESS, "handler-u02", WHY,
         clocks=("decide runs",)),
    Case("the lead, before work", "request-extension", law.RESPONDED, "liaison-u02", WHY,
         clocks=("decide runs",)),
    Case("after the deadline", "request-extension", law.IN_PROGRESS, "handler-u02", WHY, 409,
         code="whistle.too_late_to_extend", ago=LONG, guard="before the deadline"),
    Case("an enquiry", "request-extension", "at work, an enquiry", "handler-u11", WHY, 409,
         code="whistle.no_extension_left", guard="class"),
    Case("an emergency", "request-extension", "at work, E1", "handler-u02", WHY, 409,
         code="whistle.no_extension_left", guard="class"),
    Case("a second one of G4", "request-extension", "an extension was granted", "handler-u02", WHY,
         409, code="whistle.no_extension_left", guard="count"),
    Case("while one is pending", "request-extension", "an extension is asked for", "handler-u02",
         WHY, 409, code="whistle.extension_pending", guard="count"),
    Case("a co-handler", "request-extension", "at work, with help", "handler-x05", WHY, 403,
         code="access.not_allowed", guard="the lead"),
    Case("no reason", "request-extension", law.IN_PROGRESS, "handler-u02", {"reason": " "}, 422,
         code="form.invalid", field="reason", guard="a reason"),
)  # fmt: skip

YES, NO = {"granted": True, "reason": "可以"}, {"granted": False, "reason": "不必"}
DECIDE = (
    Case("granted: from the original start", "decide-extension", "an extension is asked for",
         "dispatcher-cp04", YES, clocks=("decide stops", "resolve due 10 working_days"),
         guard="on grant the deadline moves"),
    Case("refused", "decide-extension", "an extension is asked for", "commander-cp04", NO,
         clocks=("decide stops",)),
    Case("X5: not the street", "decide-extension", "an extension is asked for, X5",
         "dispatcher-cp04", YES, 403, code="whistle.not_the_approver", guard="approver by class"),
    Case("X5: the supervisor", "decide-extension", "an extension is asked for, X5", "supervisor",
         YES, clocks=("decide stops", "resolve due 30 working_days"), guard="approver by class"),
    Case("silent", "decide-extension", "an extension is asked for", "dispatcher-cp04", YES, 409,
         code="whistle.no_extension_pending", ago=LONG, guard="silent: refused"),
    Case("granted after the due, asked for before", "decide-extension",
         "an extension was asked for ten minutes before the due", "dispatcher-cp04", YES,
         clocks=("decide stops", "resolve due 48 natural_hours"), card="none", level=1,
         ago=JUST_LATE,
         guard="granted after the due"),
    Case("it was submitted meanwhile", "decide-extension",
         "an extension is asked for, and it is submitted", "dispatcher-cp04", YES, 409,
         code="whistle.no_extension_pending", guard="lapses at submission"),
    Case("who asks does not decide", "decide-extension", "an extension is asked for",
         "handler-u02", YES, 403, code="access.not_allowed", guard="not who asked"),
)  # fmt: skip

SUSPEND = (
    Case("the lead asks", "suspend", law.IN_PROGRESS, "handler-u02", HELD, 202,
         clocks=("approve runs 4 working_hours",), guard="the lead asks"),
    Case("the street approves", "suspend", "the lead asks to suspend", "commander-cp04", HELD,
         state=law.SUSPENDED, clocks=("resolve held", "review runs", "approve stops"),
         guard="the street approves up to 30 days"),
    Case("the street, for 31 days", "suspend", "the lead asks to suspend for 31 days",
         "dispatcher-cp04", HELD, 422, code="whistle.review_too_far", field="review_on",
         guard="the street approves up to 30 days"),
    Case("the city centre, for 31 days", "suspend", "the lead asks to suspend for 31 days", "city",
         HELD, state=law.SUSPENDED, clocks=("resolve held", "review runs", "approve stops"),
         guard="the city centre approves more"),
    Case("the desk asks", "suspend", law.IN_PROGRESS, "dispatcher-cp04", HELD, 403,
         code="whistle.not_the_lead", guard="the lead asks"),
    Case("U2", "suspend", "at work, U2", "handler-u25", HELD, 409, code="whistle.not_pausable",
         guard="pausable class"),
    Case("too hard", "suspend", law.IN_PROGRESS, "handler-u02", {**HELD, "reason": "太难了"}, 422,
         code="whistle.not_a_suspend_reason", field="reason", guard="reason from the list"),
    Case("a review today", "suspend", law.IN_PROGRESS, "handler-u02",
         {**HELD, "review_on": day_in(0)}, 422, code="whistle.review_too_soon", field="review_on",
         guard="a review date"),
    Case("no safety measure", "suspend", law.IN_PROGRESS, "handler-u02",
         {**HELD, "safety_measure": " "}, 422, code="form.invalid", field="safety_measure",
         guard="a safety measure"),
    Case("asked for when it is red", "suspend", law.IN_PROGRESS, "handler-u02", HELD, 409,
         code="whistle.too_late_to_suspend", ago=LONG, guard="before the resolve clock is red"),
    Case("approved when it is red", "suspend", "the lead asks to suspend", "commander-cp04", HELD,
         409, code="whistle.too_late_to_suspend", ago=LONG,
         guard="before the resolve clock is red"),
)  # fmt: skip

RESUME = (
    Case("the approver", "resume", law.SUSPENDED, "commander-cp04", {"reason": "天晴了"},
         state=law.IN_PROGRESS, clocks=("resolve goes on", "review stops")),
    Case("at its review date it goes on by itself", "resume", law.SUSPENDED, "commander-cp04",
         {"reason": "天晴了"}, 409, code="whistle.not_in_state", ago=LONG,
         guard="at the review date"),
)  # fmt: skip

CASES = (*REQUEST, *DECIDE, *SUSPEND, *RESUME)
assert NOW < JUST_LATE
