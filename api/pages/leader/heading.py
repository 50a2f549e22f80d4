"""The head of every figures page: the question, the form to change it, the downloads.

Also the page that replaces the figures if the question is invalid.
"""

from datetime import datetime
from typing import Any

from fastapi import Request, Response

from api.door.access import Person
from api.door.problems import status_of
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import exact
from api.pages.frame.route import Notice
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader.asked import NOW, FiguresQuery, FiguresResult, usual_periods
from api.reading.figures import FROZEN
from tracker.city_zone import city_zone
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.errors import Refusal
from tracker.metrics.definitions import VERSION


def heading(
    _: Speech, city: Directory, result: FiguresResult, at: datetime, path: str = "/leader"
) -> dict[str, Any]:
    """The values for `macros/figures.html`. `at`: moment of asking; `path`: this page's."""
    query, question, frozen = result.query, result.question, result.frozen
    local = question.as_of.at.astimezone(city_zone())
    live = query.as_of in ("", NOW)
    begun = question.period.first <= local.date()
    names = {"scope_name": scope_name(_, city, question.scope), "scopes": scopes(_, city)}
    periods = zip((_("本月"), _("上月"), _("本年")), usual_periods(at).values(), strict=True)
    return names | {
        "asked": query,
        "periods": [
            (
                label,
                query.at(path, **{"from": first, "to": until, "as_of": ""}),
                (first, until) == (query.from_, query.to),
            )
            for label, (first, until) in periods
        ],
        "to_now": query.at(path, as_of=NOW),
        "xlsx": query.in_api("/api/v1/rates.xlsx", by="post"),
        "csv": query.in_api("/api/v1/rates.csv", by="post"),
        "moment": exact(question.as_of.at),
        "picked": f"{local:%Y-%m-%dT%H:%M}" if query.as_of not in ("", NOW, FROZEN) else "",
        "past": not live,
        "live": live,
        "frozen": frozen is not None,
        "digest": frozen.frozen.digest if frozen is not None and frozen.frozen else None,
        "definitions": VERSION,
        "siblings": [
            (label, query.at(href), href == path)
            for href, label in (
                ("/leader", _("三率看板")),
                ("/leader/steps", _("时间去哪了")),
                ("/leader/what-ifs", _("假如")),
            )
        ],
        "report": result.month if frozen is not None or (live and begun) else None,
        "ranking_xlsx": f"/api/v1/rankings.xlsx?of=posts&month={result.month}"
        if result.month
        else None,
    }


def scope_name(_: Speech, city: Directory, scope: str) -> str:
    """The name of the area, post, unit or category; the city's name for an unknown one."""
    kind, _sep, code = scope.partition(":")
    shelf = {"street": "area", "grid": "area"}.get(kind, kind)
    entry = city.registers[shelf].get(code) or city.registers["major"].get(code)
    return entry.name if kind != "city" and entry is not None else city.city.name


def scopes(_: Speech, city: Directory) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of the scope in groups, each choice with code and name."""
    return [
        (_("全市"), [("city", city.city.name)]),
        (_("街道"), [(f"street:{a.code}", a.name) for a in city.areas_of(Level.STREET)]),
        (_("指挥部"), [(f"post:{post.code}", post.name) for post in city.posts]),
        (_("单位"), [(f"unit:{unit.code}", unit.short) for unit in city.units]),
        (_("类别"), [(f"category:{major.code}", major.name) for major in city.majors]),
    ]


def refused(
    request: Request, city: Directory, caller: Person, refusal: Refusal, at: datetime
) -> Response:
    """The page for an invalid question: each error at its field, all choices kept."""
    _, query = speech_of(request), FiguresQuery.of(request.query_params, at)
    return show(
        request,
        "leader_refused.html",
        status_of(refusal),
        **head(request, city, caller),
        asked=query,
        scopes=scopes(_, city),
        picked=query.as_of,
        field=getattr(refusal, "field", None) or "as_of",
        said=Notice.refused(refusal, _.language),
        path=request.url.path,
        kept={
            name: value
            for name, value in request.query_params.items()
            if name not in ("scope", "from", "to", "as_of")
        },
        to_now="/leader",
    )
