"""One case of the transition table, and how it is tried over HTTP.

`clocks` names every clock that the command changes; any other change of a clock fails the case.
Each is `KIND[@UNIT] WHAT`, with WHAT one of:
    runs 4 working_hours      a clock that runs from the command's moment, for so long
    runs                      the same, its due time is not looked at
    stops · held              it ran before; now it is stopped, or waits
    goes on                   it was held, and runs again with a due time that is not earlier
    again                     it was stopped, and runs again
    due 24 natural_hours      it runs on, due so long after the registration
    due now+2 natural_hours   the same, after the command's moment
    came                      it was not there, and stands still already: the unit had answered
    later · earlier           it runs on, and its due time has moved
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.transitions.stage import NOW, Stage, Story
from tracker.domain.promises.clocks import Duration

Value = Callable[[Story], Any]
Body = Mapping[str, Any]
Clocks = Mapping[str, Mapping[str, Any]]
SLACK = timedelta(seconds=1)  # the answer shows whole seconds


@dataclass(frozen=True)
class Case:
    """`state`: afterwards, None: as before. `code` and `field`: of a refusal.

    `guard`: the guard of the row, as named in `law.GUARDS`, that it proves. `parent` and
    `parent_clocks`: state and changed clocks of `story.other`. `ago`: how long ago the story of
    the situation began. `card` and `level`: afterwards, None: not looked at.
    `leaves`: events that a refusal leaves all the same, by a rule.
    """

    id: str
    command: str
    given: str
    by: str
    body: Body = field(default_factory=dict)
    status: int = 200
    state: str | None = None
    clocks: tuple[str, ...] = ()
    code: str = ""
    field: str = ""
    guard: str = ""
    parent: str | None = None
    parent_clocks: tuple[str, ...] | None = None
    card: str | None = None
    level: int | None = None
    leaves: int = 0
    ago: timedelta = NOW

    @property
    def done(self) -> bool:
        return self.status < 300


def tried(stage: Stage, case: Case, story: Story) -> None:
    """Give the command and compare the answer, the state and every clock."""
    before, beside = stage.seen(story), stage.seen(story.other) if story.other else {}
    body = {name: value(story) if callable(value) else value for name, value in case.body.items()}

    answer = stage.give(story, case.by, case.command, body)

    assert answer.status_code == case.status, answer.text
    after = stage.seen(story)
    if not case.done:
        refused(case, answer.json())
        assert after["version"] == before["version"] + case.leaves
        return
    assert after["state"] == (case.state or before["state"])
    assert case.card in (None, after["card"]) and case.level in (None, after["level"])
    acted = story.whistle.modified_on
    changed(stage, case.clocks, before, after, acted)
    if case.parent_clocks is not None and story.other is not None:
        other = stage.seen(story.other)
        assert other["state"] == (case.parent or beside["state"])
        changed(stage, case.parent_clocks, beside, other, acted)


def refused(case: Case, problem: Mapping[str, Any]) -> None:
    assert problem["code"] == case.code, problem
    assert problem["detail"] and problem["remedy"]
    named = [error["field"] for error in problem["errors"]]
    assert named == ([case.field] if case.field else []), problem


def changed(
    stage: Stage, wanted: tuple[str, ...], before: Body, after: Body, acted: datetime
) -> None:
    """Compare the clocks before and after; those that `wanted` does not name must be the same."""
    old, new = by_name(before), by_name(after)
    named = {}
    for one in wanted:
        name, _, what = one.partition(" ")
        named[name] = what
    moved = {name for name in old | new if old.get(name) != new.get(name)}
    assert moved == set(named), {
        name: (old.get(name), new.get(name)) for name in moved | set(named)
    }
    for name, what in named.items():
        moment = datetime.fromisoformat(before["registered_at"])
        right = fits(stage, what, old.get(name), new[name], acted, moment)
        assert right, (name, what, old.get(name), new[name])


def by_name(seen: Body) -> Clocks:
    shown = ("due", "started_at", "stopped_at", "paused")
    return {
        f"{clock['kind']}@{clock['unit']}" if clock["unit"] else clock["kind"]: {
            name: clock[name] for name in shown
        }
        for clock in seen["clocks"]
    }


def fits(
    stage: Stage,
    what: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
    acted: datetime,
    registered: datetime,
) -> bool:
    runs = new["stopped_at"] is None and not new["paused"]
    ran = old is not None and old["stopped_at"] is None
    due, was = moment(new["due"]), moment(old["due"]) if old else None
    word, _, limit = what.partition(" ")
    match word:
        case "stops":
            return ran and new["stopped_at"] is not None
        case "held":
            return ran and bool(new["paused"])
        case "goes":
            return old is not None and old["paused"] and runs and was is not None and due >= was
        case "again":
            return not ran and runs
        case "came":
            return old is None and new["stopped_at"] is not None
        case "later":
            return runs and was is not None and due > was
        case "earlier":
            return runs and was is not None and due < was
        case "due":
            start = acted if limit.startswith("now+") else registered
            return runs and near(due, ends(stage, limit.removeprefix("now+"), start))
        case "runs":
            begun = near(moment(new["started_at"]), acted)
            return runs and begun and (not limit or near(due, ends(stage, limit, acted)))
    raise ValueError(what)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ends(stage: Stage, limit: str, start: datetime) -> datetime:
    """So long after `start`, by the calendar of the city (whose arithmetic has its own tests)."""
    value, unit = limit.split()
    return stage.web.tracker.city.policy.due(Duration(int(value), unit), start).at


def near(one: datetime, other: datetime) -> bool:
    return abs(one - other) < SLACK


# --- values of bodies that a story knows ----------------------------------------------------------


def other(story: Story) -> str:
    assert story.other is not None
    return story.other.number


def picture(story: Story) -> list[str]:
    return [story.web.nobody.photo()]


def this_moment(story: Story) -> str:
    return datetime.now(UTC).isoformat()


def day_in(days: int) -> Value:
    return lambda story: (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def minutes_ago(minutes: int) -> Value:
    return lambda story: (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
