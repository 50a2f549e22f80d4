"""时间去哪了: time in each step, repeats, and the indices of effort and happiness."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import span
from api.pages.frame.route import pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader.asked import FiguresQuery, result_of
from api.pages.leader.heading import heading, refused
from api.reading.figures import figures_connection, may_open
from tracker.directory import Directory
from tracker.domain.errors import Invalid
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.metrics.indices import ACT_WORDS, Act
from tracker.metrics.steps import STEP_WORDS, STEPS_DEFINITION, Step
from tracker.projections.steps.repeats import repeats as repeats_of
from tracker.projections.steps.time_in_steps import StepsBy, TimeInStep, spent, worst
from tracker.projections.steps.time_in_steps import steps as steps_of
from tracker.reports.indices import PLACES
from tracker.reports.indices import definitions as definitions_of
from tracker.reports.indices import indices as indices_of
from tracker.reports.month_report import NotFrozen

router = pages()
PATH = "/leader/steps"
SLOWEST = 12  # rows in the table of slow steps


@router.get(PATH)
def steps(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    _, at, city = speech_of(request), now(), tracker.city
    asked_by = request.query_params.get("by")
    by: StepsBy = next((one for one in get_args(StepsBy) if one == asked_by), "post")
    with figures_connection(tracker, caller) as connection:
        try:
            result = result_of(tracker, connection, FiguresQuery.of(request.query_params, at), at)
        except (Invalid, NotFrozen) as refusal:
            return refused(request, city, caller, refusal, at)
        question = result.question

        def readable(whistles: Collection[UUID]) -> set[UUID]:
            return may_open(connection, caller, whistles)

        whole = steps_of(connection, question)
        slow = worst(spent(connection, question, by), SLOWEST)
        again = repeats_of(connection, question, readable)
        people = indices_in(connection, city, question)
    return show(
        request,
        "leader_steps.html",
        **head(request, city, caller),
        **heading(_, city, result, at, PATH),
        position=whole["position"],
        steps=[step_line(_, one) for one in whole["steps"]],
        passed=any(one["whistles"] for one in whole["steps"]),
        slow=[slow_line(_, city, by, one) for one in slow],
        by=by,
        tabs=[
            (label, result.query.at(PATH, by=name), name == by)
            for name, label in (
                ("post", _("指挥部")),
                ("unit", _("单位")),
                ("category", _("类别")),
            )
        ],
        repeat=again["repeat_rate"],
        repeats=[repeat_line(city, one) for one in again["repeats"]],
        spots=[place_line(city, one) for one in again["places"]],
        truncated=again["truncated"],
        people=people and people_lines(_, city, people),
        formulas={name: words[_.language] for name, words in definitions_of().items()}
        | {"steps": STEPS_DEFINITION.say(_.language, {})},
    )


def indices_in(
    connection: Connection, city: Directory, question: Question
) -> dict[str, Any] | None:
    """The indices of the scope; None for a unit or a category, which have no residents."""
    if question.scope.partition(":")[0] not in PLACES:
        return None
    return indices_of(connection, city, question)


def minutes(_: Speech, length: float | None) -> str:
    return "—" if length is None else span(_, timedelta(minutes=length))


def step_line(_: Speech, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": STEP_WORDS[Step(one["step"])].say(_.language, {}),
        "whistles": one["whistles"],
        "median": minutes(_, one["median_minutes"]),
        "p90": minutes(_, one["p90_minutes"]),
        "share": one["share"],
    }


def slow_line(_: Speech, city: Directory, by: StepsBy, one: TimeInStep) -> dict[str, Any]:
    return {
        "name": name_of(city, by, one.key),
        "step": STEP_WORDS[Step(one.step)].say(_.language, {}),
        "whistles": one.whistles,
        "median": span(_, timedelta(seconds=one.median)),
        "p90": span(_, timedelta(seconds=one.p90)),
    }


def name_of(city: Directory, kind: str, code: str | None) -> str:
    entry = city.registers[kind].get(code or "")
    return getattr(entry, "short", entry.name) if entry is not None else code or "—"


def repeat_line(city: Directory, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": one["number"],
        "repeats": one["repeats"],
        "at": one["registered_at"][:16].replace("T", " "),
        "category": name_of(city, "category", one["category"]),
        "post": name_of(city, "post", one["post"]),
        "metres": one["metres"],
    }


def place_line(city: Directory, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "grid": name_of(city, "area", one["grid"]),
        "post": name_of(city, "post", one["post"]),
        "whistles": one["whistles"],
        "categories": [
            (name_of(city, "category", code), count) for code, count in one["categories"].items()
        ],
        "numbers": one["numbers"],
    }


def people_lines(_: Speech, city: Directory, found: Mapping[str, Any]) -> dict[str, Any]:
    bands = {"low": _("偏低"), "normal": _("适中"), "high": _("偏高"), None: "—"}
    return {
        "own": found,
        "median": found["posts_median_per_1000"],
        "acts": [(ACT_WORDS[act].say(_.language, {}), found["acts"][str(act)]) for act in Act],
        "rows": [
            one | {"name": name_of(city, "post", one["key"]), "band": bands[one["band"]]}
            for one in found["items"]
        ],
    }
