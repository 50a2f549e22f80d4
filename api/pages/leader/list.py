"""The list behind a figure: its whistles, each with the sentence that says why it counts."""

from functools import partial
from typing import Any

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import class_name
from api.pages.frame.route import pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader import view
from api.pages.leader.asked import Asked, answered
from api.pages.leader.board import bar, moment_asked, not_asked
from api.reading.figures import reading, seen_by
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.errors import Invalid
from tracker.metrics.definitions import BY_ID, Kind
from tracker.projections.rates.class_rates import by_class, lines_of_class
from tracker.projections.rates.why import PARTS, Line, lines, must_have_list
from tracker.reports.months import NotFrozen

router = pages()
PAGE = 50


@router.get("/leader/list")
def list_behind(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The whistles behind a number, each with the sentence that says why it counts."""
    _, at, city, query = speech_of(request), now(), tracker.city, request.query_params
    metric = query.get("metric", "on_time_response_rate")
    with reading(tracker, caller) as connection:
        part = must_have_list(metric, query.get("part", "d"))
        try:
            found = answered(tracker, connection, Asked.of(query, at), at)
        except (Invalid, NotFrozen) as refusal:
            return not_asked(request, tracker, caller, refusal, at)
        cursor = query.get("cursor") or None
        of_class = class_asked(city, metric, query.get("class"))
        if of_class:
            listed = lines_of_class(connection, found.question, part, of_class, cursor, PAGE + 1)
        else:
            listed = lines(connection, found.question, metric, part, cursor, PAGE + 1)
        seen = seen_by(connection, caller, listed[:PAGE])
        if of_class:
            apart = by_class(connection, found.question).get(of_class)
            value: Any = {"n": apart.n, "d": apart.d} if apart else {"n": 0, "d": 0}
        else:
            value = view.whole_row(connection, found).metrics[metric]
    asked, more = found.asked, len(listed) > PAGE
    there = partial(asked.at, view.LIST, metric=metric, **{"class": of_class})
    return show(
        request,
        "leader_list.html",
        **head(request, city, caller),
        **bar(_, city, found, at),
        metric=BY_ID[metric].name.say(_.language, {}),
        of_class=class_name(_, of_class) if of_class else None,
        part=part_name(_, metric, part),
        counts=_counts(value, part),
        items=[(one, named(city, one.line)) for one in seen],
        audits=caller.role is Role.AUDITOR,
        language=_.language,
        parts=[
            (part_name(_, metric, one), there(part=one), one == part)
            for one in (PARTS if BY_ID[metric].kind is Kind.RATE else ("d", "left_out"))
        ],
        list_csv=None if of_class else whole_list(asked, metric, part),
        following=there(part=part, cursor=listed[PAGE - 1].cursor) if more else None,
        back=asked.at("/leader"),
    )


def whole_list(asked: Asked, metric: str, part: str) -> str:
    return asked.at("/api/v1/rates/why.csv", metric=metric, part=part, as_of=moment_asked(asked))


def class_asked(city: Directory, metric: str, code: str | None) -> str | None:
    """The class whose list it is; only the rate of answers in time is kept apart by class."""
    known = {one.code for one in city.sla_classes}
    return code if code in known and metric == view.ON_TIME else None


def _counts(value: Any, part: str) -> int | None:
    """How long the list is, where the figure says so."""
    if not isinstance(value, dict):
        return value if part == "d" else None
    return {"n": value["n"], "d": value["d"], "missing": value["d"] - value["n"]}.get(part)


def part_name(_: Speech, metric: str, part: str) -> str:
    return {
        "n": _("分子"),
        "d": _("分母") if BY_ID[metric].kind is Kind.RATE else _("计入"),
        "missing": _("未达到"),
        "left_out": _("不计入"),
    }[part]


def named(city: Directory, line: Line) -> dict[str, str]:
    codes = {"unit": line.unit, "post": line.post, "category": line.category}
    found = {shelf: city.shelves[shelf].get(code or "") for shelf, code in codes.items()}
    return {shelf: one.name if one else codes[shelf] or "—" for shelf, one in found.items()}
