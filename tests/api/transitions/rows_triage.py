"""The rows amend, join, locate, classify, selfResolve, pool and claim."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case, picture
from tests.api.transitions.situations import pooled
from tests.api.transitions.stage import (
    FAR_GRID,
    GAS,
    GRID,
    HOUSING,
    LITTER,
    LONG,
    NEXT_GRID,
    NOISE,
    PARKING,
    ROOMS,
    VIOLENCE,
    WATER,
    Story,
    Told,
)

ELDERLY, THEFT = "E0708", "E0803"  # G4, poolable by anybody; U2, confidential
GAS_UNITS = ("respond@U02 runs 30 natural_minutes", "respond@X01 runs 30 natural_minutes",
             "respond@U13 runs 30 natural_minutes")  # fmt: skip
BECOMES_E1 = (  # domain.md §4.5
    "respond due now+30 natural_minutes",
    "control runs 2 natural_hours",
    "resolve due now+24 natural_hours",
    *GAS_UNITS,
)


def unplaced(story: Story, **fields: object) -> Story:
    return story.raised(**fields, location=None)


def dispatched_unplaced(story: Story) -> Story:
    unplaced(story).does("city", "classify", category=HOUSING)
    return story.does("city", "dispatch", lead="U02")


def two_reporters(story: Story) -> Story:
    return story.triaged().does("dispatcher-cp04", "join", text="我也遇到了")


def litter(story: Story, audited: bool) -> Story:
    story.triaged(LITTER)
    while story.whistle.sampled("audit") is not audited:
        story.triaged(LITTER)
    return story


def chosen_urgent(story: Story, urgency: str, category: str) -> Story:
    """Its reporter chose the urgency; then it was classified so that it is still in triage."""
    return story.raised(category, urgency=urgency)


def marked(story: Story) -> Story:
    return story.triaged().does("intake-cp04", "mark-confidential", reason="涉及未成年人")


SITUATIONS: dict[str, Told] = {
    "raised with a category": partial(Story.raised, category=HOUSING),
    "raised with a category, without a place": partial(unplaced, category=HOUSING),
    "raised without a place": unplaced,
    "dispatched without a place": dispatched_unplaced,
    "raised as an emergency without a category": partial(Story.raised, urgency="E1"),
    "raised as an emergency": Story.emergency,
    "raised as domestic violence": partial(Story.raised, category=VIOLENCE),
    "joined by the dispatcher": two_reporters,
    "litter that will be audited": partial(litter, audited=True),
    "litter that will not be audited": partial(litter, audited=False),
    "litter, urgent (U2)": partial(chosen_urgent, urgency="U2", category=LITTER),
    "litter, triaged": partial(Story.triaged, category=LITTER),
    "noise, triaged": partial(Story.triaged, category=NOISE),
    "water, triaged": partial(Story.triaged, category=WATER),
    "rooms, triaged": partial(Story.triaged, category=ROOMS),
    "marked confidential": marked,
    "litter, pooled": partial(pooled, category=LITTER),
}

AMEND = (
    Case("its reporter adds words", "amend", law.RAISED, "reporter", {"text": "还在"}),
    Case("its reporter adds words at work", "amend", law.IN_PROGRESS, "reporter", {"text": "还在"}),
    Case("a merged reporter's words go to the parent", "amend", law.MERGED, "reporter",
         {"text": "还在"}, parent_clocks=(), guard="merged: to the parent"),
    Case("after closing, within 15 days", "amend", law.CLOSED, "reporter", {"text": "又坏了"}),
    Case("more than 15 days after closing", "amend", law.CLOSED, "reporter", {"text": "又坏了"},
         409, code="whistle.too_late_to_amend", ago=LONG, guard="15 days after closing"),
    Case("the desk writes down what it is told", "amend", law.DISPATCHED, "intake-cp04",
         {"text": "来电补充"}),
    Case("nothing is added", "amend", law.RAISED, "intake-cp04", {}, 422,
         code="whistle.nothing_said", field="text", guard="something is said"),
    Case("blanks are added", "amend", law.RAISED, "intake-cp04", {"text": " \u200b　"}, 422,
         code="whistle.nothing_said", field="text", guard="something is said"),
)  # fmt: skip

JOIN = (
    Case("the desk joins somebody", "join", law.TRIAGED, "intake-cp04", {"text": "也不亮"}),
    Case("while it is suspended", "join", law.SUSPENDED, "dispatcher-cp04"),
    Case("twice", "join", "joined by the dispatcher", "dispatcher-cp04", {}, 409,
         code="whistle.already_reported", guard="not twice"),
    Case("a confidential one", "join", "marked confidential", "intake-cp04", {}, 409,
         code="whistle.not_joinable", guard="not confidential"),
)  # fmt: skip

LOCATE = (
    Case("no category stands yet", "locate", law.RAISED, "intake-cp04", {"grid": NEXT_GRID}),
    Case("its category stands", "locate", "raised with a category, without a place", "intake-cp04",
         {"grid": GRID}, state=law.TRIAGED),
    Case("by the grid's own worker", "locate", law.TRIAGED, f"gw-{GRID}", {"grid": NEXT_GRID}),
    Case("in the pool", "locate", law.POOLED, "dispatcher-cp04", {"grid": NEXT_GRID}),
    Case("to another post at once", "locate", law.TRIAGED, "dispatcher-cp04", {"grid": FAR_GRID}),
    Case("to another post after half of the respond limit", "locate", law.TRIAGED,
         "dispatcher-cp04", {"grid": FAR_GRID}, 409, code="whistle.use_correct", ago=LONG,
         guard="another post after half of the respond limit takes two"),
    Case("in its own post after half of the respond limit", "locate", law.TRIAGED,
         "dispatcher-cp04", {"grid": NEXT_GRID}, ago=LONG),
    Case("unknown place, filled in after dispatch", "locate", "dispatched without a place", "city",
         {"grid": GRID}, guard="an unknown place is filled in at any time"),
    Case("an unknown grid", "locate", law.TRIAGED, "intake-cp04", {"grid": "1"}, 422,
         code="grid.unknown", field="grid", guard="a place of the city"),
    Case("a point outside the city", "locate", law.TRIAGED, "intake-cp04",
         {"lat": 30.0, "lon": 110.0}, 422, code="outside_city", field="location",
         guard="a place of the city"),
    Case("no place at all", "locate", law.TRIAGED, "intake-cp04", {}, 422, code="words_needed",
         guard="a place of the city"),
)  # fmt: skip

CLASSIFY = (
    Case("the class that it has", "classify", law.RAISED, "intake-cp04", {"category": HOUSING},
         state=law.TRIAGED),
    Case("by the grid's own worker", "classify", law.RAISED, f"gw-{GRID}", {"category": HOUSING},
         state=law.TRIAGED),
    Case("to Q3: from now on", "classify", law.RAISED, "intake-cp04", {"category": NOISE},
         state=law.TRIAGED, guard="a shorter class",
         clocks=("respond due now+2 working_hours", "resolve due 7 working_hours")),
    Case("to U2", "classify", law.TRIAGED, "dispatcher-cp04", {"category": WATER},
         clocks=("respond due now+2 natural_hours", "resolve due 24 natural_hours")),
    Case("to X5: from its registration", "classify", law.TRIAGED, "intake-cp04",
         {"category": PARKING}, guard="limits from the registration",
         clocks=("respond due 1 working_days", "resolve due 15 working_days")),
    Case("a stricter class than the category's", "classify", law.TRIAGED, "intake-cp04",
         {"category": HOUSING, "sla_class": "U2"},
         clocks=("respond due now+2 natural_hours", "resolve due 24 natural_hours")),
    Case("a milder class than the category's", "classify", law.TRIAGED, "intake-cp04",
         {"category": WATER, "sla_class": "G4"}, 409, code="whistle.use_correct",
         guard="milder than the category's own takes two"),
    Case("a milder class than the reporter's E1", "classify",
         "raised as an emergency without a category", "intake-cp04", {"category": HOUSING}, 409,
         code="whistle.use_correct", guard="milder than a reporter's E1 takes two"),
    Case("an unknown category, filled in after dispatch", "classify",
         "raised as an emergency without a category", "intake-cp04", {"category": GAS},
         guard="an unknown category is filled in at any time"),
    Case("what was missed stays missed", "classify", law.RAISED, "intake-cp04",
         {"category": PARKING}, state=law.TRIAGED, ago=LONG, guard="missed stays missed"),
    Case("raised: it is an emergency", "classify", law.RAISED, "intake-cp04", {"category": GAS},
         state=law.DISPATCHED, clocks=BECOMES_E1, guard="it becomes E1"),
    Case("triaged: it is an emergency", "classify", law.TRIAGED, "dispatcher-cp04",
         {"category": GAS}, state=law.DISPATCHED, clocks=BECOMES_E1),
    Case("pooled: it is an emergency", "classify", law.POOLED, "dispatcher-cp04",
         {"category": GAS}, state=law.DISPATCHED, clocks=(*BECOMES_E1, "pool stops"),
         guard="in the pool it becomes E1"),
    Case("pooled: a category that may be pooled", "classify", law.POOLED, "dispatcher-cp04",
         {"category": ELDERLY}, guard="in the pool, still poolable"),
    Case("pooled: a category that may not be pooled", "classify", law.POOLED, "dispatcher-cp04",
         {"category": ROOMS}, state=law.TRIAGED, clocks=("pool stops",),
         guard="in the pool, no longer poolable"),
    Case("pooled: a confidential category", "classify", law.POOLED, "dispatcher-cp04",
         {"category": THEFT}, state=law.TRIAGED, guard="in the pool, confidential",
         clocks=("pool stops", "respond due now+2 natural_hours", "resolve due 24 natural_hours")),
    Case("a category that is unknown", "classify", law.TRIAGED, "intake-cp04", {"category": "Z1"},
         422, code="category.unknown", field="category"),
)  # fmt: skip

BOTH = {"before": picture, "after": picture}
SELF_RESOLVE = (
    Case("outside the audit", "self-resolve", "litter that will not be audited", f"gw-{GRID}", BOTH,
         state=law.SELF_RESOLVED_CLOSED, clocks=("respond stops", "resolve stops")),
    Case("in the audit", "self-resolve", "litter that will be audited", f"gw-{GRID}", BOTH,
         state=law.SELF_RESOLVED, guard="one in ten is audited",
         clocks=("respond stops", "resolve stops", "verify runs 1 working_days")),
    Case("by the grid's chief", "self-resolve", "litter that will not be audited", "chief-0401",
         BOTH, state=law.SELF_RESOLVED_CLOSED, clocks=("respond stops", "resolve stops")),
    Case("not self-resolvable", "self-resolve", law.TRIAGED, f"gw-{GRID}", BOTH, 409,
         code="whistle.not_self_resolvable", guard="category"),
    Case("no category yet", "self-resolve", law.RAISED, f"gw-{GRID}", BOTH, 409,
         code="whistle.not_self_resolvable", guard="category"),
    Case("U2", "self-resolve", "litter, urgent (U2)", f"gw-{GRID}", BOTH, 409,
         code="whistle.not_self_resolvable", guard="not E1 or U2"),
    Case("no picture of afterwards", "self-resolve", "litter, triaged", f"gw-{GRID}",
         {"before": picture, "after": []}, 422, code="form.invalid", field="after",
         guard="photos"),
    Case("another grid's worker", "self-resolve", "litter, triaged", f"gw-{NEXT_GRID}", BOTH, 403,
         code="access.not_allowed", guard="own grid"),
)  # fmt: skip

POOL = (
    Case("G4", "pool", law.TRIAGED, "dispatcher-cp04", state=law.POOLED,
         clocks=("pool runs 2 working_hours",), guard="half of the respond limit"),
    Case("Q3", "pool", "litter, triaged", "commander-cp04", state=law.POOLED,
         clocks=("pool runs 1 working_hours",)),
    Case("U2", "pool", "water, triaged", "dispatcher-cp04", {}, 409, code="whistle.not_poolable",
         guard="class"),
    Case("a category that may not be pooled", "pool", "rooms, triaged", "dispatcher-cp04", {}, 409,
         code="whistle.not_poolable", guard="category"),
    Case("a confidential one", "pool", "marked confidential", "commander-cp04", {}, 409,
         code="whistle.not_poolable", guard="not confidential"),
)  # fmt: skip

CLAIM = (
    Case("a capable unit", "claim", law.POOLED, "liaison-u02", state=law.CLAIMED,
         clocks=("pool stops", "respond@U02 runs 4 working_hours")),
    Case("a member of the alliance", "claim", "litter, pooled", "liaison-am001", state=law.CLAIMED,
         clocks=("pool stops", "respond@AM001 runs 2 working_hours")),
    Case("a unit that is not capable", "claim", law.POOLED, "liaison-u24", {}, 403,
         code="whistle.not_capable", guard="capability"),
    Case("a second claim", "claim", law.CLAIMED, "liaison-x05", {}, 409,
         code="whistle.already_claimed", guard="the first wins"),
)  # fmt: skip

CASES = (*AMEND, *JOIN, *LOCATE, *CLASSIFY, *SELF_RESOLVE, *POOL, *CLAIM)
