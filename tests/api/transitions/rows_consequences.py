"""What a command brings about besides its own row (domain.md §4.5, §4.6), by one more case each."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case, day_in
from tests.api.transitions.rows_above import fact, wants
from tests.api.transitions.rows_merge import LAMP, MANHOLE, beside
from tests.api.transitions.rows_pausing import asked, asked_to_suspend
from tests.api.transitions.rows_work import returned
from tests.api.transitions.stage import GAS, LONG, Story, Told

THEFT = "E0803"  # U2 of U04, confidential
TO_GAS, TO_THEFT, TO_G4 = fact("category", GAS), fact("category", THEFT), fact("sla_class", "G4")
E1_RESPONDS = "respond due now+30 natural_minutes"
E1_WORKS = ("control runs 2 natural_hours", "resolve due now+24 natural_hours")
COME = ("respond@X01 runs 30 natural_minutes", "respond@U13 runs 30 natural_minutes")


def gas(told: Told) -> Told:
    return partial(wants, field="category", value=GAS, told=told)


def merged_lamp_wants_manhole(story: Story) -> Story:
    """A child, of which it is proposed that it is an open manhole."""
    lamp = partial(Story.triaged, category=LAMP)
    beside(story, parent=lamp, child=lamp)
    assert story.other is not None
    story.does("dispatcher-cp04", "merge", into=story.other.number)
    return story.does("intake-cp04", "correct", **fact("category", MANHOLE))


def parent_submitted(story: Story) -> Story:
    story.merged(Story.at_work)
    parent = story.other
    assert parent is not None
    parent.does("handler-u02", "submit", note="好了")
    story.at = parent.at
    return story


def waited_before(story: Story) -> Story:
    """The lead waited for the reporter once; the work goes on."""
    asked_to_suspend(story, 1, "waiting_for_reporter")
    body = {"reason": "waiting_for_reporter", "review_on": story.day(1), "safety_measure": "围挡"}
    story.does("commander-cp04", "suspend", **body)
    return story.does("commander-cp04", "resume", reason="到家了")


SITUATIONS: dict[str, Told] = {
    "an emergency is proposed, returned": gas(returned),
    "an emergency is proposed, an extension is asked for": gas(asked),
    "an emergency is proposed, a suspension is asked for": gas(asked_to_suspend),
    "an emergency is proposed, verified": gas(Story.verified),
    "an emergency is proposed, self-resolved": gas(partial(Story.self_resolved, audited=True)),
    "an emergency is proposed, closed": gas(Story.closed),
    "an emergency is proposed, claimed": gas(
        lambda s: s.triaged().does("dispatcher-cp04", "pool").does("liaison-u02", "claim")),
    "a merged one is proposed as an emergency": merged_lamp_wants_manhole,
    "leaving the emergency class is proposed": partial(
        wants, field="sla_class", value="G4", told=Story.emergency),
    "theft is proposed, strangers at work": partial(
        wants, field="category", value=THEFT, told=partial(Story.at_work, co=("X05",))),
    "theft is proposed, its own unit at work": partial(
        wants, field="category", value=THEFT, told=partial(Story.at_work, lead="U04")),
    "merged into one that is submitted": parent_submitted,
    "the lead waited for the reporter before": waited_before,
}  # fmt: skip

CASES = (
    Case("an emergency while a return is pending: refused", "correct",
         "an emergency is proposed, returned", "commander-cp04", TO_GAS,
         clocks=(E1_RESPONDS, *E1_WORKS, *COME, "respond@U02 due now+30 natural_minutes",
                 "adjudicate@U02 stops")),
    Case("an emergency while an extension is asked for: it lapses", "correct",
         "an emergency is proposed, an extension is asked for", "commander-cp04", TO_GAS,
         clocks=(*E1_WORKS, *COME, "decide stops")),
    Case("an emergency while a suspension is asked for: it lapses", "correct",
         "an emergency is proposed, a suspension is asked for", "commander-cp04", TO_GAS,
         clocks=(*E1_WORKS, *COME, "approve stops")),
    Case("an emergency, claimed: the state stays", "correct", "an emergency is proposed, claimed",
         "commander-cp04", TO_GAS,
         clocks=(E1_RESPONDS, *E1_WORKS, *COME, "respond@U02 due now+30 natural_minutes")),
    Case("an emergency, verified: asked as an emergency", "correct",
         "an emergency is proposed, verified", "commander-cp04", TO_GAS,
         clocks=("follow_up runs 24 natural_hours",)),
    Case("an emergency, self-resolved: as a failed audit", "correct",
         "an emergency is proposed, self-resolved", "commander-cp04", TO_GAS,
         state=law.DISPATCHED,
         clocks=("verify stops", "respond again", "resolve again", "control runs 2 natural_hours",
                 "respond@U02 runs 30 natural_minutes", *COME)),
    Case("an emergency, closed: nobody is sent", "correct", "an emergency is proposed, closed",
         "commander-cp04", TO_GAS),
    Case("an emergency, merged: its parent is one", "correct",
         "a merged one is proposed as an emergency", "commander-cp04", fact("category", MANHOLE),
         parent=law.DISPATCHED,
         parent_clocks=(E1_RESPONDS, *E1_WORKS, "respond@U01 runs 30 natural_minutes",
                        "respond@U24 runs 30 natural_minutes",
                        "respond@U25 runs 30 natural_minutes")),
    Case("no emergency any more: control is cancelled, units stay", "correct",
         "leaving the emergency class is proposed", "supervisor", TO_G4,
         clocks=("respond due 4 working_hours", "resolve due 5 working_days", "control stops",
                 "respond@U02 later", "respond@X01 later", "respond@U13 later")),
    Case("confidential: strangers end, the category's lead is sent", "correct",
         "theft is proposed, strangers at work", "commander-cp04", TO_THEFT,
         state=law.DISPATCHED,
         clocks=("resolve due 24 natural_hours", "respond@X05 stops",
                 "respond@U04 runs 2 natural_hours")),
    Case("confidential: its own unit goes on", "correct",
         "theft is proposed, its own unit at work", "commander-cp04", TO_THEFT,
         clocks=("resolve due 24 natural_hours",)),
    Case("merged, the parent is submitted", "withdraw", "merged into one that is submitted",
         "reporter", {}, 409, code="whistle.not_in_state"),
    Case("a merged reporter, after the parent has closed", "reopen",
         "merged into one that is closed now", "reporter", {"reason": "我家还漏"},
         parent=law.DISPATCHED),
    Case("waiting for the reporter a second time", "suspend",
         "the lead waited for the reporter before", "handler-u02",
         {"reason": "waiting_for_reporter", "review_on": day_in(1), "safety_measure": "围挡"}, 409,
         code="whistle.waited_already"),
    Case("waiting for the reporter for two weeks", "suspend", law.IN_PROGRESS, "handler-u02",
         {"reason": "waiting_for_reporter", "review_on": day_in(14), "safety_measure": "围挡"}, 422,
         code="whistle.review_too_far", field="review_on"),
    Case("at the city and twice overdue: the prefecture", "escalate", law.DISPATCHED, "supervisor",
         {"reason": "拖了四十天"}, 409, code="whistle.highest_level", ago=LONG),
)  # fmt: skip
