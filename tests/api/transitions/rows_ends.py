"""The rows withdraw, void, transferOut and exclude."""

from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case
from tests.api.transitions.rows_merge import with_a_child
from tests.api.transitions.stage import LONG, WATER, Story, Told


def joined(story: Story) -> Story:
    return story.dispatched().does("resident-1", "join", text="我也是")


def left_alone(story: Story) -> Story:
    """An emergency whose reporter took his report back: the hazard stays."""
    return story.emergency().does("reporter", "withdraw")


def void_proposed(story: Story) -> Story:
    return story.triaged().does("intake-cp04", "void", reason="test")


def void_proposed_late(story: Story) -> Story:
    return story.dispatched().does("supervisor", "void", reason="fabricated")


def void_proposed_after_closing(story: Story) -> Story:
    return story.closed().does("supervisor", "void", reason="fabricated")


def parent(story: Story) -> Story:
    """A parent, and as its `other` the child that follows it."""
    child = Story(story.web, story.at).merged(Story.triaged)
    above = child.other
    assert above is not None
    above.at, above.other, child.other = child.at, child, None
    return above


def parent_void_proposed(story: Story) -> Story:
    return parent(story).does("intake-cp04", "void", reason="test")


def parent_closed(story: Story) -> Story:
    above = parent(story).does("dispatcher-cp04", "dispatch", lead="U02").comes().starts()
    above.does("handler-u02", "submit", note="好了")
    return above.does("verifier-cp04", "verify", passed=True).says(True)


def proposed(story: Story, command: str, by: str, **body: str) -> Story:
    return story.triaged().does(by, command, **body)


def transfer_proposed(story: Story) -> Story:
    """Forty days after its registration, so after half of the respond limit."""
    story.triaged()
    story.at += LONG / 2
    return story.does("intake-cp04", "transfer-out", target="petition", reason="信访事项")


EXCLUDED = {"reason": "force_majeure"}


def excluded(story: Story) -> Story:
    return story.triaged().does("supervisor", "exclude", **EXCLUDED)


SITUATIONS: dict[str, Told] = {
    "reported by two": joined,
    "dispatched, water": partial(Story.dispatched, category=WATER, lead="U25"),
    "an emergency that nobody reports any more": left_alone,
    "its voiding is proposed": void_proposed,
    "its voiding is proposed after dispatch": void_proposed_late,
    "its voiding is proposed after closing": void_proposed_after_closing,
    "a parent": parent,
    "a parent whose voiding is proposed": parent_void_proposed,
    "a parent that is closed": parent_closed,
    "its transfer is proposed late": transfer_proposed,
    "its exclusion is proposed": excluded,
    "a parent beside another": with_a_child,
}

STOPS = ("respond stops", "resolve stops")
WITHDRAW = (
    Case("the only reporter", "withdraw", law.RAISED, "reporter", state=law.WITHDRAWN, clocks=STOPS,
         guard="the last of all"),
    Case("after dispatch", "withdraw", law.DISPATCHED, "reporter", state=law.WITHDRAWN,
         clocks=(*STOPS, "respond@U02 stops")),
    Case("at work", "withdraw", law.IN_PROGRESS, "reporter", state=law.WITHDRAWN,
         clocks=("resolve stops",)),
    Case("suspended", "withdraw", law.SUSPENDED, "reporter", state=law.WITHDRAWN,
         clocks=("resolve stops", "review stops")),
    Case("pooled", "withdraw", law.POOLED, "reporter", state=law.WITHDRAWN,
         clocks=(*STOPS, "pool stops")),
    Case("another reports it too: it goes on", "withdraw", "reported by two", "reporter",
         guard="this person's report alone"),
    Case("the second reporter", "withdraw", "reported by two", "resident-1",
         guard="this person's report alone"),
    Case("of a merged one: its parent goes on", "withdraw", law.MERGED, "reporter",
         state=law.WITHDRAWN, parent_clocks=(), guard="this person's report alone"),
    Case("an emergency that was sent: the hazard stays", "withdraw", "an emergency, sent",
         "reporter", guard="E1, U2 after dispatch"),
    Case("U2 that was sent: the hazard stays", "withdraw", "dispatched, water", "reporter",
         guard="E1, U2 after dispatch"),
    Case("U2 that was not sent", "withdraw", "water, triaged", "reporter", state=law.WITHDRAWN,
         clocks=STOPS, guard="E1, U2 after dispatch"),
    Case("somebody who reported nothing", "withdraw", law.RAISED, "gw-53250300100401", {}, 403,
         code="access.not_allowed", guard="proof of ownership"),
)  # fmt: skip

TEST, MADE_UP = {"reason": "test"}, {"reason": "fabricated"}
VOID = (
    Case("intake proposes", "void", law.TRIAGED, "intake-cp04", TEST, 202,
         guard="before dispatch: intake and commander"),
    Case("the commander confirms", "void", "its voiding is proposed", "commander-cp04", TEST,
         state=law.VOID, clocks=STOPS, guard="before dispatch: intake and commander"),
    Case("the commander proposes", "void", law.TRIAGED, "commander-cp04", TEST, 403,
         code="whistle.only_the_post_voids", guard="before dispatch: intake and commander"),
    Case("intake confirms itself", "void", "its voiding is proposed", "intake-cp04", TEST, 409,
         code="whistle.second_person_needed", guard="two people"),
    Case("intake, after dispatch", "void", law.DISPATCHED, "intake-cp04", TEST, 403,
         code="whistle.only_the_city_voids", guard="later: supervisor and city centre"),
    Case("intake, after a missed due", "void", law.TRIAGED, "intake-cp04", TEST, 403, ago=LONG,
         code="whistle.only_the_city_voids", guard="later: supervisor and city centre"),
    Case("the supervisor proposes", "void", law.DISPATCHED, "supervisor", MADE_UP, 202,
         guard="later: supervisor and city centre"),
    Case("the city centre confirms", "void", "its voiding is proposed after dispatch", "city",
         MADE_UP, state=law.VOID, clocks=(*STOPS, "respond@U02 stops"),
         guard="later: supervisor and city centre"),
    Case("the city centre proposes", "void", law.DISPATCHED, "city", MADE_UP, 403,
         code="whistle.only_the_city_voids", guard="later: supervisor and city centre"),
    Case("closed lately", "void", "its voiding is proposed after closing", "city", MADE_UP,
         state=law.VOID, guard="within 7 days after closing"),
    Case("closed long ago", "void", law.CLOSED, "supervisor", MADE_UP, 409, ago=LONG,
         code="whistle.already_ended", guard="within 7 days after closing"),
    Case("because it is hard", "void", law.TRIAGED, "intake-cp04", {"reason": "太难了"}, 422,
         code="whistle.not_a_void_reason", field="reason", guard="reason from the list"),
    Case("because it is overdue", "void", law.DISPATCHED, "supervisor", {"reason": "超期"}, 422,
         code="whistle.not_a_void_reason", field="reason", ago=LONG, guard="reason from the list"),
    Case("a parent: its children go back", "void", "a parent whose voiding is proposed",
         "commander-cp04", TEST, state=law.VOID, clocks=STOPS, parent=law.TRIAGED,
         parent_clocks=("respond again", "resolve again"), guard="children go back"),
    Case("a closed parent with children", "void", "a parent that is closed", "supervisor", MADE_UP,
         409, code="whistle.others_follow_it", guard="a closed parent with children"),
)  # fmt: skip

TO = {"target": "petition", "reason": "信访事项"}
TRANSFER = (
    Case("at once", "transfer-out", law.RAISED, "intake-cp04", TO, state=law.TRANSFERRED_OUT,
         clocks=STOPS, guard="early: one person"),
    Case("by the dispatcher, after dispatch", "transfer-out", law.DISPATCHED, "dispatcher-cp04",
         {**TO, "target": "110"}, state=law.TRANSFERRED_OUT, clocks=(*STOPS, "respond@U02 stops"),
         guard="early: one person"),
    Case("after half of the respond limit: proposed", "transfer-out", law.TRIAGED, "intake-cp04",
         TO, 202, ago=LONG, guard="late: the city centre confirms"),
    Case("confirmed by the city centre", "transfer-out", "its transfer is proposed late", "city",
         TO, state=law.TRANSFERRED_OUT, clocks=STOPS, ago=LONG,
         guard="late: the city centre confirms"),
    Case("confirmed by the post", "transfer-out", "its transfer is proposed late",
         "dispatcher-cp04", TO, 403, code="whistle.only_the_city_transfers", ago=LONG,
         guard="late: the city centre confirms"),
    Case("to somebody who is not on the list", "transfer-out", law.TRIAGED, "intake-cp04",
         {**TO, "target": "邻县"}, 422, code="whistle.not_a_target", field="target",
         guard="target list"),
    Case("a parent: its children go along", "transfer-out", "a parent", "intake-cp04", TO,
         state=law.TRANSFERRED_OUT, clocks=STOPS, parent=law.TRANSFERRED_OUT, parent_clocks=(),
         guard="children go along"),
)  # fmt: skip

EXCLUDE = (
    Case("the supervisor proposes", "exclude", law.DISPATCHED, "supervisor", EXCLUDED, 202,
         guard="supervisor and auditor"),
    Case("the auditor confirms", "exclude", "its exclusion is proposed", "auditor", EXCLUDED,
         guard="supervisor and auditor"),
    Case("the auditor proposes", "exclude", law.DISPATCHED, "auditor", EXCLUDED, 403,
         code="whistle.only_the_supervisor_excludes", guard="supervisor and auditor"),
    Case("the supervisor confirms", "exclude", "its exclusion is proposed", "supervisor-b",
         EXCLUDED, 403, code="whistle.only_the_auditor_confirms", guard="supervisor and auditor"),
    Case("because it is overdue", "exclude", law.DISPATCHED, "supervisor", {"reason": "超期"}, 422,
         code="whistle.not_an_exclusion_reason", field="reason", guard="reason from the list"),
    Case("its month is frozen", "exclude", law.CLOSED, "supervisor", EXCLUDED, 409, ago=LONG * 2,
         code="whistle.month_is_frozen", guard="before the month freezes"),
)  # fmt: skip

CASES = (*WITHDRAW, *VOID, *TRANSFER, *EXCLUDE)
