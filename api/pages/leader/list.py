"""The list behind a figure: its whistles, each with the reason why it counts."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import class_name
from api.pages.frame.route import pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader.asked import FiguresQuery, FiguresResult, result_of
from api.pages.leader.heading import heading, refused
from api.pages.leader.view import LIST, ON_TIME
from api.reading.figures import figures_connection, for_reader
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.errors import Invalid
from tracker.eventstore.connections import Connection
from tracker.metrics.definitions import BY_ID, Kind
from tracker.projections.rates.answer import (
    LIST_PARTS,
    ListedWhistle,
    by_class,
    figure,
    list_page,
    must_have_list,
)
from tracker.reports.month_report import NotFrozen

router = pages()
PAGE = 50


@router.get("/leader/list")
def list_behind(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The page of the whistles behind one number."""
    _, at, city, params = speech_of(request), now(), tracker.city, request.query_params
    metric = params.get("metric", ON_TIME)
    with figures_connection(tracker, caller) as connection:
        part = must_have_list(metric, params.get("part", "d"))
        try:
            result = result_of(tracker, connection, FiguresQuery.of(params, at), at)
        except (Invalid, NotFrozen) as refusal:
            return refused(request, city, caller, refusal, at)
        cursor, of_class = params.get("cursor") or None, class_asked(city, metric, params)
        page = list_page(connection, result.question, metric, part, cursor, PAGE, of_class)
        seen = for_reader(connection, caller, page.items)
        value = value_of(connection, result, metric, of_class)
    query = result.query
    this_list = {"metric": metric, "class": of_class}
    return show(
        request,
        "leader_list.html",
        **head(request, city, caller),
        **heading(_, city, result, at),
        metric=BY_ID[metric].name.say(_.language, {}),
        of_class=class_name(_, of_class) if of_class else None,
        part=part_name(_, metric, part),
        counts=length_of(metric, value, part),
        items=[(one, names_of(city, one.line)) for one in seen],
        audits=caller.role is Role.AUDITOR,
        language=_.language,
        parts=[
            (part_name(_, metric, one), query.at(LIST, **this_list, part=one), one == part)
            for one in (LIST_PARTS if BY_ID[metric].kind is Kind.RATE else ("d", "left_out"))
        ],
        list_csv=None
        if of_class
        else query.in_api("/api/v1/rates/why.csv", metric=metric, part=part),
        following=query.at(LIST, **this_list, part=part, cursor=page.following)
        if page.following
        else None,
        back=query.at("/leader"),
    )


def class_asked(city: Directory, metric: str, params: Mapping[str, str]) -> str | None:
    """The SLA class of the list; only the on-time response rate has a figure for each class."""
    code = params.get("class")
    if metric != ON_TIME or code is None:
        return None
    return code if code in {one.code for one in city.sla_classes} else None


def value_of(
    connection: Connection, result: FiguresResult, metric: str, of_class: str | None
) -> Any:
    """The figure of the list: of one SLA class, as frozen, or counted now."""
    if of_class:
        row = by_class(connection, result.question).get(of_class)
        return {"n": row.n, "d": row.d} if row else {"n": 0, "d": 0}
    frozen = result.frozen and result.frozen.by_scope.get(result.question.scope)
    return frozen.metrics[metric] if frozen else figure(connection, result.question, metric)


def length_of(metric: str, value: Any, part: str) -> int | None:
    """The list's length, if the figure tells it; a mean time does not."""
    match BY_ID[metric].kind:
        case Kind.RATE if value is not None:
            n, d = value["n"], value["d"]
            return {"n": n, "d": d, "missing": d - n}.get(part)
        case Kind.COUNT | Kind.STOCK if part == "d":
            return int(value)
    return None


def part_name(_: Speech, metric: str, part: str) -> str:
    return {
        "n": _("分子"),
        "d": _("分母") if BY_ID[metric].kind is Kind.RATE else _("计入"),
        "missing": _("未达到"),
        "left_out": _("不计入"),
        "excluded": _("经批准剔除"),
    }[part]


def names_of(city: Directory, line: ListedWhistle) -> dict[str, str]:
    """The names of unit, post and category; the code if the city has no such entry."""
    codes = {"unit": line.unit, "post": line.post, "category": line.category}
    found = {register: city.registers[register].get(code or "") for register, code in codes.items()}
    return {
        register: one.name if one else codes[register] or "—" for register, one in found.items()
    }
