"""领导看板: the rates of a scope and a period at a moment, who stands where, and every whistle."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import Anyone, SignedIn, TheTracker, now
from api.door.problems import status_of
from api.pages.frame.look import news_of, show, speech_of
from api.pages.frame.present import exact
from api.pages.frame.route import Said, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader import view
from api.pages.leader.asked import NOW, Answered, Asked, answered, usual
from api.pages.leader.days import MONTH, Day, Line, chart_of
from api.reading.figures import FROZEN, may_open, reading
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.errors import Invalid, Refusal
from tracker.metrics.asking import ZONE
from tracker.metrics.definitions import (
    BY_ID,
    METRICS,
    NOT_YET_DUE,
    UNITS_DO_NOT_ADD_UP,
)
from tracker.metrics.report import DEFINITIONS
from tracker.metrics.steps import STEPS_DEFINITION
from tracker.projections.engine.positions import folded_to
from tracker.projections.rates.adjusting import Adjustment, adjustments
from tracker.projections.rates.answer import reached
from tracker.projections.rates.tally import midnight
from tracker.reports.indices import definitions
from tracker.reports.months import NotFrozen
from tracker.reports.rankings import OF

router = pages()
TOLD = 20  # adjusted whistles named on the page; the workbook has all of them


@router.get("/leader")
def leader(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """With `part=pulse` no more than what is renewed every few seconds; `screen`: for a wall."""
    _, at, city, query = speech_of(request), now(), tracker.city, request.query_params
    of = query.get("of", "posts")
    of = of if of in OF else "posts"
    pulse = query.get("part") == "pulse"
    with reading(tracker, caller) as connection:
        try:
            found = answered(tracker, connection, Asked.of(query, at), at)
        except (Invalid, NotFrozen) as refusal:
            return not_asked(request, tracker, caller, refusal, at)
        stands = folded_to(connection, "rates")
        row = view.whole_row(connection, found)
        days = view.days_of(connection, found.question)
        values: dict[str, Any] = {
            "kpis": view.kpis(found, row, days, _.language),
            "reds": view.reds(_, connection, city, caller, found.question),
            "overdue": row.metrics["overdue_stock"],
            "position": reached(connection, found.question),
        }
        if not pulse:
            values |= _slower(_, connection, city, found, of, days)
            values["adjusted"] = _adjusted(_, connection, caller, found) if found.is_frozen else []
    return show(
        request,
        "leader_pulse.html" if pulse else "leader.html",
        **head(request, city, caller),
        **values,
        **bar(_, city, found, at),
        screen="screen" in query,
        clock=wall_clock(_, at),
        stream=news_of(found.question.scope, stands),
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
        big=found.asked.at("/leader", of=of, screen="1"),
    )


def _slower(
    _: Speech, connection: Any, city: Directory, found: Answered, of: str, days: Sequence[Day]
) -> dict[str, Any]:
    """What is renewed once a minute: the map, the days, the classes, who stands where."""
    month = days[-MONTH:]
    shown = [
        Line(metric, BY_ID[metric].name.say(_.language, {}), kind)
        for metric, kind in (("on_time_response_rate", "1"), ("resolution_rate", "2"))
    ]
    return {
        "ranking": view.places(connection, city, found, of, _.language),
        "map": view.map_of(connection, city, found),
        "classes": view.classes(_, connection, city, found),
        "days": month,
        "lines": shown,
        "trend": chart_of(month, shown),
    }


def not_asked(
    request: Request, tracker: Tracker, caller: Person, refusal: Refusal, at: datetime
) -> Response:
    """A question of nonsense: what stands in the way at its field, all that was chosen kept."""
    _, city, asked = speech_of(request), tracker.city, Asked.of(request.query_params, at)
    path = request.url.path
    return show(
        request,
        "leader_refused.html",
        status_of(refusal),
        **head(request, city, caller),
        asked=asked,
        scopes=scopes(_, city),
        picked=asked.as_of,
        field=getattr(refusal, "field", None) or "as_of",
        said=Said.refused(refusal, _.language),
        path=path,
        kept={
            name: value
            for name, value in request.query_params.items()
            if name not in ("scope", "from", "to", "as_of")
        },
        to_now="/leader",
    )


def wall_clock(_: Speech, at: datetime) -> str:
    """`11月26日 周四 09:50`, to be read across a hall."""
    here = at.astimezone(ZONE)
    day = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return _(
        "{month}月{date}日 {day} {clock}",
        month=here.month,
        date=here.day,
        day=day[here.weekday()],
        clock=f"{here:%H:%M}",
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
    live = asked.as_of in ("", NOW)
    begun = question.period.first <= local.date()
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
        "past": not live,
        "live": live,
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
        "xlsx": asked.at("/api/v1/rates.xlsx", by="post", as_of=moment_asked(asked)),
        "csv": asked.at("/api/v1/rates.csv", by="post", as_of=moment_asked(asked)),
        "report": found.month if found.is_frozen or (live and begun) else None,
        "ranking_xlsx": f"/api/v1/rankings.xlsx?of=posts&month={found.month}"
        if found.month
        else None,
    }


def moment_asked(asked: Asked) -> str:
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


@router.get("/about/figures")
def about(request: Request, tracker: TheTracker, caller: Anyone) -> Response:
    """口径: open to everyone, read from the definitions that the figures are counted by."""
    _ = speech_of(request)
    language = _.language
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
    named = definitions()
    notes = [
        (_("单位与全市"), UNITS_DO_NOT_ADD_UP.say(language, {})),
        (_("还没到期的"), NOT_YET_DUE.say(language, {})),
        (_("各环节停留"), STEPS_DEFINITION.say(language, {})),
        (_("重复率"), named["repeat_rate"][language]),
        (_("居民人数"), named["residents"][language]),
        (_("吹哨率"), named["band"][language]),
        (_("辛苦指数"), named["effort_index"][language]),
        (_("幸福指数"), named["happiness_index"][language]),
    ]
    return show(
        request,
        "about_figures.html",
        **head(request, tracker.city, caller),
        rows=rows,
        notes=notes,
        version=DEFINITIONS,
    )
