"""The rows escalate, deescalate, supervise, end, urge, correct and mark-confidential / unmark."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case
from tests.api.transitions.rows_triage import marked
from tests.api.transitions.stage import (
    FAR_GRID,
    GAS,
    LONG,
    NEXT_GRID,
    Story,
    Told,
)

WHY = {"reason": "要盯住"}
HERE_IS = "23.3806,103.4016"


def does(story: Story, *steps: tuple[str, str], told: Told = Story.dispatched) -> Story:
    told(story)
    for who, command in steps:
        story.does(who, command, **WHY)
    return story


def wants(story: Story, field: str, value: str, told: Told = Story.dispatched) -> Story:
    """A correction is proposed by intake."""
    body = {"field": field, "value": value, "reason": "核实"}
    return told(story).does("intake-cp04", "correct", **body)


def opening(story: Story) -> Story:
    return marked(story).does("intake-cp04", "unmark-confidential", reason="核实")


UP = ("dispatcher-cp04", "escalate")
SITUATIONS: dict[str, Told] = {
    "escalated once": lambda story: does(story, UP),
    "escalated to the city": lambda story: does(story, UP, UP, UP),
    "supervised": lambda story: does(story, ("supervisor", "supervise")),
    "another grid is proposed": partial(wants, field="grid", value=NEXT_GRID),
    "another post is proposed": partial(wants, field="place", value=FAR_GRID),
    "another point is proposed": partial(wants, field="place", value=HERE_IS),
    "a milder class is proposed": partial(wants, field="sla_class", value="X5"),
    "a stricter class is proposed": partial(wants, field="sla_class", value="Q3"),
    "an emergency is proposed": partial(wants, field="category", value=GAS),
    "an emergency is proposed at work": partial(
        wants, field="category", value=GAS, told=Story.at_work),
    "an emergency is proposed, suspended": partial(
        wants, field="category", value=GAS, told=Story.suspended),
    "an emergency is proposed, submitted": partial(
        wants, field="category", value=GAS, told=Story.submitted),
    "an earlier time is proposed": partial(
        wants, field="occurred_at", value="2026-01-02T10:00+08:00"),
    "its opening is proposed": opening,
}  # fmt: skip

ESCALATE = (
    Case("one level up", "escalate", law.TRIAGED, "dispatcher-cp04", WHY, level=2,
         guard="by hand the next level"),
    Case("an emergency to the city", "escalate", "an emergency, sent", "commander-cp04",
         {**WHY, "level": 4}, level=4, guard="an E1 any"),
    Case("anything else past the next level", "escalate", law.TRIAGED, "commander-cp04",
         {**WHY, "level": 3}, 422, code="whistle.not_the_next_level", field="level",
         guard="by hand the next level"),
    Case("from the city, not twice overdue", "escalate", "escalated to the city", "supervisor", WHY,
         409, code="whistle.prefecture_not_yet", guard="5 only after 200 % at level 4"),
    Case("without a reason", "escalate", law.TRIAGED, "dispatcher-cp04", {"reason": " "}, 422,
         code="form.invalid", field="reason"),
)  # fmt: skip

DEESCALATE = (
    Case("back to where it came from", "deescalate", "escalated once", "commander-cp04", WHY,
         level=1, guard="the previous level"),
    Case("at level 1", "deescalate", law.TRIAGED, "dispatcher-cp04", WHY, 409,
         code="whistle.lowest_level", guard="level > 1"),
)  # fmt: skip

SUPERVISE = (
    Case("the supervisor", "supervise", law.IN_PROGRESS, "supervisor", WHY, guard="open"),
    Case("the city centre", "supervise", law.RAISED, "city", WHY, guard="open"),
    Case("twice", "supervise", "supervised", "city", WHY, 409, code="whistle.already_supervised"),
)  # fmt: skip
END = (
    Case("with a reason", "end-supervision", "supervised", "supervisor", WHY, guard="a reason"),
    Case("without a reason", "end-supervision", "supervised", "supervisor", {"reason": ""}, 422,
         code="form.invalid", field="reason", guard="a reason"),
    Case("not supervised", "end-supervision", law.DISPATCHED, "supervisor", WHY, 409,
         code="whistle.not_supervised"),
)  # fmt: skip
URGE = (
    Case("the post", "urge", law.DISPATCHED, "dispatcher-cp04", guard="no clock moves"),
    Case("the supervisor", "urge", law.SUBMITTED, "supervisor", {"note": "快"}),
)  # fmt: skip


def fact(field: str, value: str) -> dict[str, str]:
    return {"field": field, "value": value, "reason": "核实"}


TO_Q3, TO_X5, TO_GAS = fact("sla_class", "Q3"), fact("sla_class", "X5"), fact("category", GAS)
MOVE, NEAR = fact("place", FAR_GRID), fact("grid", NEXT_GRID)
HELD_BY_CLASS = (
    "respond due now+30 natural_minutes", "control runs 2 natural_hours",
    "resolve due now+24 natural_hours",
)  # fmt: skip
SENT_TOO = ("respond@X01 runs 30 natural_minutes", "respond@U13 runs 30 natural_minutes")
CORRECT = (
    Case("one proposes", "correct", law.DISPATCHED, "intake-cp04", NEAR, 202, guard="an approver"),
    Case("who proposed it approves", "correct", "another grid is proposed", "intake-cp04", NEAR,
         409, code="whistle.second_person_needed", guard="an approver"),
    Case("a grid of the same post", "correct", "another grid is proposed", "dispatcher-cp04", NEAR),
    Case("another post: its own approves", "correct", "another post is proposed",
         "dispatcher-cp04", MOVE, 403, code="whistle.only_the_receiving_post",
         guard="another post: the receiving post approves"),
    Case("another post: the receiving one approves", "correct", "another post is proposed",
         "dispatcher-cp09", MOVE, guard="another post: the receiving post approves"),
    Case("another post: the city centre approves", "correct", "another post is proposed", "city",
         MOVE, guard="another post: the receiving post approves"),
    Case("a milder class: the post", "correct", "a milder class is proposed", "commander-cp04",
         TO_X5, 403, code="whistle.only_above_the_post", guard="a longer class: above the post"),
    Case("a milder class: the supervisor", "correct", "a milder class is proposed", "supervisor",
         TO_X5, guard="a longer class: above the post",
         clocks=("respond due 1 working_days", "resolve due 15 working_days",
                 "respond@U02 later")),
    Case("a milder class after the due", "correct", "a milder class is proposed", "supervisor",
         TO_X5, ago=LONG, guard="a missed deadline stays missed"),
    Case("a stricter class: the post", "correct", "a stricter class is proposed", "commander-cp04",
         TO_Q3, guard="unit clocks follow the class",
         clocks=("respond due now+2 working_hours", "resolve due 7 working_hours",
                 "respond@U02 due now+2 working_hours")),
    Case("it is an emergency: all units are sent", "correct", "an emergency is proposed",
         "commander-cp04", TO_GAS, guard="it becomes E1",
         clocks=(*HELD_BY_CLASS, *SENT_TOO, "respond@U02 due now+30 natural_minutes")),
    Case("it is an emergency, at work", "correct", "an emergency is proposed at work",
         "commander-cp04", TO_GAS, guard="it becomes E1",
         clocks=(*HELD_BY_CLASS[1:], *SENT_TOO)),
    Case("it is an emergency, suspended: work goes on", "correct",
         "an emergency is proposed, suspended", "commander-cp04", TO_GAS, state=law.IN_PROGRESS,
         guard="it becomes E1", clocks=(*HELD_BY_CLASS[1:], *SENT_TOO, "review stops")),
    Case("it is an emergency, submitted: nobody is sent", "correct",
         "an emergency is proposed, submitted", "commander-cp04", TO_GAS,
         guard="it becomes E1", clocks=("verify runs 2 natural_hours",)),
    Case("an earlier time", "correct", "an earlier time is proposed", "commander-cp04",
         fact("occurred_at", "2026-01-02T10:00+08:00")),
    Case("a time after the registration", "correct", law.DISPATCHED, "intake-cp04",
         fact("occurred_at", "2030-01-01T00:00+08:00"), 422, code="whistle.occurred_after_raised",
         field="value", guard="occurred_at ≤ raised_at"),
    Case("no time", "correct", law.DISPATCHED, "intake-cp04", fact("occurred_at", "昨天"), 422,
         code="whistle.unreadable_time", field="value", guard="occurred_at ≤ raised_at"),
    Case("what cannot be corrected", "correct", law.DISPATCHED, "intake-cp04",
         fact("lead", "U04"), 422, code="whistle.not_correctable", field="field"),
    Case("no place", "correct", law.DISPATCHED, "intake-cp04", fact("place", "a,b"), 422,
         code="whistle.unreadable_place", field="value"),
)  # fmt: skip

SECRET = {"reason": "涉及未成年人"}
MARK = (
    Case("the desk", "mark-confidential", law.DISPATCHED, "intake-cp04", SECRET,
         guard="one person is enough"),
    Case("after closing", "mark-confidential", law.CLOSED, "followup-cp04", SECRET),
    Case("out of the pool", "mark-confidential", law.POOLED, "commander-cp04", SECRET,
         state=law.TRIAGED, clocks=("pool stops",), guard="out of the pool"),
    Case("a merged one marks its parent", "mark-confidential", law.MERGED, "intake-cp04", SECRET,
         parent_clocks=(), guard="merged: the parent"),
    Case("twice", "mark-confidential", "marked confidential", "commander-cp04", SECRET, 409,
         code="whistle.already_confidential"),
)  # fmt: skip
UNMARK = (
    Case("one asks", "unmark-confidential", "marked confidential", "intake-cp04", SECRET, 202,
         guard="two people"),
    Case("another confirms", "unmark-confidential", "its opening is proposed", "commander-cp04",
         SECRET, guard="two people"),
    Case("who asked confirms", "unmark-confidential", "its opening is proposed", "intake-cp04",
         SECRET, 409, code="whistle.second_person_needed", guard="two people"),
    Case("the category is confidential", "unmark-confidential", "raised as domestic violence",
         "commander-cp04", SECRET, 409, code="whistle.confidential_category",
         guard="not while the category is confidential"),
    Case("not confidential", "unmark-confidential", law.DISPATCHED, "commander-cp04", SECRET, 409,
         code="whistle.not_confidential"),
)  # fmt: skip

CASES = (
    *(*ESCALATE, *DEESCALATE, *SUPERVISE, *END, *URGE),
    *(*CORRECT, *MARK, *UNMARK),
)
