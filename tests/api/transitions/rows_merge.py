"""The rows merge and unmerge; what follows for the parent's units is tried in tests/domain."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from tests.api.transitions import law
from tests.api.transitions.case import Case, other
from tests.api.transitions.rows_triage import marked
from tests.api.transitions.stage import (
    LONG,
    ROOMS,
    WATER,
    Story,
    Told,
)
from tracker.commands.fields import Point

MANHOLE, LAMP = "C0101", "C0103"  # E1 of U25 and U01; G4: one family
HERE_TOO = Point(23.3806, 103.4016)  # some 15 metres off
AROUND_THE_CORNER = Point(23.3815, 103.4015)  # some 110 metres off
INTO = {"into": other}


def beside(story: Story, parent: Told, child: Told, later: timedelta = timedelta()) -> Story:
    """A parent, and a child that was raised `later` than it."""
    story.beside(parent).at += later
    child(story)
    assert story.other is not None
    story.at = story.other.at = max(story.at, story.other.at)
    return story


def two(parent: Told = Story.triaged, child: Told = Story.triaged, **more: timedelta) -> Told:
    return partial(beside, parent=parent, child=child, **more)


def closed_parent(story: Story) -> Story:
    """Its parent was closed as told by the first of its reporters."""
    story.merged(Story.verified)
    return story


def merged_and_closed(story: Story) -> Story:
    story.merged(partial(Story.at_work))
    parent = story.other
    assert parent is not None
    parent.does(parent.lead, "submit", note="好了")
    parent.does("verifier-cp04", "verify", passed=True).says(True)
    story.at = parent.at
    return story


def with_a_child(story: Story) -> Story:
    """A parent, to be merged itself, and as its `other` the one to merge it into."""
    child = Story(story.web, story.at).merged(Story.triaged)
    parent = child.other
    assert parent is not None
    parent.at = max(parent.at, child.at)
    parent.other = Story(story.web, story.at).triaged()
    parent.other.at = parent.at
    return parent


category: Callable[[str], Told] = lambda code: partial(Story.triaged, category=code)  # noqa: E731

SITUATIONS: dict[str, Told] = {
    "two triaged": two(),
    # of a class that runs at night too: at noon and in the evening no other due would be earlier
    "the child is older": two(category(WATER), category(WATER), later=timedelta(hours=-1)),
    "two of one place, more than 30 days apart": two(later=timedelta(days=31)),
    "fifteen metres apart": two(child=partial(Story.triaged, location=HERE_TOO)),
    "around the corner": two(child=partial(Story.triaged, location=AROUND_THE_CORNER)),
    "of another family": two(child=category(ROOMS)),
    "the child is urgent": two(child=category(WATER)),
    "the parent is urgent": two(parent=category(WATER)),
    "the child is an emergency": two(category(LAMP), partial(Story.raised, category=MANHOLE)),
    "the child is confidential": two(child=marked),
    "the child is at work": two(child=Story.at_work),
    "both have a lead": two(partial(Story.dispatched), partial(Story.dispatched, lead="U04")),
    "both have the same lead": two(Story.dispatched, Story.responded),
    "the parent is not accepted": two(parent=Story.raised),
    "the parent is suspended": two(parent=Story.suspended),
    "the parent is submitted": two(parent=Story.submitted),
    "the parent is closed": two(parent=Story.closed),
    "the parent follows another": two(parent=partial(Story.merged, told=Story.triaged)),
    "a parent, beside another whistle": with_a_child,
    "merged into one that is at work": partial(Story.merged, told=Story.at_work),
    "merged into one that is closed now": merged_and_closed,
    "an urgent one, merged": partial(Story.merged, told=Story.triaged, category=WATER),
}

BAR = "whistle.cannot_merge"
STOPS = ("respond stops", "resolve stops")
MERGE = (
    Case("two of one place", "merge", "two triaged", "intake-cp04", INTO, state=law.MERGED,
         clocks=STOPS, parent_clocks=(), guard="the child's clocks are cancelled"),
    Case("by the dispatcher", "merge", "fifteen metres apart", "dispatcher-cp04", INTO,
         state=law.MERGED, clocks=STOPS, parent_clocks=()),
    Case("the child is older: the earlier due", "merge", "the child is older", "intake-cp04", INTO,
         state=law.MERGED, clocks=STOPS, parent_clocks=("respond earlier", "resolve earlier"),
         guard="the earlier of the two dues"),
    Case("the child is urgent: the parent too", "merge", "the child is urgent", "intake-cp04", INTO,
         state=law.MERGED, clocks=STOPS, parent_clocks=("respond earlier", "resolve earlier"),
         guard="the stricter class"),
    Case("the parent is urgent and stays so", "merge", "the parent is urgent", "intake-cp04", INTO,
         state=law.MERGED, clocks=STOPS, parent_clocks=(), guard="the stricter class"),
    Case("the child is an emergency: units are sent", "merge", "the child is an emergency",
         "intake-cp04", INTO, state=law.MERGED, parent=law.DISPATCHED,
         guard="the parent becomes E1",
         clocks=(*STOPS, "control stops", "respond@U25 stops", "respond@U01 stops"),
         parent_clocks=("respond earlier", "resolve earlier", "control again", "respond@U25 again",
                        "respond@U01 again")),
    Case("the child has a lead: it leads the parent", "merge", "the child is at work",
         "intake-cp04", INTO, state=law.MERGED, parent=law.IN_PROGRESS,
         guard="the child's lead and state, where the parent has none", clocks=("resolve stops",),
         parent_clocks=("respond stops", "respond@U02 came")),
    Case("both have a lead: the child's helps", "merge", "both have a lead", "intake-cp04", INTO,
         state=law.MERGED, clocks=(*STOPS, "respond@U04 stops"),
         parent_clocks=("respond@U04 again",), guard="the child's lead joins as co"),
    Case("both have the same lead: the earlier answer", "merge", "both have the same lead",
         "intake-cp04", INTO, state=law.MERGED, clocks=("resolve stops",), parent=law.RESPONDED,
         parent_clocks=("respond stops", "respond@U02 stops"), guard="a unit in both"),
    Case("into a suspended one", "merge", "the parent is suspended", "dispatcher-cp04", INTO,
         state=law.MERGED, clocks=STOPS, guard="the parent's state"),
    Case("its own children follow the new parent", "merge", "a parent, beside another whistle",
         "dispatcher-cp04", INTO, state=law.MERGED, clocks=STOPS, guard="no chains"),
    Case("another family", "merge", "of another family", "intake-cp04", INTO, 409, code=BAR,
         guard="category family"),
    Case("more than 50 metres", "merge", "around the corner", "intake-cp04", INTO, 409, code=BAR,
         guard="50 metres"),
    Case("more than 30 days", "merge", "two of one place, more than 30 days apart", "intake-cp04",
         INTO, 409, code=BAR, guard="30 days", ago=LONG),
    Case("one of them is confidential", "merge", "the child is confidential", "intake-cp04", INTO,
         409, code=BAR, guard="not across confidential"),
    Case("the parent is not accepted", "merge", "the parent is not accepted", "intake-cp04", INTO,
         409, code=BAR, guard="the parent's state"),
    Case("the parent is submitted", "merge", "the parent is submitted", "intake-cp04", INTO, 409,
         code=BAR, guard="the parent's state"),
    Case("the parent is closed", "merge", "the parent is closed", "intake-cp04", INTO, 409,
         code=BAR, guard="the parent's state"),
    Case("the parent follows another", "merge", "the parent follows another", "intake-cp04", INTO,
         409, code=BAR, guard="no chains"),
    Case("into itself", "merge", law.TRIAGED, "intake-cp04", {"into": lambda story: story.number},
         409, code=BAR, guard="no chains"),
)  # fmt: skip

REASON = {"reason": "不是一件"}
UNMERGE = (
    Case("it was another problem", "unmerge", law.MERGED, "dispatcher-cp04", REASON,
         state=law.TRIAGED, clocks=("respond again", "resolve again"), parent_clocks=(),
         guard="the child's clocks resume"),
    Case("the parent loses the class of its child", "unmerge", "an urgent one, merged",
         "dispatcher-cp04", REASON, state=law.TRIAGED, clocks=("respond again", "resolve again"),
         parent_clocks=("respond later", "resolve later"), guard="the parent gets back its own"),
    Case("the parent is at work", "unmerge", "merged into one that is at work", "commander-cp04",
         REASON, state=law.TRIAGED, clocks=("respond again", "resolve again"), parent_clocks=()),
    Case("the parent was closed lately", "unmerge", "merged into one that is closed now",
         "dispatcher-cp04", REASON, state=law.TRIAGED, clocks=("respond again", "resolve again"),
         guard="15 days after closing"),
    Case("the parent was closed long ago", "unmerge", "merged into one that is closed now",
         "dispatcher-cp04", REASON, 409, code="whistle.too_late_to_unmerge", ago=LONG,
         guard="15 days after closing"),
    Case("no reason", "unmerge", law.MERGED, "dispatcher-cp04", {"reason": " "}, 422,
         code="form.invalid", field="reason", guard="a reason"),
)  # fmt: skip

CASES = (*MERGE, *UNMERGE)
