"""The rows dispatch, acknowledge, respond, start, control, return, adjudicate, addCo, removeCo."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case, picture, this_moment
from tests.api.transitions.rows_triage import unplaced
from tests.api.transitions.stage import (
    AT_IT,
    GRID,
    HOUSING,
    LAT,
    LON,
    LONG,
    PARKING,
    Story,
    Told,
)
from tracker.commands.fields import GridRef

FAR = {"kind": "arrival", "lat": LAT + 0.01, "lon": LON}  # some 1,100 metres off
ELSEWHERE = {"kind": "arrival", "lat": 23.405781, "lon": 103.369254}  # in another grid
NOT_OURS = {"reason": "not_our_duty", "basis": "三定方案"}


def in_a_grid(story: Story) -> Story:
    """Only its grid is known, and units are sent."""
    return story.triaged(location=GridRef(GRID)).does("dispatcher-cp04", "dispatch", lead="U02")


def nowhere(story: Story) -> Story:
    unplaced(story).does("city", "classify", category=HOUSING)
    return story.does("city", "dispatch", lead="U02")


def sent_with_help(story: Story) -> Story:
    return story.dispatched(co=("X05",))


def suspended_with_help(story: Story) -> Story:
    """A co-handler was sent that has not come yet."""
    return story.suspended(co=("X05",))


def returned(story: Story, suggested: str | None = None) -> Story:
    return story.dispatched().does("liaison-u02", "return", suggested_unit=suggested, **NOT_OURS)


def returned_by_a_co(story: Story) -> Story:
    return story.at_work(co=("X05",)).does("liaison-x05", "return", **NOT_OURS)


def rejected(story: Story) -> Story:
    decided = {"unit": "U02", "upheld": False, "reason": "是他的"}
    return returned(story).does("dispatcher-cp04", "adjudicate", **decided)


def returned_twice(story: Story) -> Story:
    """One return was upheld, and the next unit returns it too."""
    decided = {"unit": "U02", "upheld": True, "reason": "不是他的", "lead": "U04"}
    returned(story).does("dispatcher-cp04", "adjudicate", **decided)
    return story.does("liaison-u04", "return", **NOT_OURS)


def designated(story: Story) -> Story:
    return story.triaged().does("city", "dispatch", lead="U02").does("city", "dispatch", lead="U04")


def emergency_at_work(story: Story) -> Story:
    return story.emergency().comes()


SITUATIONS: dict[str, Told] = {
    "dispatched with help": sent_with_help,
    "suspended, a co-handler has not come": suspended_with_help,
    "at work, a co-handler has not come": partial(Story.at_work, co=("X05",)),
    "responded, a co-handler has not come": partial(Story.responded, co=("X05",)),
    "dispatched, only the grid is known": in_a_grid,
    "dispatched, no place is known": nowhere,
    "an emergency, sent": Story.emergency,
    "an emergency, a unit has come": emergency_at_work,
    "dispatched, X5": partial(Story.dispatched, category=PARKING),
    "returned": returned,
    "returned, another unit is named": partial(returned, suggested="U04"),
    "returned a second time": returned_twice,
    "a return was rejected": rejected,
    "a co-handler returned its part": returned_by_a_co,
    "returned, and then responded": lambda story: returned(story).comes(),
    "designated by the city": designated,
}

DISPATCH = (
    Case("a lead and a co-handler", "dispatch", law.TRIAGED, "dispatcher-cp04",
         {"lead": "U02", "co": ["X05"]}, state=law.DISPATCHED, guard="one lead, any co",
         clocks=("respond@U02 runs 4 working_hours", "respond@X05 runs 4 working_hours")),
    Case("by the commander", "dispatch", law.TRIAGED, "commander-cp04", {"lead": "U02"},
         state=law.DISPATCHED, clocks=("respond@U02 runs 4 working_hours",)),
    Case("out of the pool", "dispatch", law.POOLED, "dispatcher-cp04", {"lead": "U02"},
         state=law.DISPATCHED, clocks=("pool stops", "respond@U02 runs 4 working_hours")),
    Case("a unit that is not on the duty list", "dispatch", law.TRIAGED, "dispatcher-cp04",
         {"lead": "AM001"}, 422, code="whistle.not_on_duty", field="lead", guard="duty list"),
    Case("the same unit twice", "dispatch", law.TRIAGED, "dispatcher-cp04",
         {"lead": "U02", "co": ["U02"]}, 422, code="whistle.unit_twice", field="co",
         guard="one lead, any co"),
    Case("a unit that there is not", "dispatch", law.TRIAGED, "dispatcher-cp04", {"lead": "U99"},
         422, code="unit.unknown", field="unit", guard="duty list"),
    Case("the lead is in time", "dispatch", law.DISPATCHED, "dispatcher-cp04", {"lead": "U04"}, 409,
         code="whistle.already_assigned", guard="again only after a missed respond due"),
    Case("the lead let its due pass", "dispatch", law.DISPATCHED, "dispatcher-cp04",
         {"lead": "U04"}, state=law.DISPATCHED, ago=LONG,
         clocks=("respond@U02 stops", "respond@U04 runs 4 working_hours"),
         guard="again only after a missed respond due"),
    Case("who claimed it let its due pass", "dispatch", law.CLAIMED, "dispatcher-cp04",
         {"lead": "U04"}, state=law.DISPATCHED, ago=LONG,
         clocks=("respond@U02 stops", "respond@U04 runs 4 working_hours"),
         guard="again only after a missed respond due"),
    Case("the city designates at work", "dispatch", law.IN_PROGRESS, "city", {"lead": "U04"},
         state=law.DISPATCHED, clocks=("respond@U04 runs 4 working_hours",),
         guard="the city centre designates"),
    Case("the city designates what is suspended", "dispatch", law.SUSPENDED, "city",
         {"lead": "U04"}, state=law.DISPATCHED, guard="the city centre designates",
         clocks=("respond@U04 runs 4 working_hours", "resolve goes on", "review stops")),
    Case("the post does not at work", "dispatch", law.IN_PROGRESS, "dispatcher-cp04",
         {"lead": "U04"}, 409, code="whistle.not_in_state", guard="the city centre designates"),
)  # fmt: skip

ACKNOWLEDGE = (
    Case("the lead has seen it", "acknowledge", law.DISPATCHED, "liaison-u02"),
    Case("who claimed it has seen it", "acknowledge", law.CLAIMED, "liaison-u02"),
    Case("a co-handler has seen it, the lead has come", "acknowledge",
         "responded, a co-handler has not come", "liaison-x05", guard="as respond"),
    Case("a co-handler has seen it, at work", "acknowledge", "at work, a co-handler has not come",
         "liaison-x05", guard="as respond"),
    Case("a co-handler has seen it, suspended", "acknowledge",
         "suspended, a co-handler has not come", "liaison-x05", guard="as respond"),
    Case("who has come has seen it", "acknowledge", law.RESPONDED, "liaison-u02", {}, 409,
         code="whistle.already_responded", guard="as respond"),
)  # fmt: skip

HAS_COME = ("respond stops", "respond@U02 stops")
RESPOND = (
    Case("the lead arrives", "respond", law.DISPATCHED, "handler-u02", AT_IT, state=law.RESPONDED,
         clocks=HAS_COME, guard="arrival within 200 m"),
    Case("who claimed it arrives", "respond", law.CLAIMED, "handler-u02", AT_IT,
         state=law.RESPONDED, clocks=HAS_COME),
    Case("the lead arrives late", "respond", law.DISPATCHED, "handler-u02", AT_IT,
         state=law.RESPONDED, clocks=HAS_COME, ago=LONG),
    Case("a co-handler arrives first", "respond", "dispatched with help", "handler-x05", AT_IT,
         clocks=("respond@X05 stops",), guard="the whistle's clock stops at the first lead"),
    Case("a co-handler arrives after the lead", "respond", "responded, a co-handler has not come",
         "handler-x05", AT_IT, clocks=("respond@X05 stops",)),
    Case("a co-handler arrives while it is suspended", "respond",
         "suspended, a co-handler has not come", "handler-x05", AT_IT,
         clocks=("respond@X05 stops",)),
    Case("twice", "respond", law.RESPONDED, "handler-u02", AT_IT, 409,
         code="whistle.already_responded", guard="a part that has not responded"),
    Case("more than 200 metres away", "respond", law.DISPATCHED, "handler-u02", FAR, 422,
         code="whistle.too_far_away", field="lat", guard="arrival within 200 m"),
    Case("an arrival without a point", "respond", law.DISPATCHED, "handler-u02",
         {"kind": "arrival"}, 422, code="whistle.arrival_needs_point", field="lat",
         guard="arrival within 200 m"),
    Case("only the grid is known: in it, with a photo", "respond",
         "dispatched, only the grid is known", "handler-u02", {**AT_IT, "photos": picture},
         state=law.RESPONDED, clocks=HAS_COME, guard="no point: in the grid, with a photo"),
    Case("only the grid is known: without a photo", "respond", "dispatched, only the grid is known",
         "handler-u02", AT_IT, 422, code="whistle.arrival_needs_photo", field="photos",
         guard="no point: in the grid, with a photo"),
    Case("only the grid is known: outside it", "respond", "dispatched, only the grid is known",
         "handler-u02", {**ELSEWHERE, "photos": picture}, 422, code="whistle.outside_its_grid",
         field="lat", guard="no point: in the grid, with a photo"),
    Case("no place is known: anywhere, with a photo", "respond", "dispatched, no place is known",
         "handler-u02", {**ELSEWHERE, "photos": picture}, state=law.RESPONDED, clocks=HAS_COME,
         guard="no grid: in the city, with a photo"),
    Case("no place is known: without a photo", "respond", "dispatched, no place is known",
         "handler-u02", ELSEWHERE, 422, code="whistle.arrival_needs_photo", field="photos",
         guard="no grid: in the city, with a photo"),
    Case("an emergency: its lead arrives", "respond", "an emergency, sent", "handler-u02", AT_IT,
         state=law.RESPONDED, clocks=HAS_COME),
    Case("an emergency: a call is none", "respond", "an emergency, sent", "handler-u02",
         {"kind": "call", "reached": True, "called_at": "2026-01-01T00:00:00Z"}, 422,
         code="whistle.arrival_only", field="kind", guard="E1: arrival only"),
    Case("a call to a number that nobody opened", "respond", law.DISPATCHED, "handler-u02",
         {"kind": "call", "reached": True, "called_at": this_moment}, 409,
         code="whistle.number_not_opened", guard="the number was opened before"),
    Case("its unit opens the number", "open-contact", law.DISPATCHED, "handler-u02",
         {"reason": "约时间上门"}),
    Case("a call without its record", "respond", law.DISPATCHED, "handler-u02", {"kind": "call"},
         422, code="whistle.call_record_needed", field="called_at", guard="a call has a record"),
)  # fmt: skip

START = (
    Case("the lead starts", "start", law.RESPONDED, "handler-u02", state=law.IN_PROGRESS),
    Case("a co-handler may not", "start", "responded, a co-handler has not come", "handler-x05", {},
         403, code="whistle.not_the_lead", guard="the lead"),
)  # fmt: skip

CONTROL = (
    Case("a unit that has come", "control", "an emergency, a unit has come", "handler-u02",
         {"note": "阀门已关"}, clocks=("control stops",)),
    Case("by a photo", "control", "an emergency, a unit has come", "liaison-u02",
         {"photos": picture}, clocks=("control stops",)),
    Case("a unit that has not come", "control", "an emergency, a unit has come", "handler-x01",
         {"note": "阀门已关"}, 409, code="whistle.not_yet_there", guard="a unit that has arrived"),
    Case("without a word", "control", "an emergency, a unit has come", "handler-u02", {}, 422,
         code="whistle.finding_needed", field="note", guard="words or photo"),
    Case("no emergency", "control", law.RESPONDED, "handler-u02", {"note": "好了"}, 409,
         code="whistle.no_hazard", guard="class E1"),
)  # fmt: skip

RETURN = (
    Case("in time", "return", law.DISPATCHED, "liaison-u02", NOT_OURS,
         clocks=("adjudicate@U02 runs 4 working_hours",), guard="within the window"),
    Case("after the window", "return", law.DISPATCHED, "liaison-u02", NOT_OURS, 409,
         code="whistle.return_too_late", ago=LONG, guard="within the window"),
    Case("a second time", "return", "a return was rejected", "liaison-u02", NOT_OURS, 409,
         code="whistle.already_returned", guard="one return a unit"),
    Case("while one is pending", "return", "returned", "liaison-u02", NOT_OURS, 409,
         code="whistle.return_pending", guard="one return a unit"),
    Case("an emergency", "return", "an emergency, sent", "liaison-u02", NOT_OURS, 409,
         code="whistle.emergency_not_returnable", guard="not for E1"),
    Case("no basis", "return", law.DISPATCHED, "liaison-u02",
         {"reason": "not_our_duty", "basis": " "}, 422, code="form.invalid", field="basis",
         guard="reason and basis"),
    Case("designated by the city", "return", "designated by the city", "liaison-u04", NOT_OURS, 409,
         code="whistle.designated", guard="a designated lead"),
    Case("a co-handler's part, while the lead works", "return",
         "at work, a co-handler has not come", "liaison-x05", NOT_OURS,
         clocks=("adjudicate@X05 runs 4 working_hours",), guard="the lead or a co"),
    Case("a lead that has responded", "return", law.RESPONDED, "liaison-u02", NOT_OURS, 409,
         code="whistle.already_responded", guard="has not responded"),
    Case("who claimed it", "return", law.CLAIMED, "liaison-u02", NOT_OURS, 409,
         code="whistle.claimed_by_itself", guard="never who claimed it"),
)  # fmt: skip


def decided(upheld: bool, unit: str = "U02", **lead: str) -> dict[str, object]:
    return {"unit": unit, "upheld": upheld, "reason": "查过了", **lead}


ADJUDICATE = (
    Case("rejected by the street", "adjudicate", "returned", "dispatcher-cp04", decided(False),
         clocks=("adjudicate@U02 stops",), guard="same street: its dispatcher"),
    Case("by another post of the street", "adjudicate", "returned", "dispatcher-cp02",
         decided(False), clocks=("adjudicate@U02 stops",), guard="same street: its dispatcher"),
    Case("upheld: a new lead is sent", "adjudicate", "returned", "dispatcher-cp04",
         decided(True, lead="U04"), state=law.DISPATCHED, guard="a new lead is compulsory",
         clocks=("adjudicate@U02 stops", "respond@U02 stops", "respond@U04 runs 4 working_hours")),
    Case("upheld without a new lead", "adjudicate", "returned", "dispatcher-cp04", decided(True),
         422, code="whistle.new_lead_needed", field="lead", guard="a new lead is compulsory"),
    Case("upheld with the same lead", "adjudicate", "returned", "dispatcher-cp04",
         decided(True, lead="U02"), 422, code="whistle.new_lead_needed", field="lead",
         guard="a new lead is compulsory"),
    Case("upheld with a unit that is not on the duty list", "adjudicate", "returned",
         "dispatcher-cp04", decided(True, lead="AM001"), 422, code="whistle.not_on_duty",
         field="lead", guard="a new lead is compulsory"),
    Case("two bureaux: not the street", "adjudicate", "returned, another unit is named",
         "dispatcher-cp04", decided(True), 403, code="whistle.city_decides",
         guard="two bureaux: the city centre"),
    Case("two bureaux: the city centre", "adjudicate", "returned, another unit is named", "city",
         decided(True), state=law.DISPATCHED, guard="two bureaux: the city centre",
         clocks=("adjudicate@U02 stops", "respond@U02 stops", "respond@U04 runs 4 working_hours")),
    Case("a second dispute: not the street", "adjudicate", "returned a second time",
         "dispatcher-cp04", decided(False, "U04"), 403, code="whistle.city_decides",
         guard="a second dispute: the city centre"),
    Case("a second dispute: the city centre", "adjudicate", "returned a second time", "city",
         decided(True, "U04", lead="U02"), state=law.DISPATCHED,
         clocks=("adjudicate@U04 stops", "respond@U04 stops", "respond@U02 again"),
         guard="a second dispute: the city centre"),
    Case("silent for four working hours: rejected", "adjudicate", "returned", "dispatcher-cp04",
         decided(True, lead="U04"), 409, code="whistle.no_return_pending", ago=LONG,
         guard="4 working hours"),
    Case("of a unit that did not return it", "adjudicate", "returned", "dispatcher-cp04",
         decided(False, "X05"), 409, code="whistle.no_return_pending"),
    Case("upheld for a co-handler", "adjudicate", "a co-handler returned its part",
         "dispatcher-cp04", decided(True, "X05"), state=law.IN_PROGRESS,
         clocks=("adjudicate@X05 stops", "respond@X05 stops"),
         guard="upheld for a co: its part ends"),
    Case("after the unit went to work", "adjudicate", "returned, and then responded",
         "dispatcher-cp04", decided(False), 409, code="whistle.no_return_pending"),
)  # fmt: skip

HELP = {"unit": "U04", "reason": "要帮手"}
ADD_CO = (
    Case("the dispatcher adds one", "add-co", law.DISPATCHED, "dispatcher-cp04", HELP,
         clocks=("respond@U04 runs 4 working_hours",), guard="the dispatcher decides"),
    Case("at work", "add-co", law.IN_PROGRESS, "commander-cp04", HELP,
         clocks=("respond@U04 runs 4 working_hours",)),
    Case("while it is suspended", "add-co", law.SUSPENDED, "dispatcher-cp04", HELP,
         clocks=("respond@U04 runs 4 working_hours",), guard="also while suspended"),
    Case("the lead asks for one", "add-co", law.IN_PROGRESS, "handler-u02", HELP,
         guard="the lead asks"),
    Case("one that has a part", "add-co", "dispatched with help", "dispatcher-cp04",
         {**HELP, "unit": "X05"}, 409, code="whistle.already_assigned"),
    Case("a co-handler may not ask", "add-co", "dispatched with help", "handler-x05", HELP, 403,
         code="access.not_allowed", guard="the lead asks"),
)  # fmt: skip

WAIVED = {"unit": "X05", "reason": "不用了"}
REMOVE_CO = (
    Case("the dispatcher waives a part", "remove-co", "dispatched with help", "dispatcher-cp04",
         WAIVED, clocks=("respond@X05 stops",), guard="the dispatcher decides"),
    Case("while it is suspended", "remove-co", "suspended, a co-handler has not come",
         "dispatcher-cp04", WAIVED, clocks=("respond@X05 stops",), guard="also while suspended"),
    Case("the lead is no co-handler", "remove-co", law.DISPATCHED, "dispatcher-cp04",
         {**WAIVED, "unit": "U02"}, 409, code="whistle.lead_cannot_be_removed",
         guard="a co-handler's part"),
    Case("a unit without a part", "remove-co", law.DISPATCHED, "dispatcher-cp04",
         {**WAIVED, "unit": "U04"}, 403, code="whistle.not_your_task",
         guard="a co-handler's part"),
)  # fmt: skip

CASES = (
    *(*DISPATCH, *ACKNOWLEDGE, *RESPOND, *START, *CONTROL),
    *(*RETURN, *ADJUDICATE, *ADD_CO, *REMOVE_CO),
)
