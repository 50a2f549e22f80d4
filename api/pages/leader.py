"""领导看板: the rates of a scope and a period at a moment, who stands where, and every whistle."""

from typing import Any

from fastapi import Request, Response

from api.access import Person
from api.callers import Anyone, SignedIn, TheTracker, now
from api.figures import FROZEN, may_open, reading, seen_by
from api.pages import leader_view as view
from api.pages.charts import trend
from api.pages.leader_asked import NOW, Answered, Asked, answered, usual
from api.pages.look import show, speech_of
from api.pages.present import exact
from api.pages.route import pages
from api.pages.speech import Speech
from api.pages.visitor import head
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.areas import Level
from tracker.indices import definitions
from tracker.metrics.asking import ZONE
from tracker.metrics.definitions import (
    BY_ID,
    METRICS,
    NOT_YET_DUE,
    UNITS_DO_NOT_ADD_UP,
    Kind,
)
from tracker.metrics.report import DEFINITIONS
from tracker.metrics.steps import STEPS_DEFINITION
from tracker.projections.rates_adjusting import Adjustment, adjustments
from tracker.projections.rates_answer import reached
from tracker.projections.rates_tally import midnight
from tracker.projections.rates_why import PARTS, Line, lines, must_have_list
from tracker.rankings import OF

router = pages()
PAGE = 50
TOLD = 20  # adjusted whistles named on the page; the workbook has all of them


@router.get("/leader")
def leader(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    _, at, city = speech_of(request), now(), tracker.city
    of = request.query_params.get("of", "posts")
    of = of if of in OF else "posts"
    with reading(tracker, caller) as connection:
        found = answered(tracker, connection, Asked.of(request.query_params, at), at)
        row = view.whole_row(connection, found)
        days = view.days_of(connection, found.question)
        values: dict[str, Any] = {
            "kpis": view.kpis(found, row, _.language),
            "ranking": view.places(connection, city, found, of, _.language),
            "reds": view.reds(_, connection, city, caller, found.question),
            "overdue": row.metrics["overdue_stock"],
            "map": view.map_of(_, connection, city, found),
            "days": days,
            "trend": trend(_, days),
            "adjusted": _adjusted(_, connection, caller, found) if found.is_frozen else [],
            "position": reached(connection, found.question),
        }
    return show(
        request,
        "leader.html",
        **head(request, city, caller),
        **values,
        **bar(_, city, found, at),
        quiet=row.is_empty,
        running=found.question.as_of.at < midnight(found.question.period.until),
        told=TOLD,
        of=of,
        tabs=[
            (name, label, found.asked.at("/leader", of=name))
            for name, label in (
                ("posts", _("指挥部")),
                ("units", _("单位")),
                ("categories", _("类别")),
            )
        ],
        notes=[words.say(_.language, {}) for words in (UNITS_DO_NOT_ADD_UP, NOT_YET_DUE)],
        all_reds=found.asked.at(view.LIST, metric="overdue_stock", part="d"),
    )


def _adjusted(
    _: Speech, connection: Any, person: Person, found: Answered
) -> list[tuple[str, str, str]]:
    """What became known since the freeze, anywhere: a whistle, where it counts otherwise, why."""
    changed: dict[Any, list[Adjustment]] = {}
    for one in adjustments(connection, found.question.period, found.question.as_of, now()):
        changed.setdefault(one.line.whistle, []).append(one)
    open_to = may_open(connection, person, changed)
    between = ", " if _.language == "en" else "、"
    return [
        (
            all_of_it[0].line.number if whistle in open_to else "—",
            between.join(dict.fromkeys(one.where(_.language) for one in all_of_it)),
            all_of_it[0].reason(_.language) if whistle in open_to else _("您无权查看这一件"),
        )
        for whistle, all_of_it in changed.items()
    ]


def bar(
    _: Speech, city: Directory, found: Answered, at: Any, path: str = "/leader"
) -> dict[str, Any]:
    """The head of the page: what is asked, how to ask otherwise, what to take along."""
    asked, question = found.asked, found.question
    local = question.as_of.at.astimezone(ZONE)
    periods = [
        (label, asked.at(path, **{"from": first, "to": until, "as_of": ""}), (first, until))
        for label, (first, until) in zip(
            (_("本月"), _("上月"), _("本年")), usual(at).values(), strict=True
        )
    ]
    return {
        "asked": asked,
        "scope_name": scope_name(_, city, question.scope),
        "scopes": scopes(_, city),
        "periods": [
            (label, href, span == (asked.from_, asked.to)) for label, href, span in periods
        ],
        "moment": exact(question.as_of.at),
        "picked": f"{local:%Y-%m-%dT%H:%M}" if asked.as_of not in ("", NOW, FROZEN) else "",
        "past": asked.as_of not in ("", NOW),
        "frozen": found.is_frozen,
        "digest": found.report.frozen.digest
        if found.is_frozen and found.report and found.report.frozen
        else None,
        "definitions": DEFINITIONS,
        "to_now": asked.at(path, as_of=NOW),
        "siblings": [
            (label, asked.at(href), href == path)
            for href, label in (
                ("/leader", _("三率看板")),
                ("/leader/steps", _("时间去哪了")),
                ("/leader/what-ifs", _("假如")),
            )
        ],
        "xlsx": asked.at("/api/v1/rates.xlsx", by="post", as_of=_moment_asked(asked)),
        "report": found.month if found.report else None,
        "ranking_xlsx": f"/api/v1/rankings.xlsx?of=posts&month={found.month}"
        if found.month
        else None,
    }


def _moment_asked(asked: Asked) -> str:
    return "" if asked.as_of == NOW else asked.as_of


def scope_name(_: Speech, city: Directory, scope: str) -> str:
    kind, _sep, code = scope.partition(":")
    shelf = {"street": "area", "grid": "area"}.get(kind, kind)
    entry = city.shelves[shelf].get(code) or city.shelves["major"].get(code)
    return entry.name if kind != "city" and entry is not None else city.city.name


def scopes(_: Speech, city: Directory) -> list[tuple[str, list[tuple[str, str]]]]:
    """For the choice at the head: groups of code and name."""
    return [
        (_("全市"), [("city", city.city.name)]),
        (_("街道"), [(f"street:{a.code}", a.name) for a in city.areas_of(Level.STREET)]),
        (_("指挥部"), [(f"post:{post.code}", post.name) for post in city.posts]),
        (_("单位"), [(f"unit:{unit.code}", unit.short) for unit in city.units]),
        (_("类别"), [(f"category:{major.code}", major.name) for major in city.majors]),
    ]


@router.get("/leader/list")
def list_behind(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The whistles behind a number, each with the sentence that says why it counts."""
    _, at, city, query = speech_of(request), now(), tracker.city, request.query_params
    metric = query.get("metric", "on_time_response_rate")
    with reading(tracker, caller) as connection:
        part = must_have_list(metric, query.get("part", "d"))
        found = answered(tracker, connection, Asked.of(query, at), at)
        cursor = query.get("cursor") or None
        listed = lines(connection, found.question, metric, part, cursor, PAGE + 1)
        seen = seen_by(connection, caller, listed[:PAGE])
        row = view.whole_row(connection, found)
    value = row.metrics[metric]
    asked, more = found.asked, len(listed) > PAGE
    return show(
        request,
        "leader_list.html",
        **head(request, city, caller),
        **bar(_, city, found, at),
        metric=BY_ID[metric].name.say(_.language, {}),
        part=part_name(_, metric, part),
        counts=_counts(value, part),
        items=[(one, named(city, one.line)) for one in seen],
        audits=caller.role is Role.AUDITOR,
        language=_.language,
        parts=[
            (part_name(_, metric, one), asked.at(view.LIST, metric=metric, part=one), one == part)
            for one in (PARTS if BY_ID[metric].kind is Kind.RATE else ("d", "left_out"))
        ],
        csv=asked.at("/api/v1/rates/why.csv", metric=metric, part=part, as_of=_moment_asked(asked)),
        following=asked.at(view.LIST, metric=metric, part=part, cursor=listed[PAGE - 1].cursor)
        if more
        else None,
        back=asked.at("/leader"),
    )


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


@router.get("/about/figures")
def about(request: Request, tracker: TheTracker, caller: Anyone) -> Response:
    """口径: open to everyone, read from the definitions that the figures are counted by."""
    language = speech_of(request).language
    rows = [
        {
            "id": metric.id,
            "name": metric.name.say(language, {}),
            "over": metric.over.say(language, {}),
            "counted": metric.counted.say(language, {}) if metric.counted else "—",
            "by_date": metric.by_date.say(language, {}),
            "left_out": metric.left_out.say(language, {}),
            "unit": metric.unit.say(language, {}),
            "since": metric.since,
        }
        for metric in METRICS
    ]
    told = (UNITS_DO_NOT_ADD_UP, NOT_YET_DUE, STEPS_DEFINITION)
    notes = [words.say(language, {}) for words in told]
    notes += [words[language] for words in definitions().values()]
    return show(
        request,
        "about_figures.html",
        **head(request, tracker.city, caller),
        rows=rows,
        notes=notes,
        version=DEFINITIONS,
    )
